"""Checks of what a caller passes: the kind of a value, before anything is computed with it.

Each but `names` takes the value's name for the message and gives the value back as Python's own
kind. Knows nothing of what the values mean; numpy's and torch's numbers are known without importing
either.
"""

import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from charnn.errors import CharnnError
from charnn.wording import quoted


def plain(value: object) -> object:
    """A single number (or text) of numpy or torch as Python's own: np.int64(5) -> 5.

    Anything else comes back as it is.
    """
    item = getattr(value, "item", None)
    return item() if callable(item) and getattr(value, "shape", None) == () else value


def whole(name: str, value: object) -> int:
    """A whole number: 5, or np.int64(5). Raises CharnnError for 5.0, "5", True and others."""
    number = plain(value)
    if isinstance(number, int) and not isinstance(number, bool):
        return int(number)
    raise CharnnError(f"{name} {quoted(value)} is no whole number; give one, such as 5")


def number(name: str, value: object) -> float:
    """A finite number: 0.5, 1 or np.float32(0.5). Raises CharnnError for "0.5", nan and others."""
    real = plain(value)
    # A whole number may be too large for a float.
    if isinstance(real, int | float) and not isinstance(real, bool) and abs(real) < 1e300:
        return float(real)
    if isinstance(real, float) and not math.isfinite(real):
        raise CharnnError(f"{name} {real} is not finite; give a number such as 0.5")
    raise CharnnError(f"{name} {quoted(value)} is no number that fits; give one, such as 0.5")


def flag(name: str, value: object) -> bool:
    """True or False, numpy's too. Raises CharnnError for others."""
    truth = plain(value)
    if isinstance(truth, bool):
        return truth
    raise CharnnError(f"{name} {quoted(value)} is neither True nor False; give one of them")


def text(name: str, value: object) -> str:
    """A text. Raises CharnnError for what is none, bytes included."""
    if isinstance(value, str):
        return str(value)
    raise CharnnError(f"{name} {quoted(value)} is no text; give a string")


def names(value: object) -> list[Any]:
    """A list, from whatever goes through names. Raises CharnnError for a text or a dictionary."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        what = "one string" if isinstance(value, str) else "no list of names"
        raise CharnnError(f"{quoted(value)} is {what}; give a list of names")
    return list(value)


def path(name: str, value: object) -> Path:
    """A path, from a text or a path. Raises CharnnError for others and for an empty text."""
    if not isinstance(value, str | os.PathLike):
        raise CharnnError(f"{name} {quoted(value)} is no path; give the path of a file or folder")
    found = os.fspath(value)
    if not isinstance(found, str):
        raise CharnnError(f"{name} {quoted(value)} is made of bytes; give a path of text")
    if not found:
        raise CharnnError(f"{name} is an empty text; give the path of a file or folder")
    if "\0" in found:
        raise CharnnError(f"{name} {quoted(found)} holds a null character; no path does")
    return Path(found)
