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
from matplotlib.ticker import MaxNLocator

from charnn.drawing import BLUE, ORANGE, print_table
from charnn.wording import counted

NO_CHANGE, SEASON, LINEAR = "no change", "same season", "linear autoregression"
FORECAST: dict[str, Any] = {"color": "#D55E00", "linewidth": 2}  # vermilion (Okabe and Ito, 2008)


class Errors(NamedTuple):
    """How far forecasts are off, in the target's units unless another is named."""

    mae: float
    mae_in_sd: float  # in standard deviations of the target in the training set
    rmse: float
    mae_of_level: float  # of what was forecast: the same as mae, or of the logarithm
    mae_first: float  # at the first row ahead
    mae_last: float  # at the last row ahead


Found = Mapping[str, Sequence[Errors]]  # each method's errors, of a network for each seed


# ---------------------------------------------------------------- in words


def table(found: Found, ahead: Sequence[int], logarithm: bool = False) -> str:
    """A line for each method, mean ± standard deviation where there are several seeds.

    `ahead` are the rows that were forecast; of several the errors at the first and at the last have
    columns of their own, and so have those of the logarithm where that was forecast.
    """
    heads = {"MAE": "mae", "MAE in sd": "mae_in_sd", "RMSE": "rmse"}
    if logarithm:
        heads["MAE of log"] = "mae_of_level"
    if len(ahead) > 1:
        heads |= {f"MAE at +{ahead[0]}": "mae_first", f"MAE at +{ahead[-1]}": "mae_last"}
    rows = [["", *heads]]
    digits = {name: digits_of(getattr(found[NO_CHANGE][0], name)) for name in heads.values()}
    digits |= dict.fromkeys(("rmse", "mae_first", "mae_last"), digits["mae"])
    for method, seeds in found.items():
        row = [method]
        for name in heads.values():
            values = [getattr(errors, name) for errors in seeds]
            spread = f" ± {stdev(values):.{digits[name]}f}" if len(values) > 1 else ""
            row.append(f"{mean(values):.{digits[name]}f}{spread}")
        rows.append(row)
    lines: list[str] = []
    print_table(rows, lines.append)
    return "\n".join(lines)


def digits_of(scale: float) -> int:
    """How many decimals show four digits that count."""
    return max(0, 3 - math.floor(math.log10(max(scale, 1e-9))))


def verdict(found: Found, name: str, apart: int) -> str:
    """Is a network, the best on the validation set, worth it? By its MAE beside simpler methods'.

    `apart` is how many test windows do not overlap.
    """
    maes = [errors.mae for errors in found[name]]
    simpler = {
        other: [errors.mae for errors in seeds]
        for other, seeds in found.items()
        if other != name and other.startswith((NO_CHANGE, SEASON, LINEAR, "dense"))
    }
    lines = [f"By MAE {name} (chosen by validation loss) is"]
    lines += [f"  {beside(maes, others, other)}" for other, others in simpler.items()]
    best = min(simpler, key=lambda other: (mean(simpler[other]), other))
    if mean(maes) > mean(simpler[best]):
        lines.append(f"It is not worth its trouble here: {best} is simpler and no worse")
    if apart < 30:
        lines.append(f"Windows that do not overlap are few, {apart}: other years may say otherwise")
    return "\n".join(lines)


def beside(maes: Sequence[float], others: Sequence[float], other: str) -> str:
    """How much better or worse than another method's MAE, and if by more than the seeds differ.

    Both methods' seeds: the standard deviations of both, as of a difference.
    """
    mae = max(mean(others), 1e-9)
    off = mean(maes) - mae
    line = f"{100 * abs(off) / mae:.1f}% {'worse' if off > 0 else 'better'} than {other}"
    spread = math.hypot(*(stdev(each) for each in (maes, others) if len(each) > 1))
    if len(maes) == 1:
        return line
    more = "more" if abs(off) > spread else "no more"
    return f"{line}, {more} than the seeds differ (± {100 * spread / mae:.1f}%)"


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

    The last forecasts are of rows that have a date but no truth yet.
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
        beyond, beyond_values = rows[-1], values[-1]
    else:  # all of them are one line
        known = rows[:, 1] <= last
        made = axes.plot(dates[rows[known, 1]], values[known, 1], **FORECAST)
        beyond = np.append(last, rows[~known, 1])
        beyond_values = np.append(target[last], values[~known, 1])
    made[0].set_label(f"forecast {counted(ahead[-1], 'row')} ahead")
    axes.plot(
        dates[beyond],
        beyond_values,
        "o:",
        markevery=[0, -1],
        label="beyond the end: truth not known",
        **FORECAST,
    )
    style(axes, label)
    figure.legend(loc="outside upper left", ncols=4, frameon=False, fontsize=13)
    return figure


class Curve(NamedTuple):
    """The losses of one network and seed by epoch."""

    name: str
    training: Sequence[float]
    validation: Sequence[float]
    kept: int  # the epoch whose weights were kept, from 1


def curves(label: str, drawn: Sequence[Curve], no_change: float) -> Figure:
    """Training and validation loss by epoch: a panel for each network, a line for each seed.

    `no_change` is the loss of that forecast on the validation set.
    """
    names = list(dict.fromkeys(curve.name for curve in drawn))
    columns = min(3, len(names))
    height = -(-len(names) // columns)
    figure = Figure(figsize=(3.8 * max(2, columns), 0.9 + 3 * height), layout="constrained")
    panels = figure.subplots(height, columns, sharex=True, sharey=True, squeeze=False)
    for axes in panels.flat[len(names) :]:
        axes.set_axis_off()
    for name, axes in zip(names, panels.flat, strict=False):
        for epochs in (curve for curve in drawn if curve.name == name):
            x = range(1, len(epochs.training) + 1)
            (training,) = axes.plot(x, epochs.training, color=ORANGE, linestyle="--")
            (validation,) = axes.plot(x, epochs.validation, color=BLUE)
            kept = epochs.validation[epochs.kept - 1]
            (dot,) = axes.plot(epochs.kept, kept, "o", color=BLUE)
        line = axes.axhline(no_change, color="0.4", linestyle=":")
        axes.set_title(name, fontsize=14)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
        plain_axes(axes)
    figure.supxlabel("epoch", fontsize=14)
    figure.supylabel(label, fontsize=14, parse_math=False)
    shown = {
        training: "training",
        validation: "validation",
        dot: "kept",
        line: "no change",
    }
    figure.legend(
        list(shown),
        list(shown.values()),
        loc="outside upper left",
        ncols=4,
        frameon=False,
        fontsize=13,
    )
    return figure


def style(axes: Axes, label: str) -> None:
    """Labels, dates and grid, large enough for a projector."""
    axes.set_ylabel(label, fontsize=14, parse_math=False)
    axes.set_xlabel("date", fontsize=14)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(axes.xaxis.get_major_locator()))
    axes.xaxis.get_offset_text().set_fontsize(12)
    plain_axes(axes)


def plain_axes(axes: Axes) -> None:
    """A light grid, no frame, and numbers large enough for a projector."""
    axes.tick_params(labelsize=12)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
