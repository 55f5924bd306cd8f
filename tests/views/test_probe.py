"""A linear classifier of hidden states: what it finds, and in whose states."""

import numpy as np
import pytest
import torch

from charnn.views import probe as probe_module
from charnn.views.fresh_networks import random_letters
from charnn.views.probe import classes_of, last_states, probe, probed_recall


def test_a_probe_finds_what_is_there_and_nothing_else():
    random = np.random.default_rng(0)
    letters = random.integers(8, size=2000)
    noise = random.normal(size=(2000, 8))
    assert probe(noise + 50 * np.eye(8)[letters], letters) == 1
    assert probe(noise, letters) == pytest.approx(1 / 8, abs=0.05)


def test_a_trained_classifier_is_probed_and_not_changed(classifier):
    before = {name: value.clone() for name, value in classifier.network.state_dict().items()}
    found = probed_recall(classifier)
    assert list(found) == ["layer 1, untrained", "layer 1, trained"]
    for accuracies in found.values():
        assert accuracies.shape == (probe_module.BACK + 1,)
        assert accuracies[0] > 0.4 + accuracies[-1]
    known = int(classifier.vocabulary.alphanumeric.sum())
    assert classes_of(classifier) == min(probe_module.CLASSES, known)
    after = classifier.network.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert not classifier.network.training


def test_the_last_states_are_those_of_the_network(generator):
    ids, labels = random_letters(generator, 7, 5, torch.Generator().manual_seed(0))
    assert generator.vocabulary.alphanumeric[ids.numpy()].all()
    assert labels.max() < len(generator.labels)
    _, states = generator.network(ids, labels)
    found = last_states(generator.network, ids, labels, rows=3)
    for layer in range(2):
        expected = states[layer].detach().numpy()
        np.testing.assert_allclose(found[layer], expected, rtol=1e-4, atol=1e-6)
