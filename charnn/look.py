"""python -m charnn.look: pictures of what happens inside a network, each with a text version."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from charnn import cli
from charnn.config import CELLS, COMPARED, Config, flag_of
from charnn.errors import CharnnError

if TYPE_CHECKING:  # what needs torch is imported where it is used, so that --help answers at once
    from types import ModuleType

    from matplotlib.figure import Figure
    from torch import nn

    from charnn.inference.trained import Trained
    from charnn.memory import Variant
    from charnn.ngrams import Ngrams

Views = "argparse._SubParsersAction[cli.Parser]"


def main(argv: list[str] | None = None) -> None:
    """Parses, shows what was asked for, writes its picture."""
    options = cli.parser("look", "Pictures of what happens inside a network, each with a text version.")
    to = options.add_subparsers(dest="view", required=True, metavar="VIEW")
    for add in (add_letters, add_gates, add_beliefs, add_why, add_gradients, add_memory, add_neurons, add_summary,
                add_batches, add_splits, add_temperature):
        add(to)
    arguments, unknown = options.parse_known_args(argv)
    if unknown:
        arguments.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    kind = "svg" if arguments.svg else "png"
    file = f"{arguments.view}.{kind}"
    if arguments.out is not None:
        cli.check_free(Path(arguments.out), [file])
    ours = arguments.out is None or not Path(arguments.out).exists()
    folder = cli.make_folder(arguments.out, arguments.view)  # fails before time is spent
    try:
        from charnn import drawing
        from charnn.inference import checkpoint
        figure = arguments.show(import_module(f"charnn.{arguments.room}"), arguments)
        checkpoint.write(folder / file, drawing.as_bytes(figure, kind))
    except BaseException:
        if ours:
            with suppress(OSError):  # there may be something in it by now
                folder.rmdir()
        raise
    print(f"{folder / file}   the picture", file=sys.stderr)


def add_view(to: Views, name: str, text: str, description: str) -> cli.Parser:
    """A view with the options that all have; who adds one sets `show`, which makes its Figure of a room and them."""
    view = to.add_parser(name, formatter_class=cli.RAW, allow_abbrev=False, help=text, description=description)
    view.add_argument("--out", metavar="DIR", help=f"where {name}.png goes (default: the first free runs/{name}-N)")
    view.add_argument("--svg", action="store_true", help="write an SVG in place of a PNG")
    view.set_defaults(parser=view, room="views")
    return view


def add_model(view: cli.Parser) -> None:
    """--model."""
    view.add_argument("--model", metavar="FILE", help="a model.safetensors of yours (default: the bundled model)")


def add_name(view: cli.Parser) -> None:
    """A name, and the model that reads it."""
    view.add_argument("name", metavar="NAME", help="a name; quote one that has a space")
    add_model(view)


def say(line: str) -> None:
    """Prints a line of the text version."""
    print("\n".join(map(cli.printable, line.split("\n"))))


def load(arguments: argparse.Namespace, default: str | None = None) -> "Trained":
    """The model that is asked for, on the CPU."""
    from charnn.inference.load import load
    return load(default if arguments.model is None else arguments.model, "cpu")


# ---------------------------------------------------------------- what a trained network does with a name


def add_gates(to: Views) -> None:
    """The options of `gates`."""
    view = add_view(to, "gates", "every gate at every letter of a name",
                    "A heat map of every gate and state of each layer, letter by letter; a direction that reads\n"
                    "from right to left has panels of its own.")
    add_name(view)
    view.add_argument("--label", help="what a generator is told (default: the most probable label)")
    view.set_defaults(show=lambda views, given: views.gates(load(given), given.name, given.label, say))


def add_beliefs(to: Views) -> None:
    """The options of `beliefs`."""
    view = add_view(to, "beliefs", "the answer after each letter of a name",
                    "How the probabilities of the labels move with each letter; the last is what predict says.")
    add_name(view)
    view.set_defaults(show=lambda views, given: views.beliefs(load(given), given.name, say))


def add_why(to: Views) -> None:
    """The options of `why`."""
    view = add_view(to, "why", "which letters speak for and against the answer",
                    "Occlusion: hides one letter at a time (it becomes the unknown symbol) and says by how many nats\n"
                    "the log-probability of the answer falls. It is no proof of a cause: of two letters that say the\n"
                    "same neither seems to matter, since the other one is still there.")
    add_name(view)
    view.set_defaults(show=lambda views, given: views.why(load(given), given.name, say))


def add_neurons(to: Views) -> None:
    """The options of `neurons`."""
    view = add_view(to, "neurons", "hidden units over real text",
                    "Hidden units of a generator (or a classifier) over names that they were not trained on, or over\n"
                    "a text, in colour; first those that correlate most with something simple, such as the position\n"
                    "in the line.")
    add_model(view)
    view.add_argument("--data", metavar="PATH", help="what to read: a folder or file of names, of a model of running "
                                                     "text a text (default: the bundled names)")
    view.set_defaults(show=lambda views, given: views.neurons(load(given, "generator"), given.data, say))


# ---------------------------------------------------------------- summary: how many weights, and where


def add_summary(to: Views) -> None:
    """The options of `summary`."""
    view = add_view(to, "summary", "the weights of each layer, and its work",
                    "Counts the weights and multiply-adds of each layer: of a model, or with --symbols of a network\n"
                    "that is not trained yet, which the other options describe.")
    add_model(view)
    view.add_argument("--symbols", type=int, metavar="V", help="letters or words that the network knows, the unknown "
                                                               "one included")
    view.add_argument("--labels", type=int, metavar="L", help="labels that it answers with, or writes names of "
                                                              "(default: 2, or none to write)")
    view.add_argument("--json", action="store_true", help="in place of the table one JSON object per layer and line")
    cli.add_config(view)
    view.add_argument("--text", action="store_const", const=True, help="with --task generate: of running text")
    view.set_defaults(show=show_summary)


def show_summary(views: "ModuleType", arguments: argparse.Namespace) -> "Figure":
    """The bars; with --json one object per layer in place of the table."""
    from charnn import inside
    network, ngrams = network_of(arguments)
    if arguments.json:
        for row in inside.summary(network):
            print(cli.to_json(row._asdict()))
        return views.summary(network, ngrams)
    return views.summary(network, ngrams, say)


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
        model = load(arguments)
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


# ---------------------------------------------------------------- gradients and memory: how far back


CHANGES = ("init", "nonlinearity", "forget_bias", "scale", "clip")  # what a network is compared with and without


def add_gradients(to: Views) -> None:
    """The options of `gradients`."""
    view = add_view(to, "gradients", "how much of the last loss reaches each earlier step",
                    "The norm of the gradient of the last loss with respect to the hidden state at each distance back\n"
                    "in time: of networks that are not trained yet, or with --model of yours.")
    add_variants(view)
    view.set_defaults(room="through_time", show=lambda through_time, given: through_time.gradients(
        to_compare(given, [name for name in CHANGES if name != "clip"]), given.clip, say))  # that has its own line


def add_memory(to: Views) -> None:
    """The options of `memory`."""
    view = add_view(to, "memory", "how well a symbol is recalled N steps later",
                    "How often a symbol that was seen N steps ago is recalled: by networks that learn to, or with\n"
                    "--model by a linear classifier from the hidden state of yours.")
    add_variants(view)
    view.add_argument("--batches", type=int, default=COMPARED["batches"], metavar="N",
                      help="how many batches of 32 sequences they learn from (default: %(default)s)")
    view.set_defaults(room="through_time", show=show_memory)


def show_memory(through_time: "ModuleType", given: argparse.Namespace) -> "Figure":
    """The curves."""
    if not 1 <= given.batches <= 1_000_000:
        raise CharnnError(f"--batches {given.batches} is out of range; choose from 1 to 1000000")
    return through_time.memory(to_compare(given, CHANGES), given.batches, say,
                               note=lambda line: print(line, file=sys.stderr, flush=True))


def add_variants(view: cli.Parser) -> None:
    """The options that say which networks are drawn anew and what is changed in them."""
    view.add_argument("--model", metavar="FILE", help="a trained network, beside one of its kind that is drawn anew")
    view.add_argument("--cell", nargs="+", choices=CELLS, default=COMPARED["cells"], metavar="CELL",
                      help=f"the cells to compare: {', '.join(CELLS)} (default: {' '.join(COMPARED['cells'])})")
    view.add_argument("--hidden", type=int, default=COMPARED["hidden"], metavar="N",
                      help="hidden units (default: %(default)s)")
    view.add_argument("--scale", type=float, default=1.0, metavar="X",
                      help="what the recurrent weights are multiplied by before anything is learned (default: 1)")
    for option in fields(Config):
        if option.name in (*CHANGES, "seed"):
            choices = option.metadata["choices"]
            view.add_argument(flag_of(option.name), type=option.type, default=option.default,
                              metavar="|".join(choices) if choices else cli.VALUES[option.type],
                              help=f"{option.metadata['help']} (default: {option.default})")


def to_compare(arguments: argparse.Namespace, changes: Sequence[str]) -> "dict[str, Variant] | Trained":
    """The model of the file, or the cells with and without the changes.

    Raises CharnnError for options of networks drawn anew beside --model.
    """
    if arguments.model is None:
        from charnn.memory import variants
        always = {name: getattr(arguments, name) for name in ("hidden", "seed", "clip") if name not in changes}
        return variants(arguments.cell, {name: getattr(arguments, name) for name in changes}, **always)
    given = [flag_of(name) for name in ("cell", "hidden", *changes, "seed", "batches")
             if getattr(arguments, name, None) != arguments.parser.get_default(name)]
    if given:
        raise CharnnError(f"{', '.join(given)} would describe networks that are drawn anew; leave that out, or --model")
    return load(arguments)


# ---------------------------------------------------------------- what happens before and after a network


def add_letters(to: Views) -> None:
    """The options of `letters`."""
    view = add_view(to, "letters", "a name as one-hot vectors",
                    "A name as a network reads it: a one-hot vector for each letter.")
    add_name(view)
    view.set_defaults(room="lessons", show=lambda lessons, given: lessons.letters(load(given), given.name, say))


def add_batches(to: Views) -> None:
    """The options of `batches`."""
    view = add_view(to, "batches", "the padding of batches",
                    "How much of a batch is padding: of names as they come, and of names of like length.")
    add_folder(view)
    view.add_argument("--batch-size", type=int, default=Config.batch_size, metavar="N",
                      help="names per batch (default: %(default)s)")
    view.set_defaults(room="lessons", show=lambda lessons, given: lessons.batches(given.data, say, given.batch_size))


def add_splits(to: Views) -> None:
    """The options of `splits`."""
    view = add_view(to, "splits", "test names that stand in the training part too",
                    "How many test names have a copy in the training part: of lines split at random, and by spelling.")
    add_folder(view)
    view.set_defaults(room="lessons", show=lambda lessons, given: lessons.splits(given.data, say))


def add_temperature(to: Views) -> None:
    """The options of `temperature`."""
    view = add_view(to, "temperature", "the next letter at several temperatures",
                    "How probable each letter after a prefix is at temperatures 0.5, 1 and 2, and which of them top-p\n"
                    "0.9 draws from.")
    view.add_argument("prefix", nargs="?", default="", metavar="PREFIX", help="how the text starts (default: empty)")
    view.add_argument("--label", help="of names of this label; needed where the generator knows labels")
    add_model(view)
    view.set_defaults(room="lessons", show=show_temperature)


def show_temperature(lessons: "ModuleType", given: argparse.Namespace) -> "Figure":
    """The bars."""
    from charnn.inference.generator import Generator
    model = load(given, "generator")
    if not isinstance(model, Generator):
        raise CharnnError(f"{given.model} is a classifier; give a generator's model file")
    return lessons.temperature(model, given.prefix, given.label, say=say)


def add_folder(view: cli.Parser) -> None:
    """--data."""
    view.add_argument("--data", metavar="DIR", help="a folder of <label>.txt files (default: the bundled names)")


if __name__ == "__main__":
    sys.exit(cli.run(main))
