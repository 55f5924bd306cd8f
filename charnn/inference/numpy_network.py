"""The network in numpy: cores, readouts and networks of charnn/cores.py, readouts.py and model.py.

For answering alone. Sequences are padded on the right and stand with time first, so that a step
reads one piece of memory. Knows nothing of text or files.

Axis letters: B batch, T time, V symbols, I input, H hidden, D directions, L labels.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from charnn.config import Config
from charnn.inference import weights
from charnn.inference.numpy_cells import NONLINEARITIES, Cell, RNNCell
from charnn.text.vocabulary import real_steps

PROJECTED = 262_144  # floats that are projected at once, so that they stay in the cache
CoreState = Any  # a cell's state, or a tuple of one for each layer


# ---------------------------------------------------------------- many steps


class Unrolled:
    """The visible loop over time around a cell. Only the recurrent product is inside it."""

    def __init__(self, cell: Cell):
        self.cell = cell

    def __call__(
        self, x: np.ndarray, state: CoreState = None, always: np.ndarray | None = None
    ) -> tuple[np.ndarray, CoreState]:
        """x ids (T, B) or floats (T, B, I) -> hidden (T, B, H) and the state at the end.

        `always` (B, G*H) is added to what is projected at each step.
        """
        steps, rows = x.shape[:2]
        if state is None:
            state = self.cell.start(rows)
        hidden = np.empty((steps, rows, self.cell.hidden_size), np.float32)
        at_once = max(1, PROJECTED // (rows * len(self.cell.weight_hh)))
        for start in range(0, steps, at_once):
            projected = self.cell.project(x[start : start + at_once])  # (T, B, G*H)
            if always is not None:
                projected += always
            for step, row in enumerate(projected, start):
                state = self.cell.step(row, state)
                hidden[step] = self.cell.hidden(state)
        return hidden, state


class Core:
    """All layers: each reads the hidden states of the one below, in one direction or in both."""

    def __init__(self, layers: list[list[Unrolled]]):
        self.layers = layers

    def __call__(
        self,
        x: np.ndarray,
        state: CoreState = None,
        lengths: np.ndarray | None = None,
        always: np.ndarray | None = None,
    ) -> tuple[np.ndarray, CoreState]:
        """x ids (T, B) or floats (T, B, I) -> the top layer's hidden (T, B, D*H), all states.

        `lengths` (B,) for both directions; `always` is for the lowest layer.
        """
        states = []
        for number, layer in enumerate(self.layers):
            before = None if state is None else state[number]
            hidden, after = layer[0](x, before, always)
            if len(layer) == 2:
                reversed_hidden, _ = layer[1](reverse(x, lengths))
                hidden = np.concatenate([hidden, reverse(reversed_hidden, lengths)], axis=2)
            x, always = hidden, None
            states.append(after)
        return x, tuple(states)


def reverse(x: np.ndarray, lengths: np.ndarray | None) -> np.ndarray:
    """Each sequence of (T, B) or (T, B, I) back to front within its own length.

    Padding stays where it is.
    """
    if lengths is None or (lengths == len(x)).all():
        return x[::-1]
    step = np.arange(len(x))[:, None]  # (T, 1)
    source = np.where(step < lengths, lengths - 1 - step, step)  # (T, B)
    return x[source, np.arange(x.shape[1])]


# ---------------------------------------------------------------- readouts


def last_step(hidden: np.ndarray, lengths: np.ndarray, directions: int) -> np.ndarray:
    """The hidden state after the whole name: (T, B, D*H), lengths (B,) -> (B, D*H).

    In both directions the forward half at the last letter and the backward half at the first.
    """
    last = hidden[lengths - 1, np.arange(hidden.shape[1])]  # (B, D*H)
    if directions == 2:
        forwards, _ = np.split(last, 2, axis=1)
        _, backwards = np.split(hidden[0], 2, axis=1)
        last = np.concatenate([forwards, backwards], axis=1)
    return last


def pooled(hidden: np.ndarray, lengths: np.ndarray, directions: int) -> np.ndarray:
    """The mean and the maximum over the letters: (T, B, D*H), lengths (B,) -> (B, 2*D*H)."""
    padding = ~real_steps(lengths, len(hidden)).T  # (T, B)
    hidden[padding] = 0
    mean = hidden.sum(0) / lengths[:, None].astype(np.float32)  # (B, D*H)
    hidden[padding] = -np.inf
    return np.concatenate([mean, hidden.max(0)], axis=1)


READ: dict[str, Callable[[np.ndarray, np.ndarray, int], np.ndarray]] = {
    "last": last_step,
    "pooled": pooled,
}


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Log-probabilities of logits, along the last axis; no exponential overflows."""
    shifted = logits - logits.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


# ---------------------------------------------------------------- the network


class Network:
    """The weights of a model file, as what a classifier and a generator compute with them."""

    def __init__(self, config: Config, symbols: int, labels: int, arrays: Mapping[str, np.ndarray]):
        """V = symbols, L = labels; `arrays` as `charnn.inference.weights.expected` has them."""
        self.readout, self.directions = config.readout, 2 if config.bidirectional else 1
        self.embedding = arrays.get("embedding.weight")  # (V, I)
        cell = weights.cell_class(config.cell)
        options = {}
        if cell is RNNCell:
            options["nonlinearity"] = NONLINEARITIES[config.nonlinearity]

        def loop(of: weights.Loop) -> Unrolled:
            named = {name: arrays[stored] for name, stored in of.names(config.cell).items()}
            return Unrolled(cell(named, **options))

        layers = weights.layers(config, symbols, labels)
        self.core = Core([[loop(of) for of in layer] for layer in layers])
        self.weight, self.bias = arrays["readout.linear.weight"], arrays["readout.linear.bias"]
        self.of_labels: np.ndarray | None = None  # (L, G*H): what a label adds to each step
        if config.task == "generate" and labels:
            lowest = self.core.layers[0][0].cell.weight_ih  # (G*H, I + L)
            self.of_labels = np.ascontiguousarray(lowest[:, -labels:].T)

    def classify(self, ids: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """ids (B, T), lengths (B,) -> logits (B, L)."""
        hidden, _ = self.core(self._read(ids), None, lengths)
        return READ[self.readout](hidden, lengths, self.directions) @ self.weight.T + self.bias

    def step(
        self, ids: np.ndarray, labels: np.ndarray | None = None, state: CoreState = None
    ) -> tuple[np.ndarray, CoreState]:
        """ids (B, T), labels (B,) if any, state -> log-probabilities (B, T, V) and the state."""
        always = None if self.of_labels is None else self.of_labels[labels]  # (B, G*H)
        hidden, state = self.core(self._read(ids), state, None, always)
        log_probs = log_softmax(hidden @ self.weight.T + self.bias)  # (T, B, V)
        return log_probs.swapaxes(0, 1), state

    def _read(self, ids: np.ndarray) -> np.ndarray:
        """ids (B, T) -> ids (T, B), or what the embedding has for them, (T, B, I)."""
        ids = np.ascontiguousarray(ids.T)
        return ids if self.embedding is None else self.embedding[ids]
