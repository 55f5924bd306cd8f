"""What load() gives back for a generator of running text: one stream, letter by letter."""

import numpy as np
import pytest

import charnn
from charnn.errors import CharnnError


def test_running_text_has_no_names(speaker):
    with pytest.raises(CharnnError, match="novel is for names"):
        speaker.generate(novel=True)
    with pytest.raises(CharnnError, match="an empty text has no letter"):
        speaker.score("")


def test_running_text_is_one_stream_with_the_state_carried(speaker, monkeypatch):
    from charnn.inference import text_generator

    text = np.array(
        [speaker.vocabulary.symbols.index(letter) + 1 for letter in "the cat sat on the hat."]
    )
    whole, n = speaker.text_nats(text)
    assert n == 23
    read = np.array([[speaker.newline, *text[:-1]]])
    log_probs, _ = speaker.stepper.step(read)  # (1, T, V)
    assert whole == pytest.approx(-log_probs[0, np.arange(n), text].sum(), abs=1e-3)
    assert whole == pytest.approx(
        sum(bits for _, bits in speaker.bits_per_letter("the cat sat on the hat.")) * np.log(2),
        abs=1e-3,
    )
    monkeypatch.setattr(text_generator, "MEASURED_AT_ONCE", 5)
    assert speaker.text_nats(text)[0] == pytest.approx(whole, abs=1e-3)
    assert speaker.figures["test"]["nats_per_char"] < 1.0


def test_what_only_the_held_out_text_has_is_unknown_to_the_network(tmp_path):
    (tmp_path / "t").write_text(
        "the cat sat on the mat.\n" * 95 + "THE DOG.\n" * 9, encoding="utf-8"
    )
    quick = {"hidden": 8, "epochs": 1, "ngrams": 0, "device": "cpu"}
    generator = charnn.train_generator(tmp_path / "t", text=True, **quick)
    assert generator.vocabulary.symbols == "\n .acehmnost"
    assert generator.figures["test"]["nats_per_char"] > np.log(len(generator.vocabulary))


def test_a_stream_is_the_same_text_letter_by_letter(speaker):
    assert (
        "the" + "".join(speaker.stream("the", seed=5, length=60))
        == speaker.generate(prefix="the", seed=5, length=60)[0]
    )
