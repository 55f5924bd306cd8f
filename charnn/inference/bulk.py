"""A file of names in, the same rows with their labels out: nothing dropped, nothing reordered, whatever the size.

Knows rows and a trained network; it opens no file and does not print.
"""

import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from pathlib import Path
from types import SimpleNamespace
from typing import BinaryIO

import numpy as np
import torch

from charnn.config import LONGEST
from charnn.errors import CharnnError
from charnn.inference.trained import Trained

ROWS = 16_384  # answered at once: bounds the memory; a name that is in them twice is read once
DELIMITERS = {".csv": ",", ".tsv": "\t"}  # of a table; a file of any other name is text, one name a line
SURROGATE = re.compile("[\ud800-\udfff]")  # what Python makes of bytes that are no UTF-8
UTF_16 = ("\udcff\udcfe", "\udcfe\udcff")  # its byte-order marks
SHORT = 100  # letters of a name that is not too long, whatever script it is transliterated from
UNKNOWN = "unknown"


def delimiter(path: str | Path) -> str | None:
    """What stands between the cells of a file of that name; None of a text."""
    return DELIMITERS.get(Path(path).suffix.lower())


def read_rows(file: BinaryIO, delimiter: str | None) -> Iterator[list[str]]:
    """The rows of a table, the header first; a text is a table with one column, `name`.

    Bytes that are not UTF-8 become surrogates, which `write_rows` makes the same bytes again.
    Raises CharnnError for a table without a header and for a cell that never ends.
    """
    with io.TextIOWrapper(file, "utf-8-sig", "surrogateescape", newline=None if delimiter is None else "") as text:
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
            raise CharnnError(f"line {rows.line_num:,} of the table: {error}; is a quote left open?") from None


def write_rows(file: BinaryIO, delimiter: str | None, rows: Iterator[list[str]]) -> None:
    """Writes the rows of a table, the header first; of a text not the header, with tabs between the cells."""
    if delimiter is None:
        next(rows)
    text = io.TextIOWrapper(file, "utf-8", "surrogateescape", newline="")
    lines = SimpleNamespace(write=lambda line: text.write(f"{line[:-2]}\n"))
    try:
        csv.writer(lines, delimiter=delimiter or "\t").writerows(rows)  # its line end "\r\n" makes it quote a lone "\r"
    finally:
        text.detach()  # flushes, and leaves the file open


def label_rows(model: Trained, rows: Iterator[list[str]], column: str | None = None, top: int = 1,
               unknown_below: float = 0.0, counts: Counter | None = None) -> Iterator[list[str]]:
    """The rows of a table, the header first, with the `top` labels and probabilities of the names in a column.

    Without `column` the table must have only one. A row that cannot be answered has the label `unknown` and no
    probability; `counts` counts all rows as "rows", and those by what is wrong. Labels stand in their columns in every
    row: one that is too short is filled up before them, what one has too much comes after them.
    As many chunks are answered at once as torch has threads, each on one: several threads for the small products of
    one chunk would mostly wait for each other. Raises CharnnError for a column that is not there or would be twice.
    """
    counts = Counter() if counts is None else counts
    header = next(rows)
    place = _place(header, column)
    top = min(top, len(model.labels))
    added = [f"{what}{'' if rank == 1 else f'_{rank}'}" for rank in range(1, top + 1)
             for what in ("label", "probability")]
    taken = [name for name in added if name in header]
    if taken:
        raise CharnnError(f"the table already has a column {', '.join(map(repr, taken))}; rename or remove it")
    yield header + added

    threads, pending = torch.get_num_threads(), deque()
    torch.set_num_threads(1)
    pool = ThreadPoolExecutor(threads)
    try:
        while chunk := list(islice(rows, ROWS)):
            pending.append(pool.submit(_label, model, chunk, len(header), place, top, unknown_below))
            if len(pending) > threads:
                yield from _counted(pending.popleft().result(), counts)
        while pending:
            yield from _counted(pending.popleft().result(), counts)
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(threads)


def _place(header, column):
    """The index of the column with the names."""
    if column is None and len(header) == 1:
        return 0
    if header.count(column) != 1:
        problem = ("the table has several columns" if column is None else
                   f"the table has {'no' if column not in header else 'more than one'} column {column!r}")
        raise CharnnError(f"{problem}; choose --column from {', '.join(header)}")
    return header.index(column)


def _counted(answer, counts):
    """The rows of an answer, after they were counted."""
    rows, reasons = answer
    counts.update(reasons)
    counts["rows"] += len(rows)
    return rows


def _label(model, rows, width, place, top, unknown_below):
    """The rows with their labels, and how many were not answered for which reason."""
    names = [row[place] if len(row) > place else "" for row in rows]
    wrong = {index: reason for index, (row, name) in enumerate(zip(rows, names, strict=True))
             if (reason := _wrong(model, row, name, width))}
    for index in wrong:
        names[index] = ""
    log_probs, known = model.answers(names)
    best, probabilities = model.best(log_probs, top)
    for index in (~known).nonzero()[0].tolist():
        wrong.setdefault(index, "without a letter that the model knows")
    for index in (probabilities[:, 0] < unknown_below).nonzero()[0].tolist():
        wrong.setdefault(index, f"below {unknown_below}")
    cells = np.empty((len(rows), 2 * best.shape[1]), dtype=object)
    cells[:, 0::2] = np.array(model.labels, dtype=object)[best]
    cells[:, 1::2] = np.array([f"{p:.4f}" for p in probabilities.flat], dtype=object).reshape(best.shape)
    cells[list(wrong)] = [UNKNOWN] + [""] * (cells.shape[1] - 1)
    return [row + answer if len(row) == width else [*row[:width], *[""] * (width - len(row)), *answer, *row[width:]]
            for row, answer in zip(rows, cells.tolist(), strict=True)], Counter(wrong.values())


def _wrong(model, row, name, width):
    """Why a name is not even asked for, if there is a reason."""
    if row and len(row) != width:
        return "with too few or too many columns"
    if not name or name.isspace():
        return "empty"
    if not name.isascii() and SURROGATE.search(name):
        return "not UTF-8"
    if len(name) > SHORT and (len(name) > LONGEST or len(model.normalise(name)) > LONGEST):
        return "too long"
    return None
