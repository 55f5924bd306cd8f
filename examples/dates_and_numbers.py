"""The cells of a column as dates or as numbers, in the ways that they are written around the world.

How they are written is decided from all rows at once: 03/04/2020 may be in April or in March, and
1,234 more than a thousand or less than two. Where two readings are left, or none, it is an error.

`lines[row]` is the place of a row's cell, such as "weather.csv, line 7", for errors.
"""

import contextlib
import math
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import numpy as np

from charnn.errors import CharnnError

# ---------------------------------------------------------------- dates

DAY = re.compile(r"\s*(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?!\d)(.*)", re.DOTALL)
ONE_DIGIT_HOUR = re.compile(r"[T ]+(\d:)")


def read_dates(texts: Sequence[str], lines: Sequence[str]) -> list[datetime]:
    """The dates of a column: 1987-05-15, 1987-05, 15.05.1987 or 15/05/1987, each also with a time.

    One with a time zone is converted to UTC. Raises CharnnError for a cell that is no date, and
    where no row says whether the day or the month comes first.
    """
    first = DAY.match(texts[0])
    if first is None:
        return [read_date(text, line) for text, line in zip(texts, lines, strict=True)]
    parts = []
    for text, line in zip(texts, lines, strict=True):
        found = DAY.match(text)
        if found is None or found[2] != first[2]:
            raise CharnnError(
                f"{line}: {text!r} is no date that is written as the first one, {texts[0]!r}"
            )
        parts.append(found)
    return in_order(parts, lines, day_first(parts, lines))


def day_first(parts: Sequence[re.Match[str]], lines: Sequence[str]) -> bool:
    """Whether dates begin with the day, and not with the month as in the United States."""
    # With dots, all countries begin with the day; no month is above 12.
    if parts[0][2] == "." or any(int(found[1]) > 12 for found in parts):
        return True
    if any(int(found[3]) > 12 for found in parts):
        return False
    by_day, by_month = (in_order(parts, lines, day_first) for day_first in (True, False))
    ascending = [dates == sorted(dates) for dates in (by_day, by_month)]
    if by_day != by_month and ascending[0] == ascending[1]:
        raise CharnnError(
            f"{lines[0]}: {parts[0][0]!r} may begin with the day or with the month, and no row "
            "says which; write dates as 1987-05-15"
        )
    return ascending[0]


def in_order(
    parts: Sequence[re.Match[str]], lines: Sequence[str], day_first: bool
) -> list[datetime]:
    """Dates in numbers, the day or the month first, then the year."""
    dates = []
    for found, line in zip(parts, lines, strict=True):
        first, _, second, year, time = found.groups()
        day, month = (first, second) if day_first else (second, first)
        dates.append(read_date(f"{year}-{month:0>2}-{day:0>2}{time}", line, found[0]))
    return dates


def read_date(text: str, line: str, written: str | None = None) -> datetime:
    """An ISO date, month, or date and time; `written` is what stands in the file."""
    iso = ONE_DIGIT_HOUR.sub(r" 0\1", text.strip())
    try:
        date = datetime.fromisoformat(iso + "-01" if len(iso) == len("1987-05") else iso)
    except ValueError:
        raise CharnnError(
            f"{line}: {written or text!r} is no date; write it as 1987-05-15 or 1987-05-15 09:30"
        ) from None
    return (date.astimezone(UTC) if date.tzinfo else date).replace(tzinfo=None, microsecond=0)


# ---------------------------------------------------------------- numbers


def number_pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    """Numbers with that decimal mark, and perhaps that sign between thousands."""
    whole = rf"\d+|[1-9]\d{{0,2}}(?:{thousands}\d{{3}})+|(?={decimal}\d)"
    return re.compile(rf"[+-]?(?:{whole})(?:{decimal}\d*)?(?:[eE][+-]?\d+)?")


WRITTEN = {
    ".": number_pattern("[.]", ","),
    ",": number_pattern(",", "[.]"),
}  # by their decimal mark


def deciding_mark(rows: Iterable[Iterable[str]]) -> str | None:
    """The decimal mark by the first number that can be read in but one way; None if no number can.

    Rows are of cells, in the order of the table.
    """
    for row in rows:
        for text in map(str.strip, row):
            if text.isdigit():
                continue
            fits = [mark for mark, numbers in WRITTEN.items() if numbers.fullmatch(text)]
            if len(fits) == 1:
                return fits[0]
    return None


def decimal_mark(columns: Sequence[Sequence[str]], lines: Sequence[str]) -> str:
    """Whether numbers are written as 1,234.5 or as 1.234,5: by the first one that can be but one.

    `columns` have the same rows. Raises CharnnError where all that have a comma can be both.
    """
    mark = deciding_mark(zip(*columns, strict=True))
    if mark is not None:
        return mark
    for line, row in zip(lines, zip(*columns, strict=True), strict=True):
        for text in map(str.strip, row):
            if "," in text and WRITTEN[","].fullmatch(text):
                raise CharnnError(
                    f"{line}: {text!r} may be above a thousand or have a decimal comma, and no "
                    "number says which; write numbers as 1234.5"
                )
    return "."


def number(text: str, mark: str) -> float | None:
    """A cell's number with that decimal mark, nan for an empty one, None for a word."""
    text = text.strip()
    if not WRITTEN[mark].fullmatch(text):
        return math.nan if text.lower() in ("", "nan") else None
    thousands = "," if mark == "." else "."
    return float(text.replace(thousands, "").replace(mark, "."))


def numbers(texts: Sequence[str], mark: str) -> np.ndarray:
    """The numbers of many cells; nan for a word, too."""
    joined = "\n".join(texts)
    # Python's float is 20 times as fast; it also reads 1_000 and the digits of other scripts.
    if joined.isascii() and "_" not in joined and (mark == "." or "." not in joined):
        with contextlib.suppress(ValueError):  # such as a word, or 1,234.5
            return np.array([float(text.replace(mark, ".")) for text in texts])
    values = [number(text, mark) for text in texts]
    return np.array([math.nan if value is None else value for value in values])
