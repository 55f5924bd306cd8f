#!/usr/bin/env python3
"""Which part of charnn may import which? Reads the imports from the source and draws the house.

    python scripts/draw_house.py                      # writes docs/house.svg, prints a text version
    python scripts/draw_house.py --out pictures/house.svg

Knows nothing of the floors and of the law; these are in scripts/house.py.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from house import ROOT, Box, arrows_of, boxes_of, modules_of

from charnn import cli
from charnn.files import write

PICTURE = ROOT / "docs" / "house.svg"

# ---------------------------------------------------------------- the text version


def as_text(boxes: list[Box]) -> str:
    """The house in characters, the highest floor first."""
    width = max(len(box.title) for box in boxes)
    lines = []
    for box in sorted(boxes, key=lambda box: -box.floor):
        lines.append(f"{box.floor}  {box.title:{width}}  {' '.join(box.rooms) or '(no file yet)'}")
        if box.imports:
            lines.append(f"   {'':{width}}  imports {', '.join(box.imports)}")
    return "\n".join(lines)


# ---------------------------------------------------------------- the picture

WIDTH, MARGIN, GUTTER = 880, 20, 30  # pixels; the gutter holds the floors' numbers
PAD, GAP, BETWEEN, ROOF = 14, 26, 30, 58
MONO, PROSE = 7.9, 6.5  # a character's width in the chips and in the sentences
TITLE_HEIGHT, LINE_HEIGHT, CHIP_HEIGHT, CHIP_GAP = 24, 17, 24, 7

STYLE = """
  text { font-family: system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif;
         fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; }
  .quiet { font-size: 12.5px; fill: #57606a; }
  .end { text-anchor: end; }
  .number { font-size: 15px; fill: #57606a; text-anchor: middle; }
  .room { font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
          text-anchor: middle; }
  .page { fill: #ffffff; }
  .box { fill: #eef4fb; stroke: #7a9cc6; stroke-width: 1.2; }
  .entrance { fill: #fdf3e1; stroke: #cfa04e; }
  .chip { fill: #ffffff; stroke: #c3ccd6; }
  .arrow { stroke: #57606a; stroke-width: 1.8; fill: none; }
  .head { fill: #57606a; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .quiet, .number { fill: #a6b0bb; }
    .page { fill: #14181f; }
    .box { fill: #1b2a3d; stroke: #4f76a8; }
    .entrance { fill: #352a17; stroke: #94722f; }
    .chip { fill: #14181f; stroke: #4a5563; }
    .arrow { stroke: #a6b0bb; }
    .head { fill: #a6b0bb; }
  }
"""


class Placed(NamedTuple):
    """A box with its place in the picture and the lines of its text."""

    box: Box
    x: float
    y: float
    width: float
    height: float
    purpose: list[str]
    rows: list[list[str]]  # of chips
    imports: str
    below: list[str]  # the same in lines of its own, where it does not fit beside the title

    @property
    def bottom(self) -> float:
        """Where the box ends below."""
        return self.y + self.height


def wrapped(words: Iterable[str], width: float, size: float, gap: float) -> list[list[str]]:
    """The words in rows of at most this width, each word `size` a character and `gap` more."""
    rows: list[list[str]] = []
    left = 0.0
    for word in words:
        needed = len(word) * size + gap
        if not rows or needed > left:
            rows.append([])
            left = width
        rows[-1].append(word)
        left -= needed
    return rows


def as_lines(sentence: str, width: float) -> list[str]:
    """A sentence in lines of at most this width."""
    return [" ".join(row) for row in wrapped(sentence.split(), width, PROSE, PROSE)]


def placed_on(floor: list[Box], top: float) -> list[Placed]:
    """The boxes of a floor side by side, equally wide and equally high, from `top` down."""
    inside = WIDTH - 2 * MARGIN - GUTTER
    width = (inside - GAP * (len(floor) - 1)) / len(floor)
    found = []
    for number, box in enumerate(floor):
        room = width - 2 * PAD
        imports = "imports " + (", ".join(box.imports) or "nothing of charnn")
        purpose = as_lines(box.purpose, room)
        rows = wrapped(box.rooms, room, MONO, 14 + CHIP_GAP)
        beside = PROSE * (2 * len(box.title) + len(imports)) < room
        below = [] if beside else as_lines(imports, room)
        height = (
            2 * PAD
            + TITLE_HEIGHT
            - CHIP_GAP
            + LINE_HEIGHT * (len(purpose) + len(below))
            + (CHIP_HEIGHT + CHIP_GAP) * len(rows)
        )
        x = MARGIN + GUTTER + number * (width + GAP)
        found.append(Placed(box, x, top, width, height, purpose, rows, imports, below))
    highest = max(one.height for one in found)
    return [one._replace(height=highest) for one in found]


def as_svg(boxes: list[Box]) -> str:
    """The house as an SVG picture, the ground floor at the bottom."""
    places: dict[str, Placed] = {}
    top = MARGIN + ROOF
    for number in sorted({box.floor for box in boxes}, reverse=True):
        row = placed_on([box for box in boxes if box.floor == number], top)
        places |= {one.box.title: one for one in row}
        top = row[0].bottom + BETWEEN
    height = top + LINE_HEIGHT + MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" '
        f'width="{WIDTH}" height="{height:g}" role="img" aria-label="The wings of charnn">',
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{height:g}" rx="12"/>',
        *roof(),
    ]
    for lower, upper in arrows_of(boxes):
        lines += arrow(places[lower], places[upper])
    for one in places.values():
        lines += drawn(one)
    notes = (
        "An arrow reads \u201cmay be imported by\u201d. Arrows that follow from others are left "
        "out; each box names all that it imports.",
        "Blue boxes are folders, the wings; the others hold files of charnn/ itself.",
    )
    for number, note in enumerate(notes):
        lines.append(text("quiet", MARGIN + GUTTER, top + number * LINE_HEIGHT, note))
    lines.append("</svg>")
    return "\n".join(lines) + "\n"


def text(kind: str, x: float, y: float, content: str) -> str:
    """A line of text whose baseline is at y."""
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{escape(content)}</text>'


def roof() -> list[str]:
    """The roof over the highest floor, with the name of the house."""
    left, right, low = MARGIN + GUTTER, WIDTH - MARGIN, MARGIN + ROOF - 8
    middle = (left + right) / 2
    corners = f"{left},{low} {middle:g},{MARGIN} {right},{low}"
    return [
        f'<polygon class="box entrance" points="{corners}"/>',
        f'<text class="title" x="{middle:g}" y="{low - 10}" text-anchor="middle">charnn/</text>',
    ]


def arrow(lower: Placed, upper: Placed) -> list[str]:
    """From the box that is imported to the one that imports it: up, or along the floor."""
    if lower.box.floor == upper.box.floor:
        middle = lower.y + PAD + 6
        if lower.x < upper.x:
            start, tip, base = lower.x + lower.width, upper.x, upper.x - 8
        else:
            start, tip = lower.x, upper.x + upper.width
            base = tip + 8
        points = f"{tip:g},{middle:g} {base:g},{middle - 5:g} {base:g},{middle + 5:g}"
        line = f"M{start:g} {middle:g}H{base:g}"
    else:
        # the narrower of the two boxes says where, so that arrows to neighbours do not meet
        narrow = min(lower, upper, key=lambda one: one.width)
        x = narrow.x + narrow.width / 2
        tip, base = upper.bottom, upper.bottom + 9
        points = f"{x:g},{tip:g} {x - 5:g},{base:g} {x + 5:g},{base:g}"
        line = f"M{x:g} {lower.y:g}V{base - 1:g}"
    return [f'<path class="arrow" d="{line}"/>', f'<polygon class="head" points="{points}"/>']


def drawn(one: Placed) -> list[str]:
    """A box with its title, purpose, rooms and what it imports."""
    box = one.box
    entrance = "" if box.title.endswith("/") else " entrance"
    lines = [
        f'<rect class="box{entrance}" x="{one.x:g}" y="{one.y:g}" width="{one.width:g}" '
        f'height="{one.height:g}" rx="8"/>'
    ]
    if one.x == MARGIN + GUTTER:
        lines.append(text("number", MARGIN + 8, one.y + one.height / 2 + 5, str(box.floor)))
    left, y = one.x + PAD, one.y + PAD + 12
    lines.append(text("title", left, y, box.title))
    y += TITLE_HEIGHT - 4
    for sentence in one.purpose:
        lines.append(text("quiet", left, y, sentence))
        y += LINE_HEIGHT
    y -= LINE_HEIGHT - 9
    for row in one.rows:
        x = left
        for room in row:
            width = len(room) * MONO + 14
            lines.append(
                f'<rect class="chip" x="{x:g}" y="{y:g}" width="{width:g}" '
                f'height="{CHIP_HEIGHT}" rx="5"/>'
            )
            lines.append(text("room", x + width / 2, y + 16.5, room))
            x += width + CHIP_GAP
        y += CHIP_HEIGHT + CHIP_GAP
    if not one.below:
        lines.append(text("quiet end", one.x + one.width - PAD, one.y + PAD + 12, one.imports))
    y = one.bottom - PAD + 2 - LINE_HEIGHT * (len(one.below) - 1)
    for number, sentence in enumerate(one.below):
        lines.append(text("quiet", left, y + LINE_HEIGHT * number, sentence))
    return lines


def main(argv: list[str] | None = None) -> None:
    """Parses, reads the source, writes the picture, prints the text version."""
    options = cli.Parser(description=__doc__, allow_abbrev=False)
    options.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        default=PICTURE,
        help="the picture (default: docs/house.svg)",
    )
    arguments = options.parse_args(argv)
    boxes = boxes_of(modules_of())
    write(arguments.out, as_svg(boxes).encode())
    print(as_text(boxes))


if __name__ == "__main__":
    sys.exit(cli.run(main))
