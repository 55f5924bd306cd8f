"""What a network is made of: the weights of each layer, and its multiply-adds per letter.

Weights are counted as a textbook does. Axis letters: V symbols, I input, H hidden, L labels.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import NamedTuple

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import nn

from charnn import cli
from charnn.cells import Cell
from charnn.config import Config, flag_of
from charnn.cores import Builtin, Unrolled, directions_of, layers_of
from charnn.drawing import COLOURS, Picture, PrintLine, discard_line, plain, print_table
from charnn.errors import CharnnError
from charnn.inference.load import load
from charnn.inference.trained import Trained
from charnn.kneser_ney import KneserNey
from charnn.model import ClassifierNetwork, GeneratorNetwork, build_network
from charnn.ngrams import Ngrams
from charnn.readouts import EveryStep, Pooled, Readout
from charnn.terminal import to_json
from charnn.word_ngrams import WordNgrams
from charnn.wording import counted

Network = ClassifierNetwork | GeneratorNetwork
Beside = Ngrams | WordNgrams | KneserNey

MOST = 1_000_000  # symbols or labels of a network that is not trained yet
SECOND_BIAS = (
    "The textbook's count has one bias per gate. torch's cells, and so ours, keep a second one "
    "that is added to it; only\n"
    "a GRU's candidate needs both, since its reset gate stands between them."
)
SECOND_LOGIT = (
    "For two labels a textbook's readout, and Keras's, has one logit and a sigmoid. Ours keeps one "
    "for each label, as for\n"
    "more labels: the softmax of two logits is the sigmoid of their difference."
)


def show(arguments: argparse.Namespace, print_line: PrintLine) -> Figure:
    """The picture that the command line asks for; with --json an object per layer, for a table."""
    network, ngrams = network_of(arguments)
    if not arguments.json:
        return summary(network, ngrams, print_line)
    for layer in layers(network):
        print_line(to_json(layer._asdict()))
    return summary(network, ngrams)


def network_of(arguments: argparse.Namespace) -> tuple[Network, Beside | None]:
    """The network of a model file and its n-gram model, or a fresh one that the options describe.

    Raises CharnnError for both at once.
    """
    if arguments.symbols is not None:
        if arguments.model is not None:
            raise CharnnError(
                "--model and --symbols were given; look at a model, or at a network not trained yet"
            )
        return fresh_network(arguments), None
    given = [
        flag_of(option.name)
        for option in fields(Config)
        if getattr(arguments, option.name) is not None
    ]
    given += ["--preset"] * (arguments.preset is not None)
    given += ["--labels"] * (arguments.labels is not None)
    given += ["--text"] * (arguments.text is not None)
    if given:
        raise CharnnError(
            f"{', '.join(given)} would describe a network that is not trained yet; add --symbols, "
            "how many letters or words it knows"
        )
    model = load(arguments.model, "cpu")
    return model.network, model.ngrams


def fresh_network(arguments: argparse.Namespace) -> Network:
    """The network that the options describe, without memory for its weights.

    Raises CharnnError for numbers out of range.
    """
    config = cli.config_of(arguments)
    fewest = 0 if config.task == "generate" else 2
    labels = fewest if arguments.labels is None else arguments.labels
    for flag, number, low in (("--symbols", arguments.symbols, 1), ("--labels", labels, fewest)):
        if not low <= number <= MOST:
            raise CharnnError(f"{flag} {number} is out of range; choose from {low} to {MOST}")
    with torch.device("meta"):  # shapes without memory
        return build_network(config, arguments.symbols, labels)


def summary(
    model: Trained | Network,
    ngrams: Beside | None = None,
    print_line: PrintLine = discard_line,
) -> Figure:
    """The weights of each layer, and its multiply-adds per letter.

    Of a trained model and its n-gram model, or of a bare network and, if given, the n-gram
    model `ngrams`.
    """
    if isinstance(model, Trained):
        network, ngrams = model.network, model.ngrams
    else:
        network = model
    rows = list(layers(network))
    _print(rows, ngrams, print_line)
    return _draw(rows)


# ---------------------------------------------------------------- the numbers


class Layer(NamedTuple):
    """A layer of a network, its weights, and the multiply-adds of its matrix products."""

    layer: str  # where it is
    kind: str  # what it is
    inputs: int  # width of what it reads
    outputs: int  # width of what it gives
    arithmetic: str  # how the weights are counted
    weights: int  # as the textbook counts: without the two that follow
    second_bias: int  # the weights that torch adds to the textbook's
    second_logit: int  # of a readout for two labels: the weights of a second logit
    per_character: int  # multiply-adds for each letter or word; a gather for an id costs none
    per_text: int  # multiply-adds once for each name or text

    @property
    def all_weights(self) -> int:
        """How many weights it has in all."""
        return self.weights + self.second_bias + self.second_logit


SUMMED = ("weights", "second_bias", "second_logit", "per_character", "per_text")


def layers(network: Network) -> Iterator[Layer]:
    """Every layer of a network, from the input to the readout."""
    embedding = network.embedding
    reads_ids = embedding is None
    if isinstance(network, GeneratorNetwork) and network.labels:
        reads_ids = False  # a label's one-hot vector is appended to the letter's
    if embedding is not None:
        symbols, width = embedding.weight.shape
        arithmetic = f"{symbols:,}·{width}"
        yield Layer(
            layer="embedding",
            kind="Embedding",
            inputs=symbols,
            outputs=width,
            arithmetic=arithmetic,
            weights=symbols * width,
            second_bias=0,
            second_logit=0,
            per_character=0,
            per_text=0,
        )
    # Only the lowest layer reads ids, and only our cells gather: torch's multiply one-hot vectors.
    lowest = set(layers_of(network.core)[0].modules())
    for name, _, core in directions_of(network.core):
        if isinstance(core, Unrolled):
            yield _recurrent_layer(name, core.cell, gathers=reads_ids and core in lowest)
        else:
            assert isinstance(core, Builtin)
            yield _recurrent_layer(name, core.module, gathers=False)
    yield _readout_layer(network.readout)


def _recurrent_layer(name: str, cell: Cell | nn.RNNBase, gathers: bool) -> Layer:
    """One cell of ours, or one layer of torch's; `gathers`: it picks columns for ids."""
    sizes = {key: parameter.numel() for key, parameter in cell.named_parameters()}
    second_bias = sum(size for key, size in sizes.items() if "bias_hh" in key)
    inputs, hidden = cell.input_size, cell.hidden_size
    gates = second_bias // hidden  # each has one bias per unit
    arithmetic = f"{inputs:,}·{hidden} + {hidden}·{hidden} + {hidden}"
    if gates > 1:
        arithmetic = f"{gates} × ({arithmetic})"
    if "weight_ch" in sizes:  # peepholes
        arithmetic += f" + 3·{hidden}"
    if "weight_sx" in sizes:  # each letter scales the hidden state
        arithmetic += f" + {inputs:,}·{hidden}"
    width = hidden if gathers else hidden + inputs
    return Layer(
        layer=name,
        kind=type(cell).__name__.removesuffix("Cell"),
        inputs=inputs,
        outputs=hidden,
        arithmetic=arithmetic,
        weights=sum(sizes.values()) - second_bias,
        second_bias=second_bias,
        second_logit=0,
        per_character=gates * hidden * width + (0 if gathers else sizes.get("weight_sx", 0)),
        per_text=0,
    )


def _readout_layer(readout: Readout) -> Layer:
    """The linear layer of a readout; where it is applied decides what it costs."""
    outputs, inputs = readout.linear.weight.shape
    product = inputs * outputs
    per_character, per_text = 0, product
    if isinstance(readout, EveryStep):
        per_character, per_text = product, 0
    elif isinstance(readout, Pooled):
        per_character = inputs // 2  # the mean adds each hidden state up
    logits = 1 if outputs == 2 and not isinstance(readout, EveryStep) else outputs
    return Layer(
        layer="readout",
        kind=type(readout).__name__,
        inputs=inputs,
        outputs=outputs,
        arithmetic=f"{inputs:,}·{logits:,} + {logits:,}",
        weights=(inputs + 1) * logits,
        second_bias=0,
        second_logit=(inputs + 1) * (outputs - logits),
        per_character=per_character,
        per_text=per_text,
    )


# ---------------------------------------------------------------- the text version, the picture


def _print(rows: Sequence[Layer], ngrams: Beside | None, print_line: PrintLine) -> None:
    """The layers as a table, their sums, and what the columns mean."""
    totals = {name: sum(getattr(row, name) for row in rows) for name in SUMMED}
    shown = [name for name in Layer._fields if name != "second_logit" or totals[name]]
    table = [[name.replace("_", " ") for name in shown]]
    for row in rows:
        cells = [getattr(row, name) for name in shown]
        table.append([f"{cell:,}" if isinstance(cell, int) else cell for cell in cells])
    sums = [f"{totals[name]:,}" if name in totals else "" for name in shown[1:]]
    table.append(["total", *sums])
    print_table(table, print_line, left=(0, 1, 4))
    weights = sum(row.all_weights for row in rows)
    print_line(f"\n{weights:,} weights in all, {4 * weights:,} bytes.")
    print_line("Per character and per text: multiply-adds of the matrix products.")
    if totals["second_bias"]:
        print_line(SECOND_BIAS)
    if totals["second_logit"]:
        print_line(SECOND_LOGIT)
    if ngrams:
        of_words = isinstance(ngrams, WordNgrams)
        longest = counted(ngrams.order, "word" if of_words else "letter")
        known = sum(map(len, ngrams.codes)) if isinstance(ngrams, KneserNey) else len(ngrams.codes)
        print_line(
            f"Beside the network, an n-gram model: {known:,} n-grams of up to {longest}"
            f"{' and pieces of words' if of_words else ''}."
        )


def _draw(rows: Sequence[Layer]) -> Figure:
    """A bar for each layer: its weights on the left, its work on the right."""
    weights = [row.all_weights for row in rows]
    work = [row.per_character for row in rows]
    figure = Picture(figsize=(12, 0.75 * len(rows) + 1.9), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    _draw_bars(left, weights, "weights")
    _draw_bars(right, work, "multiply-adds per character")
    names = [f"{row.layer}\n{row.kind}: {row.inputs:,} → {row.outputs:,}" for row in rows]
    left.set_yticks(range(len(rows)), names, fontsize=13)
    left.invert_yaxis()
    title = f"{sum(weights):,} weights, {sum(work):,} multiply-adds per character"
    figure.suptitle(title, fontsize=16)
    return plain(figure)


def _draw_bars(axes: Axes, numbers: Sequence[int], title: str) -> None:
    """Horizontal bars, each with its number beside it."""
    bars = axes.barh(range(len(numbers)), numbers, color=COLOURS[0], height=0.6)
    axes.bar_label(bars, [f"{number:,}" for number in numbers], padding=5, fontsize=13)
    axes.set_xlabel(title, fontsize=14)
    axes.set(xlim=(0, 1.3 * max(*numbers, 1)), xticks=[])
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
