"""The figures of each epoch of a training, which epoch was kept, and why training ended."""

from dataclasses import dataclass, field


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
    ending: str = "all epochs done"
    interrupted: bool = False  # by a signal, such as Ctrl-C's

    def add(self, epoch: Epoch) -> bool:
        """Adds an epoch; whether its validation loss is the lowest so far."""
        self.epochs.append(epoch)
        best_so_far = self.epochs[self.best - 1].validation_loss if self.best else float("inf")
        if self.best and not epoch.validation_loss < best_so_far:
            return False
        self.best = epoch.epoch
        return True
