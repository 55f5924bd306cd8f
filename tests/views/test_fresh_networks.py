"""Fresh networks, recorded networks and random letters."""

from copy import deepcopy

import pytest
import torch

from charnn.config import CELLS, Config
from charnn.errors import CharnnError
from charnn.model import build_classifier, build_core
from charnn.text.vocabulary import Vocabulary
from charnn.views.fresh_networks import (
    freshly_initialised,
    output_of,
    random_letters,
    recorded,
    recorded_layers,
    scale_recurrent_weights,
)


@pytest.mark.parametrize("options", [{}, {"layers": 2}, {"bidirectional": True, "layers": 2}])
@pytest.mark.parametrize("cell", CELLS)
def test_a_recorded_network_computes_the_same_and_keeps_its_states(cell, options):
    config = Config(cell=cell, hidden=5, **{"bidirectional": False, **options})
    network = build_classifier(config, 7, 3).eval()
    ids, lengths = torch.randint(7, (3, 6)), torch.tensor([6, 4, 1])
    copy = recorded(network)
    torch.testing.assert_close(copy(ids, lengths), network(ids, lengths))
    layers = recorded_layers(copy)
    assert len(layers) == options.get("layers", 1)
    assert all(len(layer.states) == 6 for layer in layers)
    hidden, _ = network.core(ids, None, lengths)
    forwards = hidden[:, :, :5]  # (B, T, H)
    torch.testing.assert_close(torch.stack(layers[-1].hidden(), dim=1), forwards)


def test_only_recurrent_weights_are_scaled():
    core = build_core(Config(cell="lstm", hidden=5, bidirectional=False, layers=2), 7)
    before = deepcopy(core.state_dict())
    scale_recurrent_weights(core, 3.0)
    for name, weights in core.state_dict().items():
        scale = 3.0 if "weight_hh" in name else 1.0
        assert torch.equal(weights, scale * before[name]), f"{name} times {scale} expected"


def test_a_fresh_network_has_the_same_shapes_and_other_weights(generator):
    fresh, trained = freshly_initialised(generator, 0), generator.network
    shapes = {name: weights.shape for name, weights in trained.state_dict().items()}
    assert {name: weights.shape for name, weights in fresh.state_dict().items()} == shapes
    assert not torch.equal(fresh.readout.linear.weight, trained.readout.linear.weight)
    again = freshly_initialised(generator, 0).state_dict()
    assert all(torch.equal(weights, again[name]) for name, weights in fresh.state_dict().items())


def test_a_classifier_and_a_generator_are_read_alike(classifier, generator):
    random = torch.Generator().manual_seed(0)
    ids, labels = random_letters(classifier, 4, 6, random)
    assert labels is None, "a classifier is conditioned on no label"
    assert output_of(classifier.network, ids, labels).shape == (4, len(classifier.labels))
    ids, labels = random_letters(generator, 4, 6, random)
    assert output_of(generator.network, ids, labels).shape == (4, 6, len(generator.vocabulary))


def test_random_letters_are_letters_and_at_most_so_many(generator):
    random = torch.Generator().manual_seed(0)
    ids, labels = random_letters(generator, 50, 20, random, most=3)
    assert ids.shape == (50, 20)
    assert len(ids.unique()) == 3
    assert generator.vocabulary.alphanumeric[ids.numpy()].all()
    assert labels.unique().tolist() == list(range(len(generator.labels)))


def test_a_model_of_one_letter_is_refused():
    model = type("Model", (), {"vocabulary": Vocabulary("a")})
    message = "the model knows 1 letter, too few for a random choice; give a model"
    with pytest.raises(CharnnError, match=message):
        random_letters(model, 2, 3, torch.Generator())
