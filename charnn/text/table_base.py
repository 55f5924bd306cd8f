"""What tables of every kind have in common: columns to choose from and rows to read."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from charnn.errors import CharnnError
from charnn.text.labels import as_label
from charnn.text.records import Row
from charnn.wording import listed, quoted

Answer = list[str] | None  # label, probability, label_2, ...: "" where there is none; None: no row
Answers = Iterable[tuple[Row, Answer]]


class Table(ABC):
    """Rows of cells under columns. Without a header the columns are called "1", "2", ..."""

    encoding_name = "UTF-8"  # for people: what a cell with surrogates is not

    def __init__(self, path: Path, kind: str, columns: list[str], has_header: bool):
        self.path = path
        self.kind = kind  # for people: "semicolons"
        self.columns = columns
        self.has_header = has_header

    @property
    def is_list(self) -> bool:
        """Whether it is a list, one value a line, and no table."""
        return False

    @abstractmethod
    def rows(self) -> Iterator[Row]:
        """The rows after the header, once. Raises CharnnError where one cannot be read."""

    def column(self, name: str | None = None) -> int:
        """The index of a column, by its name or number (from 1); without one, the only column.

        Raises CharnnError naming the columns.
        """
        remedy = ""
        labels = [as_label(column) for column in self.columns]
        label = as_label(name or "")
        if name is None and len(self.columns) == 1:
            return 0
        if name is None:
            problem = "the table has several columns"
        elif self.columns.count(name) == 1:
            return self.columns.index(name)
        elif self.columns.count(name) == 0 and labels.count(label) == 1:
            return labels.index(label)
        elif label in labels:
            problem = f"the table has more than one column {quoted(name)}"
        elif name.isdecimal() and 0 < int(name) <= len(self.columns):
            return int(name) - 1
        else:
            problem = f"the table has no column {quoted(name)}"
            remedy = ", or --no-header and its number"
        if not self.has_header:
            problem, remedy = f"{problem} ({self.kind}, no header)", ""
        raise CharnnError(
            f"{self.path}: {problem}; choose --column from {listed(self.columns)}{remedy}"
        )

    def described(self, places: Sequence[int]) -> str:
        """What it was read as: "people.csv: semicolons, header, column 2 of 3: name"."""
        if self.is_list:
            return f"{self.path.name}: {self.kind}"
        header = "header" if self.has_header else "no header"
        noun = "column" if len(places) == 1 else "columns"
        numbers = " and ".join(str(place + 1) for place in places)
        names = f": {listed(self.columns[place] for place in places)}" if self.has_header else ""
        return (
            f"{self.path.name}: {self.kind}, {header}, "
            f"{noun} {numbers} of {len(self.columns)}{names}"
        )


def values_of(added: Sequence[str], answer: Answer) -> list[str | float | None]:
    """The cells of an answer as values: numbers under `probability`, None for empty ones."""
    if answer is None:
        return [None] * len(added)
    return [
        (float(cell) if name.startswith("probability") else cell) if cell else None
        for name, cell in zip(added, answer, strict=True)
    ]


def in_file(path: Path, error: CharnnError) -> CharnnError:
    """An error that begins with a line, with the file before it."""
    text = str(error)
    return CharnnError(f"{path}, {text}" if text.startswith("line ") else text)
