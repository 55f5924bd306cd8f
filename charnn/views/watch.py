"""A network that records what it computes as it reads: every gate, and every state.

What a picture of the inside shows is what the network computed, not a second computation of it.
Knows nothing of pictures. Axis letters: B batch, T time, I input, H hidden, G gates, N names.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from charnn.cells import Cell, GRUCell, LSTMCell, RNNCell, State
from charnn.cores import (
    Bidirectional,
    Builtin,
    Core,
    CoreState,
    Direction,
    Stacked,
    Unrolled,
    directions_of,
    layers_of,
)
from charnn.errors import CharnnError
from charnn.inference.generator import NEWLINE, Generator
from charnn.inference.trained import Trained
from charnn.model import ClassifierNetwork, GeneratorNetwork
from charnn.text.vocabulary import next_symbols
from charnn.wording import quoted

MOST_STEPS = 60  # letters or words of the longest name that a picture has room for

# ---------------------------------------------------------------- recording


class RecordingCore(Unrolled):
    """The same loop over time, which keeps what it computed last.

    `gates`, T NamedTuples as the cell returns them, and `states`, T of them.
    """

    gates: list[Any]
    states: list[State]

    def forward(
        self, x: Tensor, state: CoreState = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, CoreState]:
        """x ids (B, T) or floats (B, T, I) -> hidden (B, T, H), the state after the last step."""
        steps = self.cell.project(x.transpose(0, 1)).unbind(0)  # T of (B, G*H)
        if state is None:
            state = self.cell.start(steps[0])
        self.gates, self.states = [], []
        # As Cell.step does, in its two halves, so that the gates between them can be kept.
        for projected in steps:
            gates = self.cell.gates(projected, state)
            state = self.cell.after(gates, state)
            self.gates.append(gates)
            self.states.append(state)
        return torch.stack(self.hidden(), dim=1), state

    def hidden(self) -> list[Tensor]:
        """The hidden states, T of (B, H)."""
        return [self.cell.hidden(state) for state in self.states]


def hand_built(core: Core) -> Cell:
    """The cell of an Unrolled core; of a Builtin one our cell that its weights fit, with them."""
    if isinstance(core, Unrolled):
        return core.cell
    assert isinstance(core, Builtin)
    module = core.module
    sizes = module.input_size, module.hidden_size
    cell: Cell
    if isinstance(module, nn.RNN):
        cell = RNNCell(*sizes, getattr(torch, module.nonlinearity))
    elif isinstance(module, nn.LSTM):
        cell = LSTMCell(*sizes)
    else:
        cell = GRUCell(*sizes)
    # torch names the weights of a layer "weight_ih_l0"; there is one layer.
    weights = {name.removesuffix("_l0"): weight for name, weight in module.state_dict().items()}
    cell.load_state_dict(weights, assign=True)
    return cell


def with_recording(core: Core) -> Core:
    """A core of the same weights in which every recurrence is a RecordingCore; without dropout."""
    if isinstance(core, Stacked):
        return Stacked([with_recording(layer) for layer in layers_of(core)])
    if isinstance(core, Bidirectional):
        return Bidirectional(with_recording(core.forwards), with_recording(core.backwards))
    return RecordingCore(hand_built(core))


@contextmanager
def recording(network: ClassifierNetwork | GeneratorNetwork) -> Iterator[list[Direction]]:
    """While it is open, a network keeps what it computes: in these directions' RecordingCores."""
    # The other core shares the weights, so the network itself need not change.
    core, network.core = network.core, with_recording(network.core)
    try:
        yield list(directions_of(network.core))
    finally:
        network.core = core


def recorder(direction: Direction) -> RecordingCore:
    """The core of a direction as `recording` gives it."""
    assert isinstance(direction.core, RecordingCore)
    return direction.core


@torch.inference_mode()
def run(
    model: Trained, symbols: Sequence[Sequence[str]], labels: np.ndarray | None = None
) -> list[Sequence[str]]:
    """Runs a model's network over normalised names, all at once; returns what it read of each.

    A generator reads a newline before each name; `labels` (N,) are the indices of the labels that
    it is conditioned on, where it knows any.
    """
    device = next(model.network.parameters()).device
    ids, lengths = model.vocabulary.encode(symbols)
    if not isinstance(model, Generator):
        model.network(torch.from_numpy(ids).to(device), torch.from_numpy(lengths).to(device))
        return list(symbols)
    read, _ = next_symbols(ids, lengths, model.newline)  # (N, T + 1)
    conditions = None
    if model.labels and labels is not None:
        conditions = torch.from_numpy(labels).to(device)
    model.network(torch.from_numpy(read).to(device), conditions)
    return [NEWLINE + text if isinstance(text, str) else (NEWLINE, *text) for text in symbols]


# ---------------------------------------------------------------- what a picture is of


def unit_of(model: Trained) -> str:
    """What a model reads one after the other: "letter" or "word"."""
    return model.config.tokens.removesuffix("s")


def shown_symbols(model: Trained, name: str) -> Sequence[str]:
    """The letters (or words) of a name as the model reads it.

    Raises CharnnError for a name without a letter that it knows, and for more than 60 of them.
    """
    if not isinstance(model, Trained):
        raise CharnnError(f"model {quoted(model)} is no model; give what charnn.load returns")
    (symbols,) = model.read([name])
    if not model.known([name])[0]:
        raise CharnnError(f"{quoted(name)} has no letter that the model knows; give another name")
    if len(symbols) > MOST_STEPS:
        raise CharnnError(
            f"{quoted(name, 20)} has {len(symbols):,} letters or words; a picture has room for "
            f"{MOST_STEPS}"
        )
    return symbols


def conditioning_label(model: Trained, name: str, label: str | None) -> str | None:
    """The label that a generator is conditioned on: `label`, or the most probable one of the name.

    None for a model that is conditioned on none. Raises CharnnError for a label that it does not
    know, and for any label if the model is a classifier.
    """
    if not isinstance(model, Generator):
        if label is not None:
            raise CharnnError(
                f"label {quoted(label)} is for a generator; a classifier is conditioned on none, "
                "leave it out"
            )
        return None
    if label is not None:
        return model.labels[model.index(label)]
    return model.predict(name, top=1)[0][0] if model.labels else None
