"""The picture of a training: loss and accuracy after each epoch."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from charnn.drawing import BLUE, ORANGE
from charnn.training.history import Epoch

TRAINING, VALIDATION = ORANGE, BLUE


def curves(epochs: Sequence[Epoch], best: int, unit: str = "name") -> Figure:
    """Loss and accuracy of the training and validation part after each epoch; `best` (from 1) was kept.

    `unit` is what an answer is given for: a name, or a character.
    """
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    x = [epoch.epoch for epoch in epochs]
    for axes, what, label in zip(figure.subplots(1, 2), ("loss", "accuracy"),
                                 (f"loss (nats per {unit})", f"accuracy (share of {unit}s)"), strict=True):
        axes.plot(x, [getattr(e, f"train_{what}") for e in epochs], color=TRAINING, linestyle="--",
                  label="training, while it learns")
        axes.plot(x, [getattr(e, f"validation_{what}") for e in epochs], color=VALIDATION, label="validation")
        axes.plot(best, getattr(epochs[best - 1], f"validation_{what}"), "o", color=VALIDATION, label="kept weights")
        axes.set(xlabel="epoch", ylabel=label, xlim=(min(x) - 0.5, max(x) + 0.5))
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
    return figure
