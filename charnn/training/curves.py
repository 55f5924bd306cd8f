"""The picture of a training, or of several: loss and accuracy after each epoch."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import AutoLocator

from charnn.drawing import BLUE, COLOURS, MARKERS, ORANGE, STYLES, Picture, plain, short
from charnn.training.history import Epoch

TRAINING, VALIDATION = ORANGE, BLUE


def curves(epochs: Sequence[Epoch], best: int, unit: str = "name") -> Figure:
    """Loss and accuracy on the training and validation sets after each epoch.

    `best`, counted from 1, is the epoch whose weights were kept; `unit` is what a prediction is
    made for: a name, a text or a character.
    """
    figure = Picture(figsize=(9, 3.6), layout="constrained")
    of_loss, of_accuracy = figure.subplots(1, 2)
    loss, accuracy = _labels(unit)
    _draw(of_loss, epochs, best, "loss", loss)
    _draw(of_accuracy, epochs, best, "accuracy", accuracy)
    return figure


class Line(NamedTuple):
    """A training that is drawn beside others."""

    name: str
    epochs: Sequence[Epoch]
    best: int  # as in `curves`


def curves_of_several(lines: Sequence[Line], unit: str = "name") -> Figure:
    """Loss and accuracy of several trainings after each epoch: a colour, style and mark for each.

    Thin lines are of the training set, thick ones of the validation set.
    """
    figure = Picture(figsize=(9, 4.1), layout="constrained")
    both = figure.subplots(1, 2)
    for axes, what, label in zip(both, ("loss", "accuracy"), _labels(unit), strict=True):
        for line, colour, style, marker in zip(lines, COLOURS, STYLES, MARKERS, strict=False):
            x = [epoch.epoch for epoch in line.epochs]
            looks: dict[str, Any] = {"color": colour, "linestyle": style}
            training = [getattr(epoch, f"train_{what}") for epoch in line.epochs]
            validation = [getattr(epoch, f"validation_{what}") for epoch in line.epochs]
            axes.plot(x, training, linewidth=0.8, alpha=0.6, **looks)
            axes.plot(x, validation, linewidth=1.8, **looks)
            if line.best:
                axes.plot(line.best, validation[line.best - 1], marker, color=colour)
        _dress(axes, max(len(line.epochs) for line in lines), label)
    handles = [
        Line2D([], [], color=colour, linestyle=style, marker=marker, label=short(line.name))
        for line, colour, style, marker in zip(lines, COLOURS, STYLES, MARKERS, strict=False)
    ]
    handles += [
        Line2D([], [], color="0.3", linewidth=1.8, label="validation (mark: kept weights)"),
        Line2D([], [], color="0.3", linewidth=0.8, alpha=0.6, label="training, while it learns"),
    ]
    # Named here, since matplotlib leaves out a label that starts with "_".
    names = [str(handle.get_label()) for handle in handles]
    figure.legend(handles, names, loc="outside lower center", ncols=2, frameon=False)
    return plain(figure)


def _labels(unit: str) -> tuple[str, str]:
    """What the axes of loss and accuracy show."""
    return f"loss (nats per {unit})", f"accuracy (share of {unit}s)"


def _draw(axes: Axes, epochs: Sequence[Epoch], best: int, what: str, label: str) -> None:
    """One of the two: "loss" or "accuracy"."""
    x = [epoch.epoch for epoch in epochs]
    training = [getattr(epoch, f"train_{what}") for epoch in epochs]
    validation = [getattr(epoch, f"validation_{what}") for epoch in epochs]
    # The training figures are means over the epoch, taken with dropout while the weights change;
    # the validation figures are of the weights at its end. So the first may look worse.
    axes.plot(x, training, color=TRAINING, linestyle="--", label="training, while it learns")
    axes.plot(x, validation, color=VALIDATION, label="validation")
    axes.plot(best, validation[best - 1], "o", color=VALIDATION, label="kept weights")
    _dress(axes, len(epochs), label)
    axes.legend(frameon=False)


def _dress(axes: Axes, epochs: int, label: str) -> None:
    """What is around the lines."""
    axes.set(xlabel="epoch", ylabel=label, xlim=(0.5, epochs + 0.5))
    whole_epochs = AutoLocator()
    whole_epochs.set_params(integer=True)
    axes.xaxis.set_major_locator(whole_epochs)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
