"""Pictures, each one function that returns a matplotlib Figure.

Knows figures and labels, not networks or files. Colours are Okabe and Ito's (2008),
told apart by colour-blind readers and in grey.
"""

import io
from collections.abc import Sequence

from matplotlib.figure import Figure

from charnn.loop import Epoch

TRAINING, VALIDATION = "#E69F00", "#0072B2"


def curves(epochs: Sequence[Epoch], best: int) -> Figure:
    """Loss and accuracy of the training and validation part after each epoch; `best` (from 1) was kept."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    x = [epoch.epoch for epoch in epochs]
    for axes, what, label in zip(figure.subplots(1, 2), ("loss", "accuracy"),
                                 ("loss (nats per name)", "accuracy (share of names)"), strict=True):
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


def as_png(figure: Figure, dpi: int = 150) -> bytes:
    """The figure as the bytes of a PNG file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    return buffer.getvalue()
