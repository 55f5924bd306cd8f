"""One more cell: a GRU whose recurrent matrix is another one for each letter.

For generators of text, which it teaches in fewer epochs. Knows nothing of sequences, labels or
text. Axis letters: B batch, T time, I input, H hidden.
"""

import torch
from torch import Tensor, nn

from charnn.cells import GRUCell, GRUGates, State


class MultiplicativeGRUCell(GRUCell):
    """A GRU in which each letter scales the hidden state that the gates read, by s = 1 + S x.

        r, z = sigmoid(W x + b_i + U (s * h) + b_h), each its own
        n = tanh(W x + b_i + r * (U (s * h) + b_h))     h' = (1 - z) * n + z * h

    So each letter has a recurrent matrix of its own, U diag(s). S is 0 at first: a GRU. After
    Sutskever, Martens and Hinton (2011) and Krause et al. (2016), without their second matrix of h.
    """

    def __init__(self, input_size: int, hidden_size: int):
        super().__init__(input_size, hidden_size)
        self.weight_sx = nn.Parameter(torch.zeros(hidden_size, input_size))  # (H, I): S

    def input_weight(self) -> Tensor:
        """weight_ih and S: (4H, I), so that s is projected with the rest, once for all steps."""
        return torch.cat([self.weight_ih, self.weight_sx])

    def bias(self) -> Tensor:
        """bias_ih, and the 1 of s: (4H,)."""
        return torch.cat([self.bias_ih, self.bias_ih.new_ones(self.hidden_size)])

    def gates(self, projected: Tensor, state: State) -> GRUGates:
        """GRUGates of (B, H) each, from projected (B, 4H), of which s is the last, and h (B, H)."""
        projected, s = projected.split([3 * self.hidden_size, self.hidden_size], dim=1)
        return super().gates(projected, self.hidden(state) * s)
