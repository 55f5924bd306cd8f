"""The figures of each epoch of a training, which epoch was kept, and why training ended."""

from dataclasses import dataclass, field

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
