"""What a network reads and forecasts in place of a series' values: differences, logarithms or both.

A network that has seen prices from 1 to 10 knows nothing of prices from 30 to 50; of changes in per
cent it has seen the like. All columns are transformed alike, since what is outside of the training
set's range in one is there in the others. Whatever the transform, what is forecast is how far the
target's level (its value, or the logarithm of it) will be from the newest one: with differences
that is their sum up to the row forecast. `windows.py` beside it turns forecasts back.

Axis letters: N rows of the series, I columns.
"""

import warnings
from typing import NamedTuple

import numpy as np
from series import Series

from charnn.errors import CharnnError
from charnn.wording import quoted


class Transform(NamedTuple):
    """Differences of what, and of which rows."""

    logarithm: bool = False
    difference: bool = False  # from row to row


TRANSFORMS = {
    "none": Transform(),
    "diff": Transform(difference=True),
    "log": Transform(logarithm=True),
    "logdiff": Transform(logarithm=True, difference=True),
}


def levels(series: Series, transform: Transform) -> np.ndarray:
    """All columns (N, I), their logarithms where those are asked for.

    Raises CharnnError for a target that has none. Another column that has none is left as it is,
    with a warning.
    """
    values = series.values.copy()
    if not transform.logarithm:
        return values
    for column, name in enumerate(series.columns):
        below = np.flatnonzero(values[:, column] <= 0)
        if not len(below):
            values[:, column] = np.log(values[:, column])
            continue
        row = below[0]
        what = (
            f"{series.path}, row {row + 1:,} of {series.dates[row]}: {quoted(name)} is "
            f"{values[row, column]:g}, which has no logarithm"
        )
        if column == 0:
            raise CharnnError(f"{what}; choose --transform diff or none")
        warnings.warn(f"{what}; none is taken of this column", stacklevel=3)
    return values


def inputs(levels: np.ndarray, transform: Transform) -> np.ndarray:
    """What a network reads (N, I): the levels, or how far each is from the row above.

    The first row has none above it: it is 0 there, and in no window.
    """
    return np.diff(levels, axis=0, prepend=levels[:1]) if transform.difference else levels
