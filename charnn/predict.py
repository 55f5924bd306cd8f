"""python -m charnn.predict: names in, the most probable labels out.

Names come from the arguments or, without any, from a prompt; where standard input is no terminal,
from it, one a line; or from a file of any size, --input.
"""

import argparse
import gc
import os
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import takewhile
from typing import TYPE_CHECKING, BinaryIO

from charnn import cli
from charnn.errors import CharnnError
from charnn.prompt import answer_each, can_ask, typed_lines
from charnn.table_options import add_table_options, table_options
from charnn.terminal import show, tell, to_json
from charnn.text.people import FORMATS, check_format
from charnn.waiting import watched_file
from charnn.wording import counted, quoted

if TYPE_CHECKING:
    from charnn.inference.predictions import Prediction
    from charnn.inference.trained import Trained

WARNED = 5  # names whose doubts get a line each; of the rest, how many there are


def main(argv: list[str] | None = None) -> None:
    """Parses, loads the model, prints predictions in the order of the input."""
    arguments = parse(argv)
    if arguments.input is not None:
        predict_file(arguments)
    else:
        predict_names(arguments)


# ---------------------------------------------------------------- the command line


def build_parser() -> cli.Parser:
    """The options."""
    options = cli.parser(
        "predict",
        "Prints the most probable labels of each name, the best first, each with the natural\n"
        "logarithm of its probability. Without names, asks for one after the other on a terminal,\n"
        "and reads standard input elsewhere; with --input and --output, reads a file of any size\n"
        "and writes a table with the columns label and probability.",
    )
    add_names(options)
    cli.add_model(options)
    cli.add_device(options)
    cli.add_backend(options)
    options.add_argument(
        "--top", type=int, metavar="K", help="labels per name (default: 3; with --input 1)"
    )
    options.add_argument(
        "--unknown-below",
        type=float,
        default=0.0,
        metavar="P",
        help="print `unknown` where the top probability is below P (default: %(default)s); "
        "charnn.evaluate shows, for some P, how many names are left and how accurate they are",
    )
    options.add_argument("--json", action="store_true", help="one JSON object per name and line")
    add_files(options.group("table"))
    return options


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The options. Raises CharnnError for values that cannot work or do not go together."""
    # Intermixed: options may come between the names too.
    arguments = build_parser().parse_intermixed_args(argv)
    if arguments.top is None:
        arguments.top = 3 if arguments.input is None else 1
    check(arguments)
    return arguments


def add_names(options: cli.Parser) -> None:
    """The names, and how they are written."""
    options.add_argument(
        "names", nargs="*", metavar="NAME", help="a name; quote one that has a space"
    )
    options.add_argument(
        "--name-format",
        choices=FORMATS,
        default="surname",
        help="what the names are: surnames, read as they are; full names, given names first; "
        "surnames first; or of any kind (auto). Of all but surnames, titles, suffixes and given "
        "names are left out (needs nameparser; default: %(default)s)",
    )


def add_files(options: cli.Options) -> None:
    """--input, --output, and how a table is to be read."""
    options.add_argument(
        "--input",
        metavar="FILE",
        help="a table (CSV or the like, JSON lines, Parquet, Excel) or a list, one name a line; "
        "text may be compressed",
    )
    options.add_argument(
        "--output",
        metavar="FILE",
        help="where the rows of --input go, with their labels: a file that does not exist yet",
    )
    add_table_options(options, "the column of --input that holds the names (default: the only one)")


def check(arguments: argparse.Namespace) -> None:
    """Raises CharnnError for values out of range and for options that do not go together."""
    if arguments.top < 1:
        raise CharnnError(f"--top {arguments.top} is less than 1; ask for at least one label")
    if not 0 <= arguments.unknown_below <= 1:
        raise CharnnError(
            f"--unknown-below {arguments.unknown_below} is no probability; choose from 0 to 1"
        )
    check_format(arguments.name_format)
    of_files = (arguments.input, arguments.output, arguments.column, *table_options(arguments))
    if any(value is not None for value in of_files):
        check_of_file(arguments)
    elif not arguments.names and sys.stdin is None:
        raise CharnnError(
            "no name given; try python -m charnn.predict Hinton, or pipe names in, one a line"
        )


def check_of_file(arguments: argparse.Namespace) -> None:
    """`check` for a file: raises CharnnError for what does not go with --input and --output."""
    if arguments.input is None or arguments.output is None:
        raise CharnnError(
            "--input and --output go together, and what says how a table is read goes with them; "
            "give both"
        )
    if arguments.names or arguments.json:
        extra = arguments.names[0] if arguments.names else "--json"
        raise CharnnError(f"{extra} does not go with --input; leave it out")
    cli.check_target("--output", arguments.output)


# ---------------------------------------------------------------- names to lines


def predict_names(arguments: argparse.Namespace) -> None:
    """Prints the predictions for the names of the command line, of a prompt or of a pipe."""
    from charnn.inference.load import load
    from charnn.text.reading import stream_lines

    model = load(arguments.model, arguments.device, arguments.backend)
    if arguments.names:
        print_predictions(model, arguments.names, arguments, len(arguments.names) > 1)
    elif can_ask():
        answer_prompt(model, arguments)
    else:
        names = stream_lines(sys.stdin.buffer, "standard input")
        names = short_enough(names, model.config.longest)
        if not print_predictions(model, names, arguments, True):
            raise CharnnError("standard input holds no name; give one name a line")


def answer_prompt(model: "Trained", arguments: argparse.Namespace) -> None:
    """Asks for one name after the other, until an empty line or Ctrl-D, and answers each."""
    unit = model.config.unit
    tell(f"one {unit} a line; Ctrl-D or an empty line ends")
    with warnings.catch_warnings():
        warnings.simplefilter("always")  # of a name that is typed again too
        answer_each(
            takewhile(bool, typed_lines(f"{unit}: ")),
            lambda name: print_predictions(model, [name], arguments, False),
        )


def print_predictions(
    model: "Trained", names: Iterable[str], arguments: argparse.Namespace, several: bool
) -> int:
    """Prints the predictions for these names and what speaks against some; how many there were.

    Of `several` names each gets a heading.
    """
    from charnn.inference.predictions import predictions

    tokens = model.config.tokens
    printed = doubtful = 0
    for prediction in predictions(
        model, names, arguments.top, arguments.unknown_below, arguments.name_format
    ):
        as_json = arguments.json
        show(to_json(prediction.to_dict(tokens)) if as_json else prediction.as_text(several))
        printed += 1
        sentence = prediction.doubts.sentence(prediction.surname, tokens)
        doubtful += bool(sentence)
        if sentence and doubtful <= WARNED:
            warnings.warn(sentence + advice(prediction, arguments.name_format), stacklevel=1)
    if doubtful > WARNED:
        more = counted(doubtful - WARNED, "more name")
        warnings.warn(f"{more} with such doubts; --json says which", stacklevel=1)
    return printed


def short_enough(lines: Iterable[str], most: int) -> Iterator[str]:
    """The lines of standard input. Raises CharnnError for one that is too long to be a name."""
    for number, line in enumerate(lines, start=1):
        if len(line) > most:
            raise CharnnError(
                f"standard input, line {number}: {quoted(line, 20)} has {len(line):,} characters; "
                f"names of up to {most:,} are classified"
            )
        yield line


def advice(prediction: "Prediction", name_format: str) -> str:
    """What to do about several words that were read as one surname."""
    if prediction.doubts.several_words and name_format == "surname":
        return "; --name-format full, last-first or auto reads the surname alone"
    return ""


# ---------------------------------------------------------------- a file to a table


def predict_file(arguments: argparse.Namespace) -> None:
    """--input to --output; on standard error how many rows, and why some are unknown."""
    from tqdm import tqdm

    from charnn.files import writing
    from charnn.inference.bulk import added_columns, label_rows
    from charnn.inference.load import load
    from charnn.text.compressed import compressing
    from charnn.text.table_output import check_suffix, write_answers
    from charnn.text.tables import open_table

    source, target, column = arguments.input, arguments.output, arguments.column
    wanted = [] if column is None else [column]
    counts: Counter[str] = Counter()

    def watched(file: BinaryIO) -> BinaryIO:
        if not sys.stderr.isatty():
            return watched_file(file)
        size = os.fstat(file.fileno()).st_size
        return stack.enter_context(tqdm.wrapattr(file, "read", size, unit="B", unit_scale=True))

    with ExitStack() as stack:
        # What is wrong with the table is said before the model is loaded.
        table = stack.enter_context(open_table(source, table_options(arguments), wanted, watched))
        place = table.column(column)
        check_suffix(table, target)
        model = load(arguments.model, arguments.device, arguments.backend)
        # Rows are freed without the garbage collector, which would look for cycles among millions.
        gc.disable()
        stack.callback(gc.enable)
        started = time.perf_counter()
        added = added_columns(model, table, arguments.top)
        tell(table.described([place]))
        with writing(target) as output:
            answers = label_rows(
                model,
                table,
                place,
                arguments.top,
                arguments.unknown_below,
                counts,
                arguments.name_format,
            )
            with compressing(target, output) as packed:
                write_answers(table, target, packed, added, answers)
            # Another program may have made the file in the meantime.
            cli.check_target("--output", target)
    tell(summary(counts, time.perf_counter() - started))


def summary(counts: Counter[str], seconds: float) -> str:
    """How many rows there were and how long it took; how many are unknown, and why.

    And how many are several words, read as one surname.
    """
    from charnn.inference.bulk import ROWS_READ, SEVERAL

    rows, several = counts.pop(ROWS_READ, 0), counts.pop(SEVERAL, 0)
    text = f"{counted(rows, 'row')} in {seconds:.1f} s"
    if counts:
        reasons = ", ".join(f"{n:,} {reason}" for reason, n in counts.most_common())
        text += f"; unknown: {counts.total():,} ({reasons})"
    if several:
        text += f"; {several:,} of several words, read as one surname: see --name-format"
    return text


if __name__ == "__main__":
    sys.exit(cli.run(main))
