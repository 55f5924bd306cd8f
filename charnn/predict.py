"""python -m charnn.predict: names in, the most probable labels out.

Names come from the arguments or, without any, from standard input, one a line.
"""

import math
import sys
from codecs import BOM_UTF8
from collections.abc import Iterator
from itertools import islice

from charnn import cli
from charnn.config import LONGEST
from charnn.errors import CharnnError

CHUNK = 4096  # names answered at once: bounds the memory on a long input


def main(argv: list[str] | None = None) -> None:
    """Parses, loads the model, answers in the order of the input."""
    options = cli.parser("predict", "Says which labels a name has: the most probable first, each with the natural\n"
                                    "logarithm of its probability. Without names, reads standard input.")
    options.add_argument("names", nargs="*", metavar="NAME", help="a name; quote one that has a space")
    cli.add_model(options)
    options.add_argument("--top", type=int, default=3, metavar="K", help="labels per name (default: %(default)s)")
    options.add_argument("--unknown-below", type=float, default=0.0, metavar="P",
                         help="answer `unknown` where the top probability is below P (default: %(default)s); "
                              "charnn.evaluate prints what each P costs and gains")
    options.add_argument("--json", action="store_true", help="one JSON object per name and line")
    arguments = options.parse_intermixed_args(argv)
    if arguments.top < 1:
        raise CharnnError(f"--top {arguments.top} is less than 1; ask for at least one label")
    if not 0 <= arguments.unknown_below <= 1:
        raise CharnnError(f"--unknown-below {arguments.unknown_below} is no probability; choose from 0 to 1")
    if not arguments.names and (sys.stdin is None or sys.stdin.isatty()):
        raise CharnnError("no name given; try python -m charnn.predict Hinton, or pipe names in, one a line")

    import numpy as np

    from charnn.generator import load
    classifier = load(arguments.model, arguments.device)
    names = iter(arguments.names) if arguments.names else read_lines(sys.stdin.buffer)
    headed = len(arguments.names) != 1
    answered = 0
    while chunk := list(islice(names, CHUNK)):
        log_probs = classifier.log_proba(chunk)
        known = classifier.known(chunk) & (np.exp(log_probs.max(1)) >= arguments.unknown_below)
        answers = classifier.rank(log_probs, arguments.top)
        for name, answer, is_known in zip(chunk, answers, known.tolist(), strict=True):
            print(as_json(name, answer, is_known) if arguments.json else as_text(name, answer, is_known, headed))
        answered += len(chunk)
    if not answered:
        raise CharnnError("standard input holds no name; give one name a line")


def read_lines(stream) -> Iterator[str]:
    """Lines of a binary stream as text, without line ends. Raises CharnnError with the line that is wrong."""
    for number, line in enumerate(stream, start=1):
        try:
            line = line.removeprefix(BOM_UTF8) if number == 1 else line
            name = line.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise CharnnError(f"standard input, line {number}: byte 0x{line[error.start]:02x} is not UTF-8; "
                              "convert the input to UTF-8") from None
        if len(name) > LONGEST:
            raise CharnnError(f"standard input, line {number}: {name[:20]!r}... has {len(name):,} characters; "
                              f"names of up to {LONGEST:,} are answered")
        yield name


def as_text(name: str, answer: list[tuple[str, float]], known: bool, headed: bool) -> str:
    """The lines of one name: `(-0.47) Scottish` for each label, after `> Name` when there are several names."""
    lines = [f"({math.log(p) if p else -math.inf:.2f}) {label}" for label, p in answer] if known else ["unknown"]
    return "\n".join(([f"> {cli.printable(name)}"] if headed else []) + lines)


def as_json(name: str, answer: list[tuple[str, float]], known: bool) -> str:
    """The JSON object of one name; an `unknown` one has an empty list of predictions."""
    rows = [{"label": label, "probability": p} for label, p in answer] if known else []
    return cli.to_json({"name": name, "predictions": rows})


if __name__ == "__main__":
    sys.exit(cli.run(main))
