"""A file of names in, the same rows with their labels out, whatever the size.

No row is dropped or reordered. Knows rows and a trained network; it opens no file and does not
print.
"""

import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from charnn.errors import CharnnError
from charnn.inference.trained import Trained

Row = list[str]

ROWS = 16_384  # classified at once: bounds the memory; a name that occurs twice is computed once
DELIMITERS = {".csv": ",", ".tsv": "\t"}  # of tables; a file of any other name is text
SURROGATE = re.compile("[\ud800-\udfff]")  # what Python makes of bytes that are not UTF-8
UTF_16 = ("\udcff\udcfe", "\udcfe\udcff")  # its byte-order marks, read as UTF-8
SHORT = 100  # letters of a name that is not too long, whatever script it is transliterated from
UNKNOWN_LABEL = "unknown"


def delimiter(path: str | Path) -> str | None:
    """What separates the cells of a file of that name; None for a text, one name a line."""
    return DELIMITERS.get(Path(path).suffix.lower())


def read_rows(file: BinaryIO, delimiter: str | None) -> Iterator[Row]:
    """The rows of a table, the header first; a text is a table with one column, `name`.

    Bytes that are not UTF-8 become surrogates, which `write_rows` makes the same bytes again.
    Raises CharnnError for a table without a header and for a quoted cell that is never closed.
    """
    newline = None if delimiter is None else ""
    with io.TextIOWrapper(file, "utf-8-sig", "surrogateescape", newline=newline) as text:
        first = text.readline()
        if first.startswith(UTF_16):
            raise CharnnError("--input is UTF-16; save it as UTF-8")
        lines = filter(None, chain([first], text))
        if delimiter is None:
            yield ["name"]
            yield from ([line.removesuffix("\n")] for line in lines)
            return
        rows = csv.reader(lines, delimiter=delimiter)
        try:
            header = next(rows, [])
            if not header:
                raise CharnnError("the table has no header; its first line must name the columns")
            yield header
            yield from rows
        except csv.Error as error:
            raise CharnnError(
                f"line {rows.line_num:,} of the table: {error}; is a quote left open?"
            ) from None


class _UnixLines:
    """For csv.writer: ends each line with "\\n".

    The writer is given "\\r\\n" to end lines with, so that it quotes a cell with a lone "\\r".
    """

    def __init__(self, text: io.TextIOWrapper):
        self.text = text

    def write(self, line: str) -> int:
        """Writes a line that ends in "\\r\\n"."""
        return self.text.write(f"{line[:-2]}\n")


def write_rows(file: BinaryIO, delimiter: str | None, rows: Iterable[Row]) -> None:
    """Writes the rows of a table, the header first.

    Of a text it writes no header, and tabs between the cells.
    """
    rows = iter(rows)
    if delimiter is None:
        next(rows)
    text = io.TextIOWrapper(file, "utf-8", "surrogateescape", newline="")
    try:
        csv.writer(_UnixLines(text), delimiter=delimiter or "\t").writerows(rows)
    finally:
        text.detach()  # flushes, and leaves the file open


class Question(NamedTuple):
    """The options of a bulk prediction, the same for each row."""

    width: int  # columns of the table
    place: int  # the column with the names
    top: int  # labels per name
    unknown_below: float  # the probability below which a name is `unknown`


def label_rows(
    model: Trained,
    rows: Iterator[Row],
    column: str | None = None,
    top: int = 1,
    unknown_below: float = 0.0,
    counts: Counter[str] | None = None,
) -> Iterator[Row]:
    """The rows of a table, the header first, with the `top` labels and probabilities of the names.

    Without `column` the table must have only one. A row that cannot be classified has the label
    `unknown` and no probability; `counts` counts all rows as "rows", and those by what is wrong.
    Labels are in the same columns in every row: a row that is too short is filled up before them,
    and the surplus cells of one that is too long come after them. As many chunks are classified
    at once as the engine has workers, each on one thread: several threads for the small products of
    one chunk would mostly wait for each other. Raises CharnnError for a column that is absent or
    would occur twice.
    """
    counts = Counter() if counts is None else counts
    header = next(rows)
    top = min(top, len(model.labels))
    question = Question(len(header), _place(header, column), top, unknown_below)
    yield header + _added_columns(header, top)

    workers = model.engine.workers
    pending: deque[Future[tuple[list[Row], Counter[str]]]] = deque()
    pool = ThreadPoolExecutor(workers)
    try:
        while chunk := list(islice(rows, ROWS)):
            pending.append(pool.submit(_label, model, chunk, question))
            if len(pending) > workers:
                yield from _counted(pending.popleft(), counts)
        while pending:
            yield from _counted(pending.popleft(), counts)
    finally:
        pool.shutdown(cancel_futures=True)


def _place(header: Row, column: str | None) -> int:
    """The index of the column with the names."""
    if column is None and len(header) == 1:
        return 0
    if column is None:
        problem = "the table has several columns"
    elif column not in header:
        problem = f"the table has no column {column!r}"
    elif header.count(column) > 1:
        problem = f"the table has more than one column {column!r}"
    else:
        return header.index(column)
    raise CharnnError(f"{problem}; choose --column from {', '.join(header)}")


def _added_columns(header: Row, top: int) -> Row:
    """The names of the columns that are added: label, probability, label_2, probability_2, ..."""
    added = []
    for rank in range(1, top + 1):
        suffix = "" if rank == 1 else f"_{rank}"
        added += [f"label{suffix}", f"probability{suffix}"]
    taken = [name for name in added if name in header]
    if taken:
        raise CharnnError(
            f"the table already has a column {', '.join(map(repr, taken))}; rename or remove it"
        )
    return added


def _counted(chunk: Future[tuple[list[Row], Counter[str]]], counts: Counter[str]) -> list[Row]:
    """The rows of a chunk, once they are there and have been counted."""
    rows, reasons = chunk.result()
    counts.update(reasons)
    counts["rows"] += len(rows)
    return rows


def _label(model: Trained, rows: list[Row], question: Question) -> tuple[list[Row], Counter[str]]:
    """The rows with their labels, and how many were not classified for which reason."""
    width, place = question.width, question.place
    names = [row[place] if len(row) > place else "" for row in rows]
    wrong = {}
    for index, (row, name) in enumerate(zip(rows, names, strict=True)):
        reason = _wrong(model, row, name, width)
        if reason:
            wrong[index] = reason
            names[index] = ""
    with model.engine.one_thread_each():
        log_probs, known = model.log_proba_and_known(names)
    best, probabilities = model.best(log_probs, question.top)  # (N, top) each
    for index in (~known).nonzero()[0].tolist():
        wrong.setdefault(index, "without a letter that the model knows")
    for index in (probabilities[:, 0] < question.unknown_below).nonzero()[0].tolist():
        wrong.setdefault(index, f"below {question.unknown_below}")
    cells = _cells(model.labels, best, probabilities)
    cells[list(wrong)] = [UNKNOWN_LABEL] + [""] * (cells.shape[1] - 1)
    labelled = [
        _with_answer(row, answer, width) for row, answer in zip(rows, cells.tolist(), strict=True)
    ]
    return labelled, Counter(wrong.values())


def _cells(labels: list[str], best: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """The cells that are added to each row, (N, 2 · top): label and probability in turn."""
    cells = np.empty((len(best), 2 * best.shape[1]), dtype=object)
    cells[:, 0::2] = np.array(labels, dtype=object)[best]
    texts = np.array([f"{p:.4f}" for p in probabilities.flat], dtype=object)
    cells[:, 1::2] = texts.reshape(best.shape)
    return cells


def _with_answer(row: Row, answer: Row, width: int) -> Row:
    """A row with its labels: after the table's columns, before any surplus cells."""
    if len(row) == width:
        return row + answer
    missing = [""] * (width - len(row))
    return [*row[:width], *missing, *answer, *row[width:]]


def _wrong(model: Trained, row: Row, name: str, width: int) -> str | None:
    """Why a name cannot be classified, if there is a reason before the network is asked."""
    if row and len(row) != width:
        return "with too few or too many columns"
    if not name or name.isspace():
        return "empty"
    if not name.isascii() and SURROGATE.search(name):
        return "not UTF-8"
    if len(name) > model.config.longest:
        return "too long"
    if len(name) > SHORT and len(model.normalise(name)) > model.config.longest:
        return "too long"
    return None
