"""Forecasts of a series, shown: a table of their errors, a verdict in words, a picture.

What `forecast.py` beside it prints and draws; knows no network. Axis letters: N rows of the series,
P origins (newest rows that are known), K rows forecast.
"""

import math
from collections.abc import Mapping, Sequence
from statistics import mean, stdev
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import ConciseDateFormatter
from matplotlib.figure import Figure

from charnn.wording import counted

NO_CHANGE, LINEAR = "no change", "linear autoregression"
FORECAST: dict[str, Any] = {"color": "#D55E00", "linewidth": 2}  # vermilion (Okabe and Ito, 2008)


class Errors(NamedTuple):
    """How far forecasts are off, in the target's units."""

    mae: float
    rmse: float
    mae_first: float  # at the first row ahead
    mae_last: float  # at the last row ahead


Comparison = Mapping[str, Sequence[Errors]]  # each method's errors, for each seed; the network last


# ---------------------------------------------------------------- in words


def table(found: Comparison, first: int, last: int) -> str:
    """A line for each method, mean ± standard deviation where there are several seeds.

    `first` and `last` are the rows ahead that were forecast; where they are the same, their errors
    are the first two columns.
    """
    heads = ["MAE", "RMSE"]
    if first != last:
        heads += [f"MAE at +{first}", f"MAE at +{last}"]
    scale = max(found[NO_CHANGE][0].mae, 1e-9)
    digits = max(0, 3 - math.floor(math.log10(scale)))  # four that count
    lines = [" " * 36 + "".join(f"{head:>18}" for head in heads)]
    for name, seeds in found.items():
        columns = list(zip(*seeds, strict=True))[: len(heads)]
        cells = [f"{mean(column):.{digits}f}" for column in columns]
        if len(seeds) > 1:
            cells = [
                f"{cell} ± {stdev(column):.{digits}f}"
                for cell, column in zip(cells, columns, strict=True)
            ]
        lines.append(f"{name:36}" + "".join(f"{cell:>18}" for cell in cells))
    return "\n".join(lines)


def verdict(found: Comparison, apart: int) -> str:
    """Is the last method, the recurrent network, worth it? By its MAE beside two simple ones'.

    `apart` is how many test windows do not overlap.
    """
    name, seeds = list(found.items())[-1]
    maes = [errors.mae for errors in seeds]
    simple = {other: found[other][0].mae for other in (NO_CHANGE, LINEAR)}
    lines = [f"By MAE the {name} is"]
    for other, mae in simple.items():
        lines.append(f"  {beside(maes, max(mae, 1e-9), other)}")
    best = min(simple, key=lambda other: (simple[other], other))
    if mean(maes) > simple[best]:
        lines.append(f"It is not worth its trouble here: {best} is simpler and no worse")
    if apart < 30:
        lines.append(f"Windows that do not overlap are few, {apart}: other years may say otherwise")
    return "\n".join(lines)


def beside(maes: Sequence[float], mae: float, other: str) -> str:
    """How much better or worse than another method's MAE, and if by more than the seeds differ."""
    off = mean(maes) - mae
    line = f"{100 * abs(off) / mae:.1f}% {'worse' if off > 0 else 'better'} than {other}"
    if len(maes) == 1:
        return line
    more = "more" if abs(off) > stdev(maes) else "no more"
    return f"{line}, {more} than its seeds differ (± {100 * stdev(maes) / mae:.1f}%)"


# ---------------------------------------------------------------- as a picture


def picture(
    label: str,
    target: np.ndarray,
    dates: np.ndarray,
    origins: np.ndarray,
    ahead: np.ndarray,
    forecasts: np.ndarray,
) -> Figure:
    """The end of a target (N,), and forecasts (P, K) from origins (P,).

    The last forecast is of rows that have a date but no truth yet.
    """
    last = len(target) - 1
    shown = origins >= last - max(90, 8 * ahead[-1])
    origins, forecasts = origins[shown], forecasts[shown]
    first = origins[0]
    start = max(0, first - (last - first) // 4)
    figure = Figure(figsize=(11, 5), layout="constrained")
    axes = figure.subplots()
    axes.axvspan(dates[last], dates[-1], color="0.9", linewidth=0)
    axes.plot(dates[start : first + 1], target[start : first + 1], color="0.6", label="past")
    axes.plot(dates[first : last + 1], target[first:], color="black", label="truth")

    rows = origins[:, None] + [0, *ahead]  # (P, 1 + K)
    values = np.column_stack([target[origins], forecasts])  # (P, 1 + K)
    if len(ahead) > 1:  # each forecast is a path from its origin
        made = axes.plot(dates[rows[:-1].T], values[:-1].T, marker="o", markevery=[0], **FORECAST)
    else:  # all of them are one line
        made = axes.plot(dates[rows[:-1, 1]], values[:-1, 1], markevery=[0], **FORECAST)
    made[0].set_label(f"forecast {counted(ahead[-1], 'row')} ahead")
    axes.plot(
        dates[rows[-1]],
        values[-1],
        "o:",
        markevery=[0, -1],
        label="beyond the end: truth not known",
        **FORECAST,
    )
    style(axes, label)
    figure.legend(loc="outside upper left", ncols=4, frameon=False, fontsize=13)
    return figure


def style(axes: Axes, label: str) -> None:
    """Labels, dates and grid, large enough for a projector."""
    axes.set_ylabel(label, fontsize=14, parse_math=False)
    axes.set_xlabel("date", fontsize=14)
    axes.tick_params(labelsize=12)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(axes.xaxis.get_major_locator()))
    axes.xaxis.get_offset_text().set_fontsize(12)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
