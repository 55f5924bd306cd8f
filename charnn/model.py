"""The network: a core and a readout; padded ids in, log-probabilities out. And how one is built.

Knows nothing of text, files or training. The cells (one step), cores (many steps) and readouts can
be imported from here too.

Axis letters: B batch, T time, V symbols, I input, H hidden, L labels.
"""

import torch
from torch import Tensor, nn

from charnn import readouts
from charnn.cells import (
    Cell,
    GRUCell,
    GRUGates,
    LSTMCell,
    LSTMGates,
    PeepholeLSTMCell,
    RNNCell,
    RNNGates,
)
from charnn.config import CELLS, PRECISIONS, READOUTS, Config
from charnn.cores import Bidirectional, Builtin, Core, CoreState, Dropout, Stacked, Unrolled
from charnn.data import one_hot
from charnn.init import initialise
from charnn.multiplicative import MultiplicativeGRUCell
from charnn.readouts import EveryStep, LastStep, Pooled, Readout

__all__ = [
    "Bidirectional",
    "Builtin",
    "Cell",
    "ClassifierNetwork",
    "Core",
    "Dropout",
    "Embedding",
    "EveryStep",
    "GRUCell",
    "GRUGates",
    "GeneratorNetwork",
    "LSTMCell",
    "LSTMGates",
    "LastStep",
    "LetterDropout",
    "MultiplicativeGRUCell",
    "PeepholeLSTMCell",
    "Pooled",
    "RNNCell",
    "RNNGates",
    "Stacked",
    "Unrolled",
    "build_classifier",
    "build_core",
    "build_generator",
    "build_network",
]

EMBEDDING_STD = 0.1
CELL_CLASSES: dict[str, type[Cell]] = {
    cell.__name__: cell
    for cell in (RNNCell, LSTMCell, PeepholeLSTMCell, GRUCell, MultiplicativeGRUCell)
}


class LetterDropout(Dropout):
    """In training, makes each letter the unknown symbol with probability p.

    So no prediction rests on one letter, and the network learns what to do with unknown ones.
    """

    def forward(self, x: Tensor) -> Tensor:
        """ids of any shape -> the same shape, some of them 0."""
        if not self.training or not self.p:
            return x
        uniform = torch.rand(x.shape, generator=self.generator, device=x.device)
        return x * (uniform >= self.p)


class Embedding(nn.Module):
    """A learned vector of floats for each symbol, in place of its one-hot vector.

    The initial values are small: a word that is hardly ever read then has little effect, rather
    than a random one.
    """

    def __init__(self, symbols: int, size: int, dropout: float = 0.0):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(symbols, size))  # (V, I)
        self.dropout = Dropout(dropout)
        if not self.weight.is_meta:  # normal_ on a meta tensor loads half of torch first
            nn.init.normal_(self.weight, std=EMBEDDING_STD)

    def forward(self, ids: Tensor) -> Tensor:
        """ids of any shape (...) -> floats (..., I)."""
        return self.dropout(nn.functional.embedding(ids, self.weight))


class _Network(nn.Module):
    """What both networks have."""

    readout: Readout

    @torch.no_grad()
    def fold_temperature(self, temperature: float) -> None:
        """Divides the logits by a temperature from now on, within the readout's own weights."""
        for parameter in self.readout.parameters():
            parameter.div_(temperature)


class ClassifierNetwork(_Network):
    """Names in, log-probabilities of the labels out.

    The core reads one-hot vectors, or what an embedding has for each symbol.
    """

    def __init__(
        self,
        core: Core,
        readout: Readout,
        letter_dropout: float = 0.0,
        embedding: Embedding | None = None,
    ):
        super().__init__()
        self.letter_dropout = LetterDropout(letter_dropout)
        self.embedding, self.core, self.readout = embedding, core, readout

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """ids (B, T), lengths (B,) -> log-probabilities (B, L)."""
        x = self.letter_dropout(ids)
        if self.embedding is not None:
            x = self.embedding(x)
        hidden, _ = self.core(x, None, lengths)
        return self.readout(hidden, lengths)


class GeneratorNetwork(_Network):
    """Symbols in, log-probabilities of the next symbol out, after every step.

    With labels, the one-hot vector of the label is appended to the input of every step.
    """

    def __init__(
        self,
        core: Core,
        readout: Readout,
        symbols: int,
        labels: int = 0,
        embedding: Embedding | None = None,
    ):
        super().__init__()
        self.embedding, self.core, self.readout = embedding, core, readout
        self.symbols, self.labels = symbols, labels

    def forward(
        self, ids: Tensor, labels: Tensor | None = None, state: CoreState = None
    ) -> tuple[Tensor, CoreState]:
        """ids (B, T), labels (B,) if any, state -> log-probabilities (B, T, V) and the state."""
        x = ids if self.embedding is None else self.embedding(ids)  # (B, T) or (B, T, I)
        if self.labels:
            assert labels is not None, "this network is conditioned on a label"
            if self.embedding is None:
                x = one_hot(ids, self.symbols)  # (B, T, V)
            label = one_hot(labels, self.labels).unsqueeze(1)  # (B, 1, L)
            label = label.expand(-1, ids.shape[1], -1)  # (B, T, L)
            x = torch.cat([x, label], dim=2).to(self.readout.linear.weight.dtype)
        hidden, state = self.core(x, state)
        return self.readout(hidden), state


# ---------------------------------------------------------------- builders


def build_network(
    config: Config, symbols: int, labels: int
) -> ClassifierNetwork | GeneratorNetwork:
    """The network that the configuration's task needs, with fresh weights."""
    build = build_generator if config.task == "generate" else build_classifier
    return build(config, symbols, labels)


def build_classifier(config: Config, symbols: int, labels: int) -> ClassifierNetwork:
    """A classifier's network with fresh weights, for V = symbols and L = labels."""
    embedding = build_embedding(config, symbols)
    core = build_core(config, config.embedding or symbols, 0 if embedding else None)
    readout = build_readout(config, core.hidden_size, labels)
    return ClassifierNetwork(core, readout, config.letter_dropout, embedding)


def build_generator(config: Config, symbols: int, labels: int = 0) -> GeneratorNetwork:
    """A generator's network with fresh weights, for V = symbols and L = labels (0 for none)."""
    embedding = build_embedding(config, symbols)
    width = (config.embedding or symbols) + labels
    core = build_core(config, width, labels if embedding else None)
    readout = build_readout(config, core.hidden_size, symbols)
    return GeneratorNetwork(core, readout, symbols, labels, embedding)


def build_embedding(config: Config, symbols: int) -> Embedding | None:
    """The embedding of V = symbols, or None for one-hot vectors."""
    if not config.embedding:
        return None
    return Embedding(symbols, config.embedding, config.embedding_dropout)


def build_core(config: Config, inputs: int, one_hot_inputs: int | None = None) -> Core:
    """The core that the configuration describes, for I = inputs.

    Of the inputs the last `one_hot_inputs` are one-hot vectors, by default all of them.
    """
    layers: list[Core] = []
    width = inputs
    for _ in range(config.layers):
        if config.bidirectional:
            layer: Core = Bidirectional(build_loop(config, width), build_loop(config, width))
        else:
            layer = build_loop(config, width)
        layers.append(layer)
        width = layer.hidden_size
    for number, layer in enumerate(layers):
        # Only the lowest layer reads one-hot vectors; the others read hidden states.
        lowest = inputs if one_hot_inputs is None else one_hot_inputs
        initialise(layer, config.init, config.forget_bias, lowest if number == 0 else 0)
    return Stacked(layers, config.dropout) if config.layers > 1 else layers[0]


def build_loop(config: Config, inputs: int) -> Core:
    """One layer in one direction: our cell in the visible loop, or torch's own module."""
    name = CELLS[config.cell]
    if config.cell.startswith("torch-"):
        options = {"nonlinearity": config.nonlinearity} if name == "RNN" else {}
        return Builtin(getattr(nn, name)(inputs, config.hidden, **options))
    cell_class = CELL_CLASSES[name]
    if cell_class is RNNCell:
        cell: Cell = RNNCell(inputs, config.hidden, getattr(torch, config.nonlinearity))
    else:
        cell = cell_class(inputs, config.hidden)
    precision = None if config.precision == PRECISIONS[0] else getattr(torch, config.precision)
    return Unrolled(cell, config.recurrent_dropout, precision)


def build_readout(config: Config, hidden_size: int, outputs: int) -> Readout:
    """The readout that the configuration names."""
    readout_class = getattr(readouts, READOUTS[config.readout])
    options = {}
    if readout_class is LastStep:
        options["directions"] = 2 if config.bidirectional else 1
    return readout_class(hidden_size, outputs, config.dropout, **options)
