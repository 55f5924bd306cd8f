"""Curves over steps back in time, which `gradients` and `recall` draw, and whose curves they are.

Knows nothing of what is measured. Axis letters: S networks or readings, T steps back.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from charnn.config import CELLS, flag_of
from charnn.drawing import COLOURS, MARKERS, Picture
from charnn.errors import CharnnError
from charnn.inference.load import load
from charnn.inference.trained import Trained
from charnn.variants import Variant, variants

FONT_SIZE = 14  # points: legible on a slide
LEGEND_WIDTH = 24  # characters of a line in the legend

Compared = Mapping[str, Variant] | Trained  # networks to initialise, by name, or a trained one


def networks_to_compare(arguments: argparse.Namespace, changes: Sequence[str]) -> Compared:
    """The model that the command line names, or the cells with and without the changes.

    Raises CharnnError for options of freshly initialised networks beside --model.
    """
    if arguments.model is None:
        described = ("hidden", "seed", "clip")
        always = {name: getattr(arguments, name) for name in described if name not in changes}
        changed = {name: getattr(arguments, name) for name in changes}
        return variants(arguments.cell, changed, **always)
    given = []
    for name in ("cell", "hidden", *changes, "seed", "batches"):
        default = arguments.parser.get_default(name)
        if getattr(arguments, name, default) != default:
            given.append(flag_of(name))
    if given:
        raise CharnnError(
            f"{', '.join(given)} would describe freshly initialised networks; leave that out, or "
            "--model"
        )
    return load(arguments.model, "cpu")


class Curve(NamedTuple):
    """How one network's curve is drawn."""

    name: str
    style: dict[str, Any]  # what plot() takes


def styles(names: Sequence[str]) -> Iterator[Curve]:
    """How each curve is drawn: those of the same cell or layer share colour and marker.

    The cell is the part of the name before the comma. The first of several of a cell is what the
    others are compared with: thin, pale, with open markers.
    """
    cells = [name.split(",")[0] for name in names]
    # A cell looks the same in every picture, whichever others are in it.
    order = list(CELLS) if set(cells) <= set(CELLS) else list(dict.fromkeys(cells))
    for place, (name, cell) in enumerate(zip(names, cells, strict=True)):
        number = order.index(cell)
        colour = COLOURS[number % len(COLOURS)]
        baseline = cells.count(cell) > 1 and cells.index(cell) == place
        style = {
            "color": colour,
            "marker": MARKERS[number % len(MARKERS)],
            "markersize": 8,
            "alpha": 0.55 if baseline else 1.0,
            "linewidth": 1.5 if baseline else 2.8,
            "markerfacecolor": "white" if baseline else colour,
        }
        yield Curve(name, style)


def steps_back(xlabel: str, ylabel: str, title: str, curves: int) -> tuple[Figure, Axes]:
    """Empty axes for curves over steps back in time, high enough for the legend of so many."""
    height = max(5.8, 0.6 * curves + 2)
    figure = Picture(figsize=(11, height), layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel(xlabel, fontsize=FONT_SIZE)
    axes.set_ylabel(ylabel, fontsize=FONT_SIZE)
    axes.set_title(title, fontsize=FONT_SIZE + 1)
    axes.tick_params(labelsize=FONT_SIZE - 1)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def band(axes: Axes, x: np.ndarray, values: np.ndarray, style: Mapping[str, Any]) -> None:
    """Shades from the lowest to the highest of several curves (S, T), at x (T,)."""
    lowest, highest = values.min(0), values.max(0)
    axes.fill_between(x, lowest, highest, color=style["color"], alpha=0.15, linewidth=0)


def legend_beside(figure: Figure, handles: Sequence[Artist]) -> None:
    """Names the curves to the right of the axes."""
    figure.legend(handles=handles, loc="outside right upper", fontsize=FONT_SIZE - 1, frameon=False)
