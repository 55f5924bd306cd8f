"""What all pictures share: colours, letters that can be drawn, a table as text, a file's bytes.

Knows nothing of what is drawn. Colours are Okabe and Ito's (2008): told apart by colour-blind
readers, with line styles and markers beside them for those who see grey.
"""

import io
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.container import Container
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

from charnn.wording import printable

PrintLine = Callable[[str], object]  # takes a picture's text version, line by line

BLUE, ORANGE = "#0072B2", "#E69F00"
COLOURS = (BLUE, "#D55E00", "#009E73", "#CC79A7", ORANGE, "#56B4E9", "#000000")
MARKERS = "osD^vPX"
STYLES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
LIGHT: dict[str, Any] = {
    "facecolor": "white",
    "edgecolor": "0.6",
    "hatch": "////",
    "linewidth": 0.6,
}
VISIBLE = {" ": "␣", "\n": "⏎"}  # what is shown for a symbol that cannot be seen
LABEL_WIDTH = 28  # characters of a label in a picture
SHOWN_DPI = 80  # pixels of an inch in a notebook; a screen with small ones has twice as many
CROWDED = 24  # letters along an axis from which on they are drawn smaller


# ---------------------------------------------------------------- text


def discard_line(line: str) -> None:
    """Discards a line."""


def visible(symbol: str) -> str:
    """A symbol made visible: ␣ for a space, ⏎ for a newline, control characters escaped."""
    return VISIBLE.get(symbol) or printable(symbol)


@cache
def _font() -> FT2Font:
    return get_font(findfont(FontProperties()))


def drawable(text: str) -> str:
    """The text in letters that matplotlib's font has; others as code points, such as U+5F20."""
    has = _font().get_char_index
    return "".join(
        letter if has(ord(letter)) else f"U+{ord(letter):04X}" for letter in printable(text)
    )


def short(label: str) -> str:
    """A label that fits beside a picture: of a longer one both ends."""
    half = LABEL_WIDTH // 2
    fits = len(label) <= LABEL_WIDTH
    return drawable(label if fits else f"{label[:half]}…{label[1 - half :]}")


def print_table(
    rows: Sequence[Sequence[str]], print_line: PrintLine, left: Sequence[int] = (0,)
) -> None:
    """Rows of text in columns, those of `left` flush left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = []
        for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
            cells.append(cell.ljust(width) if column in left else cell.rjust(width))
        print_line("  ".join(cells).rstrip())


# ---------------------------------------------------------------- axes


def name_ticks(set_ticks: Callable[..., Any], names: Sequence[str], **style: Any) -> None:
    """Ticks at 0, 1, 2, … with names, in none of which `$` starts a formula (mathtext)."""
    for tick in set_ticks(range(len(names)), names, **style):
        tick.label1.set_parse_math(False)


def letter_axis(axes: Axes, letters: Sequence[str], size: int) -> None:
    """The letters, or words, along the horizontal axis; words are written upwards."""
    names = [short(visible(letter)) for letter in letters]
    words = max(map(len, names)) > 1
    size = size if len(letters) <= CROWDED else size - 4
    name_ticks(axes.set_xticks, names, rotation=90 if words else 0, fontsize=size)
    axes.set_xlim(-0.5, len(letters) - 0.5)


def axis_height(letters: Sequence[str]) -> float:
    """The inches that words below a `letter_axis` add to a picture's height; 0 for letters."""
    longest = max(len(short(visible(letter))) for letter in letters)
    return 0.12 * longest if longest > 1 else 0.0


def legend(axes: Axes, handles: Sequence[Artist | Container], title: str | None = None) -> None:
    """The legend, beside the axes.

    Each label is named here, since matplotlib leaves out one that starts with "_".
    """
    axes.legend(
        handles,
        [str(handle.get_label()) for handle in handles],
        frameon=False,
        fontsize=13,
        loc="center left",
        bbox_to_anchor=(1.01, 0.5),
        title=title,
        title_fontsize=13,
    )


# ---------------------------------------------------------------- the whole picture


class Picture(Figure):
    """A Figure that a notebook shows as the value of a cell.

    Of matplotlib's own it shows the name alone, until pyplot is asked for one of its figures.
    """

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """The bytes of a PNG file, and how wide they are shown."""
        return as_bytes(self), {"width": round(self.get_figwidth() * SHOWN_DPI)}


def plain(figure: Figure) -> Figure:
    """The figure with mathtext switched off: in its texts `$` is a plain character.

    Not for a figure with powers of ten at its ticks, which are mathtext.
    """
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        text.set_parse_math(False)
        text.set_text("\n".join(map(drawable, text.get_text().split("\n"))))
    return figure


def as_bytes(figure: Figure, kind: str = "png") -> bytes:
    """The figure as the bytes of a PNG file, or of another kind such as "svg".

    The same bytes for the same figure: no date, and no random ids.
    """
    buffer = io.BytesIO()
    metadata = {"Date": None} if kind == "svg" else None
    with rc_context({"svg.hashsalt": "charnn"}):
        figure.savefig(buffer, format=kind, dpi=150, metadata=metadata)
    return buffer.getvalue()
