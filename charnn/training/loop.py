"""fit: the one training loop, whatever the task.

Knows optimizers, the learning rate, clipping, early stopping and Ctrl-C. It does not know what a
batch holds: the task makes batches and says what their loss is; a batch says whether the state of
the one before is carried over.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import torch
from torch import nn

from charnn.config import OPTIMIZERS, Config
from charnn.errors import CharnnError
from charnn.training.history import Epoch, History
from charnn.training.tasks import Task

OnBatch = Callable[[int, float, float], object]  # names of the batch; the epoch's loss, accuracy
OnEpoch = Callable[[Epoch], object]


def fit(
    network: nn.Module,
    task: Task,
    config: Config,
    device: torch.device,
    generator: torch.Generator,
    on_batch: OnBatch = lambda *_: None,
    on_epoch: OnEpoch = lambda _: None,
) -> History:
    """Trains the network in place and leaves it with the weights of the lowest validation loss.

    `generator` decides the order of the batches; `on_batch` and `on_epoch` report progress. Ctrl-C
    ends training with the best weights so far, and so does a loss that is not finite. In the first
    epoch Ctrl-C is passed on, and such a loss raises CharnnError.
    """
    network.to(device)
    optimizer = build_optimizer(network, config)
    rates = learning_rates(config, config.epochs * task.batches_per_epoch)
    history, best_weights = History(), None
    try:
        for number in range(1, config.epochs + 1):
            # Learn from every batch of the training set once.
            started = time.perf_counter()
            batches = task.training_batches(generator)
            trained = train_epoch(network, task, batches, optimizer, rates, config, on_batch)
            per_second = trained.count / (time.perf_counter() - started)
            # Then measure on the validation set, from which nothing is learned.
            validated = validate(network, task, device)
            rate = optimizer.param_groups[0]["lr"]
            epoch = Epoch(number, *trained.means, *validated, rate, per_second)
            # The training loss goes on falling; the validation loss says when to stop.
            if history.add(epoch):
                best_weights = copy_of_weights(network)
            on_epoch(epoch)
            if number - history.best >= config.patience:
                history.ending = f"no better validation loss in {config.patience} epochs"
                break
    except FloatingPointError:
        history.ending = f"the loss was not finite in epoch {number}"
        if best_weights is None:
            advice = f"try a --learning-rate below {config.learning_rate}"
            raise CharnnError(f"{history.ending}; {advice}") from None
    except KeyboardInterrupt:
        if best_weights is None:
            raise
        history.ending, history.interrupted = "stopped by Ctrl-C", True
    if best_weights is not None:
        network.load_state_dict(best_weights)
    network.eval()
    return history


@dataclass
class Tally:
    """Sums over the batches of an epoch so far: means are divided once, at the end."""

    loss: float = 0.0  # nats
    right: int = 0
    count: int = 0

    def add(self, loss: float, right: int, count: int) -> None:
        """Adds a batch."""
        self.loss += loss
        self.right += right
        self.count += count

    @property
    def means(self) -> tuple[float, float]:
        """The loss in nats per name (or character), and the share of predictions that are right."""
        return self.loss / self.count, self.right / self.count


def train_epoch(
    network: nn.Module,
    task: Task,
    batches: Any,
    optimizer: torch.optim.Optimizer,
    rates: Iterator[float],
    config: Config,
    on_batch: OnBatch,
) -> Tally:
    """One pass over the training set: for each batch a prediction, its loss, an optimizer step.

    Raises FloatingPointError for a loss that is not finite.
    """
    network.train()
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    device = parameters[0].device
    tally, state = Tally(), None
    for batch in batches:
        batch = batch.to(device)
        # Running text goes on where the last batch ended; a batch of names starts from zeros. Only
        # the values are carried over, so the gradient goes back to the start of the batch.
        state = detached(state) if batch.carries else None
        set_learning_rate(optimizer, next(rates))
        # Forwards: log-probabilities, and the mean loss of this batch.
        output, state = task.output(network, batch, state)
        loss, size = task.loss(output, batch)
        # Backwards: how the loss changes with each weight. The gradients of the batch before are
        # dropped first, since backward() adds to what is there.
        optimizer.zero_grad()
        (loss / size).backward()
        # A recurrent network's gradient can explode: a longer one keeps its direction only.
        nn.utils.clip_grad_norm_(parameters, config.clip)
        optimizer.step()
        tally.add(loss.item(), int(task.correct(output, batch).item()), size)
        if not math.isfinite(tally.loss):
            raise FloatingPointError
        on_batch(size, *tally.means)
    return tally


@torch.inference_mode()
def validate(network: nn.Module, task: Task, device: torch.device) -> tuple[float, float]:
    """Mean loss (nats) and accuracy on the task's validation set."""
    network.eval()
    tally, state = Tally(), None
    for batch in task.validation_batches():
        batch = batch.to(device)
        output, state = task.output(network, batch, state if batch.carries else None)
        loss, size = task.loss(output, batch)
        tally.add(loss.item(), int(task.correct(output, batch).item()), size)
    return tally.means


# ---------------------------------------------------------------- optimizer and learning rate


def build_optimizer(network: nn.Module, config: Config) -> torch.optim.Optimizer:
    """The optimizer that the configuration names, for all weights that can be trained."""
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    options = {"lr": config.learning_rate}
    if config.optimizer in ("adamw", "sgd"):
        options["weight_decay"] = config.weight_decay
    return getattr(torch.optim, OPTIMIZERS[config.optimizer])(parameters, **options)


def learning_rates(config: Config, steps: int) -> Iterator[float]:
    """The learning rate of each step, of which there are at most `steps`."""
    return (config.learning_rate * rate_at(step, steps) for step in count())


def rate_at(step: int, steps: int) -> float:
    """The share of the highest learning rate at a step: linear warm-up, then half a cosine to 0.

    The warm-up takes a tenth of the steps. Loshchilov and Hutter (2017), "SGDR", without restarts.
    """
    warm = max(1, steps // 10)
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Lets the optimizer's next step use this learning rate."""
    for group in optimizer.param_groups:
        group["lr"] = rate


# ---------------------------------------------------------------- states and weights


def detached(state: Any) -> Any:
    """The state detached from its graph, so that no gradient goes further back."""
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.detach()
    return tuple(map(detached, state))


def copy_of_weights(network: nn.Module) -> dict[str, torch.Tensor]:
    """The network's weights as they are now; training goes on changing the originals."""
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
