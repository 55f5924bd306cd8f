"""Which letters of a name are evidence for the predicted label, and which against it, as bars.

Axis letters: T time, L labels.
"""

import argparse
from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.container import Container
from matplotlib.figure import Figure

from charnn.drawing import (
    COLOURS,
    Picture,
    PrintLine,
    axis_height,
    discard_line,
    legend,
    letter_axis,
    plain,
    print_table,
    short,
    visible,
)
from charnn.errors import CharnnError
from charnn.inference.classifier import Classifier
from charnn.inference.load import load
from charnn.inference.trained import Trained
from charnn.views.watch import shown_symbols, unit_of

FOR, AGAINST = COLOURS[:2]


def show(arguments: argparse.Namespace, print_line: PrintLine) -> Figure:
    """The picture that the command line asks for."""
    return why(load(arguments.model, "cpu"), arguments.name, print_line)


def why(model: Trained, name: str, print_line: PrintLine = discard_line) -> Figure:
    """What each letter adds to the predicted label's log-probability, and to the second best's.

    A bar is what the log-probability loses when that letter alone is hidden (occlusion):
    `Classifier.occlusion`. Raises CharnnError as `shown_symbols` does, and for a generator.
    """
    if not isinstance(model, Classifier):
        raise CharnnError(
            "occlusion needs the unknown symbol, on which a generator is not trained; give a "
            "classifier"
        )
    letters = shown_symbols(model, name)
    lost = model.occlusion(name)  # (T, L)
    (predicted, probability), *rest = model.predict(name, top=2)
    of_predicted = lost[:, model.labels.index(predicted)]
    _print(letters, of_predicted, f"{predicted} {probability:.2f}", model, print_line)

    size = (max(8.0, 0.55 * len(letters) + 4.5), 4.8 + axis_height(letters))
    figure = Picture(figsize=size, layout="constrained")
    axes, unit = figure.subplots(), unit_of(model)
    handles = _draw_bars(axes, of_predicted, f"{short(predicted)}  {probability:.2f}")
    for second, p_second in rest:
        handles += axes.plot(
            lost[:, model.labels.index(second)],
            "kD",
            markersize=8,
            markerfacecolor="white",
            label=f"the same for {short(second)}  {p_second:.2f}",
        )
    axes.axhline(0, color="black", linewidth=1)
    letter_axis(axes, letters, 15)
    axes.set_xlabel(f"{unit} that is hidden", fontsize=14)
    axes.set_ylabel("log-probability lost (nats)", fontsize=14)
    title = f"{short(name)}: which {unit}s are evidence for {short(predicted)}, which against"
    figure.suptitle(title, fontsize=16)
    axes.tick_params(axis="y", labelsize=12)
    axes.margins(y=0.1)
    axes.grid(alpha=0.25, axis="y")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    legend(axes, handles)
    return plain(figure)


def _print(
    letters: Sequence[str],
    lost: np.ndarray,
    predicted: str,
    model: Classifier,
    print_line: PrintLine,
) -> None:
    """The letters, and below each what the log-probability of the predicted label loses (T,)."""
    unit = unit_of(model)
    print_line(f"{predicted}: nats that its log-probability loses when one {unit} is hidden")
    # The unknown symbol takes a letter's place; only letter dropout has shown it to the network.
    if not model.config.letter_dropout:
        print_line(
            f"(Trained with --letter-dropout 0, the network never met a hidden {unit}: this is a "
            "guess.)"
        )
    losses = [f"{value:+.2f}" for value in lost]
    print_table([["", *map(visible, letters)], ["", *losses]], print_line)


def _draw_bars(axes: Axes, lost: np.ndarray, predicted: str) -> list[Artist | Container]:
    """The bars (T,), those below 0 hatched; what the legend names."""
    # Hatched as well as coloured, for those who see grey.
    handles: list[Artist | Container] = []
    for chosen, colour, hatch, side in (
        (lost >= 0, FOR, "", "for"),
        (lost < 0, AGAINST, "///", "against"),
    ):
        if not chosen.any():
            continue
        bars = axes.bar(
            np.flatnonzero(chosen),
            lost[chosen],
            color=colour,
            hatch=hatch,
            edgecolor="white",
            width=0.7,
            label=f"evidence {side} {predicted}",
        )
        handles.append(bars)
    return handles
