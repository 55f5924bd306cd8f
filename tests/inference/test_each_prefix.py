"""Many prefixes at once: the texts that each would have alone, in the order of the prefixes."""

import pytest
from random_models import random_generator

from charnn.errors import CharnnError
from charnn.inference import each_prefix
from charnn.inference.each_prefix import plans_of, sample_each
from charnn.inference.sampling import check_options
from charnn.text.splits import fingerprints

PREFIXES = ["ab", "", "z", "abc", "ba", "", "ab"]


def sampled(model, prefixes, label=None, count=1, novel=False, **options):
    """The texts of each prefix."""
    options = check_options(**{"temperature": 1.0, "seed": 0, "length": 9, **options})
    plans = plans_of(model, prefixes, "list.txt", options)
    return sample_each(model, plans, label, count, novel)


@pytest.mark.parametrize("text", [False, True])
def test_the_most_probable_letters_are_those_of_each_alone(text, monkeypatch):
    monkeypatch.setattr(each_prefix, "ROWS", 2)
    model = random_generator(text=text)
    label = None if text else "Taurus"
    together = sampled(model, PREFIXES, label, temperature=0)
    for prefix, (one,) in zip(PREFIXES, together, strict=True):
        (alone,) = model.sample(label, prefix, temperature=0, length=9)
        assert (one.text, one.label) == (alone.text, alone.label)
        assert one.text.startswith(prefix)
        assert one.bits_per_char == pytest.approx(alone.bits_per_char, abs=1e-4)


def test_one_prefix_is_sampled_as_without_a_file():
    model = random_generator()
    for prefix, label in (("ab", None), ("", "Aries")):
        expected = model.sample(label, prefix, 4, seed=0, length=9)
        assert sampled(model, [prefix], label, 4) == [expected]


def test_each_text_has_its_own_bits():
    model = random_generator(labels=[])
    for prefix, samples in zip(PREFIXES, sampled(model, PREFIXES, count=3), strict=True):
        assert len(samples) == 3
        for sample in samples:
            assert sample.text.startswith(prefix)
            if prefix < sample.text and len(sample.text) < 9:
                drawn = [bits for _, bits in model.bits_per_letter(sample.text)][len(prefix) :]
                assert sample.bits_per_char == pytest.approx(sum(drawn) / len(drawn), abs=1e-4)


def test_novel_names_are_drawn_again_for_the_same_prefix():
    model = random_generator()
    expected = sampled(model, PREFIXES, "Aries", 2)
    model.fingerprints["train"] = fingerprints([expected[3][0].text], raw=True)
    novel = sampled(model, PREFIXES, "Aries", 2, novel=True)
    assert novel[:3] == expected[:3]
    assert expected[3][0].text not in [sample.text for sample in novel[3]]
    assert all(sample.text.startswith("abc") for sample in novel[3])
    assert len(novel[3]) == 2


def test_what_cannot_be_is_said():
    model, text = random_generator(), random_generator(text=True)
    with pytest.raises(CharnnError, match=r"list\.txt, line 2: prefix 'ж' has 'ж', not in"):
        sampled(model, ["a", "ж"])
    with pytest.raises(CharnnError, match=r"list\.txt, line 1: .*raise length"):
        sampled(text, ["abcd"], length=3)
    with pytest.raises(CharnnError, match="count 0 is less than 1"):
        sampled(model, ["a"], count=0)
    with pytest.raises(CharnnError, match="label 'Leo' is unknown"):
        sampled(model, ["a"], "Leo")
    with pytest.raises(CharnnError, match="novel is for names"):
        sampled(text, ["a"], novel=True)
    with pytest.raises(CharnnError, match="for each of 2 prefixes is more than 100,000,000"):
        sampled(model, ["a", "b"], count=10**8)
    (only,) = model.sample("Aries", "a", temperature=0, length=9)
    model.fingerprints["train"] = fingerprints([only.text], raw=True)
    with pytest.raises(CharnnError, match="no 1 novel names that start with 'a' in 50 rounds"):
        sampled(model, ["b", "a"], "Aries", novel=True, temperature=0)
