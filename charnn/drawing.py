"""What all pictures share: colours, letters that can be drawn, a table as text, a file's bytes.

Knows nothing of what is drawn. Colours are Okabe and Ito's (2008): told apart by colour-blind readers, with line styles
and markers beside them for those who see grey.
"""

import io
from collections.abc import Callable, Sequence
from functools import cache

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.text import Text

from charnn.wording import printable

Say = Callable[[str], object]
BLUE, ORANGE = "#0072B2", "#E69F00"
COLOURS = (BLUE, "#D55E00", "#009E73", "#CC79A7", ORANGE, "#56B4E9", "#000000")
MARKERS = "osD^vPX"
STYLES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
LIGHT = {"facecolor": "white", "edgecolor": "0.6", "hatch": "////", "linewidth": 0.6}
MARKS = {" ": "␣", "\n": "⏎"}  # what stands for a symbol that cannot be seen
LONGEST = 28  # characters of a label in a picture


def quiet(line: str) -> None:
    """What becomes of a picture's text version if nobody asks for it."""


def seen(symbol: str) -> str:
    """A letter or word as it can be seen: ␣ for a space, ⏎ for a newline, what does not print escaped."""
    return MARKS.get(symbol) or printable(symbol)


@cache
def _font():
    return get_font(findfont(FontProperties()))


def drawable(text: str) -> str:
    """The text in letters that matplotlib's font has; the others as their code points, such as U+5F20."""
    return "".join(letter if _font().get_char_index(ord(letter)) else f"U+{ord(letter):04X}"
                   for letter in printable(text))


def short(label: str) -> str:
    """A label that fits beside a picture."""
    half = LONGEST // 2
    return drawable(label if len(label) <= LONGEST else f"{label[:half]}…{label[1 - half:]}")


def name_ticks(set_ticks: Callable, names: Sequence[str], **style) -> None:
    """Ticks at 0, 1, 2, … with names, which are no formulas whatever they hold."""
    for tick in set_ticks(range(len(names)), names, **style):
        tick.label1.set_parse_math(False)


def plain(figure: Figure) -> Figure:
    """The figure with its texts as they are, none a formula; not for one with powers of ten at its ticks."""
    for text in figure.findobj(Text):
        text.set_parse_math(False)
        text.set_text("\n".join(map(drawable, text.get_text().split("\n"))))
    return figure


def say_table(rows: Sequence[Sequence[str]], say: Say, left: Sequence[int] = (0,)) -> None:
    """Rows of text in columns, those of `left` flush left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        say("  ".join(cell.ljust(width) if place in left else cell.rjust(width)
                      for place, (cell, width) in enumerate(zip(row, widths, strict=True))).rstrip())


def as_bytes(figure: Figure, kind: str = "png") -> bytes:
    """The figure as the bytes of a PNG file, or of another kind such as "svg"; the same bytes for the same figure."""
    buffer = io.BytesIO()
    with rc_context({"svg.hashsalt": "charnn"}):
        figure.savefig(buffer, format=kind, dpi=150, metadata={"Date": None} if kind == "svg" else None)
    return buffer.getvalue()
