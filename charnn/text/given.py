"""Texts and their labels as they are given in Python: lists, arrays, columns of a data frame.

Whatever has one text in each row: numpy's arrays, columns of pandas, polars or datasets. Imports
none of these libraries. What is wrong with a row is said as of a row of a table, counted from 1.
Knows nothing of files.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

from charnn.errors import CharnnError
from charnn.text.entries import Entry, fault_of
from charnn.text.invisible import visible
from charnn.text.labels import as_label
from charnn.text.tables import is_text
from charnn.wording import counted, quoted

MISSING = ("None", "nan", "NaT", "<NA>")  # as numpy and pandas write what is not there
LABEL = "names"  # of texts without labels, which have no file to be named after


def entries_given(data: object, y: object = None) -> Iterator[Entry]:
    """The rows of texts and their labels that are not blank; without labels all have LABEL.

    Raises CharnnError for what is no column of texts, and for columns of different lengths.
    """
    names = texts_of("data", data)
    labels = [LABEL] * len(names) if y is None else texts_of("y", y)
    if len(labels) != len(names):
        raise CharnnError(
            f"data has {counted(len(names), 'row')} and y has {len(labels):,}; give one label for "
            "each text"
        )
    for row, (name, label) in enumerate(zip(names, map(as_label, labels), strict=True), start=1):
        if name or (label and y is not None):
            yield Entry(row, name, label, fault_of(name, label))


def texts_of(name: str, values: Any) -> list[str]:
    """A column of texts, without white space around them; "" where there is nothing to see.

    `name` is the argument that it was given as. Raises CharnnError, with the row, for a value that
    is no text, and for what is no column: a string, a dictionary, a table of several columns.
    """
    texts = []
    for row, value in enumerate(column_of(name, values), start=1):
        if not isinstance(value, str) or not is_text(value):
            raise CharnnError(f"{name}, row {row:,}: {quoted(value, 40)} {_fault(name, value)}")
        text = str(value).strip()
        texts.append(text if visible(text).strip() else "")
    return texts


def column_of(name: str, values: Any) -> Iterable[Any]:
    """The values as they are. Raises CharnnError for what is no column of them."""
    if isinstance(values, str | bytes):
        raise CharnnError(f"{name} {quoted(values, 40)} is one string; give a list of texts")
    shape = getattr(values, "shape", (0,))
    if len(shape) != 1:
        raise CharnnError(f"{name} has the shape {tuple(shape)}; give one column of it")
    # A set has no order, so that the same one would not always train the same model.
    if isinstance(values, Mapping | Set) or not isinstance(values, Iterable):
        raise CharnnError(
            f"{name} {quoted(values, 40)} is no column of texts; give a list, an array or a column"
        )
    return values


def is_missing(value: object) -> bool:
    """Whether it stands for a value that is not there: None, or what numpy and pandas have."""
    # Python refuses to write out a whole number of more than 4,300 digits.
    return not isinstance(value, str | int) and str(value) in MISSING


def _fault(name: str, value: object) -> str:
    """What is wrong with a value that is no text, and what to do about it."""
    if isinstance(value, str):
        return "holds half a character (a surrogate); read its file in the right encoding"
    if isinstance(value, bytes):
        return 'is made of bytes; decode it, such as with .decode("utf-8")'
    if is_missing(value):
        return "is missing; give a text, or leave the row out"
    remedy = "give a text, such as with str()"
    if name == "y":
        remedy += "; charnn.sklearn's CharnnClassifier takes labels of any type"
    return f"is no text; {remedy}"
