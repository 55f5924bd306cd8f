"""One step of a recurrence: four cells, every gate named.

Knows nothing of sequences, labels or text. Names, shapes and gate order of the weights and both biases are torch's,
so `load_state_dict` carries weights from and to nn.RNNCell, nn.LSTMCell and nn.GRUCell, and the numbers agree.

Axis letters: B batch, T time, I input, H hidden, G gates of a cell.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Cell(nn.Module):
    """What all cells share; one of your own has gate_count, gates(projected, state) and after(gates, state)."""

    gate_count: int  # G

    def __init__(self, input_size: int, hidden_size: int):
        super().__init__()
        self.input_size, self.hidden_size = input_size, hidden_size
        rows, bound = self.gate_count * hidden_size, hidden_size**-0.5
        self.weight_ih = nn.Parameter(torch.empty(rows, input_size).uniform_(-bound, bound))   # (G*H, I)
        self.weight_hh = nn.Parameter(torch.empty(rows, hidden_size).uniform_(-bound, bound))  # (G*H, H)
        self.bias_ih = nn.Parameter(torch.empty(rows).uniform_(-bound, bound))                 # (G*H,)
        self.bias_hh = nn.Parameter(torch.empty(rows).uniform_(-bound, bound))                 # (G*H,)

    def project(self, x: Tensor) -> Tensor:
        """The input's part, for one step or a whole sequence: ids (...) or floats (..., I) -> (..., G*H).

        An id picks a column of weight_ih: the product with its one-hot vector, without the product.
        What does not depend on the past is added here, once, so that it is not in the loop over time.
        """
        if x.is_floating_point():
            return F.linear(x, self.weight_ih, self.bias())
        return F.embedding(x, self.weight_ih.t() + self.bias())

    def bias(self) -> Tensor:
        """The biases (G*H,) that can be added before the past is known: both."""
        return self.bias_ih + self.bias_hh

    def start(self, projected: Tensor):
        """The state before the first step, all zeros; projected (B, G*H) says how many and where."""
        return projected.new_zeros(len(projected), self.hidden_size)  # (B, H)

    def hidden(self, state) -> Tensor:
        """The hidden state (B, H): all of the state, or the first of a tuple."""
        return state[0] if isinstance(state, tuple) else state

    def seen(self, state, mask: Tensor | None):
        """The state as the gates see it: mask (B, H) says what recurrent dropout leaves of the hidden state."""
        if mask is None:
            return state
        return (state[0] * mask, *state[1:]) if isinstance(state, tuple) else state * mask

    def step(self, projected: Tensor, state, mask: Tensor | None = None):
        """The next state from the projected input (B, G*H), the state and a mask (B, H) as in `seen`."""
        return self.after(self.gates(projected, self.seen(state, mask)), state)

    def forward(self, x: Tensor, state=None):
        """One whole step: ids (B,) or floats (B, I), and a state (zeros if absent) -> the next state."""
        projected = self.project(x)
        return self.step(projected, self.start(projected) if state is None else state)


class RNNGates(NamedTuple):
    """The plain cell has no gate: only the candidate, which becomes the hidden state."""
    candidate: Tensor


class RNNCell(Cell):
    """Mixes the letter and the hidden state and squashes the sum: h' = tanh(W_ih x + b_ih + W_hh h + b_hh).

    Elman (1990); with torch.relu for tanh: Le, Jaitly and Hinton (2015).
    """

    gate_count = 1

    def __init__(self, input_size: int, hidden_size: int, nonlinearity: Callable[[Tensor], Tensor] = torch.tanh):
        super().__init__(input_size, hidden_size)
        self.nonlinearity = nonlinearity

    def gates(self, projected, h):
        """RNNGates of (B, H) from projected (B, H) and hidden state h (B, H)."""
        return RNNGates(self.nonlinearity(torch.addmm(projected, h, self.weight_hh.t())))

    def after(self, gates, h):
        """The next hidden state (B, H)."""
        return gates.candidate


class LSTMGates(NamedTuple):
    """What the LSTM lets in, keeps, proposes and shows."""
    input: Tensor
    forget: Tensor
    candidate: Tensor
    output: Tensor


class LSTMCell(Cell):
    """Keeps a cell state that it adds to and erases from, and shows part of it: the state is (h, c).

        i, f, o = sigmoid(W x + U h + b), each its own     g = tanh(W x + U h + b)
        c' = f * c + i * g                                 h' = o * tanh(c')

    Hochreiter and Schmidhuber (1997); forget gate: Gers, Schmidhuber and Cummins (2000).
    """

    gate_count = 4

    def start(self, projected):
        """Zero hidden state and zero cell state, each (B, H)."""
        zeros = super().start(projected)
        return zeros, zeros

    def gates(self, projected, state):
        """LSTMGates of (B, H) each, from projected (B, 4H) and state (h, c)."""
        i, f, g, o = torch.addmm(projected, state[0], self.weight_hh.t()).chunk(4, dim=1)  # from (B, 4H)
        return LSTMGates(input=i.sigmoid(), forget=f.sigmoid(), candidate=g.tanh(), output=o.sigmoid())

    def after(self, gates, state):
        """The next hidden state and cell state (h', c'), each (B, H)."""
        c = torch.addcmul(gates.forget * state[1], gates.input, gates.candidate)
        return gates.output * c.tanh(), c


class PeepholeLSTMCell(LSTMCell):
    """An LSTM whose gates see the cell state too: Gers, Schraudolph and Schmidhuber (2002).

        i, f = sigmoid(W x + U h + b + p * c)     o = sigmoid(W x + U h + b + p * c')     g, c' and h' as above
    """

    def __init__(self, input_size: int, hidden_size: int):
        super().__init__(input_size, hidden_size)
        self.weight_ch = nn.Parameter(torch.empty(3, hidden_size).uniform_(-1, 1) / hidden_size**0.5)  # p of i, f, o

    def gates(self, projected, state):
        """LSTMGates of (B, H) each, from projected (B, 4H) and state (h, c); the output gate sees the new c."""
        i, f, g, o = torch.addmm(projected, state[0], self.weight_hh.t()).chunk(4, dim=1)  # from (B, 4H)
        (p_i, p_f, p_o), c = self.weight_ch, state[1]
        i, f, g = (i + p_i * c).sigmoid(), (f + p_f * c).sigmoid(), g.tanh()
        return LSTMGates(input=i, forget=f, candidate=g, output=(o + p_o * torch.addcmul(f * c, i, g)).sigmoid())


class GRUGates(NamedTuple):
    """How much of the past the candidate sees, how much of it stays, and the candidate."""
    reset: Tensor
    update: Tensor
    candidate: Tensor


class GRUCell(Cell):
    """Slides between the old hidden state and a candidate.

        r, z = sigmoid(W x + b_i + U h + b_h), each its own
        n = tanh(W x + b_i + r * (U h + b_h))     h' = (1 - z) * n + z * h

    Cho et al. (2014), with the reset after the product as in torch and cuDNN.
    """

    gate_count = 3

    def bias(self):
        """Only bias_ih (3H,): the reset gate stands between the candidate and bias_hh."""
        return self.bias_ih

    def gates(self, projected, h):
        """GRUGates of (B, H) each, from projected (B, 3H) and hidden state h (B, H)."""
        past = F.linear(h, self.weight_hh, self.bias_hh)  # (B, 3H)
        x_rz, x_n = projected.split([2 * self.hidden_size, self.hidden_size], dim=1)
        h_rz, h_n = past.split([2 * self.hidden_size, self.hidden_size], dim=1)
        reset, update = (x_rz + h_rz).sigmoid().chunk(2, dim=1)
        return GRUGates(reset, update, candidate=torch.addcmul(x_n, reset, h_n).tanh())

    def after(self, gates, h):
        """The next hidden state (B, H)."""
        return torch.lerp(gates.candidate, h, gates.update)
