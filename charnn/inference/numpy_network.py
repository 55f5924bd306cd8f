"""The network in numpy: cores, readouts and networks of charnn/cores.py, readouts.py and model.py.

For answering alone. Sequences are padded on the right and stand with time first, so that a step
reads one piece of memory. Knows nothing of text or files.

Axis letters: B batch, T time, V symbols, I input, H hidden, D directions, L labels.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from charnn.config import Config
from charnn.inference import prefixes, weights
from charnn.inference.engine import HIDDEN_STATES
from charnn.inference.numpy_cells import NONLINEARITIES, Cell, RNNCell, State
from charnn.text.vocabulary import real_steps

STEPS = 524_288  # ids of a batch: bounds the memory
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


class Ends(NamedTuple):
    """What one direction of the top layer has made of each text, (B, H) each."""

    hidden: np.ndarray  # the hidden state after its last step
    total: np.ndarray  # of the hidden states
    highest: np.ndarray


def ends_in(hidden: np.ndarray, lengths: np.ndarray, directions: int) -> list[Ends]:
    """The ends of texts in all hidden states: (T, B, D*H), lengths (B,) -> D of Ends."""
    texts = np.arange(len(lengths))
    forwards, *backwards = np.split(hidden, directions, axis=2)  # (T, B, H) each
    last = [forwards[lengths - 1, texts], *(part[0] for part in backwards)]
    padding = ~real_steps(lengths, len(hidden)).T  # (T, B)
    hidden[padding] = 0
    total = np.split(hidden.sum(0), directions, axis=1)
    hidden[padding] = -np.inf
    highest = np.split(hidden.max(0), directions, axis=1)
    return [Ends(*parts) for parts in zip(last, total, highest, strict=True)]


def ends_of(cell: Cell, embedding: np.ndarray | None, ids: np.ndarray, lengths: np.ndarray) -> Ends:
    """The ends of texts ids (B, T), lengths (B,): what neighbours begin with alike is read once."""
    parts = len(_parts(cell.start(1))) + 2
    # Of each prefix the state, the total and the highest, before a step and after it; of each text.
    held, after, ends = np.zeros((3, parts, len(ids), cell.hidden_size), np.float32)
    held[-1, 0] = -np.inf
    for step in prefixes.steps(ids, lengths):
        x = step.ids if embedding is None else embedding[step.ids]  # (P,) or (P, I)
        *state, total, highest = held.take(step.before, axis=1)  # (P, H) each
        new = cell.step(cell.project(x), tuple(state) if len(state) > 1 else state[0])
        hidden, rows = cell.hidden(new), slice(len(x))
        for part, row in zip(_parts(new), after[:-2, rows], strict=True):
            row[:] = part
        np.add(total, hidden, out=after[-2, rows])
        np.maximum(highest, hidden, out=after[-1, rows])
        held, after = after, held
        ends[:, step.texts] = held.take(step.places, axis=1)
    return Ends(ends[0], *ends[-2:])


def _parts(state: State) -> tuple[np.ndarray, ...]:
    """A cell's state as a tuple, the hidden state first."""
    return state if isinstance(state, tuple) else (state,)


def last_step(ends: Ends, lengths: np.ndarray) -> np.ndarray:
    """The hidden state after the whole name, read in one direction (B, H)."""
    return ends.hidden


def pooled(ends: Ends, lengths: np.ndarray) -> np.ndarray:
    """The mean and the maximum over the letters (B, 2*H)."""
    mean = ends.total / lengths[:, None].astype(np.float32)
    return np.concatenate([mean, ends.highest], axis=1)


READ: dict[str, Callable[[Ends, np.ndarray], np.ndarray]] = {
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
        self.readout, self.hidden = config.readout, config.hidden
        self.directions = 2 if config.bidirectional else 1
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
        logits = np.repeat(self.bias[None], len(ids), axis=0)
        parts = self.weight.reshape(len(self.bias), -1, self.directions, self.hidden)
        for chosen, direction, ends in self._ends(ids, lengths):
            read = READ[self.readout](ends, lengths[chosen])  # (B, H), or (B, 2*H) of two parts
            logits[chosen] += read @ parts[:, :, direction].reshape(len(self.bias), -1).T
        return logits

    def features(self, ids: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """What the readout reads of each text: ids (B, T), lengths (B,) -> (B, F).

        F are the columns of the readout's weights: of each part of a readout, each direction's H.
        """
        read = np.empty((len(ids), self.weight.shape[1]), np.float32)
        parts = read.reshape(len(ids), -1, self.directions, self.hidden)
        for chosen, direction, ends in self._ends(ids, lengths):
            of_parts = READ[self.readout](ends, lengths[chosen])
            parts[chosen, :, direction] = of_parts.reshape(len(of_parts), -1, self.hidden)
        return read

    @property
    def steps_at_once(self) -> int:
        """How many steps a batch of a classifier may have, padding included.

        The hidden states of all of them are held where there are several layers.
        """
        return STEPS if len(self.core.layers) == 1 else HIDDEN_STATES // self.hidden

    def _ends(self, ids: np.ndarray, lengths: np.ndarray) -> Iterator[tuple[np.ndarray, int, Ends]]:
        """The ends of some texts in one direction, until all are there: ids (B, T), lengths (B,).

        Of one layer the steps that texts share are computed once; higher layers need all of them.
        """
        if len(self.core.layers) > 1:
            hidden, _ = self.core(self._read(ids), None, lengths)
            for direction, ends in enumerate(ends_in(hidden, lengths, self.directions)):
                yield np.arange(len(ids)), direction, ends
            return
        for direction, loop in enumerate(self.core.layers[0]):
            x = reverse(ids.T, lengths).T if direction else ids
            at_once = max(1, PROJECTED // len(loop.cell.weight_hh))
            for chosen in prefixes.neighbours(x, at_once):
                ends = ends_of(loop.cell, self.embedding, x[chosen], lengths[chosen])
                yield chosen, direction, ends

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
