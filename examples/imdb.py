"""The lecture notes' networks for film reviews, beside one that only sees which words occur.

    python examples/imdb.py TRAIN_DIR TEST_DIR [--epochs 6] [--keep last] [--out imdb.png]

Both folders hold one <label>.txt for each of two labels, one text a line. A plain RNN, an LSTM and
a GRU of 32 units read an embedding of the 10,000 most frequent words, in order, 500 words of each
text; three dense layers see which of them occur in the whole text. All learn from TRAIN_DIR, a
twentieth of which chooses the epoch, in the same training loop; all are measured on TEST_DIR. The
picture shows accuracy and loss after each epoch.

Axis letters: B batch, T time (words), V symbols, L labels.
"""

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import NamedTuple

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from sentiment import check_out
from torch import Tensor, nn
from torch.nn import functional as F

from charnn import cli
from charnn.config import MAX_CHARACTERS, Config, flag_of
from charnn.data import Vocabulary, encoded, real_steps
from charnn.devices import threads
from charnn.drawing import BLUE, ORANGE, as_bytes, print_table
from charnn.errors import CharnnError
from charnn.files import write
from charnn.model import ClassifierNetwork, build_classifier
from charnn.text.words import reader
from charnn.training.history import Epoch
from charnn.training.loop import fit, validate
from charnn.training.parts import Parts, encoding_of, read_parts
from charnn.training.seeding import build_seeded
from charnn.training.tasks import ClassifyNames
from charnn.views.summary import layers

NOTES = {  # Embedding(10000, 32), 32 units, pad_sequences(maxlen=500), rmsprop, batches of 128
    "tokens": "words",
    "symbols": 10_000,
    "max_length": 500,
    "embedding": 32,
    "hidden": 32,
    "init": "orthogonal",  # Keras starts inputs with Glorot's, which vary as much
    "bidirectional": False,
    "readout": "last",
    "dropout": 0.0,
    "embedding_dropout": 0.0,
    "letter_dropout": 0.0,
    "ngrams": 0,
    "optimizer": "rmsprop",
    "batch_size": 128,
}
CHANGEABLE = {"epochs": 6, "keep": "last", "learning_rate": 0.003, "seed": 0}
CELLS = {  # by Keras's names; its LSTM starts with a forget bias of 1
    "SimpleRNN": {"cell": "rnn"},
    "LSTM": {"cell": "lstm", "forget_bias": 1.0},
    "GRU": {"cell": "gru"},
}
COUNTING = "bag of words"
WIDTH = 16  # of the dense layers
CPU = torch.device("cpu")


# ---------------------------------------------------------------- the networks


class BagOfWords(nn.Module):
    """Three dense layers that see which words of a text occur, neither where nor how often.

    The last has one logit for two labels, as in the notes.
    """

    def __init__(self, symbols: int) -> None:
        super().__init__()
        self.symbols = symbols
        self.dense = nn.Sequential(
            nn.Linear(symbols, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU()
        )
        self.logit = nn.Linear(WIDTH, 1)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Log-probabilities (B, 2) for ids (B, T) padded right, lengths (B,)."""
        unknown = (ids == 0) & real_steps(lengths, ids.shape[1])  # (B, T); padding is 0 as well
        occurs = torch.zeros(len(ids), self.symbols).scatter(1, ids, 1.0)  # (B, V)
        occurs[:, 0] = unknown.any(1)
        logit = self.logit(self.dense(occurs))  # (B, 1)
        return F.logsigmoid(torch.cat([-logit, logit], dim=1))


def arithmetic(network: nn.Module) -> str:
    """The weights of each layer, as Keras counts them, and what our network has beside these."""
    if not isinstance(network, ClassifierNetwork):
        linear = [layer for layer in network.modules() if isinstance(layer, nn.Linear)]
        return added(sum(p.numel() for p in layer.parameters()) for layer in linear)
    rows = list(layers(network))
    second_bias = sum(row.second_bias for row in rows)
    second_logit = sum(row.second_logit for row in rows)
    count = added(row.weights for row in rows)
    return f"{count} (and {second_bias} of a second bias, {second_logit} of a second logit)"


def added(numbers: Iterable[int]) -> str:
    """The numbers and their sum."""
    numbers = list(numbers)
    return f"{' + '.join(f'{number:,}' for number in numbers)} = {sum(numbers):,}"


# ---------------------------------------------------------------- training


def which_words(config: Config) -> Callable[[str], Sequence[str]]:
    """What turns a text into the words that occur in it, each of them once."""
    words = reader(replace(config, max_length=MAX_CHARACTERS))  # as many as a network may read
    return lambda text: tuple(dict.fromkeys(words(text)))


class Tasks(NamedTuple):
    """What networks learn, and the texts that they are measured on, as a validation set."""

    learn: ClassifyNames
    test: ClassifyNames


def tasks_of(
    parts: Parts, vocabulary: Vocabulary, read: Callable[[str], Sequence[str]], config: Config
) -> Tasks:
    """The tasks of the three sets, of whose texts networks see what `read` makes of them."""
    train, validation, test = (encoded(part, vocabulary, read) for part in parts.values())
    return Tasks(ClassifyNames(train, validation, config), ClassifyNames(train, test, config))


class Trained(NamedTuple):
    """What became of a network."""

    epochs: list[Epoch]
    best: Epoch  # the one whose weights were kept
    accuracy: float  # on the test set
    seconds: float  # that training took


Found = Mapping[str, Trained]  # by the network's name


def built(name: str, config: Config, symbols: int) -> tuple[nn.Module, torch.Generator]:
    """A network with fresh weights, and what decides the order of its batches."""

    def build() -> nn.Module:
        if name == COUNTING:
            return BagOfWords(symbols)
        return build_classifier(replace(config, **CELLS[name]), symbols, 2)

    network, random = build_seeded(build, config.seed, CPU)
    return network, random.order


def train(name: str, config: Config, symbols: int, tasks: Tasks) -> Trained:
    """Trains a network, with a line on standard error for each epoch."""

    def say(epoch: Epoch) -> None:
        print(
            f"{name}, epoch {epoch.epoch}: accuracy {epoch.train_accuracy:.3f}, "
            f"validation {epoch.validation_accuracy:.3f}",
            file=sys.stderr,
        )

    network, order = built(name, config, symbols)
    started = time.perf_counter()
    with threads(config):
        history = fit(network, tasks.learn, config, CPU, order, on_epoch=say)
        if history.interrupted:  # the table would not show that a network was cut short
            raise KeyboardInterrupt
        seconds = time.perf_counter() - started
        _, accuracy = validate(network, tasks.test, CPU)
    return Trained(history.epochs, history.epochs[history.best - 1], accuracy, seconds)


# ---------------------------------------------------------------- in words


def row(name: str, trained: Trained) -> list[str]:
    """A network's line of the table."""
    best = trained.best
    accuracies = [best.train_accuracy, best.validation_accuracy, trained.accuracy]
    cells = [f"{best.epoch} of {len(trained.epochs)}", *(f"{share:.3f}" for share in accuracies)]
    return [name, *cells, f"{trained.seconds:.0f}"]


def verdict(found: Found, texts: int) -> str:
    """Is it worth reading the words in order? By the accuracy on so many test texts."""
    counted = found[COUNTING].accuracy
    sides = [f"{beside(counted, found[name].accuracy, texts)} the {name}" for name in CELLS]
    return f"Counting words does {', '.join(sides[:-1])} and {sides[-1]}."


def beside(one: float, other: float, texts: int) -> str:
    """How an accuracy on so many texts compares with another, in words."""
    # 95% of differences by chance alone are smaller, were the two measured on different texts.
    chance = 1.96 * math.sqrt((one * (1 - one) + other * (1 - other)) / texts)
    if abs(one - other) <= chance:
        return "as well as"
    return "better than" if one > other else "worse than"


# ---------------------------------------------------------------- as a picture


def picture(found: Found) -> Figure:
    """Accuracy and loss after each epoch: dots for training, a line for validation."""
    figure = Figure(figsize=(6.4, 1.9 * len(found) + 0.9), layout="constrained")
    panels = figure.subplots(len(found), 2, sharex=True, sharey="col", squeeze=False)
    for (name, trained), (of_accuracy, of_loss) in zip(found.items(), panels, strict=True):
        draw(of_accuracy, trained.epochs, "accuracy")
        draw(of_loss, trained.epochs, "loss")
        of_accuracy.set_title(name, loc="left", fontsize=14, fontweight="bold")
        of_accuracy.set_ylabel("accuracy", fontsize=13)
        of_loss.set_ylabel("loss (nats)", fontsize=13)
    for axes in panels[-1]:
        axes.set_xlabel("epoch", fontsize=13)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    handles, names = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=2, frameon=False, fontsize=13)
    return figure


def draw(axes: Axes, epochs: list[Epoch], what: str) -> None:
    """One panel: "accuracy" or "loss"."""
    x = [epoch.epoch for epoch in epochs]
    training = [getattr(epoch, f"train_{what}") for epoch in epochs]
    validation = [getattr(epoch, f"validation_{what}") for epoch in epochs]
    axes.plot(x, training, "o", color=ORANGE, markersize=7, label="training")
    axes.plot(x, validation, ".-", color=BLUE, linewidth=2.5, label="validation")
    axes.tick_params(labelsize=12)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)


# ---------------------------------------------------------------- the command


def parse(argv: list[str] | None) -> tuple[argparse.Namespace, Config]:
    """The options, and the Config within them. Raises CharnnError for what cannot work."""
    options = cli.Parser(description=__doc__, allow_abbrev=False)
    options.add_argument("train", metavar="TRAIN_DIR", help="the texts to learn from")
    options.add_argument("test", metavar="TEST_DIR", help="the texts to measure on")
    for option in (option for option in fields(Config) if option.name in CHANGEABLE):
        default = CHANGEABLE[option.name]
        choices = option.metadata["choices"]
        options.add_argument(
            flag_of(option.name),
            type=type(default),
            default=default,
            metavar="|".join(choices) if choices else cli.VALUES[type(default)],
            help=f"{option.metadata['help']} (default: %(default)s)",
        )
    options.add_argument(
        "--out", default="imdb.png", metavar="FILE", help="the picture (default: %(default)s)"
    )
    given = options.parse_args(argv)
    check_out(given.out)
    return given, Config(**NOTES, **{name: getattr(given, name) for name in CHANGEABLE})


def main(argv: list[str] | None = None) -> None:
    """Trains, prints what each network has and gets right, draws how it learned."""
    given, config = parse(argv)
    parts = read_parts(given.train, given.test, config)
    if len(parts["train"].labels) != 2:
        raise CharnnError(
            f"{given.train} has {len(parts['train'].labels)} labels; the notes' networks tell two "
            "apart, give a folder of two"
        )
    vocabulary, normalise = encoding_of(parts["train"], config)
    sizes = ", ".join(f"{len(part):,} {name}" for name, part in parts.items())
    print(f"{len(vocabulary):,} words, the unknown one included; texts: {sizes}\n")
    names = [*CELLS, COUNTING]
    print("Weights as Keras counts them:")
    print_table(
        [[name, arithmetic(built(name, config, len(vocabulary))[0])] for name in names],
        print,
        left=(0, 1),
    )
    in_order = tasks_of(parts, vocabulary, normalise, config)
    counted = tasks_of(parts, vocabulary, which_words(config), config)
    found = {
        name: train(name, config, len(vocabulary), counted if name == COUNTING else in_order)
        for name in names
    }
    print("\nShares of texts that are right, in the epoch with the lowest validation loss:")
    print_table(
        [
            ["", "epoch", "training", "validation", "test", "seconds"],
            *(row(name, trained) for name, trained in found.items()),
        ],
        print,
    )
    print(f"\n{verdict(found, len(parts['test']))}")
    write(Path(given.out), as_bytes(picture(found)))
    print(f"{given.out}   accuracy and loss after each epoch")


if __name__ == "__main__":
    sys.exit(cli.run(main))
