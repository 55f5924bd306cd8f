"""The figures of each epoch of a training, which epoch was kept, and why training ended."""

from dataclasses import dataclass, field

from charnn.line_chart import Line, line_chart
from charnn.notebook import panel, plain, title
from charnn.wording import counted

ALL_DONE = "all epochs done"


@dataclass
class Epoch:
    """The figures of one pass over the training set; losses are means in nats."""

    epoch: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float
    per_second: float  # names (or characters) trained on per second


LEGEND = (
    '<p class="legend"><span><svg viewBox="0 0 36 10"><path class="first" stroke-width="2" '
    'd="M0 5H36"/><circle class="first" cx="18" cy="5" r="2.5"/></svg>validation</span> '
    '<span><svg viewBox="0 0 36 10"><path class="second" stroke-width="2" stroke-dasharray="6 4" '
    'd="M0 5H36"/></svg>training, while it learns</span> '
    '<span><svg viewBox="0 0 18 18"><circle class="ring" cx="9" cy="9" r="6"/></svg>kept weights'
    "</span></p>"
)


@dataclass
class History:
    """All epochs, which of them gave the weights that were kept, and why training ended."""

    epochs: list[Epoch] = field(default_factory=list)
    best: int = 0  # counted from 1; 0 while there is none
    ending: str = ALL_DONE
    interrupted: bool = False  # by a signal, such as Ctrl-C's

    def is_over(self, epochs: int, patience: int) -> bool:
        """Whether so many epochs, or as many without a lower validation loss, are done.

        `ending` then says which.
        """
        if self.epochs and len(self.epochs) - self.best >= patience:
            self.ending = f"no better validation loss in {counted(patience, 'epoch')}"
            return True
        if len(self.epochs) >= epochs:
            self.ending = ALL_DONE
            return True
        return False

    def add(self, epoch: Epoch) -> bool:
        """Adds an epoch; whether its validation loss is the lowest so far."""
        self.epochs.append(epoch)
        best_so_far = self.epochs[self.best - 1].validation_loss if self.best else float("inf")
        if self.best and not epoch.validation_loss < best_so_far:
            return False
        self.best = epoch.epoch
        return True

    def _repr_html_(self) -> str:
        kept = f"{counted(len(self.epochs), 'epoch')} ({self.ending}); {self.of_best()}"
        return self.html(kept, len(self.epochs))

    def html(self, remark: str, planned: int, line: str = "") -> str:
        """The curves of loss and accuracy for a notebook, with room for the planned epochs.

        `remark` stands above them, `line` below.
        """
        charts = ""
        for what, unit in (("loss", "loss (nats, mean)"), ("accuracy", "accuracy (share right)")):
            lines = [
                Line(style, [getattr(epoch, f"{part}_{what}") for epoch in self.epochs])
                for style, part in (("first", "validation"), ("second", "train"))
            ]
            charts += line_chart(lines, self.best, ("epoch", unit), planned)
        head = title("Training", plain(remark, 300))
        below = f'<p class="line">{plain(line, 300)}</p>' if line else ""
        return panel(head, f'<div class="beside">{charts}</div>', LEGEND, below)

    def of_best(self) -> str:
        """Which epoch's weights are kept, and its figures."""
        if not self.best:
            return "no weights are kept"
        best = self.epochs[self.best - 1]
        return (
            f"kept the weights of epoch {self.best}: validation loss {best.validation_loss:.3f} "
            f"nats, accuracy {best.validation_accuracy:.3f}"
        )
