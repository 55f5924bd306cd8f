"""A confusion matrix as a picture and as CSV, with labels that are often confused side by side.

Knows counts and labels, nothing of models or names. Axis letters: L labels, S labels shown.
"""

import csv
import io
from collections.abc import Sequence
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import squareform

from charnn.drawing import Picture, name_ticks, short
from charnn.evaluation.metrics import by_row
from charnn.text.records import inert

SHOWN = 100  # labels in a picture or on a page, at most: the most confused ones
NUMBERED = 60  # labels up to which the picture has numbers in its cells
FEW = 16  # labels below which the picture is narrower than its title
DARK = 0.512  # share from which white on a cell's blue has more contrast than black: 4.5 either way


def confused_together(matrix: np.ndarray) -> np.ndarray:
    """An order (L,) of the labels in which those that are often confused are side by side.

    Average linkage on the shares confused in either direction, with the leaves in the best order
    (Bar-Joseph et al., 2001). matrix (L, L) as `metrics.confusion` counts it.
    """
    shares = by_row(matrix)
    distance = 1 - (shares + shares.T) / 2
    np.fill_diagonal(distance, 0)
    pairs = squareform(distance, checks=False)
    return leaves_list(optimal_leaf_ordering(linkage(pairs, "average"), pairs))


def most_confused(matrix: np.ndarray, most: int = SHOWN) -> np.ndarray:
    """The `most` labels with the most mistakes in their row and column, as sorted indices.

    All (L,) if there are no more than that.
    """
    wrong = matrix.sum(0) + matrix.sum(1) - 2 * np.diag(matrix)
    return np.sort(np.argsort(-wrong, kind="stable")[:most])


def confusion_csv(matrix: np.ndarray, labels: Sequence[str], order: np.ndarray) -> str:
    """A confusion matrix (L, L) as CSV: counts, a row per right label, a column per predicted one.

    `order` (L,) is the order of the labels in both directions. No label is a formula to a
    spreadsheet.
    """
    names = [inert(labels[i]) for i in order]
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["right label", *names])
    rows.writerows([name, *matrix[i, order].tolist()] for name, i in zip(names, order, strict=True))
    return text.getvalue()


def confusion_picture(
    matrix: np.ndarray, labels: Sequence[str], order: np.ndarray, title: str
) -> Figure:
    """A confusion matrix (L, L) as percent of each row, a row per right label.

    `order` (S,) holds the labels to show, as indices, from left to right and top to bottom.
    """
    shares = by_row(matrix)[np.ix_(order, order)]  # (S, S), of the whole row: shown labels or not
    names = [short(labels[i]) for i in order]
    counts = matrix.sum(1)[order].tolist()
    side = max(4.5, 0.36 * len(order) + 2)  # inches
    font = 9 + side / 2.2  # points; the larger a picture, the more it is shrunk on a page
    figure = Picture(figsize=(side + 1.5, side + 0.6), layout="constrained")
    axes = figure.subplots()
    # Above the axes alone a title has to be as narrow as they are; a figure's may be wider.
    set_title = figure.suptitle if len(order) < FEW else axes.set_title
    lines = fill(title, int(130 * side / font)) + "\npercent of each row"
    set_title(lines, fontsize=font + 1, parse_math=False)
    # The square root as shade: a confusion of one in twenty is visible beside a diagonal of 90%.
    image = axes.imshow(shares, cmap="Blues", norm=PowerNorm(0.5, 0, 1))
    with_counts = [f"{name}  ({n:,})" for name, n in zip(names, counts, strict=True)]
    name_ticks(axes.set_xticks, names, rotation=90, fontsize=13)
    name_ticks(axes.set_yticks, with_counts, fontsize=13)
    axes.set_xlabel("answer", fontsize=font)
    axes.set_ylabel("right label (names)", fontsize=font)
    _draw_grid(axes, len(order))
    if len(order) <= NUMBERED:
        _write_percent(axes, shares)
    bar = figure.colorbar(
        image,
        ax=axes,
        shrink=0.6,
        pad=0.02,
        ticks=[0, 0.01, 0.05, 0.2, 0.5, 1],
        format=PercentFormatter(1, decimals=0),
    )
    bar.set_label("share of the row", fontsize=font)
    bar.ax.tick_params(labelsize=font - 1)
    return figure


def _draw_grid(axes: Axes, size: int) -> None:
    """Lines between the cells of a picture of size x size cells."""
    edges = np.arange(size + 1) - 0.5
    axes.set_xticks(edges, minor=True)
    axes.set_yticks(edges, minor=True)
    axes.grid(which="minor", color="0.85", linewidth=0.5)
    axes.tick_params(which="both", length=0)


def _write_percent(axes: Axes, shares: np.ndarray) -> None:
    """Writes the percentage into each cell (S, S), where it rounds to 1 or more."""
    for row, column in zip(*np.nonzero(shares >= 0.005), strict=True):
        share = shares[row, column]
        axes.text(
            column,
            row,
            f"{100 * share:.0f}",
            ha="center",
            va="center",
            fontsize=11.5,
            color="white" if share > DARK else "black",
        )
