"""Many steps: cores that run a cell along a sequence, readouts, and the network made of both.

Knows nothing of text, files or training. A core reads x, ids (B, T) or floats (B, T, I);
sequences are padded on the right and lengths (B,) tell where they end. Nothing is packed: a core
that reads left to right cannot see the padding, and the backward direction reads each sequence
reversed within its length.

Axis letters: B batch, T time, V symbols, I input, H hidden, L labels, D directions.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from charnn.cells import Cell, GRUCell, GRUGates, LSTMCell, LSTMGates, PeepholeLSTMCell, RNNCell, RNNGates
from charnn.config import Config
from charnn.data import one_hot, real_steps
from charnn.init import draw

__all__ = [
    "Bidirectional",
    "Builtin",
    "Cell",
    "Core",
    "Dropout",
    "Embedding",
    "EveryLetter",
    "GRUCell",
    "GRUGates",
    "LSTMCell",
    "LSTMGates",
    "LastLetter",
    "LetterDropout",
    "Network",
    "PeepholeLSTMCell",
    "Pooled",
    "RNNCell",
    "RNNGates",
    "Stacked",
    "Unrolled",
    "Writer",
    "build_core",
    "build_network",
    "build_writer",
]

EMBEDDING_STD = 0.1


# ---------------------------------------------------------------- dropout


class Dropout(nn.Module):
    """nn.Dropout with its random numbers drawn by torch.rand: on a CPU four times as fast.

    Srivastava et al. (2014): in training each unit is 0 with probability p, the others grow by 1 / (1 - p).
    """

    def __init__(self, p: float):
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """x of any shape -> the same shape."""
        if not self.training or not self.p:
            return x
        return x * torch.rand_like(x).ge_(self.p).div_(1 - self.p)


class LetterDropout(Dropout):
    """In training, makes each letter the unknown symbol with probability p, so that no letter alone decides."""

    def forward(self, x: Tensor) -> Tensor:
        """ids of any shape -> the same shape, some of them 0."""
        if not self.training or not self.p:
            return x
        return x * (torch.rand(x.shape, device=x.device) >= self.p)


# ---------------------------------------------------------------- embedding


class Embedding(nn.Module):
    """A vector of floats for each symbol, learned with the rest, in place of its one-hot vector.

    Drawn small, so that a word that is hardly ever read says hardly anything, rather than anything.
    """

    def __init__(self, symbols: int, size: int, dropout: float = 0.0):
        super().__init__()
        self.weight, self.dropout = nn.Parameter(torch.empty(symbols, size)), Dropout(dropout)  # (V, I)
        if not self.weight.is_meta:  # normal_ on a meta tensor loads half of torch first
            nn.init.normal_(self.weight, std=EMBEDDING_STD)

    def forward(self, ids: Tensor) -> Tensor:
        """ids of any shape (...) -> floats (..., I)."""
        return self.dropout(nn.functional.embedding(ids, self.weight))


# ---------------------------------------------------------------- cores


class Core(nn.Module):
    """What all cores are: called as core(x, state, lengths) -> (hidden (B, T, H), state), H being hidden_size."""

    hidden_size: int


class Unrolled(Core):
    """The visible loop over time around a cell. Only the recurrent product is inside it.

    Recurrent dropout hides the same hidden units from the gates at every step of a sequence, drawn anew for each
    sequence and chunk; what the cell carries on is whole. Gal and Ghahramani (2016); Semeniuta et al. (2016).
    """

    def __init__(self, cell: Cell, recurrent_dropout: float = 0.0):
        super().__init__()
        self.cell, self.hidden_size, self.dropout = cell, cell.hidden_size, Dropout(recurrent_dropout)

    def forward(self, x: Tensor, state=None, lengths: Tensor | None = None):
        """x ids (B, T) or floats (B, T, I) -> hidden (B, T, H) and the state after the last step."""
        steps = self.cell.project(x.transpose(0, 1)).unbind(0)  # T of (B, G*H)
        state = self.cell.start(steps[0]) if state is None else state
        mask = None
        if self.training and self.dropout.p:
            mask = self.dropout(torch.ones_like(self.cell.hidden(state)))  # (B, H)
        hidden = []
        for projected in steps:
            state = self.cell.step(projected, state, mask)
            hidden.append(self.cell.hidden(state))
        return torch.stack(hidden, dim=1), state                # (B, T, H)


class Builtin(Core):
    """torch's own nn.RNN, nn.LSTM or nn.GRU (one layer, one direction) behind the same interface."""

    def __init__(self, module: nn.RNNBase):
        super().__init__()
        self.module, self.hidden_size = module, module.hidden_size

    def forward(self, x: Tensor, state=None, lengths: Tensor | None = None):
        """x ids (B, T) or floats (B, T, I) -> hidden (B, T, H) and torch's state, its rows first."""
        if not x.is_floating_point():
            x = one_hot(x, self.module.input_size).to(next(self.module.parameters()).dtype)
        hidden, state = self.module(x.transpose(0, 1), None if state is None else rows_first(state))
        return hidden.transpose(0, 1), rows_first(state)


def rows_first(state):
    """torch's state (1, B, H), or two of them, as (B, 1, H), and back: elsewhere a state's first axis is B."""
    if isinstance(state, Tensor):
        return state.transpose(0, 1).contiguous()
    return tuple(map(rows_first, state))


class Stacked(Core):
    """Layers on top of each other: each reads the hidden states of the one below, with dropout between."""

    def __init__(self, cores: Sequence[Core], dropout: float = 0.0):
        super().__init__()
        self.cores, self.dropout = nn.ModuleList(cores), Dropout(dropout)
        self.hidden_size = cores[-1].hidden_size

    def forward(self, x: Tensor, state=None, lengths: Tensor | None = None):
        """x ids (B, T) or floats (B, T, I) -> the top layer's hidden (B, T, H) and every layer's state."""
        states = []
        for layer, core in enumerate(self.cores):
            x = x if layer == 0 else self.dropout(x)
            x, after = core(x, None if state is None else state[layer], lengths)
            states.append(after)
        return x, tuple(states)


class Bidirectional(Core):
    """Reads each sequence left to right and right to left; at each letter both hidden states stand side by side."""

    def __init__(self, forwards: Core, backwards: Core):
        super().__init__()
        self.forwards, self.backwards = forwards, backwards
        self.hidden_size = forwards.hidden_size + backwards.hidden_size

    def forward(self, x: Tensor, state=None, lengths: Tensor | None = None):
        """x ids (B, T) or floats (B, T, I) -> hidden (B, T, 2H), forwards first, and both states."""
        there, back = (None, None) if state is None else state
        hidden, there = self.forwards(x, there)
        mirrored, back = self.backwards(reverse(x, lengths), back)
        return torch.cat([hidden, reverse(mirrored, lengths)], dim=2), (there, back)


def reverse(x: Tensor, lengths: Tensor | None) -> Tensor:
    """Each sequence of (B, T) or (B, T, I) back to front within its own length; padding stays where it is."""
    if lengths is None:
        return x.flip(1)
    batch, time = x.shape[:2]
    step = torch.arange(time, device=x.device)                                              # (T,)
    source = torch.where(real_steps(lengths, time), lengths.unsqueeze(1) - 1 - step, step)  # (B, T)
    rows = (source + time * torch.arange(batch, device=x.device).unsqueeze(1)).flatten()    # (B*T,)
    return x.flatten(0, 1).index_select(0, rows).view_as(x)


# ---------------------------------------------------------------- readouts


class LastLetter(nn.Module):
    """Answers from the hidden state after the whole name, as the notes do.

    In both directions that is the last letter's forward half and the first letter's backward half.
    """

    def __init__(self, hidden_size: int, labels: int, dropout: float = 0.0, directions: int = 1):
        super().__init__()
        self.directions = directions
        self.dropout, self.linear = Dropout(dropout), nn.Linear(hidden_size, labels)

    def forward(self, hidden: Tensor, lengths: Tensor) -> Tensor:
        """hidden (B, T, D*H), lengths (B,) -> log-probabilities (B, L)."""
        last = hidden[torch.arange(len(hidden), device=hidden.device), lengths - 1]  # (B, D*H)
        if self.directions == 2:
            forwards, _ = last.chunk(2, dim=1)
            _, backwards = hidden[:, 0].chunk(2, dim=1)
            last = torch.cat([forwards, backwards], dim=1)
        return self.linear(self.dropout(last)).log_softmax(dim=1)


class Pooled(nn.Module):
    """Answers from the mean and the maximum of the hidden states over the letters of the name."""

    def __init__(self, hidden_size: int, labels: int, dropout: float = 0.0, directions: int = 1):
        super().__init__()
        self.dropout, self.linear = Dropout(dropout), nn.Linear(2 * hidden_size, labels)

    def forward(self, hidden: Tensor, lengths: Tensor) -> Tensor:
        """hidden (B, T, D*H), lengths (B,) -> log-probabilities (B, L)."""
        real = real_steps(lengths, hidden.shape[1]).unsqueeze(2)                   # (B, T, 1)
        weights = (real / lengths.view(-1, 1, 1)).to(hidden.dtype)                 # (B, T, 1)
        mean = torch.bmm(weights.transpose(1, 2), hidden).squeeze(1)               # (B, D*H)
        top = (hidden + torch.where(real, 0.0, -torch.inf).to(hidden)).amax(1)     # (B, D*H)
        return self.linear(self.dropout(torch.cat([mean, top], dim=1))).log_softmax(dim=1)


class EveryLetter(nn.Module):
    """Answers after every letter: what the next one will be."""

    def __init__(self, hidden_size: int, symbols: int, dropout: float = 0.0, directions: int = 1):
        super().__init__()
        self.dropout, self.linear = Dropout(dropout), nn.Linear(hidden_size, symbols)

    def forward(self, hidden: Tensor, lengths: Tensor | None = None) -> Tensor:
        """hidden (B, T, H) -> log-probabilities (B, T, V)."""
        return self.linear(self.dropout(hidden)).log_softmax(dim=2)


# ---------------------------------------------------------------- the network


class Network(nn.Module):
    """A core and a readout: padded ids in, log-probabilities out. The core reads one-hot vectors, or an embedding's."""

    def __init__(self, core: Core, readout: nn.Module, letter_dropout: float = 0.0,
                 embedding: Embedding | None = None):
        super().__init__()
        self.letters, self.embedding, self.core, self.readout = LetterDropout(letter_dropout), embedding, core, readout

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """ids (B, T), lengths (B,) -> log-probabilities (B, L)."""
        x = self.letters(ids)
        hidden, _ = self.core(x if self.embedding is None else self.embedding(x), None, lengths)
        return self.readout(hidden, lengths)

    @torch.no_grad()
    def fold_temperature(self, temperature: float) -> None:
        """Divides the logits by a temperature from now on, within the readout's own weights."""
        for parameter in self.readout.parameters():
            parameter /= temperature


class Writer(nn.Module):
    """A core and a readout after every letter: ids in, log-probabilities of the next letter out.

    With labels, the one-hot vector of the label joins that of every letter, or what an embedding has for it.
    """

    def __init__(self, core: Core, readout: EveryLetter, symbols: int, labels: int = 0,
                 embedding: Embedding | None = None):
        super().__init__()
        self.embedding, self.core, self.readout, self.symbols, self.labels = embedding, core, readout, symbols, labels

    def forward(self, ids: Tensor, labels: Tensor | None = None, state=None):
        """ids (B, T), labels (B,) where it has any, the state so far -> log-probabilities (B, T, V) and the state."""
        x = ids if self.embedding is None else self.embedding(ids)  # (B, T) or (B, T, I)
        if self.labels:
            letters = one_hot(ids, self.symbols) if self.embedding is None else x             # (B, T, V or I)
            label = one_hot(labels, self.labels).unsqueeze(1).expand(-1, ids.shape[1], -1)    # (B, T, L)
            x = torch.cat([letters, label], dim=2).to(self.readout.linear.weight.dtype)
        hidden, state = self.core(x, state)
        return self.readout(hidden), state


NONLINEARITIES = {"tanh": torch.tanh, "relu": torch.relu}
CORES = {  # of the input's width, hidden units, recurrent dropout (not torch's own), nonlinearity (of a plain RNN)
    "rnn": lambda inputs, hidden, dropout=0.0, f="tanh": Unrolled(RNNCell(inputs, hidden, NONLINEARITIES[f]), dropout),
    "lstm": lambda inputs, hidden, dropout=0.0, _="": Unrolled(LSTMCell(inputs, hidden), dropout),
    "lstm-peephole": lambda inputs, hidden, dropout=0.0, _="": Unrolled(PeepholeLSTMCell(inputs, hidden), dropout),
    "gru": lambda inputs, hidden, dropout=0.0, _="": Unrolled(GRUCell(inputs, hidden), dropout),
    "torch-rnn": lambda inputs, hidden, _=0.0, f="tanh": Builtin(nn.RNN(inputs, hidden, nonlinearity=f)),
    "torch-lstm": lambda inputs, hidden, *_: Builtin(nn.LSTM(inputs, hidden)),
    "torch-gru": lambda inputs, hidden, *_: Builtin(nn.GRU(inputs, hidden)),
}
READOUTS = {"last": LastLetter, "pooled": Pooled, "every": EveryLetter}


def build_core(config: Config, inputs: int, one_hot: int | None = None) -> Core:
    """The core that the configuration describes, for I = inputs, of which the last `one_hot` (all) are one-hot."""
    cores: list[Core] = []
    width = inputs
    for _ in range(config.layers):
        directions = [CORES[config.cell](width, config.hidden, config.recurrent_dropout, config.nonlinearity)
                      for _ in range(2 if config.bidirectional else 1)]
        cores.append(Bidirectional(*directions) if config.bidirectional else directions[0])
        width = cores[-1].hidden_size
    for layer, core in enumerate(cores):
        draw(core, config.init, config.forget_bias, 0 if layer else inputs if one_hot is None else one_hot)
    return Stacked(cores, config.dropout) if config.layers > 1 else cores[0]


def build_network(config: Config, symbols: int, labels: int) -> Network:
    """A classifier's network with fresh weights, for V = symbols and L = labels."""
    embedding = Embedding(symbols, config.embedding, config.embedding_dropout) if config.embedding else None
    core = build_core(config, config.embedding or symbols, 0 if embedding else None)
    readout = READOUTS[config.readout](core.hidden_size, labels, config.dropout, 2 if config.bidirectional else 1)
    return Network(core, readout, config.letter_dropout, embedding)


def build_writer(config: Config, symbols: int, labels: int = 0) -> Writer:
    """A generator's network with fresh weights, for V = symbols and L = labels (0 for none)."""
    embedding = Embedding(symbols, config.embedding, config.embedding_dropout) if config.embedding else None
    core = build_core(config, (config.embedding or symbols) + labels, labels if embedding else None)
    return Writer(core, READOUTS[config.readout](core.hidden_size, symbols, config.dropout), symbols, labels, embedding)


def layers_of(core: Core) -> list[Core]:
    """The layers of a core, the lowest first."""
    return list(core.cores) if isinstance(core, Stacked) else [core]


def forward_layers(core: Core) -> list[Core]:
    """What reads left to right in each layer of a core, the lowest first."""
    return [layer.forwards if isinstance(layer, Bidirectional) else layer for layer in layers_of(core)]


class Direction(NamedTuple):
    """What reads in one direction in a layer of a network."""

    name: str                  # such as "recurrent 1, backwards"
    backwards: bool            # it is handed the letters back to front
    core: Unrolled | Builtin


def directions_of(network: nn.Module) -> Iterator[Direction]:
    """Every direction of every layer, from the lowest."""
    for number, core in enumerate(layers_of(network.core), start=1):
        if isinstance(core, Bidirectional):
            yield Direction(f"recurrent {number}, forwards", False, core.forwards)
            yield Direction(f"recurrent {number}, backwards", True, core.backwards)
        else:
            yield Direction(f"recurrent {number}", False, core)
