"""A table that is a text: rows of cells with delimiters between them, or a list.

Knows lines; nothing of files. What they look like is recognised in dialects.py.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from charnn.errors import CharnnError
from charnn.table_options import TableOptions
from charnn.text.dialects import NAMES, Sample, dialect_of, has_header, separator_of
from charnn.text.encodings import Encoding
from charnn.text.records import LINE_END, Dialect, Row, records, remedy
from charnn.text.table_base import Table, in_file
from charnn.wording import counted, quoted


class Opening(NamedTuple):
    """The beginning of a text, as it is written again before the rows."""

    before: str  # Excel's "sep=;" and blank lines
    header: Row | None


class DelimitedTable(Table):
    """A text with delimiters, or a list: a table of one column without any."""

    def __init__(
        self,
        path: Path,
        columns: list[str],
        dialect: Dialect,
        encoding: Encoding,
        opening: Opening,
        body: Iterator[Row],
    ):
        kind = _kind(dialect, encoding, len(columns))
        super().__init__(path, kind, columns, opening.header is not None)
        self.dialect = dialect
        self.encoding = encoding
        self.encoding_name = encoding.shown
        self.opening = opening
        self._body = body

    @property
    def is_list(self) -> bool:
        """Whether it is a list, one value a line, and no table."""
        return not self.dialect.delimiter

    def rows(self) -> Iterator[Row]:
        """The rows after the header, once. Raises CharnnError where quotes are wrong."""
        try:
            yield from self._body
        except CharnnError as error:
            raise in_file(self.path, error) from None


def delimited_table(
    path: Path,
    encoding: Encoding,
    sample: Sample,
    lines: Iterator[str],
    options: TableOptions,
    wanted: Sequence[str],
) -> DelimitedTable:
    """The table whose first lines are the sample.

    Raises CharnnError for an empty one, and where it may be read in two ways.
    """
    before = ""
    separator = separator_of(sample.lines)
    if separator is not None and options.delimiter != "":
        options = options._replace(delimiter=options.delimiter or separator)
        before, sample = sample.lines[0], sample.after(1)
    try:
        dialect = dialect_of(sample, options, wanted)
        if dialect.delimiter:
            filled = (n for n, line in enumerate(sample.lines) if line.strip())
            blank = next(filled, len(sample.lines))
            before, sample = before + "".join(sample.lines[:blank]), sample.after(blank)
            if not sample.lines:
                raise CharnnError(f"{path} is empty; give a table")
        return _table(path, dialect, encoding, before, sample, lines, options, wanted)
    except CharnnError as error:
        raise in_file(path, error) from None


def _table(
    path: Path,
    dialect: Dialect,
    encoding: Encoding,
    before: str,
    sample: Sample,
    lines: Iterator[str],
    options: TableOptions,
    wanted: Sequence[str],
) -> DelimitedTable:
    """The table of a known dialect."""
    content = chain(sample.lines, lines)
    if not dialect.delimiter:
        body = records(content, dialect, 1, sample.first)
        return DelimitedTable(path, ["name"], dialect, encoding, Opening(before, None), body)
    rows = list(records(sample.lines, dialect, None, sample.first, sample.whole))
    _check_breaks(rows, dialect)
    filled = [row for row in rows if row.cells]
    if not has_header(filled, options, wanted):
        width = Counter(len(row.cells) for row in filled).most_common(1)[0][0]
        columns = [str(number) for number in range(1, width + 1)]
        body = records(content, dialect, width, sample.first)
        return DelimitedTable(path, columns, dialect, encoding, Opening(before, None), body)
    _check_header(filled)
    header = next(records(content, dialect, None, sample.first))
    width, first = len(header.cells), sample.first + max(1, len(LINE_END.findall(header.raw)))
    body = records(content, dialect, width, first)
    return DelimitedTable(path, header.cells, dialect, encoding, Opening(before, header), body)


def _check_header(rows: Sequence[Row]) -> None:
    """Raises CharnnError where the first row names columns and none of the next has as many."""
    header, rest = rows[0], rows[1:]
    if rest and all(len(row.cells) != len(header.cells) for row in rest):
        raise CharnnError(
            f"line {rest[0].line:,}: {counted(len(rest[0].cells), 'cell')} under a header of "
            f"{len(header.cells):,}, and no row has as many as the header; correct the header, or "
            "say --delimiter"
        )


def _check_breaks(rows: Sequence[Row], dialect: Dialect) -> None:
    """Raises CharnnError where more cells of the first rows go on over several lines than not."""
    cells = [(row.line, "\n" in cell or "\r" in cell) for row in rows for cell in row.cells]
    broken = [line for line, is_broken in cells if is_broken]
    if not dialect.trusted and len(broken) * 2 > len(cells):
        raise CharnnError(
            f"line {broken[0]:,}: most cells of the table hold line breaks; {remedy()}"
        )


def _kind(dialect: Dialect, encoding: Encoding, width: int) -> str:
    """How a text is written, for people."""
    if not dialect.delimiter:
        kind = "a list, one name a line"
    elif width == 1:
        kind = "one column"
    else:
        kind = NAMES.get(dialect.delimiter, f"delimiter {quoted(dialect.delimiter)}")
    return kind if encoding.name == "utf-8" else f"{encoding.shown}, {kind}"
