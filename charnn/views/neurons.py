"""Hidden units that follow something simple, over text, coloured by the unit's value.

What is simple to say of a letter, and which units follow it, is in traits.py.

Axis letters: N letters of all texts, B texts, T time, H hidden units of a layer, U of all layers.
"""

import argparse
from collections.abc import Sequence
from itertools import chain, islice
from pathlib import Path

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from charnn.config import MAX_CHARACTERS
from charnn.cores import reverse
from charnn.data import real_steps
from charnn.drawing import Picture, PrintLine, discard_line, drawable, plain
from charnn.errors import CharnnError
from charnn.inference.load import load
from charnn.inference.text_generator import TextGenerator
from charnn.inference.trained import Trained
from charnn.text.names import bundled_names, read_names, relabel
from charnn.text.running import visible_pieces
from charnn.text.splits import fingerprints
from charnn.views.traits import Neuron, traits_of_all, units_that_follow
from charnn.views.watch import recorder, recording, run
from charnn.wording import counted

MOST_NAMES = 1000  # names that are read to find units
UNITS = 4  # that are shown, at most
NAMES, LINES, WIDTH = 8, 5, 64  # names of a unit; lines of running text, and their letters
PRINTED = 2  # names or lines of a unit that the text version has

Span = tuple[int, int]  # where a line of text starts and ends among the N letters


def show(arguments: argparse.Namespace, print_line: PrintLine) -> Figure:
    """The picture that the command line asks for."""
    return neurons(load(arguments.model or "generator", "cpu"), arguments.data, print_line)


def neurons(
    model: Trained, data: str | Path | None = None, print_line: PrintLine = discard_line
) -> Figure:
    """The hidden units that follow something simple, the strongest correlations first.

    They are shown over real text, `data` as in `real_texts`: half of the letters chose the units;
    the correlations and the letters shown are of the other half. Raises CharnnError as `real_texts`
    does, and for a text that is too short.
    """
    texts, labels = real_texts(model, data)
    hidden, where = hidden_units(model, texts, labels)
    traits = traits_of_all(texts)
    found = units_that_follow(hidden, where, traits, UNITS)
    text, running = "".join(texts), isinstance(model, TextGenerator)
    lines = [line for line in lines_of(texts) if line[0] >= len(text) // 2]
    if not found or not lines:
        raise CharnnError(
            "what is read is too short, or all the same: half of it chooses the units and the "
            "other half shows them; give more with --data"
        )
    most = LINES if running else NAMES
    chosen = [telling_lines(lines, traits[neuron.trait], most, running) for neuron in found]
    # Values lie between -1 and 1, but for a plain RNN's with relu.
    top = max(1.0, *(float(np.abs(neuron.values).max()) for neuron in found))
    print_line(
        f"{counted(len(where), 'hidden unit')} over {counted(len(text), 'letter')}; r is Pearson's "
        "correlation on the half that did not choose the units"
    )
    for neuron, shown in zip(found, chosen, strict=True):
        _print(neuron, text, shown[:PRINTED], top, print_line)
    print_line(f"\nThe digits are the unit's value: 0 is {-top:.3g}, 9 is {top:.3g}.")
    return _draw(found, chosen, text, top, columns=1 if running else 2, lines=most)


# ---------------------------------------------------------------- what is read


def real_texts(
    model: Trained, path: str | Path | None = None
) -> tuple[list[str], np.ndarray | None]:
    """Names that the model was not trained on, normalised, and their labels' indices (N,).

    At most 1,000 of them, drawn at random; of a model that reads running text, the start of a text.
    `path` is what `charnn.evaluate` measures such a model on, whose errors it raises; the bundled
    names if absent.
    """
    if model.config.tokens == "words":
        raise CharnnError(
            "this model reads words; its hidden units cannot be shown letter by letter"
        )
    if isinstance(model, TextGenerator):
        return [_start_of_text(path)], None
    path = Path(bundled_names() if path is None else path)
    fewest = min(len(model.labels), 1)
    names = read_names(path, MAX_CHARACTERS, fewest, model.config.raw)
    if model.labels:
        names = relabel(names, model.labels, "the model")
    # A unit that follows something on names it was trained on may only know them by heart.
    trained_on = np.isin(
        fingerprints(names.names, model.fingerprints_raw), model.fingerprints["train"]
    )
    names = names.select(~trained_on)
    if not len(names):
        raise CharnnError(
            f"{path} has no name that the model was not trained on; give other names with --data"
        )
    order = np.random.default_rng(0).permutation(len(names))[:MOST_NAMES]
    names = names.select(order)
    return ["".join(symbols) for symbols in model.read(names.names)], names.targets


def _start_of_text(path: str | Path | None) -> str:
    """The first 10,000 characters of a running text."""
    if path is None:
        raise CharnnError("this model reads running text; say which with --data FILE")
    if Path(path).is_dir():
        raise CharnnError(
            f"{path} is a folder; this model reads running text, give a file of it with --data"
        )
    return "".join(islice(chain.from_iterable(visible_pieces(path)), MAX_CHARACTERS))


# ---------------------------------------------------------------- the hidden units


def hidden_units(
    model: Trained, symbols: Sequence[str], labels: np.ndarray | None
) -> tuple[np.ndarray, list[tuple[str, int]]]:
    """Every hidden unit after each letter of normalised texts, (N, U), text after text.

    Also each column's layer and direction, and its unit, counted from 1. `labels` (B,): the indices
    of those that a generator is conditioned on, if any. The newline that it reads before each text
    is left out.
    """
    with recording(model.network) as directions:
        read = run(model, symbols, labels)
    lengths = torch.tensor([len(text) for text in read])  # (B,)
    newlines = len(read[0]) - len(symbols[0])  # 1 or 0
    columns, where = [], []
    for direction in directions:
        core = recorder(direction)
        hidden = torch.stack(core.hidden(), dim=1).cpu()  # (B, T, H)
        # The backward direction read each text from its own end.
        if direction.backwards:
            hidden = reverse(hidden, lengths)
        steps = torch.arange(hidden.shape[1])
        letters = real_steps(lengths, hidden.shape[1]) & (steps >= newlines)  # (B, T)
        columns.append(hidden[letters].numpy())  # (N, H)
        where += [(direction.name, unit) for unit in range(1, core.hidden_size + 1)]
    return np.concatenate(columns, axis=1), where


# ---------------------------------------------------------------- the lines that are shown


def lines_of(texts: Sequence[str]) -> list[Span]:
    """Where the lines of texts, one text after the other, start and end; those too wide are cut."""
    found, start = [], 0
    for text in texts:
        for line in text.split("\n"):
            for cut in range(0, len(line), WIDTH):
                found.append((start + cut, start + min(cut + WIDTH, len(line))))
            start += len(line) + 1
        start -= 1  # a text ends without a newline
    return found


def telling_lines(
    lines: Sequence[Span], trait: np.ndarray, most: int, consecutive: bool
) -> list[Span]:
    """`most` lines in which a trait (N,) changes most, in the order of the text.

    If `consecutive`, lines that follow each other.
    """
    # A line in which the trait never changes shows nothing of the unit.
    change = np.array([trait[start:end].std() for start, end in lines])
    if consecutive:
        window = np.ones(min(most, len(change)))
        first = int(np.convolve(change, window, "valid").argmax())
        return list(lines[first : first + most])
    best = np.argsort(-change, kind="stable")[:most]
    return [lines[row] for row in np.sort(best)]


# ---------------------------------------------------------------- the text version, the picture


def _print(
    neuron: Neuron, text: str, lines: Sequence[Span], top: float, print_line: PrintLine
) -> None:
    """A unit over lines of text: below each letter its value, as a digit."""
    print_line(f"\n{neuron}: {neuron.trait}, r = {neuron.r:+.2f}")
    for start, end in lines:
        letters = [letter if letter.isprintable() else "·" for letter in text[start:end]]
        digits = [str(round(4.5 + 4.5 * float(value) / top)) for value in neuron.values[start:end]]
        print_line("  " + "".join(letters))
        print_line("  " + "".join(digits))


def _draw(
    found: Sequence[Neuron],
    chosen: Sequence[Sequence[Span]],
    text: str,
    top: float,
    columns: int,
    lines: int,
) -> Figure:
    """A panel for each unit, and the scale of their colours below."""
    down = -(-len(found) // columns)
    figure = Picture(figsize=(11.5, (lines * 0.32 + 1) * down + 1.2), layout="constrained")
    figure.suptitle("hidden units that follow something simple", fontsize=16)
    grid = figure.subplots(down, columns, squeeze=False).flatten()
    for neuron, shown, axes in zip(found, chosen, grid, strict=False):
        image = _draw_neuron(axes, neuron, text, shown, top)
    for axes in grid[len(found) :]:
        axes.remove()
    panels = grid[: len(found)].tolist()
    bar = figure.colorbar(image, ax=panels, location="bottom", aspect=50, shrink=0.6)
    bar.set_label("hidden state", fontsize=13)
    return plain(figure)


def _draw_neuron(
    axes: Axes, neuron: Neuron, text: str, lines: Sequence[Span], top: float
) -> AxesImage:
    """One unit over lines of text, each letter on the colour of the value after it.

    A letter that the font lacks is drawn as □.
    """
    longest = max(12, *(end - start for start, end in lines))
    # Past the end of a line there is no colour.
    values = np.full((len(lines), longest), np.nan)
    for row, (start, end) in enumerate(lines):
        values[row, : end - start] = neuron.values[start:end]
    image = axes.imshow(
        values, aspect="auto", cmap="Blues", norm=Normalize(-top, top), interpolation="nearest"
    )
    for row, (start, end) in enumerate(lines):
        for column, letter in enumerate(text[start:end]):
            axes.text(
                column,
                row,
                letter if drawable(letter) == letter else "□",
                ha="center",
                va="center",
                family="DejaVu Sans Mono",
                fontsize=min(14, 560 / longest),
                color="white" if values[row, column] > 0.2 * top else "black",
            )
    axes.set_title(f"{neuron}:\n{neuron.trait}, r = {neuron.r:+.2f}", fontsize=13)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    return image
