"""Readouts: the last step against torch's final state, pooling against mean and maximum."""

import torch
from helpers import core_of, padded_batch, same_weights
from torch import nn

from charnn.data import one_hot
from charnn.model import (
    Bidirectional,
    ClassifierNetwork,
    LastStep,
    Pooled,
)

B, T, V, H, L = 6, 9, 7, 8, 4


def test_the_last_letter_of_both_directions_is_torchs_final_state():
    ids, _, lengths = padded_batch(V)
    module = nn.GRU(V, H, bidirectional=True, batch_first=True, dtype=torch.float64)
    core = Bidirectional(
        same_weights(core_of("gru", V, H).double(), module, "0"),
        same_weights(core_of("gru", V, H).double(), module, "0_reverse"),
    )
    readout = LastStep(2 * H, L, directions=2).double()
    x = one_hot(ids, V).double()
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    final = module(packed)[1].transpose(0, 1).reshape(B, 2 * H)
    torch.testing.assert_close(
        ClassifierNetwork(core, readout)(ids, lengths), readout.linear(final).log_softmax(1)
    )


def test_pooled_is_mean_and_maximum_over_the_letters():
    hidden, lengths = torch.randn(B, T, H), torch.tensor([9, 1, 4, 7, 2, 9])
    readout = Pooled(H, L)
    pooled = torch.stack(
        [
            torch.cat([row[:n].mean(0), row[:n].amax(0)])
            for row, n in zip(hidden, lengths.tolist(), strict=True)
        ]
    )
    torch.testing.assert_close(readout(hidden, lengths), readout.linear(pooled).log_softmax(1))
