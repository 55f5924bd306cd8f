"""Tables that are no text: Parquet files, through pyarrow, and the first sheet of Excel workbooks.

Both libraries are an extra, charnn[tables]. What they read is written again with the columns that
are added; knows nothing of what is in them.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, time
from itertools import chain, count, groupby, islice
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from charnn.errors import CharnnError
from charnn.table_options import TableOptions
from charnn.text.dialects import has_header
from charnn.text.records import Nested, Row
from charnn.text.table_base import Answers, Table, in_file, values_of

T = TypeVar("T")

BATCH = 16_384  # rows of a Parquet file that are read at once
SAMPLE = 100  # rows of a sheet from which a header is recognised
SUFFIXES = (".parquet", ".xlsx")


class Workbook(Table):
    """A table whose cells have types; a row's `raw` is what the library made of it."""

    @abstractmethod
    def write(self, file: BinaryIO, added: list[str], answers: Answers) -> None:
        """Writes the rows with the columns that are added."""


class ParquetTable(Workbook):
    """A Parquet file. A row's `raw` is its record batch, the same for all rows of the batch."""

    def __init__(self, path: Path, file: Any):
        super().__init__(path, "Parquet", list(file.schema_arrow.names), has_header=True)
        self._file = file

    def rows(self) -> Iterator[Row]:
        """The rows, once."""
        numbers = count(1)
        for batch in _guarded(self.path, self._file.iter_batches(BATCH)):
            columns = [_texts(column) for column in batch]
            for cells in zip(*columns, strict=True):
                yield Row(next(numbers), list(cells), batch)

    def write(self, file: BinaryIO, added: list[str], answers: Answers) -> None:
        """The same batches, each with more columns: labels are strings, probabilities numbers."""
        import pyarrow
        from pyarrow import parquet

        types = [
            pyarrow.float64() if name.startswith("probability") else pyarrow.string()
            for name in added
        ]
        schema = self._file.schema_arrow
        for name, kind in zip(added, types, strict=True):
            schema = schema.append(pyarrow.field(name, kind))
        with parquet.ParquetWriter(file, schema) as writer:
            for _, group in groupby(answers, key=lambda pair: id(pair[0].raw)):
                rows, cells = zip(*group, strict=True)
                values = [values_of(added, answer) for answer in cells]
                more = [
                    pyarrow.array(column, kind)
                    for column, kind in zip(zip(*values, strict=True), types, strict=True)
                ]
                columns = [*rows[0].raw.columns, *more]
                writer.write_batch(pyarrow.RecordBatch.from_arrays(columns, schema=schema))


class ExcelTable(Workbook):
    """The first sheet of a workbook. A row's `raw` is its cells, with formulas and formats."""

    def __init__(
        self,
        path: Path,
        sheet: str,
        columns: list[str],
        before: Sequence[Row],
        rows: Iterator[Row],
        has_header: bool,
    ):
        super().__init__(path, f"sheet {sheet}", columns, has_header)
        self.sheet = sheet
        self._before = before  # blank rows, and the header
        self._rows = rows

    def rows(self) -> Iterator[Row]:
        """The rows, once: the empty cells at the end of one are there too."""
        width = len(self.columns)
        for row in self._rows:
            missing = [""] * (width - len(row.cells)) if row.cells else []
            yield row._replace(cells=row.cells + missing)

    def write(self, file: BinaryIO, added: list[str], answers: Answers) -> None:
        """A workbook of one sheet with the same values, formulas and formats of numbers."""
        from openpyxl import Workbook as Book

        book = Book(write_only=True)
        sheet = book.create_sheet(self.sheet)
        for row in self._before:
            is_header = self.has_header and row is self._before[-1]
            sheet.append([*self._copies(sheet, row), *_ours(sheet, added if is_header else [])])
        for row, answer in answers:
            values = [] if answer is None else values_of(added, answer)
            sheet.append([*self._copies(sheet, row), *_ours(sheet, values)])
        book.save(file)

    def _copies(self, sheet: Any, row: Row) -> list[Any]:
        """The cells of a row for another sheet, as many as there are columns at least."""
        from openpyxl.cell import WriteOnlyCell

        copies = []
        for cell in row.raw:
            copy = None
            if cell.value is not None:
                copy = WriteOnlyCell(sheet, cell.value)
                # A text that begins with "=" is no formula, and a date stays one.
                copy.data_type, copy.number_format = cell.data_type, cell.number_format
            copies.append(copy)
        return copies + [None] * (len(self.columns) - len(copies))


def _ours(sheet: Any, values: Sequence[str | float | None]) -> list[Any]:
    """Cells of ours: a label that begins with "=" is a text."""
    from openpyxl.cell import WriteOnlyCell

    cells = [WriteOnlyCell(sheet, value) for value in values]
    for cell, value in zip(cells, values, strict=True):
        if isinstance(value, str):
            cell.data_type = "s"
    return cells


# ---------------------------------------------------------------- opening


@contextmanager
def open_workbook(path: Path, options: TableOptions, wanted: Sequence[str]) -> Iterator[Workbook]:
    """The table of a Parquet file or a workbook, open while the context is.

    Raises CharnnError without the library that reads it, and for a file that it cannot read.
    """
    if options._replace(header=None) != TableOptions():
        raise CharnnError(
            f"{path} is no text, so --delimiter, --encoding and --quote do not go with it; leave "
            "them out"
        )
    if path.suffix.lower() == ".parquet":
        with closing(_opened(path, "pyarrow", _open_parquet)) as file:
            yield ParquetTable(path, file)
    else:
        formulas, values = _opened(path, "openpyxl", _open_excel)
        with closing(formulas), closing(values):
            yield _excel_table(path, formulas, values, options, wanted)


def _open_parquet(path: Path) -> Any:
    """The file as pyarrow reads it."""
    from pyarrow import parquet

    return parquet.ParquetFile(path)


def _open_excel(path: Path) -> tuple[Any, Any]:
    """The workbook twice: with formulas, to write them again, and with what they gave."""
    from openpyxl import load_workbook

    return load_workbook(path, read_only=True), load_workbook(path, read_only=True, data_only=True)


def _opened(path: Path, library: str, opener: Callable[[Path], T]) -> T:
    """A file that a library opens."""
    try:
        return next(_guarded(path, (opener(path) for _ in range(1))))
    except ImportError:
        raise CharnnError(
            f'{path} needs {library}; pip install "charnn[tables]", or save it as CSV'
        ) from None


def _guarded(path: Path, items: Iterable[T]) -> Iterator[T]:
    """What a library reads. It raises what its parsers of XML, zip and the like raise."""
    try:
        yield from items
    except (CharnnError, ImportError, FileNotFoundError, PermissionError, MemoryError):
        raise
    except Exception as error:
        reason = " ".join(str(error).split())
        raise CharnnError(
            f"{path} is not a whole {path.suffix.lower()} file ({reason}); save it again, or as CSV"
        ) from None


def _excel_table(
    path: Path, formulas: Any, values: Any, options: TableOptions, wanted: Sequence[str]
) -> ExcelTable:
    """The table of a workbook's first sheet."""
    if not formulas.worksheets:
        raise CharnnError(f"{path} has no sheet with cells; save it as CSV")
    sheet, results = formulas.worksheets[0], values.worksheets[0]
    pairs = zip(sheet.iter_rows(), results.iter_rows(), strict=True)
    rows = _guarded(path, (_excel_row(number, *pair) for number, pair in enumerate(pairs, 1)))
    sample = list(islice(rows, SAMPLE))
    blank = next((n for n, row in enumerate(sample) if row.cells), len(sample))
    if blank == len(sample):
        raise CharnnError(f"{path} is empty; give a table")
    try:
        is_header = has_header([row for row in sample if row.cells], options, wanted)
    except CharnnError as error:
        raise in_file(path, error) from None
    first = blank + is_header
    columns = sample[blank].cells
    if not is_header:
        columns = [str(number) for number in range(1, max(len(row.cells) for row in sample) + 1)]
    rest = chain(sample[first:], rows)
    return ExcelTable(path, sheet.title, columns, sample[:first], rest, is_header)


def _excel_row(number: int, formulas: Sequence[Any], results: Sequence[Any]) -> Row:
    """One row: the text of what formulas gave, without the empty cells at its end."""
    cells = ["" if cell.data_type == "e" else _text(cell.value) for cell in results]
    while cells and not cells[-1]:
        cells.pop()
    return Row(number, cells, formulas)


def _text(value: object) -> str:
    """A value of a cell as text."""
    if value is None:
        return ""
    if isinstance(value, bytes):  # those that are no letters become surrogates, as in a text
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, list | tuple | dict):
        return Nested(value)
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _texts(column: Any) -> list[str]:
    """The values of a column of a Parquet file as texts."""
    import pyarrow

    try:
        values = column.cast(pyarrow.string()).to_pylist()
    except (pyarrow.ArrowNotImplementedError, pyarrow.ArrowInvalid):  # lists, bytes and the like
        values = column.to_pylist()
    return [_text(value) for value in values]
