"""The most probable texts: those of brute force, with the scores that `score` gives them."""

import itertools
import math

import numpy as np
import pytest
import random_models
from random_models import random_generator

import charnn
from charnn.config import CELLS
from charnn.errors import CharnnError
from charnn.inference import beam
from charnn.inference.numpy_engine import NumpyEngine
from charnn.inference.onnx_engine import OnnxEngine
from charnn.inference.onnx_network import OPERATORS
from charnn.text.splits import fingerprints
from charnn.text.tokens import Tokens

LETTERS, LONGEST = "abc", 5
NAMES = [
    "".join(name) for n in range(1, LONGEST + 1) for name in itertools.product(LETTERS, repeat=n)
]


@pytest.fixture(autouse=True)
def few_symbols(monkeypatch):
    """Random models of so few letters that all names can be tried."""
    monkeypatch.setattr(random_models, "SYMBOLS", "\n" + LETTERS)


def on_numpy(model):
    """The same model, computed by numpy, which takes many small steps in less time."""
    arrays = model.engine.arrays()
    parts = (model.config, len(model.vocabulary), len(model.labels), arrays)
    model.engine = NumpyEngine.from_arrays("model", *parts)
    return model


def brute_force(model, names, label):
    """The log-probabilities of all names, the highest first; of the mixture without a label."""
    ids, lengths = model.vocabulary.encode(names)
    labels = model.label_rows(label)
    each = [
        model.log_probs_of_letters(ids, lengths, np.full(len(ids), one)).sum(1) for one in labels
    ]
    shares = model.log_prior() if len(labels) > 1 else np.zeros(1)
    return np.sort(np.logaddexp.reduce(np.array(each) + shares[:, None], axis=0))[::-1]


def nats_of(model, text, label=None):
    """The log-probability of a text from its score."""
    ends = model.kind["reads"] == "names"
    return -model.score(text, label) * (len(text) + ends) * math.log(2)


def assert_as_scored(model, found, label=None):
    """Best first, each once, with the log-probabilities and bits of `score`."""
    nats = [one.log_probability for one in found]
    assert nats == sorted(nats, reverse=True)
    assert len({one.text for one in found}) == len(found)
    assert nats == pytest.approx([nats_of(model, one.text, label) for one in found], abs=1e-4)
    bits = [model.score(one.text, label) for one in found]
    assert [one.bits_per_char for one in found] == pytest.approx(bits, abs=1e-4)


@pytest.mark.parametrize("label", ["Taurus", None])
def test_they_are_those_of_brute_force(label):
    model = on_numpy(random_generator(ngrams=3))
    for prefix in ("", "b", "ca"):
        names = [name for name in NAMES if name.startswith(prefix)]
        exact = brute_force(model, names, label)
        found = model.most_probable(label, prefix, 20, length=LONGEST)
        assert [one.log_probability for one in found] == pytest.approx(exact[:20], abs=1e-4)
        assert all(one.text.startswith(prefix) and one.proven for one in found)
        assert {one.label for one in found} == {label}
        assert_as_scored(model, found, label)


def test_every_name_there_is_can_be_asked_for():
    model = random_generator(labels=[])
    found = model.most_probable(length=3, count=39, beam=100)
    assert sorted(one.text for one in found) == sorted(name for name in NAMES if len(name) <= 3)
    assert found[-1].proven
    assert_as_scored(model, found)


def test_texts_are_those_of_brute_force():
    model = on_numpy(random_generator(text=True))
    texts = ["a" + "".join(rest) for rest in itertools.product("\n" + LETTERS, repeat=3)]
    exact = sorted((nats_of(model, text) for text in texts), reverse=True)
    found = model.most_probable(prefix="a", count=5, beam=64, length=4)
    assert [one.log_probability for one in found] == pytest.approx(exact[:5], abs=1e-4)
    assert found[0].proven
    assert_as_scored(model, found)


def test_texts_of_words_have_their_length_in_characters(monkeypatch):
    symbols = ["\n", " ", "a", "b", " ab"]
    monkeypatch.setattr(random_models, "SYMBOLS", symbols)
    monkeypatch.setattr(random_models, "Vocabulary", Tokens)
    model = on_numpy(random_generator(text=True, tokens="words"))
    every = itertools.chain.from_iterable(
        itertools.product(range(1, 6), repeat=n) for n in range(2, 5)
    )
    exact = {}
    for ids in every:
        text = "".join(symbols[i - 1] for i in ids)
        if len(text) == 4:
            nats = model.text_nats(np.array(ids))[0]
            exact[text] = max(exact.get(text, -math.inf), -nats)
    found = model.most_probable(count=5, beam=512, length=4)
    best = sorted(exact, key=exact.__getitem__, reverse=True)[:5]
    assert [one.text for one in found] == best
    nats = [one.log_probability for one in found]
    assert nats == pytest.approx([exact[text] for text in best], abs=1e-4)
    bits = [-nat / 4 / math.log(2) for nat in nats]
    assert [one.bits_per_char for one in found] == pytest.approx(bits)


def test_a_wider_beam_is_never_worse():
    for hidden in (3, 5, 6):
        model = on_numpy(random_generator(text=True, hidden=hidden))
        bests = []
        for width in (1, 2, 3, 5, 8, 9):
            found = model.most_probable(beam=width, length=9)
            assert len(found) == width
            assert_as_scored(model, found[:3])
            bests.append(found[0].log_probability)
        assert all(after >= before - 1e-4 for before, after in itertools.pairwise(bests))


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_and_engine_finds_the_same(cell):
    model = random_generator(cell=cell, layers=2)
    parts = ("model", model.config, len(model.vocabulary), len(model.labels), model.arrays())
    arrays = {name: array for name, array in parts[4].items() if not name.startswith("seen.")}
    expected = model.most_probable("Aries", "a", 6, length=LONGEST)
    engines = [NumpyEngine, OnnxEngine] if cell in OPERATORS else [NumpyEngine]
    for engine in engines:
        model.engine = engine.from_arrays(*parts[:4], arrays)
        found = model.most_probable("Aries", "a", 6, length=LONGEST)
        nats = [one.log_probability for one in found]
        assert nats == pytest.approx([one.log_probability for one in expected], abs=1e-4)


def test_novel_leaves_names_of_the_training_data_out():
    model = random_generator()
    every = [one.text for one in model.most_probable("Aries", count=9, length=LONGEST)]
    model.fingerprints["train"] = fingerprints(every[:3], raw=True)
    novel = model.most_probable("Aries", count=6, length=LONGEST, novel=True)
    assert [one.text for one in novel] == every[3:]


def test_what_is_said_to_be_proven_is_so(monkeypatch):
    said = []
    for hypotheses, label in itertools.product((1, 2, 4, 8, 16), random_models.LABELS):
        monkeypatch.setattr(beam, "NUMBERS", hypotheses * 4 * 6)
        model = on_numpy(random_generator())
        count = (hypotheses + 3) // 4
        found = model.most_probable(label, count=count, length=LONGEST)
        nats = [one.log_probability for one in found]
        exact = brute_force(model, NAMES, label)[:count]
        right = len(nats) == count and nats == pytest.approx(exact, abs=1e-4)
        assert right or not found[0].proven
        said.append(found[0].proven)
    assert {True, False} == set(said)
    with pytest.raises(CharnnError, match="beam 17 is out of range; choose from 1 to 16"):
        model.most_probable("Aries", count=17)


def test_what_cannot_be_is_said():
    model, text = random_generator(), random_generator(text=True)
    for options, said in (
        ({"beam": 0}, "beam 0 is out of range; choose from 1 to "),
        ({"count": 0, "beam": 5}, "count 0 is out of range"),
        ({"count": 6, "beam": 5}, "count 6 is out of range; a beam of 5 finds from 1 to 5 texts"),
        ({"beam": 2.5}, "beam 2.5 is no whole number"),
        ({"label": "Leo"}, "label 'Leo'"),
        ({"prefix": "ax"}, "prefix 'ax' has 'x', not in the model's vocabulary"),
        ({"prefix": "abc", "length": 3}, "raise length"),
    ):
        for one in (model, text):
            with pytest.raises(CharnnError, match=said):
                one.most_probable(**options)
    with pytest.raises(CharnnError, match="novel is for names"):
        text.most_probable(novel=True)
    with pytest.raises(CharnnError, match="novel 5 is neither True nor False"):
        model.most_probable(novel=5)
    assert len(model.most_probable()) == len(text.most_probable(length=9)) == beam.BEAM


def test_a_narrow_beam_alone_misses_the_best_names():
    model = charnn.load("generator")
    labels, start = model.label_rows("Turkish"), np.array([model.newline])
    sizes = model.vocabulary.sizes
    search = beam.Search(model.engine, start, labels, np.zeros(1), 100, sizes, model.newline, 5)
    alone, (best, *_) = beam.of_width(search, 5, {}), model.most_probable("Turkish")
    assert not alone.proven
    assert max(alone.texts.values()) < best.log_probability - 0.5
    assert best.proven


def test_equals_are_kept_in_their_order():
    values = np.array([1.0, 3.0, 2.0, 3.0, 2.0, 2.0])
    assert beam.largest(values, 4).tolist() == [1, 3, 2, 4]
    assert beam.largest(values, 9).tolist() == [1, 3, 2, 4, 5, 0]
