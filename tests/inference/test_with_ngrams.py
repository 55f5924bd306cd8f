"""A generator with n-grams beside its network: the product of both, step by step."""

import numpy as np
import pytest
from random_models import random_generator

import charnn
from charnn.inference.numpy_network import log_softmax


@pytest.mark.parametrize("order", [1, 3])
def test_the_whole_is_its_pieces_and_their_product(order):
    model = random_generator(ngrams=order)
    ids = model.vocabulary.encode(["satoshi", "abbacab"])[0]  # (B, T)
    labels = np.array([2, 0])
    whole, _ = model.stepper.step(ids, labels)  # (B, T, V)
    by_network, _ = model.engine.step(ids, labels)
    for row, label in enumerate(labels.tolist()):
        for step in range(ids.shape[1]):
            before = np.zeros(max(order - 1, 1), int)
            read = ids[row, : step + 1][-len(before) :] + 1
            before[len(before) - len(read) :] = read
            by_ngrams = model.ngrams.probabilities(before[None], np.array([label]))
            expected = log_softmax(by_network[row, step] + 0.5 * np.log(by_ngrams))[0]
            np.testing.assert_allclose(whole[row, step], expected, atol=1e-5)
    state, found = None, []
    for piece in np.split(ids, [2, 3], axis=1):
        log_probs, state = model.stepper.step(piece, labels, state)
        found.append(log_probs)
    np.testing.assert_allclose(np.concatenate(found, axis=1), whole, atol=1e-5)


def test_some_rows_go_on_by_themselves():
    model = random_generator(ngrams=4)
    ids = model.vocabulary.encode(["satoshi", "abbacab", "babbage"])[0]
    labels, rows = np.array([2, 0, 1]), np.array([2, 0, 0])
    whole, _ = model.stepper.step(ids, labels)
    _, state = model.stepper.step(ids[:, :4], labels)
    state = model.stepper.select(state, rows)
    rest, _ = model.stepper.step(ids[rows, 4:], labels[rows], state)
    np.testing.assert_allclose(rest, whole[rows, 4:], atol=1e-5)


def test_a_file_keeps_the_ngrams(tmp_path):
    path = tmp_path / "model.safetensors"
    model = random_generator(ngrams=3)
    model.save(path)
    for backend in ("numpy", "torch", "onnx"):
        again = charnn.load(path, backend=backend)
        assert again.score("abba", "Taurus") == pytest.approx(
            model.score("abba", "Taurus"), abs=1e-5
        )
        assert again.generate("Taurus", count=3, seed=0) == model.generate(
            "Taurus", count=3, seed=0
        )
    assert charnn.load(path).score("abba") != random_generator().score("abba")
