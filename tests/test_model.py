"""Cores, readouts and the network: torch as the oracle, padding that nobody sees."""

import pytest
import torch
from helpers import padded_batch
from torch import nn

from charnn import config, model, readouts
from charnn.config import CELLS
from charnn.data import one_hot
from charnn.init import ONE_HOT_STD
from charnn.model import (
    EMBEDDING_STD,
    Embedding,
    LetterDropout,
    build_classifier,
    build_generator,
)
from charnn.presets import configure
from charnn.text import words

B, T, V, H, L = 6, 9, 7, 8, 4
TORCH = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def test_every_choice_names_something_that_is_there():
    for cell, name in CELLS.items():
        assert hasattr(nn if cell.startswith("torch-") else model, name), cell
    assert all(hasattr(readouts, name) for name in config.READOUTS.values())
    assert all(hasattr(torch.optim, name) for name in config.OPTIMIZERS.values())
    assert all(hasattr(torch, name) for name in config.NONLINEARITIES)
    assert all(hasattr(nn.init, name) for name in config.INITS.values() if name is not None)
    assert tuple(words.VOCABULARIES) == config.TOKENS


@pytest.mark.parametrize("kind", ["rnn", "torch-rnn"])
def test_the_plain_rnn_can_squash_by_relu(kind):
    _, x, _ = padded_batch(V)
    module = nn.RNN(V, H, nonlinearity="relu", batch_first=True, dtype=torch.float64)
    network = build_classifier(
        configure(cell=kind, hidden=H, nonlinearity="relu", bidirectional=False), V, L
    ).double()
    weights = [parameter for name, parameter in network.core.named_parameters()]
    with torch.no_grad():
        for ours, theirs in zip(weights, module.parameters(), strict=True):
            ours.copy_(theirs)
    torch.testing.assert_close(network.core(x)[0], module(x)[0])


def test_an_embedding_is_a_row_of_floats_for_each_id():
    ids, _, lengths = padded_batch(V)
    network = build_classifier(configure(hidden=H, embedding=3, embedding_dropout=0.5), V, L)
    torch.manual_seed(0)
    dropped = network.embedding(torch.arange(V))  # in training each float is left out or doubled
    kept = dropped != 0
    assert 0 < kept.sum() < kept.numel()
    torch.testing.assert_close(dropped[kept], 2 * network.embedding.weight[kept])
    network.eval()
    floats = network.embedding.weight[ids]  # (B, T, 3)
    expected = network.readout(network.core(floats, None, lengths)[0], lengths)
    torch.testing.assert_close(network(ids, lengths), expected)
    writer = build_generator(
        configure(task="generate", hidden=H, layers=1, embedding=3), V, L
    ).eval()
    labels = torch.arange(B) % L
    told = one_hot(labels, L).unsqueeze(1).expand(-1, T, -1)
    expected = writer.readout(
        writer.core(torch.cat([writer.embedding.weight[ids], told], dim=2))[0]
    )
    torch.testing.assert_close(writer(ids, labels)[0], expected)


@pytest.mark.parametrize("readout", ["last", "pooled"])
@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_a_name_alone_is_the_name_in_any_batch(cell, directions, readout):
    ids, _, lengths = padded_batch(V)
    torch.manual_seed(2)
    options = configure(
        cell=cell, hidden=H, layers=2, bidirectional=directions == 2, readout=readout
    )
    network = build_classifier(options, V, L).eval()
    together = network(ids, lengths)
    assert together.shape == (B, L)
    torch.testing.assert_close(together.exp().sum(1), torch.ones(B))
    for row, length in enumerate(lengths.tolist()):
        alone = network(ids[row : row + 1, :length], lengths[row : row + 1])
        torch.testing.assert_close(together[row : row + 1], alone, rtol=0, atol=1e-5)


def test_letter_dropout_hides_letters_in_training_only():
    torch.manual_seed(0)
    ids, dropout = torch.ones(100, 100, dtype=torch.int64), LetterDropout(0.25)
    assert (dropout(ids) == 0).float().mean().item() == pytest.approx(0.25, abs=0.02)
    assert torch.equal(dropout.eval()(ids), ids)


@pytest.mark.parametrize("cell", CELLS)
def test_the_weights_that_read_letters_are_drawn_wide_and_no_others(cell):
    torch.manual_seed(0)
    network = build_classifier(configure(cell=cell, hidden=64, layers=2), 50, L)
    for name, weights in network.core.named_parameters():
        if "weight_sx" in name:  # by which a letter scales the state: by 1 at first
            assert not weights.any()
            continue
        reads_letters = "cores.0" in name and "weight_ih" in name
        assert weights.std().item() == pytest.approx(
            ONE_HOT_STD if reads_letters else 64**-0.5 / 3**0.5, rel=0.15
        ), name


def test_an_embedding_begins_small_so_that_a_rare_word_says_hardly_anything():
    torch.manual_seed(0)
    assert Embedding(1000, 50).weight.std().item() == pytest.approx(EMBEDDING_STD, rel=0.02)
    loudest = one_hot(torch.tensor(3), V) @ torch.full((V, H), ONE_HOT_STD)
    assert Embedding(1000, 50).weight.abs().max() < loudest.max() * 2 <= 1.0


@pytest.mark.parametrize("readout", ["last", "pooled"])
def test_a_folded_temperature_divides_the_logits(readout):
    network = model.build_classifier(configure(hidden=5, readout=readout), 7, 3).eval()
    ids, lengths = torch.tensor([[1, 2, 3], [4, 5, 0]]), torch.tensor([3, 2])
    before = network(ids, lengths)
    network.fold_temperature(2.5)
    torch.testing.assert_close(network(ids, lengths), (before / 2.5).log_softmax(1))
