"""A series of numbers from a table, the date first: read and checked, its season, dates to come.

What `forecast.py` beside it learns from; knows no network. Axis letters: N rows of the series,
I columns.
"""

import sys
import warnings
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from dates_and_numbers import WRITTEN, deciding_mark, decimal_mark, number, numbers, read_dates

from charnn.errors import CharnnError
from charnn.text.tables import RECOGNISED, Table, TableOptions, open_table
from charnn.wording import counted

CHUNK = 5_000  # rows that are held as text


class Series(NamedTuple):
    """A file's numbers in their own units, oldest row first."""

    path: Path
    dates: np.ndarray  # (N,) datetime64, of days where all are at midnight
    columns: list[str]  # I names, the target's first
    values: np.ndarray  # (N, I) float64


# ---------------------------------------------------------------- reading a file


def read_series(
    path: Path,
    target: str,
    options: TableOptions = RECOGNISED,
    columns: Sequence[str] | None = None,
) -> Series:
    """Reads a table, the date in its first column: the target and the other columns of numbers.

    `columns` names those that are read beside the target, one or several with commas in each word;
    without it all that hold numbers are read. Warns of columns without numbers, which are left out,
    and of rows that stand there twice. Raises CharnnError, with line and value, for bad input.
    """
    with open_table(path, options, [target]) as table:
        header = list(map(plain, table.columns))
        chosen = positions(path, header, target, columns)
        print(table.described([0, chosen[0]]), file=sys.stderr)
        rows = Rows(path, header, chosen, every=columns is None)
        for cells in chunks(table, len(header), rows.places):
            rows.add(cells)
    if len(rows.dates) < 2:
        raise CharnnError(
            f"{path} holds {counted(len(rows.dates), 'row')} below its first line; give a series"
        )
    values = rows.values()
    times = np.array(read_dates(rows.dates, rows.places), dtype="datetime64[s]")
    check_order(times, rows.dates, rows.places)
    days = times.astype("datetime64[D]")
    dates = days if (days == times).all() else times
    return Series(path, dates, [header[column] for column in rows.chosen], values)


def positions(
    path: Path, header: Sequence[str], target: str, columns: Sequence[str] | None
) -> list[int]:
    """Where the target and the columns that are named stand in the header, the target first."""
    asked = [("--target", target)]
    for words in columns or ():  # a name, or several with commas
        names = [words] if words in header else map(str.strip, words.split(","))
        asked += [("--columns", name) for name in names]
    for flag, name in asked:
        if header[1:].count(name) != 1:
            raise CharnnError(
                f"{path} has no column {name!r}, or several; choose {flag} from {header[1:]}"
            )
    return list(dict.fromkeys(header.index(name, 1) for _, name in asked))  # each once


class Places(Sequence[str]):
    """Where each row stands, such as "weather.csv, line 7": written only when it is asked for."""

    def __init__(self, path: Path) -> None:
        self.path, self.lines = path, array("q")

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, row: int) -> str:  # type: ignore[override]
        return f"{self.path}, line {self.lines[row]}"

    def since(self, row: int) -> "Places":
        """The places of a row and of all below it."""
        places = Places(self.path)
        places.lines = self.lines[row:]
        return places


def chunks(table: Table, width: int, places: Places) -> Iterator[list[tuple[str, ...]]]:
    """The cells of all rows that are not blank, many rows at a time; adds to `places`.

    A row that came before is left out, with a warning.
    """
    rows: list[tuple[str, ...]] = []
    seen: set[int] = set()  # hashes of 64 bits: two rows of a million share one by chance in 4e7
    copies = 0
    for row in table.rows():
        if not any(row.cells):
            continue
        if len(row.cells) != width:
            raise CharnnError(
                f"{table.path}, line {row.line}: {len(row.cells)} values under {width} names; "
                "correct the row, or say --delimiter"
            )
        cells = tuple(map(plain, row.cells))
        if (key := hash(cells)) in seen:
            copies += 1
            continue
        seen.add(key)
        places.lines.append(row.line)
        rows.append(cells)
        if len(rows) == CHUNK:
            yield rows
            rows = []
    yield rows
    if copies:
        warnings.warn(
            f"{table.path}: {counted(copies, 'row')} left out that are the same as one above",
            stacklevel=4,
        )


def plain(cell: str) -> str:
    """A cell without what is around it: some programs put a space before a cell in quotes."""
    return cell.strip(' "')


class Rows:
    """What is kept of a table's rows: the dates as they are written, and numbers.

    Rows wait as text until one of them says whether numbers have a decimal comma.
    """

    def __init__(self, path: Path, header: list[str], chosen: list[int], every: bool) -> None:
        self.path, self.header, self.chosen, self.every = path, header, chosen, every
        self.places, self.dates = Places(path), list[str]()
        self.may_be_read: list[int] = []  # columns; the mark is decided by them alone
        self.mark: str | None = None
        self.waiting: list[tuple[str, ...]] = []
        self.blocks: list[np.ndarray] = []  # of some rows each, (rows, I)

    def add(self, cells: list[tuple[str, ...]]) -> None:
        """Some rows' cells."""
        if cells and not self.may_be_read:
            self.may_be_read = self.not_words(cells[0]) if self.every else self.chosen
        self.dates += [row[0] for row in cells]
        self.waiting += cells
        if self.mark is None:
            self.mark = deciding_mark(map(self.read, cells))
        if self.mark is not None:
            self.convert(self.mark)

    def not_words(self, first: tuple[str, ...]) -> list[int]:
        """The columns that are chosen, and those whose first value may be a number."""
        readings = [[number(text, mark) for mark in WRITTEN] for text in first]
        return [
            column
            for column in range(1, len(first))
            if column in self.chosen or readings[column] != [None, None]
        ]

    def read(self, row: tuple[str, ...]) -> list[str]:
        """The cells of a row that may be read as numbers."""
        return [row[column] for column in self.may_be_read]

    def convert(self, mark: str) -> None:
        """Makes numbers of all rows that wait."""
        if not self.waiting:
            return
        if not self.blocks and self.every:
            self.choose(self.waiting[0], mark)
        places = self.places.since(len(self.dates) - len(self.waiting))
        columns = list(zip(*self.waiting, strict=True))
        block = [finite(columns[c], self.header[c], mark, places) for c in self.chosen]
        self.blocks.append(np.array(block).T)
        self.waiting = []

    def choose(self, first: tuple[str, ...], mark: str) -> None:
        """Adds all columns whose value in the first row is not a word; warns of the others."""
        others = [c for c in range(1, len(first)) if c != self.chosen[0]]
        words = [c for c in others if number(first[c], mark) is None]
        self.chosen += [c for c in others if c not in words]
        if words:
            names = ", ".join(self.header[c] for c in words)
            warnings.warn(f"{self.path}: no numbers in {names}; left out", stacklevel=5)

    def values(self) -> np.ndarray:
        """All numbers (N, I). Raises CharnnError where they may be read in two ways."""
        if self.waiting:
            columns = list(zip(*map(self.read, self.waiting), strict=True))
            places = self.places.since(len(self.dates) - len(self.waiting))
            self.convert(decimal_mark(columns, places))
        return np.concatenate(self.blocks)


def check_order(times: np.ndarray, texts: Sequence[str], places: Sequence[str]) -> None:
    """Raises CharnnError for a date that is not after the one above it."""
    late = np.flatnonzero(np.diff(times) <= np.timedelta64(0, "s")) + 1
    if len(late):
        row = late[0]
        wrong = "repeats" if times[row] == times[row - 1] else "is before"
        raise CharnnError(
            f"{places[row]}: {texts[row]!r} {wrong} the date above it; give each date once, the "
            "oldest first"
        )


def finite(texts: Sequence[str], column: str, mark: str, places: Sequence[str]) -> np.ndarray:
    """A column's numbers. Raises CharnnError for a word, an empty cell, nan and infinity."""
    values = numbers(texts, mark)
    wrong = np.flatnonzero(~np.isfinite(values))
    if len(wrong):
        row = wrong[0]
        how = "" if mark == "." else ", with a decimal comma as in the other rows"
        raise CharnnError(
            f"{places[row]}: {column!r} is {texts[row]!r}; give a number in each row{how}"
        )
    return values


# ---------------------------------------------------------------- the calendar

SEASONS = {
    1 / 6: 144,
    1: 24,
    24: 365,
    7 * 24: 52,
    730: 12,
    2191: 4,
}  # hours from row to row: rows of a season
YEARS = 500, 9500  # a picture of all of them has a margin of a twentieth at both ends


def calendar(series: Series, season: int | None, rows: int) -> tuple[int, np.ndarray]:
    """The rows of a season, and the dates (N + rows,) with those of rows to come.

    Both by the usual spacing of the dates. Raises CharnnError where no season is given or known.
    """
    dates = series.dates
    seconds = np.diff(dates).astype("timedelta64[s]").astype(int)
    usual = int(np.median(seconds))
    known = next(
        (season for hours, season in SEASONS.items() if abs(usual / (3600 * hours) - 1) < 0.1), None
    )
    rows_of_season = season or known
    if rows_of_season is None:
        raise CharnnError(
            f"{series.path}: of rows {usual:,} seconds apart no season is known; "
            "give --season, in rows"
        )
    gaps = np.flatnonzero(abs(seconds / usual - 1) > 0.2)  # months are not equally long
    if len(gaps):
        warnings.warn(
            f"{series.path}: {counted(len(gaps), 'gap')} in the dates, the first between "
            f"{dates[gaps[0]]} and {dates[gaps[0] + 1]}; rows are counted as if there "
            "were none",
            stacklevel=2,
        )
    following = np.arange(1, rows + 1)
    if known in (4, 12):
        to_come = months_after(dates[-1], following * (12 // known))
    else:
        to_come = dates[-1] + following * np.timedelta64(usual, "s")
    to_come = to_come.astype(dates.dtype)
    check_years(series, to_come[-1])
    return rows_of_season, np.concatenate([dates, to_come])


def check_years(series: Series, last: np.datetime64) -> None:
    """Raises CharnnError where the picture's calendar, which has years 1 to 9999, could end."""
    first = series.dates[0]
    years = np.array([first, last]).astype("datetime64[Y]").astype(int) + 1970
    if not YEARS[0] <= years[0] <= years[1] <= YEARS[1]:
        raise CharnnError(
            f"{series.path}: the dates, with those of the rows forecast, go from {first} to "
            f"{last}; give dates of the years {YEARS[0]} to {YEARS[1]}"
        )


def months_after(date: np.datetime64, months: np.ndarray) -> np.ndarray:
    """The same day of later months, or their last day where they are shorter."""
    month = date.astype("datetime64[M]")
    later = month + months
    last_days = (later + 1).astype(date.dtype) - np.timedelta64(1, "D")
    same_days = later + (date - month)
    in_month: np.ndarray = np.minimum(same_days, last_days)
    return in_month
