"""Many steps: cores run a cell along a sequence; layers and directions are cores made of cores.

Knows nothing of text, labels or training. A core reads x, ids (B, T) or floats (B, T, I); sequences
are padded on the right, and lengths (B,) say where each ends. Nothing is packed: a core that reads
left to right cannot see the padding, and the backward direction reads each sequence reversed
within its own length.

Axis letters: B batch, T time, I input, H hidden, D directions, G gates of a cell.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn

from charnn.cells import Cell, State
from charnn.data import one_hot, real_steps
from charnn.through_time import is_written_out, through_time

STEPS = 64  # of a sequence that are projected at once, so that they stay in the processor's cache
CoreState = Any  # a cell's state, or nested tuples of such: one for each layer and direction


class Dropout(nn.Module):
    """nn.Dropout with its random numbers drawn by uniform_: on a CPU four times as fast.

    Srivastava et al. (2014): in training each unit is 0 with probability p, and the others are
    scaled by 1 / (1 - p). `generator` draws; None is torch's own.
    """

    def __init__(self, p: float):
        super().__init__()
        self.p = p
        self.generator: torch.Generator | None = None

    def forward(self, x: Tensor) -> Tensor:
        """x of any shape -> the same shape."""
        if not self.training or not self.p:
            return x
        kept = torch.empty_like(x).uniform_(generator=self.generator).ge_(self.p)
        return x * kept.div_(1 - self.p)


class Core(nn.Module, ABC):
    """The base class of all cores: core(x, state, lengths) -> (hidden (B, T, H), state)."""

    hidden_size: int  # H, the width of what it returns

    @abstractmethod
    def forward(
        self, x: Tensor, state: CoreState = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, CoreState]:
        """x ids (B, T) or floats (B, T, I) -> hidden (B, T, H) and the state after the last step.

        Without a state it starts from zeros.
        """


class Unrolled(Core):
    """The visible loop over time around a cell. Only the recurrent product is inside it.

    Where a gradient is wanted, through_time.py has the same loop and its gradient for the plain
    cell, the LSTM and the GRU; other cells are differentiated by autograd, step by step. So is a
    subclass of these three, for what a gradient by hand cannot do: a second derivative, torch.func.

    With recurrent dropout the gates read the same hidden units as 0 at every step of a sequence,
    sampled once per sequence and chunk; the state that is carried over is not masked. Gal and
    Ghahramani (2016); Semeniuta et al. (2016).

    `precision` is the type of the numbers that the recurrent products multiply in training, by
    default the weights' own.
    """

    def __init__(
        self, cell: Cell, recurrent_dropout: float = 0.0, precision: torch.dtype | None = None
    ):
        super().__init__()
        self.precision = precision
        self.cell, self.hidden_size = cell, cell.hidden_size
        self.dropout = Dropout(recurrent_dropout)

    def forward(
        self, x: Tensor, state: CoreState = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, CoreState]:
        """x ids (B, T) or floats (B, T, I) -> hidden (B, T, H) and the state at the end."""
        pieces: list[Tensor] = []
        # Ids are looked up in a table of the weights, which is made anew for each piece: so in one.
        at_once = STEPS if x.is_floating_point() else x.shape[1]
        for piece in x.transpose(0, 1).split(at_once):
            projected = self.cell.project(piece)  # (T, B, G*H)
            if state is None:
                state = self.cell.start(projected[0])
            if not pieces:
                mask = self.mask(state)
            hidden, state = self.run(projected, state, mask)
            pieces.append(hidden)
        return torch.cat(pieces).transpose(0, 1), state  # (B, T, H)

    def mask(self, state: State) -> Tensor | None:
        """What recurrent dropout multiplies the hidden state by: (B, H), or nothing."""
        if not self.training or not self.dropout.p:
            return None
        return self.dropout(torch.ones_like(self.cell.hidden(state)))

    def run(self, projected: Tensor, state: State, mask: Tensor | None) -> tuple[Tensor, State]:
        """Steps (T, B, G*H) from a state -> hidden (T, B, H) and the state after them."""
        if torch.is_grad_enabled() and is_written_out(self.cell):
            # The same loop as one function, which knows its own gradient.
            return through_time(self.cell, projected, state, mask, self.precision)
        hidden = []
        for step in projected.unbind(0):  # T of (B, G*H)
            state = self.cell.step(step, state, mask)
            hidden.append(self.cell.hidden(state))
        return torch.stack(hidden), state


class Builtin(Core):
    """torch's own nn.RNN, nn.LSTM or nn.GRU, one layer and direction, behind the same interface."""

    def __init__(self, module: nn.RNNBase):
        super().__init__()
        self.module, self.hidden_size = module, module.hidden_size

    def forward(
        self, x: Tensor, state: CoreState = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, CoreState]:
        """x ids (B, T) or floats (B, T, I) -> hidden (B, T, H) and torch's state, rows first."""
        if not x.is_floating_point():
            x = one_hot(x, self.module.input_size).to(next(self.module.parameters()).dtype)
        start = None if state is None else rows_first(state)
        hidden, state = self.module(x.transpose(0, 1), start)
        return hidden.transpose(0, 1), rows_first(state)


def rows_first(state: CoreState) -> CoreState:
    """torch's state (1, B, H), or two of them, as (B, 1, H), and back.

    Elsewhere the first axis of a state is B.
    """
    if isinstance(state, Tensor):
        return state.transpose(0, 1).contiguous()
    return tuple(map(rows_first, state))


class Stacked(Core):
    """Layers on top of each other: each reads the hidden states of the one below."""

    def __init__(self, cores: Sequence[Core], dropout: float = 0.0):
        super().__init__()
        self.cores, self.dropout = nn.ModuleList(cores), Dropout(dropout)
        self.hidden_size = cores[-1].hidden_size

    def forward(
        self, x: Tensor, state: CoreState = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, CoreState]:
        """x ids (B, T) or floats (B, T, I) -> the top layer's hidden (B, T, H), all states."""
        states = []
        for layer, core in enumerate(self.cores):
            if layer > 0:
                x = self.dropout(x)
            x, after = core(x, None if state is None else state[layer], lengths)
            states.append(after)
        return x, tuple(states)


class Bidirectional(Core):
    """Reads each sequence in both directions and concatenates both hidden states of a letter."""

    def __init__(self, forwards: Core, backwards: Core):
        super().__init__()
        self.forwards, self.backwards = forwards, backwards
        self.hidden_size = forwards.hidden_size + backwards.hidden_size

    def forward(
        self, x: Tensor, state: CoreState = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, CoreState]:
        """x ids (B, T) or floats (B, T, I) -> hidden (B, T, 2H), forwards first, both states."""
        forward_state, backward_state = (None, None) if state is None else state
        hidden, forward_state = self.forwards(x, forward_state)
        reversed_hidden, backward_state = self.backwards(reverse(x, lengths), backward_state)
        both = torch.cat([hidden, reverse(reversed_hidden, lengths)], dim=2)  # (B, T, 2H)
        return both, (forward_state, backward_state)


def reverse(x: Tensor, lengths: Tensor | None) -> Tensor:
    """Each sequence of (B, T) or (B, T, I) back to front within its own length.

    Padding stays where it is.
    """
    if lengths is None:
        return x.flip(1)
    batch, time = x.shape[:2]
    step = torch.arange(time, device=x.device)  # (T,)
    mirrored = lengths.unsqueeze(1) - 1 - step  # (B, T)
    source = torch.where(real_steps(lengths, time), mirrored, step)  # (B, T)
    first_of_row = time * torch.arange(batch, device=x.device).unsqueeze(1)  # (B, 1)
    rows = (source + first_of_row).flatten()  # (B*T,)
    return x.flatten(0, 1).index_select(0, rows).view_as(x)


# ---------------------------------------------------------------- layers and directions


def layers_of(core: Core) -> list[Core]:
    """The layers of a core, the lowest first."""
    return [cast(Core, layer) for layer in core.cores] if isinstance(core, Stacked) else [core]


def forward_layers(core: Core) -> list[Core]:
    """The forward direction of each layer of a core, the lowest first."""
    return [
        layer.forwards if isinstance(layer, Bidirectional) else layer for layer in layers_of(core)
    ]


class Direction(NamedTuple):
    """One direction of one layer of a network."""

    name: str  # such as "recurrent 1, backwards"
    backwards: bool  # its input is reversed
    core: Core  # Unrolled or Builtin


def directions_of(core: Core) -> Iterator[Direction]:
    """Every direction of every layer of a core, from the lowest."""
    for number, layer in enumerate(layers_of(core), start=1):
        if isinstance(layer, Bidirectional):
            yield Direction(f"recurrent {number}, forwards", False, layer.forwards)
            yield Direction(f"recurrent {number}, backwards", True, layer.backwards)
        else:
            yield Direction(f"recurrent {number}", False, layer)
