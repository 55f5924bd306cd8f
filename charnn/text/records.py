"""The rows of a delimited text: cells to read, and the row as it stands, to be written again.

Knows how cells are quoted; nothing of headers, files or encodings. Python's csv module gives cells
without the text that they were written as, and takes a quote that is never closed for one cell of
all that follows.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from charnn.config import MAX_TEXT
from charnn.errors import CharnnError
from charnn.wording import counted, quoted

FEW = 10  # lines of a quoted cell; more are taken for a quote that was left open
MOST = 1_000  # the same where the user has said that there are quotes
# What makes a formula of a cell, after OWASP's page on CSV injection.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LINE_END = re.compile("\r\n|\r|\n")


class Nested(str):
    """A cell that is no single value but a list or an object, as it is written."""


class Row(NamedTuple):
    """One row of a table."""

    line: int  # where it begins, from 1; in a workbook or Parquet file the number of the row
    cells: list[str]  # none: a blank line
    raw: Any  # what it is written again from: here its text, with the line end


class Dialect(NamedTuple):
    """How rows are written."""

    delimiter: str  # "" in a list, one value a line
    quote: str  # "" where quotes are letters like all others
    trusted: bool = False  # whether the user has said that there are quotes


class _Grammar(NamedTuple):
    """What a cell is, as expressions to match where one begins."""

    quoted: re.Pattern[str]
    open: re.Pattern[str]  # a quoted cell that the text ends within
    inside: re.Pattern[str]  # a line of a quoted cell that goes on after it


@lru_cache(maxsize=16)
def _grammar(dialect: Dialect) -> _Grammar:
    """The cells of a dialect that has quotes."""
    quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter)
    inside = f"(?:[^{quote}]|{quote}{quote})*+"
    return _Grammar(
        re.compile(rf"{quote}({inside}){quote}(?={delimiter}|\Z)"),
        re.compile(rf"{quote}{inside}\Z"),
        re.compile(inside),
    )


def spans_of(text: str, dialect: Dialect) -> list[tuple[int, int]]:
    """Where each cell begins and ends in a row without its line end."""
    grammar, start, spans = _grammar(dialect), 0, []
    while True:
        quoted_cell = grammar.quoted.match(text, start)
        end = quoted_cell.end() if quoted_cell else text.find(dialect.delimiter, start)
        end = len(text) if end < 0 else end
        spans.append((start, end))
        if end == len(text):
            return spans
        start = end + 1


def cells_of(text: str, dialect: Dialect) -> list[str]:
    """The cells of a row without its line end; one that is quoted badly is taken as it stands."""
    if not dialect.delimiter:
        return [text]
    quote = dialect.quote
    if not quote or quote not in text:
        return text.split(dialect.delimiter)
    cells = []
    for start, end in spans_of(text, dialect):
        found = _grammar(dialect).quoted.fullmatch(text, start, end)
        cell = found[1].replace(quote * 2, quote) if found else text[start:end]
        cells.append(cell)
    return cells


def head_of(text: str, dialect: Dialect, cells: int) -> tuple[str, str]:
    """A row's first cells as they are written, and the rest with its delimiter."""
    if not dialect.quote or dialect.quote not in text:
        head = dialect.delimiter.join(text.split(dialect.delimiter)[:cells])
    else:
        head = text[: spans_of(text, dialect)[cells - 1][1]]
    return head, text[len(head) :]


def body_of(raw: str) -> str:
    """A row without its line end."""
    return raw.rstrip("\r\n")


def inert(cell: str) -> str:
    """A cell of ours that no spreadsheet takes for a formula: with a single quote before it.

    As https://owasp.org/www-community/attacks/CSV_Injection advises.
    """
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def written(cell: str, dialect: Dialect) -> str:
    """A cell as it is written between others. Raises CharnnError where no quote can protect it."""
    if not any(letter in cell for letter in (dialect.delimiter, dialect.quote or "\n", "\r", "\n")):
        return cell
    if not dialect.quote:
        raise CharnnError(
            f"{quoted(cell)} cannot be written between {quoted(dialect.delimiter)} without quotes; "
            "leave out --quote none, or write to another kind of file"
        )
    return f"{dialect.quote}{cell.replace(dialect.quote, dialect.quote * 2)}{dialect.quote}"


def records(
    lines: Iterable[str],
    dialect: Dialect,
    width: int | None = None,
    first: int = 1,
    whole: bool = True,
) -> Iterator[Row]:
    """The rows of these lines, of which the first has the number `first`.

    A blank line of a table with several columns has no cells. `width` is the number of columns;
    where it is known, several lines that may be rows by themselves are not taken for one.
    Without `whole`, more lines are to follow, and a row that is cut off is left out. Raises
    CharnnError, with the line, for quotes that are never closed, late or in the wrong place.
    """
    rest, quote, number = iter(lines), dialect.quote, first - 1
    for raw in rest:
        number += 1
        if not quote or quote not in raw:
            body = body_of(raw)
            blank = not body and width != 1 and dialect.delimiter
            yield Row(number, [] if blank else cells_of(body, dialect), raw)
            continue
        count = 1
        while _is_open(raw, dialect, number):
            more = _until_quote(rest, dialect, number, count)
            if not more:
                if not whole:
                    return
                raise CharnnError(
                    f"line {number:,}: a quote is opened and never closed; {remedy()}"
                )
            count += len(more)
            raw = raw + "".join(more)
        if count > 1 and not dialect.trusted:
            _check_lines(raw, dialect, number, width)
        yield Row(number, cells_of(body_of(raw), dialect), raw)
        number += count - 1


def remedy() -> str:
    """What to do about quotes."""
    return (
        "correct the line, or say --quote none where quotes are letters like all others, "
        "--quote double where rows do go on over several lines"
    )


def _is_open(raw: str, dialect: Dialect, number: int) -> bool:
    """Whether a row ends within a quoted cell. Raises CharnnError for a stray quote."""
    text, quote = body_of(raw), dialect.quote
    for start, end in spans_of(text, dialect):
        if _grammar(dialect).quoted.fullmatch(text, start, end):
            continue
        if text.startswith(quote, start) and _grammar(dialect).open.match(text, start):
            return True
        cell = text[start:end].lstrip()
        # O"Brien is a name; a quote that opens a cell and closes elsewhere hides a delimiter.
        if cell.startswith(quote) and cell.count(quote) % 2:
            raise CharnnError(f"line {number:,}: a stray quote in {quoted(cell, 40)}; {remedy()}")
    return False


def _until_quote(rest: Iterator[str], dialect: Dialect, number: int, count: int) -> list[str]:
    """The lines up to the next whose quote closes the cell that line `number` opens.

    Raises CharnnError where that are too many.
    """
    inside = _grammar(dialect).inside
    most, more, length = MOST if dialect.trusted else FEW, [], 0
    for line in islice(rest, most - count + 1):
        more.append(line)
        length += len(line)
        if count + len(more) > most or length > MAX_TEXT:
            break
        if not inside.fullmatch(line):
            return more
    else:
        return []
    raise CharnnError(
        f"line {number:,}: a quote stays open for more than {most:,} lines; {remedy()}"
    )


def _check_lines(raw: str, dialect: Dialect, number: int, width: int | None) -> None:
    """Raises CharnnError for a row of several lines that may be several rows.

    It may be where its first and its last line have all cells of a row, or where it does not.
    """
    if width is None:
        return
    text = body_of(raw)
    lines = LINE_END.split(text)
    cells = len(cells_of(text, dialect))
    problem = ""
    if all(len(cells_of(line, dialect)) == width for line in (lines[0], lines[-1])):
        problem = "the first and the last of these lines could each be a row by itself"
    elif cells != width:
        problem = f"these lines make {counted(cells, 'cell')} in a table of {width:,} columns"
    if problem:
        last = number + len(lines) - 1
        raise CharnnError(
            f"line {number:,}: a quote stays open to line {last:,}, and {problem}; {remedy()}"
        )
