"""A file of rows, whatever its kind: text with delimiters, a list, JSON lines, Parquet, Excel.

    with open_table("people.csv", TableOptions(), ["name", "label"]) as table:
        name, label = map(table.column, ["name", "label"])
        for row in table.rows():
            row.line, row.cells[name], row.cells[label]

What kind it is, is recognised and said by `table.described`; where two readings are plausible,
CharnnError names the line and the options that decide. A blank line has no cells, a wrong one too
few or too many, and bytes that are no letters are surrogates (`is_text`). Knows nothing of names or
labels.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from charnn.errors import CharnnError
from charnn.table_options import TableOptions
from charnn.text import compressed
from charnn.text.delimited import delimited_table
from charnn.text.dialects import Sample
from charnn.text.encodings import PIECE, decoded_lines, encoding_of
from charnn.text.json_lines import JsonTable, is_json_lines
from charnn.text.reading import check_regular
from charnn.text.records import Nested, Row
from charnn.text.table_base import Table
from charnn.text.workbooks import SUFFIXES as WORKBOOKS
from charnn.text.workbooks import open_workbook

__all__ = ["Nested", "Row", "Table", "TableOptions", "is_text", "open_table"]

SAMPLE = 1_000  # lines from which a dialect is recognised
RECOGNISED = TableOptions()
SURROGATE = re.compile("[\ud800-\udfff]")  # what Python makes of bytes that are no letters


@contextmanager
def open_table(
    path: str | Path,
    options: TableOptions = RECOGNISED,
    wanted: Sequence[str] = (),
    watch: Callable[[BinaryIO], BinaryIO] | None = None,
) -> Iterator[Table]:
    """The table of a file, open while the context is.

    `wanted` are the columns that will be asked for: where the first row has them, it is a header.
    `watch` is put around the open file, to see what is read. Raises CharnnError for what is no
    table or no regular file, and for what may be read in two ways, also while rows are read.
    """
    path = Path(path)
    if path.is_dir():
        raise CharnnError(f"{path} is a folder; give a file")
    check_regular(path)
    with ExitStack() as stack:
        if path.suffix.lower() in WORKBOOKS:
            yield stack.enter_context(open_workbook(path, options, wanted))
            return
        file: BinaryIO = stack.enter_context(path.open("rb", buffering=PIECE))
        packed = compressed.kind_of(file.peek(compressed.LONGEST_MAGIC))  # type: ignore[attr-defined]
        file = watch(file) if watch else file
        if packed is not None:
            file = stack.enter_context(compressed.decompressed(path, file, packed))
        yield _text_table(path, _pieces(path, file, packed), options, wanted)


def is_text(cell: str) -> bool:
    """Whether all bytes of a cell were letters of the file's encoding."""
    return cell.isascii() or not SURROGATE.search(cell)


def _text_table(
    path: Path, pieces: Iterator[bytes], options: TableOptions, wanted: Sequence[str]
) -> Table:
    """The table of a text."""
    start = next(pieces, b"")
    encoding = encoding_of(path, start, options.encoding)
    lines = decoded_lines(path, chain([start[len(encoding.mark) :]], pieces), encoding)
    first = list(islice(lines, SAMPLE))
    sample = Sample(first, compressed.suffix_of(path), whole=len(first) < SAMPLE)
    if options.delimiter is None and is_json_lines(path, sample):
        return JsonTable(path, encoding, sample, lines)
    return delimited_table(path, encoding, sample, lines, options, wanted)


def _pieces(path: Path, file: BinaryIO, packed: str | None) -> Iterator[bytes]:
    """The bytes of a file, a piece at a time: all of the same size but the last."""
    while True:
        piece = b""
        with compressed.explaining(path, packed):
            # A compressed file gives fewer bytes than it is asked for.
            while len(piece) < PIECE and (more := file.read(PIECE - len(piece))):
                piece += more
        if not piece:
            return
        yield piece
