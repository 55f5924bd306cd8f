"""fit: the one training loop, whatever the task.

Knows optimizers, the learning rate, clipping, early stopping and Ctrl-C. It does not know
what a batch holds: the task makes batches and says what their loss is; a batch says whether the state
is carried over from the one before.
"""

import math
import time
from collections.abc import Callable

import torch
from torch import nn

from charnn.config import Config
from charnn.errors import CharnnError
from charnn.training.history import Epoch, History

OPTIMIZERS = {
    "adamw": lambda parameters, c: torch.optim.AdamW(parameters, c.learning_rate, weight_decay=c.weight_decay),
    "adam": lambda parameters, c: torch.optim.Adam(parameters, c.learning_rate),
    "sgd": lambda parameters, c: torch.optim.SGD(parameters, c.learning_rate, weight_decay=c.weight_decay),
    "rmsprop": lambda parameters, c: torch.optim.RMSprop(parameters, c.learning_rate),
}


def rate_at(step: int, steps: int) -> float:
    """The share of the highest learning rate at a step: linear warm-up over a tenth, then half a cosine to 0.

    Loshchilov and Hutter (2017), "SGDR", without restarts.
    """
    warm = max(1, steps // 10)
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def fit(network: nn.Module, task, config: Config, device: torch.device, generator: torch.Generator,
        on_batch: Callable[[int, float, float], None] = lambda *_: None,
        on_epoch: Callable[[Epoch], None] = lambda _: None) -> History:
    """Trains the network in place and leaves it with the weights of the best validation loss.

    `generator` decides the order of the batches. `on_batch(names, mean_loss, accuracy)` and
    `on_epoch(epoch)` report progress. Ctrl-C ends training and keeps the best weights so far;
    before the first epoch has ended it is passed on. A loss that is not finite ends it likewise; in the
    first epoch it raises CharnnError.
    """
    network.to(device)
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = OPTIMIZERS[config.optimizer](parameters, config)
    steps = config.epochs * task.batches_per_epoch
    history, kept, step = History(), None, 0
    try:
        for number in range(1, config.epochs + 1):
            network.train()
            loss_sum, right, count, state, started = 0.0, 0, 0, None, time.perf_counter()
            for batch in task.training_batches(generator):
                batch, state = batch.to(device), detached(state) if batch.carries else None
                rate = config.learning_rate * rate_at(step, steps)
                for group in optimizer.param_groups:
                    group["lr"] = rate
                optimizer.zero_grad()
                output, state = task.output(network, batch, state)
                loss, size = task.loss(output, batch)
                (loss / size).backward()
                nn.utils.clip_grad_norm_(parameters, config.clip)
                optimizer.step()
                loss_sum, count = loss_sum + loss.item(), count + size
                right += task.correct(output, batch).item()
                if not math.isfinite(loss_sum):
                    raise FloatingPointError
                on_batch(size, loss_sum / count, right / count)
                step += 1
            seconds = time.perf_counter() - started
            validation_loss, validation_accuracy = validate(network, task, device)
            epoch = Epoch(number, loss_sum / count, right / count, validation_loss, validation_accuracy,
                          rate, count / seconds)
            history.epochs.append(epoch)
            if not history.best or validation_loss < history.epochs[history.best - 1].validation_loss:
                kept = {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
                history.best = number
            on_epoch(epoch)
            if number - history.best >= config.patience:
                history.ending = f"no better validation loss in {config.patience} epochs"
                break
    except FloatingPointError:
        history.ending = f"the loss was not finite in epoch {number}"
        if kept is None:
            raise CharnnError(f"{history.ending}; try a --learning-rate below {config.learning_rate}") from None
    except KeyboardInterrupt:
        if kept is None:
            raise
        history.ending, history.interrupted = "stopped by Ctrl-C", True
    if kept is not None:
        network.load_state_dict(kept)
    network.eval()
    return history


def detached(state):
    """The state's values without their history: how far back the gradient goes is the length of a batch."""
    if state is None or isinstance(state, torch.Tensor):
        return state if state is None else state.detach()
    return tuple(map(detached, state))


@torch.inference_mode()
def validate(network: nn.Module, task, device: torch.device) -> tuple[float, float]:
    """Mean loss (nats) and accuracy on the task's validation part."""
    network.eval()
    loss_sum, right, count, state = 0.0, 0, 0, None
    for batch in task.validation_batches():
        batch = batch.to(device)
        output, state = task.output(network, batch, state if batch.carries else None)
        loss, size = task.loss(output, batch)
        loss_sum, count = loss_sum + loss.item(), count + size
        right += task.correct(output, batch).item()
    return loss_sum / count, right / count
