"""Readouts turn hidden states into log-probabilities: at the last step, pooled, or at every step.

Knows nothing of cells, text or training. Each ends in log_softmax, so that NLLLoss is the loss.

Axis letters: B batch, T time, H hidden, D directions, L labels, V symbols.
"""

import torch
from torch import Tensor, nn

from charnn.cores import Dropout
from charnn.data import real_steps


class Readout(nn.Module):
    """What all readouts share: dropout, then one linear layer of `inputs` to `outputs`."""

    def __init__(self, inputs: int, outputs: int, dropout: float):
        super().__init__()
        self.dropout, self.linear = Dropout(dropout), nn.Linear(inputs, outputs)


class LastStep(Readout):
    """Reads the hidden state after the whole name, as the notes do.

    In both directions that is the forward half at the last letter and the backward half at the
    first letter, where the backward direction has read everything.
    """

    def __init__(self, hidden_size: int, outputs: int, dropout: float = 0.0, directions: int = 1):
        super().__init__(hidden_size, outputs, dropout)
        self.directions = directions

    def forward(self, hidden: Tensor, lengths: Tensor) -> Tensor:
        """hidden (B, T, D*H), lengths (B,) -> log-probabilities (B, L)."""
        rows = torch.arange(len(hidden), device=hidden.device)
        last = hidden[rows, lengths - 1]  # (B, D*H)
        if self.directions == 2:
            forwards, _ = last.chunk(2, dim=1)
            _, backwards = hidden[:, 0].chunk(2, dim=1)
            last = torch.cat([forwards, backwards], dim=1)
        return self.linear(self.dropout(last)).log_softmax(dim=1)


class Pooled(Readout):
    """Reads the mean and the maximum of the hidden states over the letters of the name."""

    def __init__(self, hidden_size: int, outputs: int, dropout: float = 0.0):
        super().__init__(2 * hidden_size, outputs, dropout)

    def forward(self, hidden: Tensor, lengths: Tensor) -> Tensor:
        """hidden (B, T, D*H), lengths (B,) -> log-probabilities (B, L)."""
        real = real_steps(lengths, hidden.shape[1]).unsqueeze(2)  # (B, T, 1)
        weights = (real / lengths.view(-1, 1, 1)).to(hidden.dtype)  # (B, T, 1)
        # The mean as a product, so that padding has weight 0; for the maximum padding is -inf.
        mean = torch.bmm(weights.transpose(1, 2), hidden).squeeze(1)  # (B, D*H)
        padding = torch.where(real, 0.0, -torch.inf).to(hidden)  # (B, T, 1)
        top = (hidden + padding).amax(1)  # (B, D*H)
        return self.linear(self.dropout(torch.cat([mean, top], dim=1))).log_softmax(dim=1)


class EveryStep(Readout):
    """Reads the hidden state after every letter and predicts the next one."""

    def __init__(self, hidden_size: int, outputs: int, dropout: float = 0.0):
        super().__init__(hidden_size, outputs, dropout)

    def forward(self, hidden: Tensor, lengths: Tensor | None = None) -> Tensor:
        """hidden (B, T, H) -> log-probabilities (B, T, V)."""
        return self.linear(self.dropout(hidden)).log_softmax(dim=2)
