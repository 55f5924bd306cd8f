"""What a notebook shows of an evaluation: its first figures, and the confusion matrix.

Computes no figure. Axis letters: L labels, S labels shown.
"""

from collections.abc import Sequence
from html import escape

import numpy as np

from charnn.evaluation.metrics import by_row
from charnn.notebook import facts, panel, plain, title
from charnn.wording import shortened

SHOWN = 40  # labels of the matrix, at most: the most confused ones
CELL = 24  # pixels of a cell's side
LETTERS = 16  # of a label beside the matrix, at most
AXIS, LETTER = 32, 7.4  # pixels for the name of an axis, and for a letter of a label
DEEP = 0.68  # shade from which the number in a cell is written in the colour of the page


def evaluation_html(
    headline: Sequence[tuple[str, float, str]],
    whose: str,
    matrix: np.ndarray,
    labels: Sequence[str],
    unit: str,
) -> str:
    """The panel: the rows of `headline`, whose names they are of, and the matrix (L, L)."""
    # They import matplotlib and scipy, which measuring does without.
    from charnn.evaluation.confusion import confused_together, most_confused

    every = confused_together(matrix)
    shown = every[np.isin(every, most_confused(matrix, SHOWN))]
    rows = [
        (escape(name), f'<b>{value:.3f}</b> <span class="quiet">{escape(remark)}</span>')
        for name, value, remark in headline
    ]
    below = (
        f"A row is a right label, a column an answer. The numbers are percent of the row's "
        f"{unit}s; the shade is their square root."
    )
    if len(shown) < len(labels):
        below += f" Of {len(labels):,} labels, these are the {len(shown)} that are confused most."
    names = [escape(shortened(labels[i], LETTERS)) for i in shown]
    size, picture = matrix_svg(by_row(matrix)[np.ix_(shown, shown)], names)
    region = 'class="wide" tabindex="0" role="region" aria-label="confusion matrix"'
    return panel(
        title("Evaluation", plain(whose, 400)),
        facts(rows),
        f"<div {region}>{picture}</div>",
        f'<p class="quiet">{below}</p>',
        width=size + 32,
    )


def matrix_svg(shares: np.ndarray, names: Sequence[str]) -> tuple[int, str]:
    """The size in pixels, and an inline SVG, of a confusion matrix (S, S): the shares of each row.

    `names` are the labels as HTML. Cells of less than half a percent are left empty.
    """
    side = CELL * len(names)
    before = AXIS + round(LETTER * max(map(len, names)))
    parts = [_axis(names, before, turned=False), _axis(names, before, turned=True)]
    cells = zip(*(axis.tolist() for axis in np.nonzero(shares >= 0.005)), strict=True)
    parts += [_cell(before, row, column, shares[row, column], names) for row, column in cells]
    parts.append(f'<rect class="frame" x="{before}" y="{before}" width="{side}" height="{side}"/>')
    size = before + side + 2
    return size, (
        f'<svg class="matrix" width="{size}" height="{size}" viewBox="0 0 {size} {size}" '
        f'role="img" aria-label="confusion matrix, in percent of each row">{"".join(parts)}</svg>'
    )


def _axis(names: Sequence[str], before: int, turned: bool) -> str:
    """The labels beside the rows; turned, those above the columns, which are read upwards."""
    words = "answer" if turned else "right label"
    middle = before + CELL * len(names) / 2
    at = f'x="{middle}" y="14"' if turned else f'transform="translate(14 {middle}) rotate(-90)"'
    parts = [f'<text {at} text-anchor="middle">{words}</text>']
    for place, name in enumerate(names):
        along = before + CELL * (place + 0.5) + 4.5
        if turned:
            at = f'transform="translate({along} {before - 6}) rotate(-90)"'
        else:
            at = f'x="{before - 6}" y="{along}" text-anchor="end"'
        parts.append(f"<text {at}>{name}</text>")
    return "".join(parts)


def _cell(before: int, row: int, column: int, share: float, names: Sequence[str]) -> str:
    """A cell: its shade, its percent, and both labels in words for whoever points at it."""
    shade = share**0.5
    x, y = before + CELL * column, before + CELL * row
    on_deep = ' class="on-deep"' if shade > DEEP else ""
    return (
        f"<g><title>{names[row]} answered as {names[column]}: {share:.0%}</title>"
        f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" fill-opacity="{shade:.2f}"/>'
        f'<text x="{x + CELL / 2}" y="{y + CELL / 2 + 4}" text-anchor="middle"{on_deep}>'
        f"{100 * share:.0f}</text></g>"
    )
