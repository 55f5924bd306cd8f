"""A series of numbers from a table, the date first: read and checked, its season, dates to come.

What `forecast.py` beside it learns from; knows no network. Axis letters: N rows of the series,
I columns.
"""

import math
import sys
import warnings
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
from dates_and_numbers import decimal_mark, number, read_dates

from charnn.errors import CharnnError
from charnn.text.tables import RECOGNISED, Table, TableOptions, open_table
from charnn.wording import counted


class Series(NamedTuple):
    """A file's numbers in their own units, oldest row first."""

    path: Path
    dates: np.ndarray  # (N,) datetime64, of days where all are at midnight
    columns: list[str]  # I names, the target's first
    values: np.ndarray  # (N, I) float64


# ---------------------------------------------------------------- reading a file


def read_series(path: Path, target: str, options: TableOptions = RECOGNISED) -> Series:
    """Reads a table, the date in its first column.

    Warns of columns that hold no numbers and are left out, and of rows that stand there twice.
    Raises CharnnError, with line and value, for what cannot be used.
    """
    with open_table(path, options, [target]) as table:
        header = list(map(plain, table.columns))
        if header[1:].count(target) != 1:
            raise CharnnError(
                f"{path} has no column {target!r}, or several; choose --target from {header[1:]}"
            )
        print(table.described([0, header.index(target, 1)]), file=sys.stderr)
        lines, rows = without_copies(table, len(header))
    if len(rows) < 2:
        raise CharnnError(
            f"{path} holds {counted(len(rows), 'row')} below its first line; give a series"
        )

    columns = list(zip(*rows, strict=True))
    dates = read_dates(columns[0], lines)
    check_order(dates, columns[0], lines)
    mark = decimal_mark(columns[1:], lines)
    # Those whose first value is not a word, the target first.
    chosen = [c for c in range(1, len(header)) if number(columns[c][0], mark) is not None]
    chosen = [header.index(target, 1), *(c for c in chosen if header[c] != target)]
    left_out = [name for column, name in enumerate(header) if column and column not in chosen]
    if left_out:
        warnings.warn(f"{path}: no numbers in {', '.join(left_out)}; left out", stacklevel=2)
    times = np.array(dates, dtype="datetime64[s]")
    days = times.astype("datetime64[D]")
    all_at_midnight = bool((days == times).all())
    return Series(
        path,
        days if all_at_midnight else times,
        [header[column] for column in chosen],
        np.array([finite(columns[c], header[c], mark, lines) for c in chosen]).T,
    )


def without_copies(table: Table, width: int) -> tuple[list[str], list[tuple[str, ...]]]:
    """Where each row is that is not blank, and its cells; a row that came before is left out."""
    lines: list[str] = []
    rows: list[tuple[str, ...]] = []
    seen: set[tuple[str, ...]] = set()
    copies = 0
    for row in table.rows():
        if not any(row.cells):
            continue
        where = f"{table.path}, line {row.line}"
        if len(row.cells) != width:
            raise CharnnError(
                f"{where}: {len(row.cells)} values under {width} names; correct the row, or say "
                "--delimiter"
            )
        cells = tuple(map(plain, row.cells))
        if cells in seen:
            copies += 1
            continue
        seen.add(cells)
        lines.append(where)
        rows.append(cells)
    if copies:
        warnings.warn(
            f"{table.path}: {counted(copies, 'row')} left out that are the same as one above",
            stacklevel=3,
        )
    return lines, rows


def plain(cell: str) -> str:
    """A cell without what is around it: some programs put a space before a cell in quotes."""
    return cell.strip(' "')


def check_order(dates: Sequence[datetime], texts: Sequence[str], lines: Sequence[str]) -> None:
    """Raises CharnnError for a date that is not after the one above it."""
    for before, date, text, line in zip(dates, dates[1:], texts[1:], lines[1:], strict=False):
        if date <= before:
            wrong = "repeats" if date == before else "is before"
            raise CharnnError(
                f"{line}: {text!r} {wrong} the date above it; give each date once, the oldest first"
            )


def finite(texts: Sequence[str], column: str, mark: str, lines: Sequence[str]) -> list[float]:
    """A column's numbers. Raises CharnnError for a word, an empty cell, nan and infinity."""
    values = []
    for text, line in zip(texts, lines, strict=True):
        value = number(text, mark)
        if value is None or not math.isfinite(value):
            how = "" if mark == "." else ", with a decimal comma as in the other rows"
            raise CharnnError(f"{line}: {column!r} is {text!r}; give a number in each row{how}")
        values.append(value)
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
    return rows_of_season, np.concatenate([dates, to_come.astype(dates.dtype)])


def months_after(date: np.datetime64, months: np.ndarray) -> np.ndarray:
    """The same day of later months, or their last day where they are shorter."""
    month = date.astype("datetime64[M]")
    later = month + months
    last_days = (later + 1).astype(date.dtype) - np.timedelta64(1, "D")
    same_days = later + (date - month)
    in_month: np.ndarray = np.minimum(same_days, last_days)
    return in_month
