"""onnxruntime beside torch: the same log-probabilities for every cell, layer, direction and readout."""

import itertools
import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch
from helpers import ROOT

import charnn
from charnn.config import CELLS
from charnn.errors import CharnnError
from charnn.inference import onnx_graph, onnx_network
from charnn.inference.onnx_engine import OnnxEngine
from charnn.inference.torch_engine import TorchEngine
from charnn.model import build_network
from charnn.presets import configure

V, L, H = 9, 4, 5
SHAPES = [(1, 1), (7, 30), (2, 3)]  # B and T, which a graph must not freeze

cells = pytest.mark.parametrize("cell", CELLS)


def both(symbols=V, labels=L, **options):
    """torch's engine and ours, of the same random weights, three times as large as fresh ones."""
    torch.manual_seed(0)
    generates = options.get("task") == "generate"
    config = configure(
        hidden=H, recurrent_dropout=0.0, **({} if generates else {"ngrams": 0}), **options
    )
    network = build_network(config, symbols, labels)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(3)
            if not parameter.any():  # as what scales the state of a multiplicative GRU
                parameter.normal_(std=0.3)
    engine = TorchEngine(network, config)
    return engine, OnnxEngine.from_arrays("model", config, symbols, labels, engine.arrays())


def batch(shape, symbols=V):
    """Ids (B, T), padding included, and lengths (B,), of which one is T."""
    draw = np.random.default_rng(0)
    lengths = draw.integers(1, shape[1], shape[0], endpoint=True)
    lengths[-1] = shape[1]
    return draw.integers(0, symbols, shape), lengths


def assert_alike(ours, theirs):
    np.testing.assert_allclose(ours, theirs, atol=1e-4, rtol=0)


@cells
def test_classifiers_are_those_of_torch(cell):
    for layers, both_ways, readout, embedding in itertools.product(
        (1, 2), (False, True), ("last", "pooled"), (0, 3)
    ):
        theirs, ours = both(
            cell=cell, layers=layers, bidirectional=both_ways, readout=readout, embedding=embedding
        )
        for shape in SHAPES:
            ids, lengths = batch(shape)
            assert_alike(ours.classify(ids, lengths), theirs.classify(ids, lengths))


@cells
def test_writers_are_those_of_torch_also_step_by_step_and_of_some_rows(cell):
    for layers, labels, embedding in itertools.product((1, 3), (0, L), (0, 3)):
        theirs, ours = both(
            task="generate", cell=cell, layers=layers, labels=labels, embedding=embedding
        )
        for shape in SHAPES:
            ids, _ = batch(shape)
            of = np.arange(len(ids)) % L if labels else None
            whole, _ = theirs.step(ids, of)
            assert_alike(ours.step(ids, of)[0], whole)
            state, keep = None, np.arange(len(ids)) != 1
            for step in range(ids.shape[1]):
                log_probs, state = ours.step(ids[:, step : step + 1], of, state)
                assert_alike(log_probs[:, 0], whole[:, step])
                if step == 0:  # one row is finished, and the others go on
                    ids, whole, state = ids[keep], whole[keep], ours.select(state, keep)
                    of = None if of is None else of[keep]


@pytest.mark.parametrize("cell", ["rnn", "torch-rnn"])
def test_relu_is_that_of_torch(cell):
    theirs, ours = both(cell=cell, nonlinearity="relu")
    ids, lengths = batch((3, 4))
    assert_alike(ours.classify(ids, lengths), theirs.classify(ids, lengths))


@cells
def test_more_symbols_than_rows_of_the_weights_are_looked_up_in_them(cell):
    theirs, ours = both(symbols=50, cell=cell)
    ids, lengths = batch((7, 30), symbols=50)
    assert_alike(ours.classify(ids, lengths), theirs.classify(ids, lengths))


def test_ngram_scores_are_added_before_the_rows_are_normalised():
    theirs, ours = both()
    ids, lengths = batch((5, 6))
    scores = np.random.default_rng(1).normal(0, 9, (5, L)).astype(np.float32)
    assert_alike(ours.classify(ids, lengths, scores), theirs.classify(ids, lengths, scores))


def test_a_pickled_engine_gives_the_same_answers():
    _, ours = both()
    ids, lengths = batch((3, 4))
    again = pickle.loads(pickle.dumps(ours))
    np.testing.assert_array_equal(again.classify(ids, lengths), ours.classify(ids, lengths))


def test_weights_that_do_not_fit_and_other_devices_are_refused():
    theirs, ours = both()
    arrays = {**theirs.arrays(), "readout.linear.bias": np.zeros(L + 1, np.float32)}
    build = OnnxEngine.from_arrays
    with pytest.raises(CharnnError, match=r"m: tensor readout\.linear\.bias: expected \(4,\)"):
        build("m", ours.config, V, L, arrays)
    with pytest.raises(CharnnError, match="--device 'cuda': the onnx engine runs on the processor"):
        build("m", ours.config, V, L, theirs.arrays(), "cuda")


def test_a_cell_that_is_none_of_onnx_s_operators_is_named(monkeypatch):
    monkeypatch.delitem(onnx_network.OPERATORS, "gru")
    with pytest.raises(
        CharnnError, match="ONNX has no operator for gru; train one with --cell rnn, lstm"
    ):
        both(cell="gru")


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_without_its_packages_it_says_what_to_install(package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    for name in ("charnn.inference.onnx_engine", "charnn.inference.onnx_graph"):
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(CharnnError, match=rf"needs .*{package}.*; pip install onnx"):
        charnn.load(backend="onnx")


# ---------------------------------------------------------------- whole models


def test_the_bundled_models_answer_as_with_torch_on_a_thousand_names():
    files = sorted((ROOT / "data" / "names").glob("*.txt"))
    names = [name for file in files for name in file.read_text(encoding="utf-8").splitlines()[:32]]
    ours, theirs = (charnn.load(backend=backend) for backend in ("onnx", "torch"))
    assert len(names) > 1000
    assert_alike(ours.log_proba(names), theirs.log_proba(names))
    ours, theirs = (charnn.load("generator", backend=backend) for backend in ("onnx", "torch"))
    ids, lengths = ours.vocabulary.encode(ours.read(names))
    labels = np.arange(len(names)) % len(ours.labels)
    assert_alike(*(w.log_probs_of_letters(ids, lengths, labels) for w in (ours, theirs)))


def test_without_torch_it_predicts_generates_and_scores():
    program = """
import sys
sys.modules["torch"] = None
import charnn
assert charnn.load(backend="onnx").predict("Hinton")[0][0] == "English"
writer = charnn.load("generator", backend="onnx")
names = writer.generate(label="Turkish", prefix="Yı", count=5, seed=0)
assert names == writer.generate(label="Turkish", prefix="Yı", count=5, seed=0)
assert len(set(names)) > 1 and all(name.startswith("Yı") for name in names), names
assert 0 < writer.score("Satoshi", label="Japanese") < writer.score("Satoshi", label="Turkish")
"""
    command = [sys.executable, "-X", "utf8", "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


# ---------------------------------------------------------------- the graph itself


@pytest.mark.parametrize("axis", [0, 1])
def test_weights_are_stored_within_half_a_step_of_what_they_are(axis):
    weights = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    weights[:, 1] = weights[2] = 0  # a scale of 0 would divide by 0
    stored = {}
    for dtype in ("float16", "int8"):
        graph = onnx_graph.Graph(dtype)
        graph.name(graph.weight("w", weights, axis), "w_again")
        content = graph.model({}, {"w_again": (np.float32, [6, 4])}, {})
        (stored[dtype],) = OnnxEngine(configure(), content, {}).run({})
    np.testing.assert_allclose(stored["float16"], weights, rtol=2**-11, atol=1e-7)
    step = np.abs(weights).max(1 - axis, keepdims=True) / 127
    assert (np.abs(stored["int8"] - weights) <= step / 2 + 1e-7).all()


def test_what_no_file_can_hold_is_refused(monkeypatch):
    with pytest.raises(CharnnError, match="w has weights above 65,504, which no float16 holds"):
        onnx_graph.Graph("float16").weight("w", np.array([[1e5]], np.float32))
    monkeypatch.setattr(onnx_graph, "LARGEST", 100)
    with pytest.raises(CharnnError, match="an ONNX file has at most 100 bytes"):
        both()
