"""A series of numbers from a CSV file, the date first: read and checked, its season, dates to come.

What `forecast.py` beside it learns from; knows no network. Axis letters: N rows of the series,
I columns.
"""

import csv
import math
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from charnn.errors import CharnnError
from charnn.wording import counted


class Series(NamedTuple):
    """A file's numbers in their own units, oldest row first."""

    path: Path
    dates: np.ndarray  # (N,) datetime64, of days where all are at midnight
    columns: list[str]  # I names, the target's first
    values: np.ndarray  # (N, I) float64


# ---------------------------------------------------------------- reading a file


def read_series(path: Path, target: str) -> Series:
    """Reads a CSV file, the date first.

    Warns of columns that hold no numbers and are left out. Raises CharnnError, with line and value,
    for what cannot be used.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, skipinitialspace=True)
            header = [name.strip() for name in next(lines, [])]
            if header[1:].count(target) != 1:
                raise CharnnError(
                    f"{path} has no column {target!r}, or several; "
                    f"choose --target from {header[1:]}"
                )
            rows = [(lines.line_num, row) for row in lines if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise CharnnError(f"{path} is not CSV in UTF-8 ({error}); save it as that") from None

    dates: list[datetime] = []
    values: list[list[float]] = []
    chosen: list[int] = []
    for line, row in rows:
        where = f"{path}, line {line}"
        if len(row) != len(header):
            raise CharnnError(
                f"{where}: {len(row)} values under {len(header)} names; separate them by commas"
            )
        dates.append(later_date(row[0], dates, where))
        chosen = chosen or columns_of_numbers(header, row, target)
        values.append([finite(row[column], header[column], where) for column in chosen])
    if len(values) < 2:
        raise CharnnError(
            f"{path} holds {counted(len(values), 'row')} below its first line; give a series"
        )

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
        np.array(values),
    )


def columns_of_numbers(header: list[str], row: list[str], target: str) -> list[int]:
    """Which columns are read, the target first: those whose first value is not a word."""
    chosen = [
        column
        for column in range(1, len(row))
        if header[column] == target or number(row[column]) is not None
    ]
    return sorted(chosen, key=lambda column: header[column] != target)


def later_date(text: str, before: list[datetime], where: str) -> datetime:
    """A row's date. Raises CharnnError for one that is not after the last one before it."""
    date = read_date(text.strip(), where)
    if before and date <= before[-1]:
        wrong = "repeats" if date == before[-1] else "is before"
        raise CharnnError(
            f"{where}: {text!r} {wrong} the date above it; give each date once, the oldest first"
        )
    return date


def read_date(text: str, where: str) -> datetime:
    """An ISO date, month, or date and time; one with a time zone is converted to UTC."""
    try:
        date = datetime.fromisoformat(text + "-01" if len(text) == len("1987-05") else text)
    except ValueError:
        raise CharnnError(
            f"{where}: {text!r} is no date; write it as 1987-05-15 or 1987-05-15 09:30"
        ) from None
    return (date.astimezone(UTC) if date.tzinfo else date).replace(tzinfo=None, microsecond=0)


def finite(text: str, column: str, where: str) -> float:
    """A row's number. Raises CharnnError for a word, an empty cell, nan and infinity."""
    value = number(text)
    if value is None or not math.isfinite(value):
        raise CharnnError(f"{where}: {column!r} is {text!r}; give a number in each row")
    return value


def number(text: str) -> float | None:
    """A cell's number, nan for an empty one, None for a word."""
    try:
        return float(text.strip() or "nan")
    except ValueError:
        return None


# ---------------------------------------------------------------- the calendar

SEASONS = {1: 24, 24: 365, 7 * 24: 52, 730: 12, 2191: 4}  # hours from row to row: rows of a season


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
