"""A line chart as inline SVG, in the colours of the panel around it: see charnn/notebook.py.

Knows numbers, not what they are of. It needs no library.
"""

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

LEFT, RIGHT, TOP, BOTTOM = 62, 388, 12, 208  # of the axes, in a picture of 400 x 256
DOTTED = 40  # points of a line up to which each has a dot


class Line(NamedTuple):
    """Values for x = 1, 2, 3, ...; `style` is "first", or "second", which is dashed."""

    style: str
    values: Sequence[float]


def line_chart(lines: Sequence[Line], marked: int, labels: tuple[str, str], right: int) -> str:
    """Lines over x = 1 to `right`, with a ring around the point `marked` of the first line.

    `labels` are those of the x axis, on which there are whole numbers, and of the y axis. What is
    not finite is left out. `marked` is 0 for none.
    """
    finite = [value for line in lines for value in line.values if math.isfinite(value)]
    ticks = nice_ticks(min(finite, default=0.0), max(finite, default=1.0))
    low, high = ticks[0], ticks[-1]

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - 1) / max(right - 1, 1) if right > 1 else 0.5
        return (
            round(LEFT + 10 + across * (RIGHT - LEFT - 20), 1),
            round(BOTTOM - (y - low) / (high - low) * (BOTTOM - TOP), 1),
        )

    parts = list(_y_axis([(place(1, tick)[1], _number(tick, ticks)) for tick in ticks]))
    for tick in whole_ticks(right):
        x = place(tick, low)[0]
        parts.append(f'<text x="{x}" y="{BOTTOM + 18}" text-anchor="middle">{tick}</text>')
    for line in lines:
        points = [place(x, y) for x, y in enumerate(line.values, 1) if math.isfinite(y)]
        parts += _line(points, line.style)
    if 0 < marked <= len(lines[0].values):
        x, y = place(marked, lines[0].values[marked - 1])
        parts.append(f'<circle class="ring" cx="{x}" cy="{y}" r="6"/>')
    below, beside = map(escape, labels)
    middle = (TOP + BOTTOM) / 2
    return (
        f'<svg viewBox="0 0 400 256" role="img" aria-label="{beside} by {below}">{"".join(parts)}'
        f'<text x="{(LEFT + RIGHT) / 2}" y="248" text-anchor="middle">{below}</text>'
        f'<text transform="rotate(-90 14 {middle})" x="14" y="{middle}" text-anchor="middle">'
        f"{beside}</text></svg>"
    )


def _y_axis(ticks: Sequence[tuple[float, str]]) -> Iterator[str]:
    """A thin line and a number for each tick: (its height, its number)."""
    for y, number in ticks:
        yield f'<path class="grid" d="M{LEFT} {y}H{RIGHT}"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4.5}" text-anchor="end">{number}</text>'


def _line(points: Sequence[tuple[float, float]], style: str) -> Iterator[str]:
    """One line, and the dots on it where they are few."""
    if not points:
        return
    dashed = ' stroke-dasharray="6 4"' if style == "second" else ""
    path = "L".join(f"{x} {y}" for x, y in points)
    yield f'<path class="{style}" style="fill:none" stroke-width="2"{dashed} d="M{path}"/>'
    if len(points) <= DOTTED:
        yield from (f'<circle class="{style}" cx="{x}" cy="{y}" r="2.5"/>' for x, y in points)


def nice_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """At most `most` ticks that reach from below `low` to above `high`, 1, 2 or 5 times 10^n apart.

    >>> nice_ticks(0.61, 2.3)
    [0.5, 1.0, 1.5, 2.0, 2.5]
    """
    span = max(high - low, abs(high) * 1e-3, 1e-9)
    exponent = math.floor(math.log10(span / most))
    for power in (exponent, exponent + 1, exponent + 2):
        for factor in (1, 2, 5):
            step = factor * 10.0**power
            first, last = math.floor(low / step), math.ceil(high / step)
            if last - first < most:
                last += first == last
                return [round(number * step, 12) for number in range(first, last + 1)]
    raise AssertionError(f"no ticks from {low} to {high}")


def whole_ticks(last: int, most: int = 8) -> list[int]:
    """The whole numbers from 1 to `last`, or every 2nd, 5th, 10th, ... of them.

    >>> whole_ticks(40)
    [1, 10, 20, 30, 40]
    """
    steps = (factor * 10**power for power in range(18) for factor in (1, 2, 5))
    step = next(step for step in steps if last // step < most)
    return sorted({1, *range(step, last + 1, step)})


def _number(tick: float, ticks: Sequence[float]) -> str:
    """A tick's number, with as many decimals as its neighbours need."""
    decimals = max(0, -math.floor(math.log10(ticks[1] - ticks[0]) + 1e-9))
    return f"{tick:,.{decimals}f}"
