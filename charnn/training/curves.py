"""The picture of a training: loss and accuracy after each epoch."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import AutoLocator

from charnn.drawing import BLUE, ORANGE
from charnn.training.history import Epoch

TRAINING, VALIDATION = ORANGE, BLUE


def curves(epochs: Sequence[Epoch], best: int, unit: str = "name") -> Figure:
    """Loss and accuracy on the training and validation sets after each epoch.

    `best`, counted from 1, is the epoch whose weights were kept; `unit` is what a prediction is
    made for: a name, a text or a character.
    """
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    of_loss, of_accuracy = figure.subplots(1, 2)
    _draw(of_loss, epochs, best, "loss", f"loss (nats per {unit})")
    _draw(of_accuracy, epochs, best, "accuracy", f"accuracy (share of {unit}s)")
    return figure


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
    axes.set(xlabel="epoch", ylabel=label, xlim=(min(x) - 0.5, max(x) + 0.5))
    whole_epochs = AutoLocator()
    whole_epochs.set_params(integer=True)
    axes.xaxis.set_major_locator(whole_epochs)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
