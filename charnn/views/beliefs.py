"""The probabilities of the labels after each letter of a name, as lines.

Axis letters: T time, L labels.
"""

import argparse
from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from charnn.drawing import (
    COLOURS,
    MARKERS,
    STYLES,
    Picture,
    PrintLine,
    axis_height,
    discard_line,
    legend,
    letter_axis,
    plain,
    short,
    visible,
)
from charnn.inference.load import load
from charnn.inference.trained import Trained
from charnn.views.watch import shown_symbols, unit_of
from charnn.wording import counted

LINES = 6  # labels that have a line, at most


def show(arguments: argparse.Namespace, print_line: PrintLine) -> Figure:
    """The picture that the command line asks for."""
    return beliefs(load(arguments.model, "cpu"), arguments.name, print_line)


def beliefs(model: Trained, name: str, print_line: PrintLine = discard_line) -> Figure:
    """The probabilities of the labels after each letter: of the six that rise highest anywhere.

    The last are what `predict` says. Raises CharnnError as `shown_symbols` does, and for a
    generator without labels.
    """
    letters = shown_symbols(model, name)
    rows = model.beliefs(name)  # (T, L)
    _print(letters, rows, model, print_line)
    highest = np.argsort(-rows.max(0), kind="stable")[:LINES]
    # The most probable label at the end is drawn first, on top, and named first.
    chosen = highest[np.argsort(-rows[-1][highest], kind="stable")]

    size = (max(8.0, 0.55 * len(letters) + 4.5), 4.8 + axis_height(letters))
    figure = Picture(figsize=size, layout="constrained")
    axes, unit = figure.subplots(), unit_of(model)
    handles = _draw_lines(axes, rows, chosen, model.labels)
    letter_axis(axes, letters, 15)
    axes.set_xlabel(f"{unit}s read so far", fontsize=14)
    axes.set_ylabel("probability", fontsize=14)
    axes.set_ylim(0, 1)
    figure.suptitle(f"{short(name)}: probabilities after each {unit}", fontsize=16)
    axes.tick_params(axis="y", labelsize=12)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    legend(axes, handles, f"after the last {unit}")
    return plain(figure)


def _print(letters: Sequence[str], rows: np.ndarray, model: Trained, print_line: PrintLine) -> None:
    """A line for each letter, with the three most probable labels after it."""
    width = max(map(len, letters))
    for letter, ranking in zip(letters, model.rank(np.log(rows)), strict=True):
        best = ", ".join(f"{label} {probability:.2f}" for label, probability in ranking)
        print_line(f"{visible(letter):{width}}  {best}")


def _draw_lines(
    axes: Axes, rows: np.ndarray, chosen: np.ndarray, labels: Sequence[str]
) -> list[Artist]:
    """A line for each chosen label, and the sum of all others as an area; what the legend names."""
    handles: list[Artist] = []
    for place, label in enumerate(chosen.tolist()):
        handles += axes.plot(
            rows[:, label],
            color=COLOURS[place],
            marker=MARKERS[place],
            linestyle=STYLES[place],
            linewidth=3.2 if place == 0 else 1.8,
            markersize=8,
            clip_on=False,
            zorder=3 - place / 10,
            label=f"{short(labels[label])}  {rows[-1, label]:.2f}",
        )
    # Without the rest the lines would not add up to 1.
    left_out = len(labels) - len(chosen)
    if left_out:
        others = 1 - rows[:, chosen].sum(1)  # (T,)
        name = f"{counted(left_out, 'other')} together  {others[-1]:.2f}"
        area = axes.fill_between(range(len(rows)), others, color="0.85", zorder=0, label=name)
        handles.append(area)
    return handles
