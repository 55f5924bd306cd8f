"""One step of a recurrence: four cells, every gate named.

Knows nothing of sequences, labels or text. Weights and biases have torch's names, shapes and gate
order, so `load_state_dict` carries them from and to nn.RNNCell, nn.LSTMCell and nn.GRUCell.

Axis letters: B batch, T time, I input, H hidden, G gates of a cell.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Nonlinearity = Callable[[Tensor], Tensor]
State = Tensor | tuple[Tensor, ...]  # a hidden state (B, H), or an LSTM's hidden and cell state


class Cell(nn.Module, ABC):
    """The base class of all cells. A new cell defines gate_count, `gates` and `after`."""

    gate_count: int  # G

    def __init__(self, input_size: int, hidden_size: int):
        super().__init__()
        self.input_size, self.hidden_size = input_size, hidden_size
        rows, k = self.gate_count * hidden_size, hidden_size**-0.5
        self.weight_ih = nn.Parameter(torch.empty(rows, input_size).uniform_(-k, k))  # (G*H, I)
        self.weight_hh = nn.Parameter(torch.empty(rows, hidden_size).uniform_(-k, k))  # (G*H, H)
        self.bias_ih = nn.Parameter(torch.empty(rows).uniform_(-k, k))  # (G*H,)
        self.bias_hh = nn.Parameter(torch.empty(rows).uniform_(-k, k))  # (G*H,)

    @abstractmethod
    def gates(self, projected: Tensor, state: State) -> Any:
        """The cell's gates, a NamedTuple of (B, H), from projected (B, G*H) and the state."""

    @abstractmethod
    def after(self, gates: Any, state: State) -> State:
        """The next state, from the gates and the state before."""

    def project(self, x: Tensor) -> Tensor:
        """W_ih x and biases, for a step or a sequence: ids (...) or floats (..., I) -> (..., G*H).

        An id picks a column of weight_ih, which equals the product with its one-hot vector. What
        does not depend on the hidden state is added here, once, outside the loop over time.
        """
        if x.is_floating_point():
            return F.linear(x, self.input_weight(), self.bias())
        return F.embedding(x, self.input_weight().t() + self.bias())

    def input_weight(self) -> Tensor:
        """The weights of what does not depend on the hidden state: here weight_ih (G*H, I)."""
        return self.weight_ih

    def bias(self) -> Tensor:
        """The biases (G*H,) that do not depend on the hidden state: here both."""
        return self.bias_ih + self.bias_hh

    def start(self, projected: Tensor) -> State:
        """The initial state: zeros, with the rows, type and device of projected (B, G*H)."""
        return projected.new_zeros(len(projected), self.hidden_size)  # (B, H)

    def hidden(self, state: State) -> Tensor:
        """The hidden state (B, H): all of the state, or the first of a tuple."""
        return state[0] if isinstance(state, tuple) else state

    def masked(self, state: State, mask: Tensor | None) -> State:
        """The state that the gates read: mask (B, H) is recurrent dropout of the hidden state."""
        if mask is None:
            return state
        return (state[0] * mask, *state[1:]) if isinstance(state, tuple) else state * mask

    def step(self, projected: Tensor, state: State, mask: Tensor | None = None) -> State:
        """The next state from projected (B, G*H), the state and a mask (B, H) as in `masked`."""
        return self.after(self.gates(projected, self.masked(state, mask)), state)

    def forward(self, x: Tensor, state: State | None = None) -> State:
        """One whole step: ids (B,) or floats (B, I), and a state (zeros if absent) -> the next."""
        projected = self.project(x)
        return self.step(projected, self.start(projected) if state is None else state)


class RNNGates(NamedTuple):
    """The plain cell has no gate: only the candidate, which becomes the hidden state."""

    candidate: Tensor


class RNNCell(Cell):
    """Mixes the letter and the hidden state: h' = tanh(W_ih x + b_ih + W_hh h + b_hh).

    Elman (1990); with torch.relu for tanh: Le, Jaitly and Hinton (2015).
    """

    gate_count = 1

    def __init__(self, input_size: int, hidden_size: int, nonlinearity: Nonlinearity = torch.tanh):
        super().__init__(input_size, hidden_size)
        self.nonlinearity = nonlinearity

    def gates(self, projected: Tensor, state: State) -> RNNGates:
        """RNNGates of (B, H) from projected (B, H) and the hidden state (B, H)."""
        h = self.hidden(state)
        return RNNGates(self.nonlinearity(torch.addmm(projected, h, self.weight_hh.t())))

    def after(self, gates: RNNGates, state: State) -> Tensor:
        """The next hidden state (B, H)."""
        return gates.candidate


class LSTMGates(NamedTuple):
    """The LSTM's input gate, forget gate, candidate and output gate."""

    input: Tensor
    forget: Tensor
    candidate: Tensor
    output: Tensor


class LSTMCell(Cell):
    """Gates erase from a cell state, add to it, and output part of it as h: state (h, c).

        i, f, o = sigmoid(W x + U h + b), each its own     g = tanh(W x + U h + b)
        c' = f * c + i * g                                 h' = o * tanh(c')

    Hochreiter and Schmidhuber (1997); forget gate: Gers, Schmidhuber and Cummins (2000).
    """

    gate_count = 4

    def start(self, projected: Tensor) -> State:
        """Zero hidden state and zero cell state, each (B, H)."""
        zeros = projected.new_zeros(len(projected), self.hidden_size)
        return zeros, zeros

    def gates(self, projected: Tensor, state: State) -> LSTMGates:
        """LSTMGates of (B, H) each, from projected (B, 4H) and state (h, c)."""
        all_four = torch.addmm(projected, self.hidden(state), self.weight_hh.t())  # (B, 4H)
        i, f, g, o = all_four.chunk(4, dim=1)
        return LSTMGates(i.sigmoid(), f.sigmoid(), candidate=g.tanh(), output=o.sigmoid())

    def after(self, gates: LSTMGates, state: State) -> State:
        """The next hidden state and cell state (h', c'), each (B, H)."""
        _, c = state
        c = torch.addcmul(gates.forget * c, gates.input, gates.candidate)
        return gates.output * c.tanh(), c


class PeepholeLSTMCell(LSTMCell):
    """An LSTM whose gates read the cell state too: Gers, Schraudolph and Schmidhuber (2002).

        i, f = sigmoid(W x + U h + b + p * c)     o = sigmoid(W x + U h + b + p * c')

    g, c' and h' as above.
    """

    def __init__(self, input_size: int, hidden_size: int):
        super().__init__(input_size, hidden_size)
        p = torch.empty(3, hidden_size).uniform_(-1, 1) / hidden_size**0.5
        self.weight_ch = nn.Parameter(p)  # (3, H): of the input, forget and output gate

    def gates(self, projected: Tensor, state: State) -> LSTMGates:
        """LSTMGates of (B, H) each; the output gate reads the new cell state."""
        h, c = state
        p_i, p_f, p_o = self.weight_ch
        i, f, g, o = torch.addmm(projected, h, self.weight_hh.t()).chunk(4, dim=1)  # from (B, 4H)
        i, f, g = (i + p_i * c).sigmoid(), (f + p_f * c).sigmoid(), g.tanh()
        new_c = torch.addcmul(f * c, i, g)
        return LSTMGates(i, f, candidate=g, output=(o + p_o * new_c).sigmoid())


class GRUGates(NamedTuple):
    """The GRU's reset gate, update gate and candidate."""

    reset: Tensor
    update: Tensor
    candidate: Tensor


class GRUCell(Cell):
    """Interpolates between the old hidden state and a candidate.

        r, z = sigmoid(W x + b_i + U h + b_h), each its own
        n = tanh(W x + b_i + r * (U h + b_h))     h' = (1 - z) * n + z * h

    Cho et al. (2014), with the reset after the product as in torch and cuDNN.
    """

    gate_count = 3

    def bias(self) -> Tensor:
        """Only bias_ih (3H,): in the candidate the reset gate scales bias_hh."""
        return self.bias_ih

    def gates(self, projected: Tensor, state: State) -> GRUGates:
        """GRUGates of (B, H) each, from projected (B, 3H) and the hidden state (B, H)."""
        past = F.linear(self.hidden(state), self.weight_hh, self.bias_hh)  # (B, 3H)
        x_rz, x_n = projected.split([2 * self.hidden_size, self.hidden_size], dim=1)
        h_rz, h_n = past.split([2 * self.hidden_size, self.hidden_size], dim=1)
        reset, update = (x_rz + h_rz).sigmoid().chunk(2, dim=1)
        return GRUGates(reset, update, candidate=torch.addcmul(x_n, reset, h_n).tanh())

    def after(self, gates: GRUGates, state: State) -> Tensor:
        """The next hidden state (B, H)."""
        return torch.lerp(gates.candidate, self.hidden(state), gates.update)
