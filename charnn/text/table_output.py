"""A table written again with answers beside its rows: every other cell and byte stays as it was.

Knows rows and answers, labels and probabilities in turn; nothing of how they are found.
"""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from charnn.errors import CharnnError
from charnn.text.compressed import suffix_of
from charnn.text.delimited import DelimitedTable
from charnn.text.dialects import USUAL
from charnn.text.encodings import Encoding
from charnn.text.json_lines import SUFFIXES, JsonTable, with_answer
from charnn.text.records import Dialect, Row, body_of, head_of, inert, written
from charnn.text.table_base import Answer, Answers, Table, values_of
from charnn.text.workbooks import SUFFIXES as WORKBOOKS
from charnn.text.workbooks import Workbook
from charnn.wording import quoted

NO_TEXTS = (".json", ".xls", ".xlsm", ".xlsb", ".ods", ".feather", ".arrow", ".zip")  # by suffix


def check_suffix(table: Table, target: str | Path) -> None:
    """Raises CharnnError when the rows of a table cannot be written to a file of that name."""
    own, suffix = suffix_of(table.path), suffix_of(target)
    if isinstance(table, JsonTable):
        fits, remedy = suffix in (own, *SUFFIXES), ".jsonl"
    elif isinstance(table, Workbook):
        fits, remedy = suffix in (own, *USUAL), f"{own} or .csv"
    else:
        fits, remedy = suffix not in (*SUFFIXES, *WORKBOOKS, *NO_TEXTS), ".csv"
    if not fits:
        raise CharnnError(
            f"{table.path} was read as {table.kind}, which cannot be written to {target}; give "
            f"--output a name that ends in {remedy}"
        )


def write_answers(
    table: Table, target: str | Path, file: BinaryIO, added: list[str], answers: Answers
) -> None:
    """Writes the rows of a table with their answers; `added` are the names of these columns.

    A file of the same kind has the same bytes with the answers between them. Where `target` has the
    suffix of another kind, it has the same cells. Raises CharnnError for a label that the file's
    encoding cannot write.
    """
    if isinstance(table, Workbook) and suffix_of(target) not in USUAL:
        table.write(file, added, answers)
    elif isinstance(table, JsonTable):
        _write(file, table.encoding, _json_lines(table, added, answers))
    elif isinstance(table, DelimitedTable) and _stays(table, target):
        _write(file, table.encoding, _same_lines(table, added, answers))
    else:
        encoding = table.encoding if isinstance(table, DelimitedTable) else Encoding("utf-8", b"")
        dialect = Dialect(USUAL[suffix_of(target)], '"')
        _write(file, encoding, _other_lines(table, dialect, added, answers))


def _stays(table: DelimitedTable, target: str | Path) -> bool:
    """Whether a text is written as it was: unless the suffix says another delimiter."""
    usual = USUAL.get(suffix_of(target))
    if table.is_list:
        return usual is None
    return usual in (None, table.dialect.delimiter, USUAL.get(suffix_of(table.path)))


def _write(file: BinaryIO, encoding: Encoding, lines: Iterable[str]) -> None:
    """Writes text, with the byte-order mark that its file had."""
    file.write(encoding.mark)
    text = io.TextIOWrapper(file, encoding.name, encoding.errors, newline="")
    try:
        text.writelines(lines)
    except UnicodeEncodeError as error:
        letters = error.object[error.start : error.end]
        raise CharnnError(
            f"{quoted(letters)} of a label cannot be written in {encoding.shown}; save --input as "
            "UTF-8 first"
        ) from None
    finally:
        text.detach()  # flushes, and leaves the file open


class _Cells(dict[str, str]):
    """Cells of ours as they are written; each of the few labels is looked at once."""

    def __init__(self, dialect: Dialect):
        self.dialect = dialect

    def __missing__(self, cell: str) -> str:
        self[cell] = text = written(inert(cell), self.dialect)
        return text


def _same_lines(table: DelimitedTable, added: list[str], answers: Answers) -> Iterator[str]:
    """The lines as they were, with the answers before their ends."""
    dialect, width = table.dialect, len(table.columns)
    if table.is_list:
        dialect = Dialect("\t", '"')
    text_of, delimiter = _Cells(dialect).__getitem__, dialect.delimiter
    opening = table.opening
    yield opening.before
    if opening.header is not None:
        answers = _after(opening.header, added, answers)
    for row, answer in answers:
        if answer is None:
            yield row.raw
            continue
        raw, found = row.raw, len(row.cells)
        body = body_of(raw)
        added_cells = delimiter.join(map(text_of, answer))
        if found == width:
            yield f"{body}{delimiter}{added_cells}{raw[len(body) :]}"
            continue
        head, rest = body + delimiter * (width - found), ""
        if found > width:
            head, rest = head_of(body, dialect, width)
        yield f"{head}{delimiter}{added_cells}{rest}{raw[len(body) :]}"


def _after(header: Row, added: list[str], answers: Answers) -> Iterator[tuple[Row, Answer]]:
    """The header with the names of the added columns, then the rows."""
    yield header, added
    yield from answers


def _other_lines(
    table: Table, dialect: Dialect, added: list[str], answers: Answers
) -> Iterator[str]:
    """The same cells in another dialect; a list gets a header there."""
    cells, width = _Cells(dialect), len(table.columns)
    if table.has_header or table.is_list:
        answers = _after(Row(0, table.columns, ""), added, answers)
    for row, answer in answers:
        missing = [""] * (width - len(row.cells))
        texts = [written(cell, dialect) for cell in (*row.cells, *missing)]
        if answer is not None:
            texts[width:width] = [cells[cell] for cell in answer]
        yield f"{dialect.delimiter.join(texts)}\n" if row.cells else "\n"


def _json_lines(table: JsonTable, added: list[str], answers: Answers) -> Iterator[str]:
    """The objects with the answers as further keys: probabilities are numbers, or null."""
    for row, answer in answers:
        values = dict(zip(added, values_of(added, answer), strict=True))
        yield with_answer(table.path, row, values)
