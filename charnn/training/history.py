"""What each epoch of a training gave."""

from dataclasses import dataclass, field


@dataclass
class Epoch:
    """What one pass over the training part gave; losses are means in nats."""

    epoch: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float
    per_second: float  # names trained on per second


@dataclass
class History:
    """All epochs, which of them gave the weights that were kept, and why training ended."""

    epochs: list[Epoch] = field(default_factory=list)
    best: int = 0  # counted from 1; 0 while there is none
    ending: str = "all epochs done"
    interrupted: bool = False  # by Ctrl-C
