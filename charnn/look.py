"""python -m charnn.look: what is inside a network."""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, NamedTuple

from charnn import cli
from charnn.config import Config, flag_of
from charnn.errors import CharnnError

if TYPE_CHECKING:  # what needs torch is imported where it is used, so that --help answers at once
    from torch import nn

    from charnn.ngrams import Ngrams

SECOND_BIAS = """\
The textbook's count has one bias per gate. torch's cells, and so ours, keep a second one that is added to it; only
a GRU's candidate needs both, since its reset gate stands between them."""


def main(argv: list[str] | None = None) -> None:
    """Parses and shows what was asked for."""
    options = cli.parser("look", "Shows what is inside a network.")
    views = options.add_subparsers(dest="view", required=True, metavar="VIEW")
    add_summary(views)
    arguments, unknown = options.parse_known_args(argv)
    if unknown:
        arguments.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    arguments.show(arguments)


# ---------------------------------------------------------------- summary: how many weights, and where


class Layer(NamedTuple):
    """A layer of a network and its weights, counted as a textbook does."""

    layer: str        # where it is
    kind: str         # what it is
    inputs: int       # width of what it reads
    outputs: int      # width of what it gives
    arithmetic: str   # how the weights are counted
    weights: int      # without the second bias
    second_bias: int  # the weights that torch adds to the textbook's


def add_summary(views: "argparse._SubParsersAction[cli.Parser]") -> None:
    """The options of `summary`."""
    view = views.add_parser("summary", formatter_class=cli.RAW, allow_abbrev=False, help="the weights of each layer",
                            description="Counts the weights of each layer: of a model, or with --symbols of a network "
                                        "that is\nnot trained yet, which the other options describe.")
    view.add_argument("--model", metavar="FILE", help="a model.safetensors of yours (default: the bundled model)")
    view.add_argument("--symbols", type=int, metavar="V", help="letters or words that the network knows, the unknown "
                                                               "one included")
    view.add_argument("--labels", type=int, metavar="L", help="labels that it answers with, or writes names of "
                                                              "(default: 2, or none to write)")
    view.add_argument("--json", action="store_true", help="one JSON object per layer and line")
    cli.add_config(view)
    view.add_argument("--text", action="store_const", const=True, help="with --task generate: of running text")
    view.set_defaults(show=show_summary, parser=view)


def show_summary(arguments: argparse.Namespace) -> None:
    """Prints the table, or one JSON object per layer."""
    network, ngrams = network_of(arguments)
    rows = list(summary(network))
    if arguments.json:
        for row in rows:
            print(cli.to_json(row._asdict()))
        return
    total = Layer("total", "", "", "", "", sum(row.weights for row in rows), sum(row.second_bias for row in rows))
    lines = [[f"{cell:,}" if isinstance(cell, int) else cell for cell in row] for row in (*rows, total)]
    lines.insert(0, [name.replace("_", " ") for name in Layer._fields])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    numbers = {"inputs", "outputs", "weights", "second_bias"}
    for line in lines:
        print("  ".join(cell.rjust(width) if field in numbers else cell.ljust(width)
                        for cell, width, field in zip(line, widths, Layer._fields, strict=True)).rstrip())
    print(f"\n{total.weights + total.second_bias:,} weights in all, {4 * (total.weights + total.second_bias):,} bytes.")
    if total.second_bias:
        print(SECOND_BIAS)
    if ngrams:
        print(f"Beside the network answer the counts of {len(ngrams.codes):,} runs of up to {ngrams.order} letters.")


def network_of(arguments: argparse.Namespace) -> "tuple[nn.Module, Ngrams | None]":
    """The network of the model file and what answers beside it, or a fresh one as the options describe it.

    Raises CharnnError for both at once.
    """
    given = [flag_of(option.name) for option in fields(Config) if getattr(arguments, option.name) is not None]
    given += ["--preset"] * (arguments.preset != "standard") + ["--labels"] * (arguments.labels is not None)
    given += ["--text"] * (arguments.text is not None)
    if arguments.symbols is None:
        if given:
            raise CharnnError(f"{', '.join(given)} would describe a network that is not trained yet; add --symbols, "
                              "how many letters or words it knows")
        from charnn.generator import load
        model = load(arguments.model, "cpu")
        return model.network, model.ngrams
    if arguments.model is not None:
        raise CharnnError("--model and --symbols were given; look at a model, or at a network not trained yet")
    config = cli.config_of(arguments)
    writes = config.task == "generate"
    labels = arguments.labels if arguments.labels is not None else 0 if writes else 2
    for flag, number, fewest in (("--symbols", arguments.symbols, 1), ("--labels", labels, 0 if writes else 2)):
        if not fewest <= number <= 1_000_000:
            raise CharnnError(f"{flag} {number} is out of range; choose from {fewest} to 1000000")
    import torch

    from charnn.model import build_network, build_writer
    with torch.device("meta"):  # shapes without memory
        return (build_writer if writes else build_network)(config, arguments.symbols, labels), None


def summary(network: "nn.Module") -> Iterator[Layer]:
    """Every layer of a network (charnn.model's Network or Writer) with its weights, from the input to the readout."""
    from charnn.model import Bidirectional, Builtin, Stacked
    if network.embedding is not None:
        symbols, width = network.embedding.weight.shape
        yield Layer("embedding", "Embedding", symbols, width, f"{symbols:,}·{width}",
                    symbols * width, 0)
    cores = network.core.cores if isinstance(network.core, Stacked) else [network.core]
    for number, core in enumerate(cores, start=1):
        parts = {"": core}
        if isinstance(core, Bidirectional):
            parts = {", forwards": core.forwards, ", backwards": core.backwards}
        for direction, part in parts.items():
            cell = part.module if isinstance(part, Builtin) else part.cell
            yield recurrent_layer(f"recurrent {number}{direction}", cell)
    outputs, inputs = network.readout.linear.weight.shape
    yield Layer("readout", type(network.readout).__name__, inputs, outputs, f"{inputs:,}·{outputs:,} + {outputs:,}",
                inputs * outputs + outputs, 0)


def recurrent_layer(name: str, cell: "nn.Module") -> Layer:
    """The weights of one cell of ours, or of one layer of torch's."""
    sizes = {key: parameter.numel() for key, parameter in cell.named_parameters()}
    second = sum(size for key, size in sizes.items() if "bias_hh" in key)
    inputs, hidden = cell.input_size, cell.hidden_size
    gates = second // hidden
    arithmetic = f"{inputs:,}·{hidden} + {hidden}·{hidden} + {hidden}"
    if gates > 1:
        arithmetic = f"{gates} × ({arithmetic})"
    if "weight_ch" in sizes:
        arithmetic += f" + 3·{hidden}"
    return Layer(name, type(cell).__name__.removesuffix("Cell"), inputs, hidden, arithmetic,
                 sum(sizes.values()) - second, second)


if __name__ == "__main__":
    sys.exit(cli.run(main))
