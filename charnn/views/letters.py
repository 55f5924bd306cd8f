"""A name as a network reads it: one-hot vectors. Axis letters: T time, V symbols."""

import argparse
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from charnn.data import one_hot
from charnn.drawing import Picture, PrintLine, discard_line, name_ticks, short, visible
from charnn.inference.generator import NEWLINE, Generator
from charnn.inference.load import load
from charnn.inference.trained import Trained
from charnn.text.words import WordReader
from charnn.views.watch import unit_of
from charnn.wording import counted, printable

MOST_COLUMNS = 60  # symbols up to which all have a column
MOST_ROWS = 40  # letters that have a row


def show(arguments: argparse.Namespace, print_line: PrintLine) -> Figure:
    """The picture that the command line asks for."""
    return letters(load(arguments.model, "cpu"), arguments.name, print_line)


def letters(model: Trained, name: str, print_line: PrintLine = discard_line) -> Figure:
    """The one-hot vectors (T, V) of a name: a row for each letter, or word, that is read.

    A generator reads a newline first. Of more than 60 symbols only those of the name have a column,
    and of more than 40 letters the first have a row. Raises CharnnError for a name of more than
    10,000 characters.
    """
    found = read_as_vectors(model, name)
    _print(found, print_line)
    return _draw(found)


class Vectors(NamedTuple):
    """A name as a network reads it."""

    name: str  # as it was given, printable
    text: str  # as it is read, printable
    unit: str  # "letter" or "word"
    steps: list[str]  # what is read at each of T steps, visible
    ids: list[int]  # T
    symbols: list[str]  # V, visible; the first is the unknown symbol
    vectors: np.ndarray  # (T, V), 0 or 1
    columns: list[int]  # the ids that have a column in the picture

    @property
    def left_out(self) -> int:
        """How many symbols have no column."""
        return len(self.symbols) - len(self.columns)


def read_as_vectors(model: Trained, name: str) -> Vectors:
    """What a model reads of a name."""
    (read,) = model.read([name])
    between = " " if isinstance(model.normalise, WordReader) else ""  # of a writer, words have it
    text = between.join(read)
    # A name without a letter is read as one unknown symbol.
    steps: list[str] = list(read) or [""]
    ids = model.vocabulary.encode([read])[0][0].tolist()  # (T,)
    if isinstance(model, Generator):
        steps, ids = [NEWLINE, *read], [model.newline, *ids[: len(read)]]
    symbols = ["unknown", *map(visible, model.vocabulary.symbols)]
    vectors = one_hot(torch.tensor(ids), len(symbols)).int().numpy()  # (T, V)
    columns = list(range(len(symbols)))
    if len(symbols) > MOST_COLUMNS:
        columns = sorted({0, *ids[:MOST_ROWS]})
    return Vectors(
        printable(name),
        printable(text),
        unit_of(model),
        list(map(visible, steps)),
        ids,
        symbols,
        vectors,
        columns,
    )


def _print(found: Vectors, print_line: PrintLine) -> None:
    """A line for each letter: its id and, where all symbols have a column, its vector."""
    size = len(found.symbols)
    print_line(_title(found.name, found.text))
    print_line(
        f"{counted(len(found.ids), found.unit)}; each becomes {size:,} numbers: "
        "1 at its id, 0 elsewhere"
    )
    step_width = max(map(len, found.steps))
    id_width = len(str(size - 1))
    for step, id_, vector in zip(found.steps, found.ids, found.vectors, strict=True):
        line = f"{step.rjust(step_width)}  id {id_:>{id_width}}"
        if not found.left_out:
            line += "  " + "".join(map(str, vector.tolist()))
        # A rare word is read as its ending, an unknown letter as the unknown symbol.
        if step != found.symbols[id_]:
            line += f"  ({found.symbols[id_]})"
        print_line(line)


def _draw(found: Vectors) -> Figure:
    """A table of zeros and ones: a row for each letter, a column for each symbol."""
    steps = found.steps[:MOST_ROWS]
    shown = found.vectors[:MOST_ROWS, found.columns]
    width, height = 0.36 * len(found.columns) + 1.8, 0.36 * len(steps) + 2.2
    figure = Picture(figsize=(max(8.0, width), height), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shown, cmap="Blues", vmin=0, vmax=1.25, aspect="auto")
    for (row, column), bit in np.ndenumerate(shown):
        axes.text(
            column,
            row,
            str(bit),
            ha="center",
            va="center",
            fontsize=11,
            color="white" if bit else "0.5",
            fontweight="bold" if bit else "normal",
        )
    rows = [f"{short(step)}  ({id_})" for step, id_ in zip(steps, found.ids, strict=False)]
    names = [short(found.symbols[id_]) for id_ in found.columns]
    name_ticks(axes.set_yticks, rows, fontsize=13)
    name_ticks(axes.set_xticks, names, fontsize=12)
    for label, symbol in zip(axes.get_xticklabels(), names, strict=True):
        # A word is longer than its column is wide.
        label.set_rotation(90 if len(symbol) > 1 else 0)
    _rule(axes, shown.shape)
    _label_axes(axes, found)
    title = _title(short(found.name), short(found.text))
    figure.suptitle(title, fontsize=15, parse_math=False)
    return figure


def _title(name: str, text: str) -> str:
    return f"'{name}' is read as \"{text}\""


def _rule(axes: Axes, shape: Sequence[int]) -> None:
    """Thin lines between the cells of a picture of that many rows and columns."""
    rows, columns = shape
    axes.set_yticks(np.arange(rows + 1) - 0.5, minor=True)
    axes.set_xticks(np.arange(columns + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="0.8", linewidth=0.6)
    axes.tick_params(which="both", length=0)


def _label_axes(axes: Axes, found: Vectors) -> None:
    """Says what columns and rows are, and what is left out."""
    columns = f"{found.unit}s that the network knows, in the order of their ids"
    if found.left_out:
        columns += f"\n({found.left_out:,} others, 0 in every row, are left out)"
    rows = f"{found.unit} read (id)"
    if len(found.ids) > MOST_ROWS:
        rows += f",\nfirst {MOST_ROWS} of {len(found.ids):,}"
    axes.set_xlabel(columns, fontsize=13)
    axes.set_ylabel(rows, fontsize=13)
