"""python -m charnn.predict: names in, the most probable labels out.

Names come from the arguments or, without any, from standard input, one a line; or a file of any size from --input.
"""

import argparse
import gc
import math
import os
import sys
import time
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from charnn import cli
from charnn.config import LONGEST
from charnn.errors import CharnnError
from charnn.wording import count

CHUNK = 4096  # names answered at once: bounds the memory on a long input


def main(argv: list[str] | None = None) -> None:
    """Parses, loads the model, answers in the order of the input."""
    options = cli.parser("predict", "Says which labels a name has: the most probable first, each with the natural\n"
                                    "logarithm of its probability. Without names, reads standard input; with --input\n"
                                    "and --output, a file of any size to a table with the columns label and\n"
                                    "probability.")
    options.add_argument("names", nargs="*", metavar="NAME", help="a name; quote one that has a space")
    cli.add_model(options)
    options.add_argument("--top", type=int, metavar="K", help="labels per name (default: 3; with --input 1)")
    options.add_argument("--unknown-below", type=float, default=0.0, metavar="P",
                         help="answer `unknown` where the top probability is below P (default: %(default)s); "
                              "charnn.evaluate prints what each P costs and gains")
    options.add_argument("--json", action="store_true", help="one JSON object per name and line")
    options.add_argument("--input", metavar="FILE", help="a .csv or .tsv with a header, or a text, one name a line")
    options.add_argument("--output", metavar="FILE", help="the rows of --input with their labels, a file that does "
                                                          "not exist yet; other than .csv and .tsv without a header")
    options.add_argument("--column", metavar="NAME", help="the column of --input that holds the names (default: the "
                                                          "only one)")
    arguments = options.parse_intermixed_args(argv)
    bulk = arguments.input is not None
    arguments.top = arguments.top if arguments.top is not None else 1 if bulk else 3
    if arguments.top < 1:
        raise CharnnError(f"--top {arguments.top} is less than 1; ask for at least one label")
    if not 0 <= arguments.unknown_below <= 1:
        raise CharnnError(f"--unknown-below {arguments.unknown_below} is no probability; choose from 0 to 1")
    if bulk or arguments.output is not None or arguments.column is not None:
        predict_file(arguments)
        return
    if not arguments.names and (sys.stdin is None or sys.stdin.isatty()):
        raise CharnnError("no name given; try python -m charnn.predict Hinton, or pipe names in, one a line")

    import numpy as np

    from charnn.inference.load import load
    classifier = load(arguments.model, arguments.device)
    names = iter(arguments.names) if arguments.names else read_lines(sys.stdin.buffer)
    headed = len(arguments.names) != 1
    answered = 0
    while chunk := list(islice(names, CHUNK)):
        log_probs, known = classifier.answers(chunk)
        known &= np.exp(log_probs.max(1)) >= arguments.unknown_below
        answers = classifier.rank(log_probs, arguments.top)
        for name, answer, is_known in zip(chunk, answers, known.tolist(), strict=True):
            print(as_json(name, answer, is_known) if arguments.json else as_text(name, answer, is_known, headed))
        answered += len(chunk)
    if not answered:
        raise CharnnError("standard input holds no name; give one name a line")


def predict_file(arguments: argparse.Namespace) -> None:
    """--input to --output, and on standard error how many rows there were and why some were not answered."""
    source, target = arguments.input, arguments.output
    if source is None or target is None:
        raise CharnnError("--input, --output and --column go together; give at least --input and --output")
    if arguments.names or arguments.json:
        extra = arguments.names[0] if arguments.names else "--json"
        raise CharnnError(f"{extra} does not go with --input; leave it out")
    check_target(target)

    from tqdm import tqdm

    from charnn.files import writing
    from charnn.inference.bulk import delimiter, label_rows, read_rows, write_rows
    from charnn.inference.load import load
    model = load(arguments.model, arguments.device)
    gc.freeze()  # what torch brings along stays: the garbage collector need not look through it again and again
    started, counts = time.perf_counter(), Counter()
    with open(source, "rb", buffering=0) as file, writing(target) as output:
        size = os.fstat(file.fileno()).st_size
        with tqdm.wrapattr(file, "read", size, unit="B", unit_scale=True, disable=None) as watched:  # on a terminal
            write_rows(output, delimiter(target), label_rows(
                model, read_rows(watched, delimiter(source)), arguments.column, arguments.top,
                arguments.unknown_below, counts))
        check_target(target)
    print(summary(counts, time.perf_counter() - started), file=sys.stderr)


def check_target(target: str) -> None:
    """Raises CharnnError when there is such a file already."""
    if os.path.lexists(target):
        raise CharnnError(f"--output {target} exists already; choose another name or move it away")


def summary(counts: Counter, seconds: float) -> str:
    """How many rows there were and how long it took; how many were not answered, and why."""
    rows = counts.pop("rows", 0)
    text = f"{count(rows, 'row')} in {seconds:.1f} s"
    if counts:
        text += f"; unknown: {counts.total():,} (" + ", ".join(f"{n:,} {why}" for why, n in counts.most_common()) + ")"
    return text


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
