"""numpy's engine against torch's: every cell, readout and layout; states, sampling, bad arrays."""

import itertools
import warnings
from collections import Counter

import numpy as np
import pytest
import torch
from scipy.stats import chisquare
from tiny_models import KINDS as KINDS_OF_MODEL
from tiny_models import NAMES

import charnn
from charnn.config import CELLS, NONLINEARITIES
from charnn.errors import CharnnError
from charnn.inference.numpy_engine import NumpyEngine
from charnn.inference.sampling import narrow, softmax
from charnn.inference.torch_engine import TorchEngine
from charnn.inference.weights import expected
from charnn.model import build_network
from charnn.presets import configure
from charnn.text.names import bundled_names, read_names

V, L, H = 11, 4, 6
LENGTHS = np.array([7, 1, 4, 7, 2])
KINDS = [
    (cell, nonlinearity)
    for cell, nonlinearity in itertools.product(CELLS, NONLINEARITIES)
    if nonlinearity == "tanh" or "rnn" in cell
]
kinds = pytest.mark.parametrize(("cell", "nonlinearity"), KINDS)
layouts = pytest.mark.parametrize(("layers", "embedding"), [(1, 0), (3, 0), (1, 5), (2, 5)])


def ids_of(lengths, seed=0):
    """Random ids (B, T) of names of these lengths, padded with 0."""
    ids = np.random.default_rng(seed).integers(0, V, (len(lengths), lengths.max()))
    ids[np.arange(ids.shape[1]) >= lengths[:, None]] = 0
    return ids


def both(config, labels=L, scale=3.0):
    """The same network with large weights, so that gates saturate, on torch and on numpy."""
    torch.manual_seed(1)
    network = build_network(config, V, labels)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(scale)
            if not parameter.any():  # as what scales the state of a multiplicative GRU
                parameter.normal_(std=0.3)
    engine = TorchEngine(network, config)
    return engine, NumpyEngine.from_arrays("model", config, V, labels, engine.arrays())


def classifier(**options):
    return configure(hidden=H, ngrams=0, recurrent_dropout=0.0, **options)


def writer(**options):
    return configure(task="generate", **{"hidden": H, "recurrent_dropout": 0.0, **options})


@kinds
@layouts
@pytest.mark.parametrize("readout", ["last", "pooled"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_classifiers_are_those_of_torch(
    cell, nonlinearity, layers, embedding, readout, bidirectional
):
    config = classifier(
        cell=cell,
        nonlinearity=nonlinearity,
        layers=layers,
        embedding=embedding,
        readout=readout,
        bidirectional=bidirectional,
    )
    by_torch, by_numpy = both(config, scale=1.5 if nonlinearity == "relu" else 3.0)
    ids = ids_of(LENGTHS)
    wanted = by_torch.classify(ids, LENGTHS)
    np.testing.assert_allclose(by_numpy.classify(ids, LENGTHS), wanted, atol=1e-4)
    scores = np.random.default_rng(2).normal(size=(len(ids), L)).astype(np.float32)
    wanted = by_torch.classify(ids, LENGTHS, scores)
    np.testing.assert_allclose(by_numpy.classify(ids, LENGTHS, scores), wanted, atol=1e-4)
    for row, length in enumerate(LENGTHS):  # a name alone is the name in a batch
        alone = by_numpy.classify(
            ids[row : row + 1, :length], LENGTHS[row : row + 1], scores[[row]]
        )
        np.testing.assert_allclose(alone[0], wanted[row], atol=1e-4)


@kinds
@layouts
@pytest.mark.parametrize("labels", [0, L])
def test_writers_are_those_of_torch_also_step_by_step(
    cell, nonlinearity, layers, embedding, labels
):
    config = writer(cell=cell, nonlinearity=nonlinearity, layers=layers, embedding=embedding)
    by_torch, by_numpy = both(config, labels, scale=1.5)
    ids = ids_of(np.full(5, 9))
    given = np.array([0, 3, 1, 1, 2]) if labels else None
    wanted, _ = by_torch.step(ids, given)
    whole, _ = by_numpy.step(ids, given)
    assert whole.shape == (5, 9, V)
    assert whole.dtype == np.float32
    np.testing.assert_allclose(whole, wanted, atol=1e-4)
    first, state = by_numpy.step(ids[:, :4], given)
    np.testing.assert_allclose(first, wanted[:, :4], atol=1e-4)
    rows = np.array([True, False, True, True, False])
    state, kept = by_numpy.select(state, rows), None if given is None else given[rows]
    for place in range(4, 9):
        step, state = by_numpy.step(ids[rows, place : place + 1], kept, state)
        np.testing.assert_allclose(step[:, 0], wanted[rows, place], atol=1e-4)


@pytest.mark.parametrize("hidden", [1, 300])
def test_many_steps_are_projected_piece_by_piece(hidden, monkeypatch):
    monkeypatch.setattr("charnn.inference.numpy_network.PROJECTED", 5000)
    config = writer(cell="gru", hidden=hidden)
    by_torch, by_numpy = both(config, 0, scale=1.0)
    ids = ids_of(np.full(3, 50))
    np.testing.assert_allclose(by_numpy.step(ids)[0], by_torch.step(ids)[0], atol=1e-4)


def configs():
    """A configuration of every cell, layout and readout."""
    for cell, layers, embedding in itertools.product(CELLS, (1, 2), (0, 5)):
        layout = {"cell": cell, "layers": layers, "embedding": embedding}
        yield writer(**layout)
        for readout, bidirectional in itertools.product(("last", "pooled"), (False, True)):
            yield classifier(**layout, readout=readout, bidirectional=bidirectional)


def test_expected_arrays_are_those_of_the_torch_network():
    for config in configs():
        for labels in (0, L) if config.task == "generate" else (L,):
            with torch.device("meta"):
                state = build_network(config, V, labels).state_dict()
            found = {name: (tuple(array.shape), "float32") for name, array in state.items()}
            assert expected(config, V, labels) == found, config


@pytest.mark.parametrize("engine", [NumpyEngine, TorchEngine])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda arrays: arrays.pop("readout.linear.bias"), "expected (4,) float32, found nothing"),
        (
            lambda arrays: arrays.update(more=np.zeros(2, np.float32)),
            "tensor more: expected nothing",
        ),
        (
            lambda arrays: arrays.update({"core.cell.weight_hh": np.zeros((18, 7), np.float32)}),
            "core.cell.weight_hh: expected (18, 6) float32, found (18, 7) float32",
        ),
        (
            lambda arrays: arrays.update({"core.cell.bias_ih": np.zeros(18)}),
            "core.cell.bias_ih: expected (18,) float32, found (18,) float64",
        ),
        (
            lambda arrays: arrays.update({"core.cell.bias_ih": np.full(18, np.nan, np.float32)}),
            "core.cell.bias_ih holds a value that is not finite",
        ),
    ],
)
def test_arrays_that_do_not_fit_are_refused_alike(engine, change, message):
    config = classifier(cell="gru", bidirectional=False)
    arrays = both(config)[0].arrays()
    change(arrays)
    with pytest.raises(CharnnError) as refused:
        engine.from_arrays("a.safetensors", config, V, L, arrays, "cpu")
    assert str(refused.value).startswith("a.safetensors: tensor ")
    assert message in str(refused.value)


# ---------------------------------------------------------------- whole models


@pytest.mark.parametrize("kind", KINDS_OF_MODEL)
def test_models_of_every_kind_say_what_they_say_with_torch(kind, folder, reviews, tmp_path):
    KINDS_OF_MODEL[kind](folder, reviews).save(tmp_path / "model")
    by_torch, by_numpy = both_of(tmp_path / "model")
    if by_torch.task == "classify" or by_torch.labels:
        expected = by_torch.log_proba(NAMES)
        np.testing.assert_allclose(by_numpy.log_proba(NAMES), expected, atol=1e-4)
    if by_torch.task == "generate":
        assert by_numpy.score("the cat") == pytest.approx(by_torch.score("the cat"), abs=1e-4)
    assert by_numpy.doubts(NAMES) == by_torch.doubts(NAMES)


def both_of(path):
    """The model of a file on torch and on numpy."""
    return [charnn.load(path, device="cpu", backend=backend) for backend in ("torch", "numpy")]


def test_the_bundled_models_say_what_they_say_with_torch():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of spellings under several labels
        names = read_names(bundled_names(), 100, 2).names[::200]
    by_torch, by_numpy = both_of(None)
    expected, found = by_torch.log_proba(names), by_numpy.log_proba(names)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert (found.argmax(1) == expected.argmax(1)).all()
    by_torch, by_numpy = both_of("generator")
    np.testing.assert_allclose(
        by_numpy.log_proba(names[:20]), by_torch.log_proba(names[:20]), atol=1e-3
    )
    for label in by_torch.labels[::5]:
        assert by_numpy.score("Satoshi", label) == pytest.approx(
            by_torch.score("Satoshi", label), abs=1e-4
        )


@pytest.mark.parametrize("options", [{}, {"temperature": 0.7}, {"top_k": 5}, {"top_p": 0.8}])
def test_letters_are_drawn_with_the_probabilities_that_next_letter_gives(options):
    """Pearson's chi-square of 4,000 letters, the rare ones taken together."""
    model = charnn.load("generator")
    logits = narrow(model.next_letter("K", model.labels[3])[None], **options)
    (shares,) = softmax(logits.astype(np.float64))
    names = model.generate(model.labels[3], "K", 4000, length=2, seed=1, **options)
    drawn = Counter(name[1:] or "\n" for name in names)
    counts = np.array([0, *(drawn[symbol] for symbol in model.vocabulary.symbols)])
    assert counts.sum() == 4000
    assert not counts[shares == 0].any(), "a letter was drawn that was left out"
    often = shares * 4000 >= 5
    observed = np.append(counts[often], counts[~often].sum())
    wanted = np.append(shares[often], shares[~often].sum()) * 4000
    observed, wanted = observed[wanted > 0], wanted[wanted > 0]
    assert chisquare(observed, wanted).pvalue > 1e-4
