"""One step of a recurrence in numpy: the cells of charnn/cells.py, equation for equation.

The same names, weights and gate order, for answering alone: no gradient, no dropout. Knows nothing
of sequences, labels or text.

Axis letters: B batch, T time, I input, H hidden, G gates of a cell.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

Nonlinearity = Callable[[np.ndarray], np.ndarray]
State = np.ndarray | tuple[np.ndarray, ...]  # as in charnn/cells.py: (B, H), or an LSTM's (h, c)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), as (1 + tanh(x / 2)) / 2: no exponential that could overflow."""
    x = x * 0.5
    np.tanh(x, out=x)
    x += 1
    x *= 0.5
    return x


def relu(x: np.ndarray) -> np.ndarray:
    """x where it is above 0, and 0 elsewhere."""
    return np.maximum(x, 0)


NONLINEARITIES: dict[str, Nonlinearity] = {"tanh": np.tanh, "relu": relu}


class Cell(ABC):
    """The base class of all cells. A new cell defines gate_count, `gates` and `after`."""

    gate_count: int  # G

    def __init__(self, weights: Mapping[str, np.ndarray]):
        """The weights by the names that `shapes` gives."""
        self.weight_ih, self.weight_hh = weights["weight_ih"], weights["weight_hh"]
        self.bias_ih, self.bias_hh = weights["bias_ih"], weights["bias_hh"]
        self.hidden_size = self.weight_hh.shape[1]

    @classmethod
    def shapes(cls, inputs: int, hidden: int) -> dict[str, tuple[int, ...]]:
        """The shape of each weight, for I = inputs and H = hidden."""
        rows = cls.gate_count * hidden
        return {
            "weight_ih": (rows, inputs),  # (G*H, I)
            "weight_hh": (rows, hidden),  # (G*H, H)
            "bias_ih": (rows,),  # (G*H,)
            "bias_hh": (rows,),  # (G*H,)
        }

    @abstractmethod
    def gates(self, projected: np.ndarray, state: State) -> Any:
        """The cell's gates, a NamedTuple of (B, H), from projected (B, G*H) and the state."""

    @abstractmethod
    def after(self, gates: Any, state: State) -> State:
        """The next state, from the gates and the state before."""

    def project(self, x: np.ndarray) -> np.ndarray:
        """W_ih x and biases, for a step or a sequence: ids (...) or floats (..., I) -> (..., G*H).

        An id picks a column of weight_ih, which equals the product with its one-hot vector. Floats
        may be fewer than I: then they are the first inputs, and what the others add comes later.
        """
        if x.dtype.kind == "f":
            return x @ self.weight_ih[:, : x.shape[-1]].T + self.bias()
        return self.columns[x]

    @cached_property
    def columns(self) -> np.ndarray:
        """The columns of weight_ih with the biases, one after the other in memory: (I, G*H)."""
        return np.ascontiguousarray(self.weight_ih.T) + self.bias()

    def bias(self) -> np.ndarray:
        """The biases (G*H,) that do not depend on the hidden state: here both."""
        return self.bias_ih + self.bias_hh

    def start(self, rows: int) -> State:
        """The initial state of B = rows: zeros."""
        return np.zeros((rows, self.hidden_size), np.float32)  # (B, H)

    def hidden(self, state: State) -> np.ndarray:
        """The hidden state (B, H): all of the state, or the first of a tuple."""
        return state[0] if isinstance(state, tuple) else state

    def step(self, projected: np.ndarray, state: State) -> State:
        """The next state from projected (B, G*H) and the state."""
        return self.after(self.gates(projected, state), state)

    def chunks(self, all_gates: np.ndarray) -> list[np.ndarray]:
        """(B, G*H) as G of (B, H)."""
        size = self.hidden_size
        return [all_gates[:, gate * size : (gate + 1) * size] for gate in range(self.gate_count)]


class RNNGates(NamedTuple):
    """The plain cell has no gate: only the candidate, which becomes the hidden state."""

    candidate: np.ndarray


class RNNCell(Cell):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu for tanh."""

    gate_count = 1

    def __init__(self, weights: Mapping[str, np.ndarray], nonlinearity: Nonlinearity = np.tanh):
        super().__init__(weights)
        self.nonlinearity = nonlinearity

    def gates(self, projected: np.ndarray, state: State) -> RNNGates:
        """RNNGates of (B, H) from projected (B, H) and the hidden state (B, H)."""
        return RNNGates(self.nonlinearity(projected + self.hidden(state) @ self.weight_hh.T))

    def after(self, gates: RNNGates, state: State) -> np.ndarray:
        """The next hidden state (B, H)."""
        return gates.candidate


class LSTMGates(NamedTuple):
    """The LSTM's input gate, forget gate, candidate and output gate."""

    input: np.ndarray
    forget: np.ndarray
    candidate: np.ndarray
    output: np.ndarray


class LSTMCell(Cell):
    """Gates erase from a cell state, add to it, and output part of it as h: state (h, c).

    i, f, o = sigmoid(W x + U h + b), each its own     g = tanh(W x + U h + b)
    c' = f * c + i * g                                 h' = o * tanh(c')
    """

    gate_count = 4

    def start(self, rows: int) -> State:
        """Zero hidden state and zero cell state, each (B, H)."""
        zeros = np.zeros((rows, self.hidden_size), np.float32)
        return zeros, zeros

    def gates(self, projected: np.ndarray, state: State) -> LSTMGates:
        """LSTMGates of (B, H) each, from projected (B, 4H) and state (h, c)."""
        i, f, g, o = self.chunks(projected + self.hidden(state) @ self.weight_hh.T)  # from (B, 4H)
        return LSTMGates(sigmoid(i), sigmoid(f), candidate=np.tanh(g), output=sigmoid(o))

    def after(self, gates: LSTMGates, state: State) -> State:
        """The next hidden state and cell state (h', c'), each (B, H)."""
        _, c = state
        c = gates.forget * c + gates.input * gates.candidate
        return gates.output * np.tanh(c), c


class PeepholeLSTMCell(LSTMCell):
    """An LSTM whose gates read the cell state too.

        i, f = sigmoid(W x + U h + b + p * c)     o = sigmoid(W x + U h + b + p * c')

    g, c' and h' as above.
    """

    def __init__(self, weights: Mapping[str, np.ndarray]):
        super().__init__(weights)
        self.weight_ch = weights["weight_ch"]  # (3, H): of the input, forget and output gate

    @classmethod
    def shapes(cls, inputs: int, hidden: int) -> dict[str, tuple[int, ...]]:
        """The shape of each weight, for I = inputs and H = hidden."""
        return {**super().shapes(inputs, hidden), "weight_ch": (3, hidden)}

    def gates(self, projected: np.ndarray, state: State) -> LSTMGates:
        """LSTMGates of (B, H) each; the output gate reads the new cell state."""
        h, c = state
        p_i, p_f, p_o = self.weight_ch
        i, f, g, o = self.chunks(projected + h @ self.weight_hh.T)  # from (B, 4H)
        i, f, g = sigmoid(i + p_i * c), sigmoid(f + p_f * c), np.tanh(g)
        new_c = f * c + i * g
        return LSTMGates(i, f, candidate=g, output=sigmoid(o + p_o * new_c))


class GRUGates(NamedTuple):
    """The GRU's reset gate, update gate and candidate."""

    reset: np.ndarray
    update: np.ndarray
    candidate: np.ndarray


class GRUCell(Cell):
    """Interpolates between the old hidden state and a candidate.

    r, z = sigmoid(W x + b_i + U h + b_h), each its own
    n = tanh(W x + b_i + r * (U h + b_h))     h' = (1 - z) * n + z * h
    """

    gate_count = 3

    def bias(self) -> np.ndarray:
        """The biases (3H,) but one: in the candidate the reset gate scales that of the state."""
        bias = self.bias_ih + self.bias_hh
        bias[2 * self.hidden_size :] = self.bias_ih[2 * self.hidden_size :]
        return bias

    def gates(self, projected: np.ndarray, state: State) -> GRUGates:
        """GRUGates of (B, H) each, from projected (B, 3H) and the hidden state (B, H)."""
        h, split = self.hidden(state), 2 * self.hidden_size
        both = (
            h @ self.weight_hh[:split].T
        )  # (B, 2H): two products are faster than one in two parts
        both += projected[:, :split]
        both = sigmoid(both)
        reset, update = both[:, : self.hidden_size], both[:, self.hidden_size :]
        candidate = h @ self.weight_hh[split:].T  # (B, H)
        candidate += self.bias_hh[split:]
        candidate *= reset
        candidate += projected[:, split:]
        return GRUGates(reset, update, candidate=np.tanh(candidate, out=candidate))

    def after(self, gates: GRUGates, state: State) -> np.ndarray:
        """The next hidden state (B, H)."""
        h = self.hidden(state) - gates.candidate
        h *= gates.update
        h += gates.candidate
        return h


class MultiplicativeGRUCell(GRUCell):
    """A GRU in which each letter scales the hidden state that the gates read, by s = 1 + S x."""

    def __init__(self, weights: Mapping[str, np.ndarray]):
        super().__init__(weights)
        # With S below W, s is projected with the rest.
        self.weight_ih = np.concatenate([weights["weight_ih"], weights["weight_sx"]])  # (4H, I)

    @classmethod
    def shapes(cls, inputs: int, hidden: int) -> dict[str, tuple[int, ...]]:
        """The shape of each weight, for I = inputs and H = hidden."""
        return {**super().shapes(inputs, hidden), "weight_sx": (hidden, inputs)}

    def bias(self) -> np.ndarray:
        """The biases (3H,) as of a GRU, and the 1 of s: (4H,)."""
        return np.concatenate([super().bias(), np.ones(self.hidden_size, np.float32)])

    def gates(self, projected: np.ndarray, state: State) -> GRUGates:
        """GRUGates of (B, H) each, from projected (B, 4H), of which s is the last, and h (B, H)."""
        split = 3 * self.hidden_size
        return super().gates(projected[:, :split], self.hidden(state) * projected[:, split:])
