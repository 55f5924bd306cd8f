"""Engines: torch's against the network itself, and a model that asks one of numpy alone."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch

import charnn
from charnn.errors import CharnnError
from charnn.inference.torch_engine import TorchEngine
from charnn.model import build_classifier, build_generator
from charnn.presets import configure

V, L, H = 7, 3, 8
IDS = np.array([[1, 2, 3, 4], [5, 6, 0, 0]])
LENGTHS = np.array([4, 2])


def test_it_classifies_as_the_network_does():
    config = configure(hidden=H)
    network = build_classifier(config, V, L).eval()
    expected = network(torch.from_numpy(IDS), torch.from_numpy(LENGTHS)).detach().double()
    engine = TorchEngine(network, config)
    np.testing.assert_allclose(engine.classify(IDS, LENGTHS), expected.log_softmax(1), atol=1e-6)
    scores = np.array([[0.0, -1.0, 2.0], [1.0, 0.0, 0.0]], dtype=np.float32)
    mixed = (expected + torch.from_numpy(scores)).log_softmax(1)
    np.testing.assert_allclose(engine.classify(IDS, LENGTHS, scores), mixed, atol=1e-6)


@pytest.mark.parametrize("cell", ["gru", "lstm", "torch-lstm"])
def test_steps_one_by_one_are_the_whole_also_of_some_rows(cell):
    config = configure(task="generate", cell=cell, hidden=H, layers=2, recurrent_dropout=0.0)
    engine = TorchEngine(build_generator(config, V), config)
    whole, _ = engine.step(IDS)  # (B, T, V)
    first, state = engine.step(IDS[:, :2])
    rows = np.array([False, True])
    rest, _ = engine.step(IDS[rows, 2:], None, engine.select(state, rows))
    np.testing.assert_allclose(first, whole[:, :2], atol=1e-5)
    np.testing.assert_allclose(rest, whole[rows, 2:], atol=1e-5)


def test_a_classifier_needs_nothing_but_an_engine():
    code = """
import sys
import numpy as np
from charnn.inference.classifier import Classifier
from charnn.presets import configure
from charnn.text.vocabulary import Vocabulary

class Vowels:
    steps_at_once, workers = 1_000, 1
    def classify(self, ids, lengths, ngram_scores=None):
        return np.log([[0.9, 0.1] if 1 in row else [0.2, 0.8] for row in ids])

names = Classifier(Vowels(), Vocabulary("ab"), ["with a", "without"], configure(), [1, 1], {})
assert [row[0][0] for row in names.predict(["Bab", "bb"])] == ["with a", "without"]
assert names.beliefs("ba").shape == (2, 2)
assert "torch" not in sys.modules, "the classifier imported torch"
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_a_model_of_another_engine_has_a_torch_network_to_look_inside(classifier, tmp_path):
    classifier.save(tmp_path / "model")
    model = charnn.load(tmp_path / "model", backend="numpy")
    assert model.network is model.network, "it is built once"
    found = model.network(torch.from_numpy(IDS), torch.from_numpy(LENGTHS))
    expected = classifier.network(torch.from_numpy(IDS), torch.from_numpy(LENGTHS))
    torch.testing.assert_close(found, expected)
    again = pickle.loads(pickle.dumps(model))
    assert again.predict("Aoie") == model.predict("Aoie")


@pytest.mark.parametrize(
    ("device", "backend", "engine"),
    [
        ("auto", "auto", "NumpyEngine"),
        ("cpu", "auto", "NumpyEngine"),
        ("cpu", "torch", "TorchEngine"),
        (torch.device("cpu"), "auto", "NumpyEngine"),
        ("cpu", "numpy", "NumpyEngine"),
    ],
)
def test_the_backend_is_numpy_unless_torch_is_asked_for(device, backend, engine):
    assert type(charnn.load(device=device, backend=backend).engine).__name__ == engine


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"backend": "num"},
            "--backend 'num' is unknown; choose from auto, numpy, torch, onnx; did you",
        ),
        ({"backend": 3}, "backend 3 is no text"),
        ({"device": "cuda:99"}, "--device 'cuda:99' is not available here"),
        ({"device": "abacus"}, "--device 'abacus' is not available here"),
        ({"device": "cuda", "backend": "numpy"}, "--device 'cuda' is for torch"),
    ],
)
def test_backends_and_devices_that_cannot_be(options, message):
    with pytest.raises(CharnnError, match=message):
        charnn.load(**options)
