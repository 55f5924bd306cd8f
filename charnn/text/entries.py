"""The names of one file with their labels, row by row: of a list, or of two columns of a table.

What is wrong with a row is said with it, so that a training can stop there and a check can go on.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from charnn.config import MAX_CHARACTERS
from charnn.errors import CharnnError
from charnn.table_options import Columns
from charnn.text.dialects import NAMES, Sample, dialect_of
from charnn.text.labels import as_label, is_printable
from charnn.text.table_base import in_file
from charnn.text.tables import SAMPLE, Nested, Row, Table, is_text, open_table
from charnn.wording import counted, listed, quoted

FEWEST_LINES = 5  # of a file that may be a table and not a list


class Entry(NamedTuple):
    """A name with its label and its place. Both are without white space around them."""

    line: int
    name: str  # "" where a row has none
    label: str
    fault: str = ""  # why the row cannot be used


def entries(path: Path, columns: Columns, needs_labels: bool = False) -> Iterator[Entry]:
    """The rows of a file that are not blank; without --label-column, its name is their label.

    Raises CharnnError for a file that cannot be read, for a list that is a table, for columns that
    it does not have, and where labels are needed and no column holds them.
    """
    if columns.label is not None and columns.name is None:
        raise CharnnError(
            f"{path}: a column of labels was given without one of names; say which that is"
        )
    with open_table(path, columns.options, columns.wanted) as table:
        if needs_labels and columns.label is None:
            raise CharnnError(_without_labels(table))
        places = [table.column(columns.name)]
        if columns.label is not None:
            places.append(table.column(columns.label))
        columns.say(table.described(places))
        for row in table.rows():
            if any(cell and not cell.isspace() for cell in row.cells):
                yield _entry(row, table, places)


def _entry(row: Row, table: Table, places: Sequence[int]) -> Entry:
    """The name and the label of a row."""
    if len(row.cells) != len(table.columns):
        fault = f"{counted(len(row.cells), 'cell')} in a table of {len(table.columns)} columns"
        return Entry(row.line, "", "", f"{fault}; correct the row")
    for place in places:
        if isinstance(row.cells[place], Nested):
            fault = f"{quoted(str(row.cells[place]), 40)} is no text but a list or an object"
            return Entry(row.line, "", "", f"{fault}; give each row one name and one label")
    name = row.cells[places[0]].strip()
    label = as_label(row.cells[places[1]] if len(places) > 1 else table.path.stem)
    fault = ""
    if not is_text(name + label):
        fault = f"{quoted(name or label, 40)} is not {table.encoding_name}; name its --encoding"
    return Entry(row.line, name, label, fault or fault_of(name, label))


def fault_of(name: str, label: str) -> str:
    """Why a name cannot be learned from with its label; "" where it can, or there is no name."""
    if name and not label:
        return f"{quoted(name, 40)} has no label; give it one, or leave the row out"
    if name and not is_printable(label):
        return f"the label {quoted(label, 40)} has an unprintable character; rename it"
    return ""


def _without_labels(table: Table) -> str:
    """What is wrong with names that have no labels."""
    if len(table.columns) == 1:
        return (
            f"{table.path} holds names without labels, which a classifier learns; give a folder of "
            "<label>.txt files, or a table with --column and --label-column"
        )
    return (
        f"{table.path}: say with --column and --label-column which of its columns holds the names "
        f"and which the labels: {listed(table.columns)}"
    )


def too_long(name: str, max_length: int) -> str:
    """What is wrong with a name of more than so many characters; "" for a shorter one."""
    if len(name) <= max_length:
        return ""
    remedy = "shorten it"
    if max_length < MAX_CHARACTERS:
        remedy += ", raise --max-length or, for texts, train with --tokens words"
    return f"{quoted(name, 20)} has {len(name):,} characters, more than {max_length:,}; {remedy}"


def check_is_list(path: Path, lines: Sequence[str], columns: Columns) -> None:
    """Raises CharnnError where the lines of a `<label>.txt` file are the rows of a table."""
    first = list(lines[:SAMPLE])
    # Few lines may be alike by chance; and most folders hold no delimiter at all, which is faster.
    most = max(sum(sign in line for line in first) for sign in (*NAMES, '"'))
    if most < max(FEWEST_LINES, len(first) / 2):
        return
    sample = Sample(first, ".txt", whole=len(lines) <= SAMPLE)
    try:
        dialect_of(sample, columns.options, ())
    except CharnnError as error:
        raise in_file(path, error) from None
