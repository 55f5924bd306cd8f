"""python -m charnn.generate: new names or text, or the bits per character of a given text."""

import argparse
import sys
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from charnn import cli
from charnn.config import flag_of
from charnn.errors import CharnnError
from charnn.table_options import add_column_options, columns_of
from charnn.terminal import WRITTEN, show, to_json
from charnn.wording import printable

if TYPE_CHECKING:
    from charnn.inference.generator import Generator, Sample
    from charnn.inference.name_generator import NameGenerator
    from charnn.inference.nearest import Neighbour
    from charnn.inference.text_generator import TextGenerator

SAMPLING = ("temperature", "top_k", "top_p", "length", "seed")  # options on how letters are drawn
WITH_SCORE = (
    "score",
    "label",
    "model",
    "device",
    "backend",
    "json",
)  # go with --score
NAMES, TEXTS = 10, 1  # how many are generated if nothing is said
BARS_PER_BIT = 4  # of a letter's score


def main(argv: list[str] | None = None) -> None:
    """Parses, loads the model, generates or scores."""
    arguments = parse(argv)

    from charnn.inference.generator import Generator
    from charnn.inference.load import load
    from charnn.inference.text_generator import TextGenerator

    path = "generator" if arguments.model is None else arguments.model
    model = load(path, arguments.device, arguments.backend)
    if not isinstance(model, Generator):
        raise CharnnError(f"{path} is a classifier; give a generator's model file")
    if arguments.score is not None:
        print_score(model, arguments)
    elif isinstance(model, TextGenerator):
        print_text(model, arguments)
    else:
        print_names(model, arguments)


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
    options.add_argument("--prefix", default="", metavar="TEXT", help="how each text starts")
    add_sampling(options.group("sampling"))
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
    """The options. Raises CharnnError for options that do not go with --score."""
    options = build_parser()
    arguments = options.parse_args(argv)
    if arguments.score is not None:
        given = [
            flag_of(name)
            for name, value in vars(arguments).items()
            if value != options.get_default(name) and name not in WITH_SCORE
        ]
        if given:
            raise CharnnError(f"--score generates nothing; leave {', '.join(given)} out")
    return arguments


def add_sampling(options: cli.Options) -> None:
    """Adds the options for how many texts, how long, and how their letters are sampled."""
    options.add_argument(
        "--count",
        type=int,
        metavar="N",
        help=f"how many names, or texts (default: {NAMES} names, or {TEXTS} text)",
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


def chosen(arguments: argparse.Namespace) -> dict[str, Any]:
    """The sampling options of the command line."""
    return {name: getattr(arguments, name) for name in SAMPLING}


# ---------------------------------------------------------------- names


def print_names(model: "NameGenerator", arguments: argparse.Namespace) -> None:
    """Names, one a line; with --data the nearest name of the training set beside each."""
    near: Sequence[Neighbour | None]
    if arguments.data is None:
        samples = samples_of(model, arguments, NAMES)
        near = [None] * len(samples)
    else:
        from charnn.inference.nearest import nearest, training_names

        # Read first: a wrong path is found before time is spent on generating.
        raw = model.fingerprints_raw
        trained = model.fingerprints["train"]
        known = training_names(arguments.data, trained, raw, columns_of(arguments))
        samples = samples_of(model, arguments, NAMES)
        near = nearest([sample.text for sample in samples], known, raw)
    for sample, neighbour in zip(samples, near, strict=True):
        show(as_json(sample, neighbour) if arguments.json else as_text(sample, neighbour))


def samples_of(model: "Generator", arguments: argparse.Namespace, default: int) -> "list[Sample]":
    """As many texts as were asked for, or the default, generated at once."""
    count = default if arguments.count is None else arguments.count
    return model.sample(
        arguments.label, arguments.prefix, count, novel=arguments.novel, **chosen(arguments)
    )


def as_text(sample: "Sample", neighbour: "Neighbour | None") -> str:
    """A name, and after it the nearest name of the training set with the edit distance."""
    text = sample.text
    if neighbour is not None:
        text += f"   {neighbour.distance} from {neighbour.name} ({neighbour.label})"
    return printable(text)


def as_json(sample: "Sample", neighbour: "Neighbour | None" = None) -> str:
    """The JSON object of one text."""
    about: dict[str, Any] = sample._asdict()
    if neighbour is not None:
        about["nearest"] = neighbour._asdict()
    return to_json(about)


# ---------------------------------------------------------------- running text


def print_text(model: "TextGenerator", arguments: argparse.Namespace) -> None:
    """Running text: one letter by letter as it is generated; several, or as JSON, when finished."""
    if arguments.data is not None:
        raise CharnnError("--data is for names; running text has no list to compare with")
    if arguments.count is None and not arguments.json:
        stream_text(model, arguments)
        return
    for sample in samples_of(model, arguments, TEXTS):
        show(as_json(sample) if arguments.json else sample.text, keep=WRITTEN)


def stream_text(model: "TextGenerator", arguments: argparse.Namespace) -> None:
    """Prints each letter of a running text as soon as it is generated."""
    if arguments.label is not None:
        model.index(arguments.label)  # raises: running text has no labels
    if arguments.novel:
        raise CharnnError("--novel is for names; running text has no list to compare with")
    # Made first: it raises before anything is printed.
    letters = model.stream(arguments.prefix, **chosen(arguments))
    show(arguments.prefix, end="", keep=WRITTEN)
    for letter in letters:
        show(letter, end="", keep=WRITTEN, flush=True)
    show()


# ---------------------------------------------------------------- how surprising a text is


def print_score(model: "Generator", arguments: argparse.Namespace) -> None:
    """Bits per character of a text, and a bar for the bits of each letter."""
    from charnn.inference.generator import bits_per_char

    letters = model.bits_per_letter(arguments.score, arguments.label)
    mean = bits_per_char(letters)
    doubts = model.doubts(arguments.score)
    sentence = doubts.sentence(arguments.score, "letters")
    if sentence:
        warnings.warn(sentence, stacklevel=1)
    if arguments.json:
        about = {
            "text": arguments.score,
            "label": arguments.label,
            "bits_per_char": mean,
            "letters": [{"letter": letter, "bits": bits} for letter, bits in letters],
            **doubts.to_dict("letters"),
        }
        show(to_json(about))
        return
    show(f"{mean:.2f} bits per character")
    end = {"\n": "end"} if model.ends_at_newline else {}
    shown = [end.get(letter) or printable(letter) for letter, _ in letters]
    width = max(4, *map(len, shown))
    for symbol, (_, bits) in zip(shown, letters, strict=True):
        show(f"{symbol:>{width}} {bits:6.2f} {'#' * round(BARS_PER_BIT * bits)}")


if __name__ == "__main__":
    sys.exit(cli.run(main))
