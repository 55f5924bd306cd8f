"""How a table is to be read where the user says it: --delimiter, --header, --encoding, --quote.

Light: knows neither files nor how a dialect is recognised (text/dialects.py does that).
"""

import argparse
import codecs
from collections.abc import Callable
from typing import NamedTuple

from charnn.errors import CharnnError
from charnn.terminal import tell
from charnn.wording import quoted

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "bar": "|", "none": ""}
QUOTES = {"none": "", "double": '"', "single": "'"}


class TableOptions(NamedTuple):
    """What the user says of a table; None: it is recognised."""

    delimiter: str | None = None  # one character; "" for a list, one value a line
    header: bool | None = None  # whether the first row names the columns
    encoding: str | None = None  # as Python names it
    quote: str | None = None  # one character; "" where quotes are letters like all others


def add_table_options(to: argparse._ActionsContainer, column: str | None = None) -> None:
    """The options that say how a table is to be read, and --column where it has that help."""
    if column is not None:
        to.add_argument("--column", metavar="NAME", help=column)
    to.add_argument(
        "--delimiter",
        metavar="CHARACTER",
        help="what separates the cells of a table: a character, or comma, semicolon, tab, bar, or "
        "none for a list, one name a line (default: recognised)",
    )
    to.add_argument(
        "--header",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="whether the first row of a table names its columns; without a header, --column takes "
        "a number (default: recognised)",
    )
    to.add_argument(
        "--encoding",
        metavar="NAME",
        help="of a text file, such as cp1254 (default: by its byte-order mark, otherwise UTF-8)",
    )
    to.add_argument(
        "--quote",
        metavar="CHARACTER",
        help="what cells of a table are quoted with, or none (default: double quotes)",
    )


def table_options(arguments: argparse.Namespace) -> TableOptions:
    """The options of `add_table_options`. Raises CharnnError for values that cannot work."""
    delimiter = _character("--delimiter", arguments.delimiter, DELIMITERS)
    quote = _character("--quote", arguments.quote, QUOTES)
    if delimiter and delimiter == quote:
        raise CharnnError(
            f"--delimiter and --quote are both {quoted(delimiter)}; choose two characters"
        )
    return TableOptions(delimiter, arguments.header, _encoding(arguments.encoding), quote)


def given(options: TableOptions) -> bool:
    """Whether the user says anything of the table."""
    return options != TableOptions()


def _character(flag: str, value: str | None, names: dict[str, str]) -> str | None:
    """One character, which may be given by its name; "" for none."""
    if value is None:
        return None
    character = names.get(value.lower(), value)
    if len(character) > 1 or value == "" or character in ("\r", "\n"):
        raise CharnnError(
            f"{flag} {quoted(value)} is not one character; give one, or {', '.join(names)}"
        )
    return character


def _encoding(name: str | None) -> str | None:
    """Python's own name of a text encoding."""
    if name is None:
        return None
    try:
        known = codecs.lookup(name)
    except (LookupError, ValueError):
        known = None
    if known is None or not _is_of_text(known):
        raise CharnnError(
            f"--encoding {quoted(name)} is unknown; give one that Python knows, such as cp1254"
        )
    return known.name


def _is_of_text(encoding: codecs.CodecInfo) -> bool:
    """Whether it turns any bytes into text and back: base64 gives bytes, punycode refuses some."""
    if not encoding._is_text_encoding:
        return False
    try:
        codecs.getincrementaldecoder(encoding.name)("surrogateescape").decode(bytes(8))
    except (LookupError, UnicodeError):
        return False
    return True


# ---------------------------------------------------------------- names and their labels


class Columns(NamedTuple):
    """Where the names and the labels of a table are, and how it is to be read."""

    name: str | None = None  # the column of names; None for a list, or a table of one column
    label: str | None = None  # the column of labels
    options: TableOptions = TableOptions()
    say: Callable[[str], object] = lambda line: None  # is given how a table was read, in one line

    @property
    def wanted(self) -> list[str]:
        """The columns that are asked for."""
        return [column for column in (self.name, self.label) if column is not None]

    def check_folder(self, folder: object) -> None:
        """Raises CharnnError for options that a folder of lists has no use for."""
        if self.wanted:
            flag = "--label-column" if self.name is None else "--column"
            raise CharnnError(f"{flag} is for one table, and {folder} is none; leave it out")
        if given(self.options._replace(delimiter=self.options.delimiter or None)):
            raise CharnnError(
                f"--delimiter, --header, --encoding and --quote are for one table, and {folder} is "
                "none; leave them out"
            )


NO_COLUMNS = Columns()
# What `columns_of` reads.
COLUMN_OPTIONS = ("column", "label_column", "delimiter", "header", "encoding", "quote")


def add_column_options(to: argparse._ActionsContainer) -> None:
    """--label-column and the options of `add_table_options`, for a table in place of a folder."""
    add_table_options(to, "the column of a table that holds the names, by its name or number")
    to.add_argument(
        "--label-column", metavar="NAME", help="the column of a table that holds their labels"
    )


def columns_of(arguments: argparse.Namespace) -> Columns:
    """The options of `add_column_options`; what a table was read as goes to standard error.

    Raises CharnnError for values that cannot work.
    """
    name, label = arguments.column, arguments.label_column
    if label is not None and name is None:
        raise CharnnError(
            f"--label-column {quoted(label)} was given without --column; say which column holds "
            "the names"
        )
    if label is not None and label == name:
        raise CharnnError(f"--column and --label-column are both {quoted(name)}; give two columns")
    return Columns(name, label, table_options(arguments), tell)
