"""fit: the one training loop, whatever the task.

Knows optimizers, the learning rate, clipping, early stopping, signals and checkpoints. It does not
know what a batch holds: the task makes batches and says what their loss is; a batch says whether
the state of the one before is carried over.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import torch
from torch import nn

from charnn.config import OPTIMIZERS, Config
from charnn.cores import Dropout
from charnn.devices import tiny_as_zero
from charnn.errors import CharnnError
from charnn.signals import Stop, Stopped, stopping
from charnn.training.history import Epoch, History
from charnn.training.state import NONE, Checkpoints, Tally, Training
from charnn.training.tasks import Task

OnBatch = Callable[[int, float, float], object]  # names of the batch; the epoch's loss, accuracy
OnEpoch = Callable[[Epoch], object]


def fit(
    network: nn.Module,
    task: Task,
    config: Config,
    device: torch.device,
    order: torch.Generator,
    dropout: torch.Generator | None = None,
    *,
    on_batch: OnBatch = lambda *_: None,
    on_epoch: OnEpoch = lambda _: None,
    stop: Stop | None = None,
    checkpoints: Checkpoints = NONE,
) -> History:
    """Trains the network in place and leaves it with the weights of the lowest validation loss.

    `order` decides the order of the batches, `dropout` what is dropped (torch's own generator if
    absent); `on_batch` and `on_epoch` report progress. Ctrl-C, or what else `stop` listens to, ends
    training with the best weights so far, and so does a loss that is not finite. In the first epoch
    it raises KeyboardInterrupt, and such a loss CharnnError. `checkpoints` keeps a checkpoint after
    each epoch and now and then within one, and goes on from one that it has.
    """
    network.to(device)
    training = Training(network, build_optimizer(network, config), order, dropout)
    checkpoints.begin(training)
    history = training.history
    with stopping(stop) as stop, drawn_by(dropout, network), tiny_as_zero():
        try:
            while not history.is_over(config.epochs, config.patience):
                # Learn from every batch of the training set once.
                train_epoch(training, task, config, on_batch, stop, checkpoints)
                # Then measure on the validation set, from which nothing is learned.
                validated = validate(network, task, device, stop)
                # The training loss goes on falling; the validation loss says when to stop.
                rate = learning_rate_at(training.steps - 1, task, config)
                on_epoch(training.end_epoch(validated, rate))
                checkpoints.save(training)
        except FloatingPointError:
            advice = f"try a --learning-rate below {config.learning_rate}"
            history.ending = f"the loss was not finite in epoch {training.epoch}; {advice}"
            if not training.best_weights:
                checkpoints.discard()
                raise CharnnError(history.ending) from None
        except Stopped:
            checkpoints.save(training)
            if not training.best_weights:
                raise KeyboardInterrupt from None
            history.ending, history.interrupted = f"stopped by {stop.name}", True
    network.load_state_dict(training.best_weights)
    network.eval()
    return history


def train_epoch(
    training: Training,
    task: Task,
    config: Config,
    on_batch: OnBatch,
    stop: Stop,
    checkpoints: Checkpoints,
) -> None:
    """One pass over the training set: for each batch a prediction, its loss, an optimizer step.

    Of an epoch that was begun before, the batches that are left. Raises FloatingPointError for a
    loss that is not finite, and Stopped after the batch in which `stop` was asked.
    """
    network, optimizer = training.network, training.optimizer
    network.train()
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    device = parameters[0].device
    for batch in islice(task.training_batches(training.order), training.batches, None):
        started = time.perf_counter()
        batch = batch.to(device)
        # Running text goes on where the last batch ended; a batch of names starts from zeros. Only
        # the values are carried over, so the gradient goes back to the start of the batch.
        state = training.carried if batch.carries else None
        set_learning_rate(optimizer, learning_rate_at(training.steps, task, config))
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
        training.carried = detached(state)
        training.tally.add(loss.item(), int(task.correct(output, batch).item()), size)
        training.batches += 1
        training.steps += 1
        training.seconds += time.perf_counter() - started
        if not math.isfinite(training.tally.loss):
            raise FloatingPointError
        on_batch(size, *training.tally.means)
        # Between two batches everything is whole: here it can be stopped, and go on later.
        stop.check()
        checkpoints.save_if_due(training)


@torch.inference_mode()
def validate(
    network: nn.Module, task: Task, device: torch.device, stop: Stop | None = None
) -> tuple[float, float]:
    """Mean loss (nats) and accuracy on the task's validation set.

    Raises Stopped if `stop` is asked.
    """
    network.eval()
    tally, state = Tally(), None
    for batch in task.validation_batches():
        batch = batch.to(device)
        output, state = task.output(network, batch, state if batch.carries else None)
        loss, size = task.loss(output, batch)
        tally.add(loss.item(), int(task.correct(output, batch).item()), size)
        if stop is not None:
            stop.check()
    return tally.means


# ---------------------------------------------------------------- optimizer and learning rate


def build_optimizer(network: nn.Module, config: Config) -> torch.optim.Optimizer:
    """The optimizer that the configuration names, for all weights that can be trained."""
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    options = {"lr": config.learning_rate}
    if config.optimizer in ("adamw", "sgd"):
        options["weight_decay"] = config.weight_decay
    return getattr(torch.optim, OPTIMIZERS[config.optimizer])(parameters, **options)


def learning_rate_at(step: int, task: Task, config: Config) -> float:
    """The learning rate of a step, counted from 0 over all epochs."""
    return config.learning_rate * rate_at(step, config.epochs * task.batches_per_epoch)


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


# ---------------------------------------------------------------- states and random numbers


def detached(state: Any) -> Any:
    """The state detached from its graph, so that no gradient goes further back."""
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        return state.detach()
    return tuple(map(detached, state))


@contextmanager
def drawn_by(generator: torch.Generator | None, network: nn.Module) -> Iterator[None]:
    """Within it, all that a network drops is drawn by this generator; by torch's own if None."""
    dropouts = [module for module in network.modules() if isinstance(module, Dropout)]
    for module in dropouts:
        module.generator = generator
    try:
        yield
    finally:
        for module in dropouts:
            module.generator = None
