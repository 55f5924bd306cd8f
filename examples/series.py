"""A series of numbers from a CSV file, the date first: read and checked, its season and its dates to come.

What `forecast.py` beside it learns from; knows no network. Axis letters: N rows of the series, I columns.
"""

import csv
import math
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from charnn.errors import CharnnError
from charnn.wording import count


class Series(NamedTuple):
    """A file's numbers in their own units, oldest row first."""

    path: Path
    dates: np.ndarray   # (N,) datetime64, of days where all are at midnight
    columns: list[str]  # I names, the target's first
    values: np.ndarray  # (N, I) float64


def read_series(path: Path, target: str) -> Series:
    """Reads a CSV file, the date first. Raises CharnnError, with line and value, for what cannot be used."""
    dates, rows = [], []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, skipinitialspace=True)
            header = [name.strip() for name in next(lines, [])]
            if header[1:].count(target) != 1:
                raise CharnnError(f"{path} has no column {target!r}, or several; choose --target from {header[1:]}")
            for row in filter(None, lines):
                where = f"{path}, line {lines.line_num}"
                if len(row) != len(header):
                    raise CharnnError(f"{where}: {len(row)} values under {len(header)} names; separate them by commas")
                dates.append(read_date(row[0].strip(), where))
                if len(dates) > 1 and dates[-1] <= dates[-2]:
                    raise CharnnError(f"{where}: {row[0]!r} {'repeats' if dates[-1] == dates[-2] else 'is before'} the "
                                      "date above it; give each date once, the oldest first")
                if not rows:  # the target comes first; a column that starts with a word is not of numbers
                    chosen = [i for i in range(1, len(row)) if header[i] == target or number(row[i]) is not None]
                    chosen.sort(key=lambda column: header[column] != target)
                rows.append([number(row[column]) for column in chosen])
                for column, value in zip(chosen, rows[-1], strict=True):
                    if value is None or not math.isfinite(value):
                        raise CharnnError(f"{where}: {header[column]!r} is {row[column]!r}; give a number in each row")
    except (UnicodeDecodeError, csv.Error) as error:
        raise CharnnError(f"{path} is not CSV in UTF-8 ({error}); save it as that") from None
    if len(rows) < 2:
        raise CharnnError(f"{path} holds {count(len(rows), 'row')} below its first line; give a series")
    if left_out := [header[column] for column in range(1, len(header)) if column not in chosen]:
        warnings.warn(f"{path}: no numbers in {', '.join(left_out)}; left out", stacklevel=2)
    times = np.array(dates, dtype="datetime64[s]")
    days = times.astype("datetime64[D]")
    return Series(path, days if (days == times).all() else times, [header[column] for column in chosen], np.array(rows))


def read_date(text: str, where: str) -> datetime:
    """An ISO date, month, or date and time; what has a time zone as UTC."""
    try:
        date = datetime.fromisoformat(text + "-01" if len(text) == len("1987-05") else text)
    except ValueError:
        raise CharnnError(f"{where}: {text!r} is no date; write it as 1987-05-15 or 1987-05-15 09:30") from None
    return (date.astimezone(UTC) if date.tzinfo else date).replace(tzinfo=None, microsecond=0)


def number(text: str) -> float | None:
    """What a text says: a number, nan for nothing, None for a word."""
    try:
        return float(text.strip() or "nan")
    except ValueError:
        return None


SEASONS = {1: 24, 24: 365, 7 * 24: 52, 730: 12, 2191: 4}  # hours from row to row: rows of a season


def calendar(series: Series, season: int | None, rows: int) -> tuple[int, np.ndarray]:
    """The rows of a season, and the dates (N + rows,) with those of rows to come; both by their usual spacing."""
    dates, following = series.dates, np.arange(1, rows + 1)
    seconds = np.diff(dates).astype("timedelta64[s]").astype(int)
    usual = int(np.median(seconds))
    known = next((season for hours, season in SEASONS.items() if abs(usual / (3600 * hours) - 1) < 0.1), None)
    if season is None and known is None:
        raise CharnnError(f"{series.path}: of rows {usual:,} seconds apart no season is known; give --season, in rows")
    gaps = np.flatnonzero(abs(seconds / usual - 1) > 0.2)  # months are not equally long
    if len(gaps):
        warnings.warn(f"{series.path}: {count(len(gaps), 'gap')} in the dates, the first between {dates[gaps[0]]} and "
                      f"{dates[gaps[0] + 1]}; rows are counted as if there were none", stacklevel=2)
    to_come = dates[-1] + following * np.timedelta64(usual, "s")
    if known in (4, 12):  # the same day of later months, or their last one
        month = dates[-1].astype("datetime64[M]")
        months = month + following * (12 // known)
        to_come = np.minimum(months + (dates[-1] - month), (months + 1).astype(dates.dtype) - np.timedelta64(1, "D"))
    return season or known, np.concatenate([dates, to_come.astype(dates.dtype)])
