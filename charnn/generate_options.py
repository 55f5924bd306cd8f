"""The options of python -m charnn.generate, and which of them do not go together.

Light: knows no model.
"""

import argparse

from charnn import cli
from charnn.config import flag_of
from charnn.errors import CharnnError
from charnn.prompt import can_ask
from charnn.table_options import add_column_options
from charnn.wording import listed

WITH_SCORE = ("score", "label", "model", "device", "backend", "json")  # go with --score
WITHOUT = {  # what does not go with an option, and why
    "beam": ("searches and draws nothing", ("temperature", "top_k", "top_p", "seed")),
    "prefix_file": ("holds the prefixes", ("prefix", "interactive")),
    "interactive": ("asks for the prefixes", ("prefix",)),
}
NAMES, TEXTS = 10, 1  # how many are generated if nothing is said


def build_parser() -> cli.Parser:
    """The options."""
    options = cli.parser(
        "generate",
        "Generates new names, one a line, or running text. With --score prints the bits per\n"
        "character of a given text under the model, and the bits of each letter.",
    )
    cli.add_model(options)
    cli.add_device(options)
    cli.add_backend(options)
    options.add_argument(
        "--label", help="generate names of this label (default: of any, by their shares)"
    )
    add_prefixes(options)
    add_sampling(options.group("sampling"))
    options.add_argument(
        "--beam",
        type=int,
        metavar="K",
        help="draw nothing: print the K most probable names, each after its log-probability; of "
        "running text, those of --length characters that beam search with K hypotheses finds",
    )
    options.add_argument(
        "--novel",
        action="store_true",
        help="leave out names of the training and validation sets",
    )
    options.add_argument(
        "--data",
        metavar="PATH",
        help="the data that the model was trained on: show the nearest name of the training set "
        "beside each (needs rapidfuzz)",
    )
    options.add_argument(
        "--score",
        metavar="TEXT",
        help="generate nothing; print the bits per character of this text under the model",
    )
    options.add_argument("--json", action="store_true", help="one JSON object per text and line")
    add_column_options(options.group("table"))
    return options


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The options. Raises CharnnError for options that do not go together."""
    options = build_parser()
    arguments = options.parse_args(argv)
    check(arguments, options)
    return arguments


def check(arguments: argparse.Namespace, options: cli.Parser) -> None:
    """Raises CharnnError for options that do not go together, and a prompt without a terminal."""
    given = [name for name, value in vars(arguments).items() if value != options.get_default(name)]
    extra = [name for name in given if name not in WITH_SCORE]
    if arguments.score is not None and extra:
        raise CharnnError(f"--score generates nothing; leave {listed(map(flag_of, extra))} out")
    for name, (reason, others) in WITHOUT.items():
        extra = [other for other in others if other in given]
        if name in given and extra:
            flags = listed(map(flag_of, extra))
            raise CharnnError(f"{flag_of(name)} {reason}; leave {flags} out")
    if arguments.interactive and not can_ask():
        raise CharnnError(
            "--interactive asks on a terminal, and standard input is none; give --prefix-file FILE"
        )


def add_prefixes(options: cli.Parser) -> None:
    """Adds the options for how texts start: one way, those of a file, or those that are typed."""
    options.add_argument("--prefix", default="", metavar="TEXT", help="how each text starts")
    options.add_argument(
        "--prefix-file",
        metavar="FILE",
        help="a prefix a line: a text is generated for each, in their order, or --count of them",
    )
    options.add_argument(
        "--interactive",
        action="store_true",
        help="ask on the terminal how names or a text start, and generate them, until Ctrl-D",
    )


def add_sampling(options: cli.Options) -> None:
    """Adds the options for how many texts, how long, and how their letters are sampled."""
    options.add_argument(
        "--count",
        type=int,
        metavar="N",
        help=f"how many names, or texts (default: {NAMES} names, or {TEXTS} text; "
        f"{TEXTS} for each line of --prefix-file, K with --beam)",
    )
    options.add_argument(
        "--temperature",
        type=float,
        default=1.0,
        metavar="X",
        help="below 1 probable letters become more probable, above 1 less; 0 always takes the "
        "most probable one (default: %(default)s)",
    )
    options.add_argument(
        "--top-k", type=int, metavar="K", help="draw from the K most probable letters only"
    )
    options.add_argument(
        "--top-p",
        type=float,
        metavar="P",
        help="draw from the fewest letters that together have probability P (nucleus sampling)",
    )
    options.add_argument(
        "--length",
        type=int,
        metavar="N",
        help="characters of a text at most (default: 500; of a name, as in training)",
    )
    options.add_argument(
        "--seed", type=int, metavar="N", help="the same seed gives the same texts (default: none)"
    )
