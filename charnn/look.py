"""python -m charnn.look: pictures of what happens inside a network, each with a text version.

Knows the options of each picture; the pictures are in `views`, one file each. What needs torch or
matplotlib is imported only when a picture is made, so that --help answers at once.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import fields
from importlib import import_module
from typing import NamedTuple

from charnn import cli
from charnn.config import CELLS, Config, flag_of
from charnn.terminal import show, tell
from charnn.variants import BATCHES, CELLS_COMPARED, CHANGES, HIDDEN

# ---------------------------------------------------------------- options that pictures share


def add_name(to: cli.Parser) -> None:
    """A name, and the model that reads it."""
    to.add_argument("name", metavar="NAME", help="a name; quote one that has a space")
    cli.add_model(to)


def add_label(to: cli.Parser) -> None:
    """--label, of a name."""
    to.add_argument(
        "--label",
        help="the label that a generator is conditioned on (default: the most probable one)",
    )


def add_prefix(to: cli.Parser) -> None:
    """What a generator continues: a prefix, and --label."""
    to.add_argument(
        "prefix",
        nargs="?",
        default="",
        metavar="PREFIX",
        help="how the text starts (default: empty)",
    )
    to.add_argument(
        "--label", help="of names of this label; needed where the generator knows labels"
    )


def add_texts(to: cli.Parser) -> None:
    """--data, of what a model reads."""
    to.add_argument(
        "--data",
        metavar="PATH",
        help="what to read: a folder or file of names, or of a model of running text a text "
        "(default: the bundled names)",
    )


def add_folder(to: cli.Parser) -> None:
    """--data, of a folder of names."""
    to.add_argument(
        "--data", metavar="DIR", help="a folder of <label>.txt files (default: the bundled names)"
    )


def add_batch_size(to: cli.Parser) -> None:
    """--batch-size."""
    to.add_argument(
        "--batch-size",
        type=int,
        default=Config.batch_size,
        metavar="N",
        help="names per batch (default: %(default)s)",
    )


def add_untrained(to: cli.Parser) -> None:
    """What describes a network that is not trained yet; and --json."""
    to.add_argument(
        "--labels",
        type=int,
        metavar="L",
        help="labels that it chooses from, or generates names of (default: 2, or none to generate)",
    )
    to.add_argument(
        "--json",
        action="store_true",
        help="in place of the table one JSON object per layer and line",
    )
    cli.add_config(to)
    to.add_argument(
        "--text", action="store_const", const=True, help="with --task generate: of running text"
    )


def add_variants(to: cli.Parser) -> None:
    """Which networks are freshly initialised to be compared, and what is changed in them."""
    to.add_argument(
        "--model",
        metavar="FILE",
        help="a trained network, a file or hf://OWNER/NAME, beside a fresh one of its kind",
    )
    to.add_argument(
        "--cell",
        nargs="+",
        choices=CELLS,
        default=CELLS_COMPARED,
        metavar="CELL",
        help=f"the cells to compare: {', '.join(CELLS)} (default: {' '.join(CELLS_COMPARED)})",
    )
    to.add_argument(
        "--hidden",
        type=int,
        default=HIDDEN,
        metavar="N",
        help="hidden units (default: %(default)s)",
    )
    to.add_argument(
        "--scale",
        type=float,
        default=1.0,
        metavar="X",
        help="what the recurrent weights are multiplied by before training (default: 1)",
    )
    for option in fields(Config):
        if option.name in CHANGES or option.name == "seed":
            choices = option.metadata["choices"]
            kind = type(option.default)
            to.add_argument(
                flag_of(option.name),
                type=kind,
                default=option.default,
                metavar="|".join(choices) if choices else cli.VALUES[kind],
                help=f"{option.metadata['help']} (default: {option.default})",
            )


def add_training_batches(to: cli.Parser) -> None:
    """--batches."""
    to.add_argument(
        "--batches",
        type=int,
        default=BATCHES,
        metavar="N",
        help="how many batches of 32 sequences they are trained on (default: %(default)s)",
    )


# ---------------------------------------------------------------- the pictures


class View(NamedTuple):
    """What the command line knows of a picture. Its file in `views` makes it, by `show`."""

    help: str
    description: str
    options: tuple[Callable[[cli.Parser], None], ...]
    older_names: tuple[str, ...] = ()  # still accepted


VIEWS = {
    "letters": View(
        "a name as one-hot vectors",
        "A name as a network reads it: a one-hot vector for each letter.",
        (add_name,),
    ),
    "gates": View(
        "every gate at every letter of a name",
        "A heat map of every gate and state of each layer, letter by letter; a direction that "
        "reads from right to left has panels of its own.",
        (add_name, add_label),
    ),
    "beliefs": View(
        "the probabilities of the labels after each letter of a name",
        "How the probabilities of the labels move with each letter; the last ones are "
        "what predict prints.",
        (add_name,),
    ),
    "why": View(
        "which letters are evidence for or against the predicted label",
        "Occlusion: hides one letter at a time (it becomes the unknown symbol) and shows by how "
        "many nats the log-probability of the predicted label falls. This proves no cause: of two "
        "letters with the same evidence neither seems to matter, since the other one is still "
        "read.",
        (add_name,),
    ),
    "gradients": View(
        "the gradient of the last loss at each earlier step",
        "The norm of the gradient of the last loss with respect to the hidden state at each "
        "distance back in time: of networks that are not trained yet, or with --model of yours.",
        (add_variants,),
    ),
    "recall": View(
        "how well a symbol is recalled N steps later",
        "How often a symbol that was read N steps ago is recalled: by networks trained to do so, "
        "or with --model by a linear classifier from the hidden state of yours.",
        (add_variants, add_training_batches),
        older_names=("memory",),
    ),
    "neurons": View(
        "hidden units over real text",
        "Hidden units of a generator (or a classifier) over names that it was not trained on, or "
        "over a text, in colour; first those that correlate most with something simple, such as "
        "the position in the line.",
        (cli.add_model, add_texts),
    ),
    "summary": View(
        "the weights and multiply-adds of each layer",
        "Counts the weights and multiply-adds of each layer: of a model, or with --symbols of a "
        "network that is not trained yet, which the other options describe.",
        (cli.add_model, add_untrained),
    ),
    "batches": View(
        "the padding of batches",
        "How much of a batch is padding: of names as they come, and of names of like length.",
        (add_folder, add_batch_size),
    ),
    "splits": View(
        "test names that are in the training set too",
        "How many test names have a copy in the training set: of lines split at random, and by "
        "spelling.",
        (add_folder,),
    ),
    "temperature": View(
        "the next letter at several temperatures",
        "How probable each letter after a prefix is at temperatures 0.5, 1 and 2, and which of "
        "them top-p 0.9 draws from.",
        (add_prefix, cli.add_model),
    ),
}


# ---------------------------------------------------------------- the command


def main(argv: list[str] | None = None) -> None:
    """Parses, makes the picture and its text version, writes the picture."""
    arguments = parse(argv)
    kind = "svg" if arguments.svg else "png"
    file = f"{arguments.view}.{kind}"
    with cli.output_folder(arguments.out, arguments.view, [file]) as folder:
        from charnn.drawing import as_bytes
        from charnn.files import write

        picture = import_module(f"charnn.views.{arguments.picture}")
        figure = picture.show(arguments, show)
        write(folder / file, as_bytes(figure, kind))
    tell(f"{folder / file}   the picture")


def build_parser() -> cli.Parser:
    """The options."""
    options = cli.parser(
        "look", "Pictures of what happens inside a network, each with a text version."
    )
    to = options.add_subparsers(dest="view", required=True, metavar="VIEW")
    for name, view in VIEWS.items():
        parser = to.add_parser(
            name,
            aliases=view.older_names,
            allow_abbrev=False,
            help=view.help,
            description=view.description,
        )
        where = f"where {name}.png goes (default: the first free runs/{name}-N)"
        parser.add_argument("--out", metavar="DIR", help=where)
        parser.add_argument("--svg", action="store_true", help="write an SVG in place of a PNG")
        for add in view.options:
            add(parser)
        parser.set_defaults(parser=parser, picture=name)
    return options


def parse(argv: list[str] | None) -> argparse.Namespace:
    """What the command line asks for; `picture` names the file in `views`, `parser` its options."""
    arguments, unknown = build_parser().parse_known_args(argv)
    if unknown:
        arguments.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    return arguments


if __name__ == "__main__":
    sys.exit(cli.run(main))
