"""The networks that `forecast.py` beside it compares, among them those of the lecture notes.

They read windows of numbers; charnn's cores do the recurrence. Axis letters: B batch, T time (rows
of a window), I input (columns), H hidden, K rows forecast.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor, nn
from windows import Forecast

from charnn.config import Config
from charnn.cores import Bidirectional, Core, CoreState, Dropout, Stacked
from charnn.errors import CharnnError
from charnn.model import build_core
from charnn.wording import choices, quoted

DENSE, RECURRENT = "dense", "recurrent"  # of --hidden units; recurrent by --cell, --layers, ...


class Layout(NamedTuple):
    """A network by its layers: Keras's names for what they are."""

    cell: str  # or "dense"
    sizes: Sequence[int] = (32,)  # units of each layer and direction
    dropout: float = 0.0  # share of a layer's inputs dropped, the same in all rows of a window
    recurrent_dropout: float = 0.0
    bidirectional: bool = False


NOTES = {
    "dense-32": Layout(DENSE),
    "gru-32": Layout("gru"),
    "gru-32-dropout": Layout("gru", dropout=0.2, recurrent_dropout=0.2),
    "gru-32-64": Layout("gru", (32, 64), dropout=0.1, recurrent_dropout=0.5),
    "bidirectional-lstm-32": Layout("lstm", bidirectional=True),
    "bidirectional-gru-32": Layout("gru", bidirectional=True),
}
NAMES = (DENSE, RECURRENT, *NOTES)
ALL = "all"  # of NOTES


def network_names(asked: Sequence[str]) -> list[str]:
    """Names of NAMES from words that may hold several with commas, each once, ALL taken apart.

    Raises CharnnError for a name that is none.
    """
    names = [name.strip() for words in asked for name in words.split(",") if name.strip()]
    for name in names:
        if name not in (*NAMES, ALL):
            raise CharnnError(
                f"--networks {quoted(name)} is unknown; {choices(name, (*NAMES, ALL))}"
            )
    if not names:
        raise CharnnError(f"--networks names none; choose from {', '.join((*NAMES, ALL))}")
    return list(dict.fromkeys(one for name in names for one in (NOTES if name == ALL else [name])))


def is_dense(name: str) -> bool:
    """Whether the network of that name sees all of a window at once."""
    return name.startswith(DENSE)


# ---------------------------------------------------------------- what they are made of


class InputDropout(Core):
    """A core whose inputs are dropped in training: of a window the same ones in every row.

    As `dropout` of a recurrent layer in Keras. Gal and Ghahramani (2016).
    """

    def __init__(self, core: Core, dropout: float) -> None:
        super().__init__()
        self.core, self.hidden_size, self.dropout = core, core.hidden_size, Dropout(dropout)

    def forward(
        self, x: Tensor, state: CoreState = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, CoreState]:
        """x (B, T, I) -> hidden (B, T, H) and the state at the end."""
        if self.training and self.dropout.p:
            x = x * self.dropout(torch.ones_like(x[:, :1]))  # (B, 1, I)
        hidden: tuple[Tensor, CoreState] = self.core(x, state, lengths)
        return hidden


class Ahead(nn.Module):
    """How far from its newest value the target will be. Untrained it says "no change"."""

    def __init__(self, body: nn.Module, hidden: int, ahead: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.body, self.dropout = body, Dropout(dropout)
        self.linear = nn.Linear(hidden, ahead)
        for parameter in self.linear.parameters():
            nn.init.zeros_(parameter)

    def forward(self, past: Tensor) -> Tensor:
        """Windows (B, T, I) -> changes (B, K)."""
        hidden = self.body(past)
        if isinstance(self.body, Core):  # it gives hidden states (B, T, H) and its last state
            hidden = newest(self.body, hidden[0])  # (B, H)
        change: Tensor = self.linear(self.dropout(hidden))  # (B, K)
        return change


def newest(core: Core, hidden: Tensor) -> Tensor:
    """Of hidden states (B, T, H) those in which all rows have been read: (B, H)."""
    if not isinstance(top_layer(core), Bidirectional):
        return hidden[:, -1]
    # The backward direction has read all of a window at its oldest row.
    forwards, backwards = hidden.chunk(2, dim=2)
    return torch.cat([forwards[:, -1], backwards[:, 0]], dim=1)


def top_layer(core: Core) -> Core:
    """The layer whose hidden states a core gives: both wrappers hand on what is inside of them."""
    if isinstance(core, InputDropout):
        return top_layer(core.core)
    return top_layer(core.cores[-1]) if isinstance(core, Stacked) else core


# ---------------------------------------------------------------- how they are built


def build(name: str, task: Forecast, config: Config) -> Ahead:
    """The network of that name with fresh weights; DENSE and RECURRENT by the configuration."""
    time, inputs, ahead = len(task.behind), task.x.shape[1], len(task.ahead)
    if is_dense(name):
        hidden = config.hidden if name == DENSE else NOTES[name].sizes[0]
        layer = nn.Linear(time * inputs, hidden)
        dropout = config.dropout if name == DENSE else 0.0
        return Ahead(nn.Sequential(nn.Flatten(), layer, nn.ReLU()), hidden, ahead, dropout)
    if name == RECURRENT:
        core = build_core(config, inputs, one_hot_inputs=0)
        return Ahead(core, core.hidden_size, ahead, config.dropout)
    core = core_of(NOTES[name], inputs, config)
    return Ahead(core, core.hidden_size, ahead)


def core_of(layout: Layout, inputs: int, config: Config) -> Core:
    """The layers of a layout, which read I numbers; the rest is as the configuration has it."""
    layers: list[Core] = []
    for size in layout.sizes:
        layer = replace(
            config,
            cell=layout.cell,
            hidden=size,
            layers=1,
            bidirectional=layout.bidirectional,
            recurrent_dropout=layout.recurrent_dropout,
            forget_bias=0.0,
            nonlinearity="tanh",
        )
        core = build_core(layer, inputs, one_hot_inputs=0)
        layers.append(InputDropout(core, layout.dropout) if layout.dropout else core)
        inputs = core.hidden_size
    return Stacked(layers) if len(layers) > 1 else layers[0]
