"""Cores: torch as the oracle, layers, directions, and padding that has no effect."""

import pytest
import torch
from helpers import core_of, padded_batch, same_weights
from torch import nn

from charnn.config import CELLS
from charnn.cores import reverse
from charnn.data import one_hot
from charnn.model import (
    Bidirectional,
    Dropout,
    Stacked,
)

B, T, V, H, L = 6, 9, 7, 8, 4
TORCH = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


@pytest.mark.parametrize("kind", TORCH)
def test_the_unrolled_core_is_torchs_module(kind):
    _, x, _ = padded_batch(V)
    module = TORCH[kind](V, H, batch_first=True, dtype=torch.float64)
    core = same_weights(core_of(kind, V, H).double(), module, "0")
    ours, theirs = core(x)[0], module(x)[0]
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)
    ours.square().sum().backward()
    theirs.square().sum().backward()
    torch.testing.assert_close(
        core.cell.weight_hh.grad, module.weight_hh_l0.grad, rtol=1e-6, atol=1e-6
    )
    torch.testing.assert_close(
        core.cell.weight_ih.grad, module.weight_ih_l0.grad, rtol=1e-6, atol=1e-6
    )


@pytest.mark.parametrize("kind", TORCH)
def test_both_directions_and_layers_are_torchs(kind):
    _, x, lengths = padded_batch(V)
    module = TORCH[kind](
        V, H, num_layers=2, bidirectional=True, batch_first=True, dtype=torch.float64
    )
    core = Stacked(
        [
            Bidirectional(
                same_weights(core_of(kind, width, H).double(), module, f"{layer}"),
                same_weights(core_of(kind, width, H).double(), module, f"{layer}_reverse"),
            )
            for layer, width in enumerate((V, 2 * H))
        ]
    )
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    theirs, _ = nn.utils.rnn.pad_packed_sequence(module(packed)[0], batch_first=True)
    ours = core(x, None, lengths)[0]
    for row, length in enumerate(lengths.tolist()):
        torch.testing.assert_close(ours[row, :length], theirs[row, :length], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("kind", CELLS)
def test_ids_and_their_one_hot_vectors_give_the_same(kind):
    ids, _, _ = padded_batch(V)
    core = core_of(kind, V, H).double()
    results = []
    for x in (ids, one_hot(ids, V).double()):
        core.zero_grad()
        hidden = core(x)[0]
        hidden.square().sum().backward()
        results.append([hidden, *(parameter.grad.clone() for parameter in core.parameters())])
    torch.testing.assert_close(*results)


@pytest.mark.parametrize("kind", CELLS)
def test_a_sequence_in_two_pieces_is_the_whole(kind):
    ids, _, _ = padded_batch(V)
    core = Stacked([core_of(kind, V, H).double(), core_of(kind, H, H).double()])
    whole, _ = core(ids)
    first, state = core(ids[:, :4])
    second, _ = core(ids[:, 4:], state)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole)


def steps_by_hand(cell, kind, x, mask):
    """The hidden states (T, H) of one sequence x (T, V) by the textbook's equations, the gates seeing h * mask."""
    h, c, rows = torch.zeros(H, dtype=x.dtype), torch.zeros(H, dtype=x.dtype), []
    for letter in x:
        read = (cell.weight_ih @ letter + cell.bias_ih).view(-1, H)  # a row per gate
        past = (cell.weight_hh @ (h * mask) + cell.bias_hh).view(-1, H)
        if kind == "rnn":
            h = (read + past)[0].tanh()
        elif kind.startswith("lstm"):
            i, f, g, o = read + past
            p_i, p_f, p_o = cell.weight_ch if kind == "lstm-peephole" else torch.zeros(3, H)
            i, f = (i + p_i * c).sigmoid(), (f + p_f * c).sigmoid()
            c = f * c + i * g.tanh()
            h = (o + p_o * c).sigmoid() * c.tanh()
        else:
            z = (read + past)[1].sigmoid()
            n = (read[2] + (read + past)[0].sigmoid() * past[2]).tanh()
            h = (1 - z) * n + z * h
        rows.append(h)
    return torch.stack(rows)


@pytest.mark.parametrize("kind", [*TORCH, "lstm-peephole"])
def test_recurrent_dropout_hides_the_same_units_from_the_gates_at_every_step(kind):
    _, x, _ = padded_batch(V)
    core = core_of(kind, V, H, 0.5).double()
    torch.manual_seed(3)
    hidden = core(x)[0]
    torch.manual_seed(3)
    mask = Dropout(0.5)(torch.ones(B, H, dtype=torch.float64))
    assert set(mask.flatten().tolist()) == {0.0, 2.0}
    assert len(mask.unique(dim=0)) > 1  # each sequence has its own
    for row in range(B):
        torch.testing.assert_close(hidden[row], steps_by_hand(core.cell, kind, x[row], mask[row]))
    core.eval()
    torch.testing.assert_close(core(x)[0][0], steps_by_hand(core.cell, kind, x[0], torch.ones(H)))


def test_reverse_keeps_the_padding_at_the_end():
    ids, lengths = torch.tensor([[1, 2, 3, 0], [4, 0, 0, 0]]), torch.tensor([3, 1])
    assert reverse(ids, lengths).tolist() == [[3, 2, 1, 0], [4, 0, 0, 0]]
    assert reverse(ids, None).tolist() == [[0, 3, 2, 1], [0, 0, 0, 4]]


def test_dropout_scales_what_it_leaves_and_does_nothing_when_not_training():
    torch.manual_seed(0)
    dropout, x = Dropout(0.25), torch.ones(200, 200)
    values, counts = dropout(x).unique(return_counts=True)
    torch.testing.assert_close(values, torch.tensor([0.0, 1 / 0.75]))
    assert counts[0].item() / x.numel() == pytest.approx(0.25, abs=0.02)
    assert torch.equal(dropout.eval()(x), x)
