"""A training under way, and its checkpoint: a file with all that the rest of it depends on.

A training that was stopped goes on from its checkpoint to the same model, byte for byte, as one
that never was. Safetensors and JSON, as a model file. Knows nothing of names or text.
"""

import copy
import time
import warnings
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from charnn.errors import CharnnError
from charnn.inference import checkpoint
from charnn.inference.description import CHECKPOINT_TASK
from charnn.training.begun import FILE
from charnn.training.history import Epoch, History
from charnn.wording import quoted

SECONDS = 20  # from one checkpoint to the next, and the batch at hand

Weights = dict[str, torch.Tensor]


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


@dataclass
class Training:
    """All that changes while a network is trained."""

    network: nn.Module
    optimizer: torch.optim.Optimizer
    order: torch.Generator  # of the batches
    dropout: torch.Generator | None  # None for torch's own
    history: History = field(default_factory=History)
    best_weights: Weights = field(default_factory=dict)  # empty until an epoch has ended
    steps: int = 0  # batches that were learned from, in all epochs
    epoch: int = 1  # the one under way
    order_at_start: torch.Tensor = field(init=False)  # the state of `order` as the epoch began
    # Of the epoch under way:
    batches: int = 0  # that were learned from
    tally: Tally = field(default_factory=Tally)
    seconds: float = 0.0  # that they took
    carried: Any = None  # the state after the last of them, with which running text goes on

    def __post_init__(self) -> None:
        self.order_at_start = self.order.get_state()

    def end_epoch(self, validated: tuple[float, float], rate: float) -> Epoch:
        """Records an epoch with its validation loss and accuracy, keeps the best weights, begins
        the next.
        """
        per_second = self.tally.count / self.seconds
        epoch = Epoch(self.epoch, *self.tally.means, *validated, rate, per_second)
        if self.history.add(epoch):
            self.best_weights = copy_of_weights(self.network)
        self.epoch += 1
        self.order_at_start = self.order.get_state()
        self.batches, self.tally, self.seconds, self.carried = 0, Tally(), 0.0, None
        return epoch


def copy_of_weights(network: nn.Module) -> Weights:
    """The network's weights as they are now; training goes on changing the originals."""
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}


# ---------------------------------------------------------------- to arrays and back


def packed(training: Training) -> tuple[Weights, dict[str, Any]]:
    """A training as tensors and a dictionary for JSON."""
    tensors = {f"network.{name}": value for name, value in training.network.state_dict().items()}
    tensors |= {f"best.{name}": value for name, value in training.best_weights.items()}
    for index, values in training.optimizer.state_dict()["state"].items():
        # SGD without momentum keeps a None.
        found = {key: value for key, value in values.items() if value is not None}
        tensors |= {f"optimizer.{index}.{key}": value for key, value in found.items()}
    tensors["random.order"] = training.order_at_start
    if training.dropout is not None:
        tensors["random.dropout"] = training.dropout.get_state()
    about = {
        "steps": training.steps,
        "epoch": training.epoch,
        "batches": training.batches,
        "tally": list(astuple(training.tally)),
        "seconds": training.seconds,
        "carried": _named(training.carried, "carried", tensors),
        "history": [list(astuple(epoch)) for epoch in training.history.epochs],
        "best": training.history.best,
    }
    return tensors, about


def unpack(training: Training, tensors: Weights, about: dict[str, Any]) -> None:
    """Brings a training that is about to begin to where `packed` found another."""
    network, expected = training.network, optimizer_shapes(training.optimizer, about["steps"])
    found = {name: array.shape for name, array in tensors.items() if name.startswith("optimizer.")}
    if found.keys() != expected.keys() or any(
        found[name].numel() != shape.numel() or (shape and found[name] != shape)
        for name, shape in expected.items()
    ):
        raise ValueError("another optimizer's state")
    training.network.load_state_dict(_below("network.", tensors))
    training.best_weights = _below("best.", tensors)
    state: dict[int, Weights] = {}
    for name, value in _below("optimizer.", tensors).items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = value.reshape(()) if key == "step" else value
    groups = training.optimizer.state_dict()["param_groups"]
    training.optimizer.load_state_dict({"state": state, "param_groups": groups})
    training.order.set_state(tensors["random.order"])
    training.order_at_start = tensors["random.order"]
    if training.dropout is not None:
        training.dropout.set_state(tensors["random.dropout"])
    device = next(network.parameters()).device
    training.carried = _restored(about["carried"], tensors, device)
    training.tally, training.seconds = Tally(*about["tally"]), about["seconds"]
    training.steps, training.epoch = about["steps"], about["epoch"]
    training.batches = about["batches"]
    training.history = History([Epoch(*row) for row in about["history"]], about["best"])


def optimizer_shapes(optimizer: torch.optim.Optimizer, steps: int) -> dict[str, torch.Size]:
    """What an optimizer keeps of each weight after that many steps: its name and its shape.

    As a twin of it does that has made one step.
    """
    if not steps:
        return {}
    twin = copy.deepcopy(optimizer)
    for group in twin.param_groups:
        for weight in group["params"]:
            weight.grad = torch.zeros_like(weight)
    twin.step()
    return {
        f"optimizer.{index}.{key}": value.shape
        for index, values in twin.state_dict()["state"].items()
        for key, value in values.items()
        if value is not None
    }


def _below(prefix: str, tensors: Weights) -> Weights:
    """The tensors of that prefix, without it."""
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }


def _named(state: Any, name: str, tensors: Weights) -> Any:
    """A state's tensors under names, and the names in the state's own nesting, for JSON."""
    if state is None:
        return None
    if isinstance(state, torch.Tensor):
        tensors[name] = state
        return name
    return [_named(part, f"{name}.{number}", tensors) for number, part in enumerate(state)]


def _restored(names: Any, tensors: Weights, device: torch.device) -> Any:
    """The state whose names `_named` gave."""
    if names is None:
        return None
    if isinstance(names, str):
        return tensors[names].to(device)
    return tuple(_restored(part, tensors, device) for part in names)


# ---------------------------------------------------------------- the file


class Checkpoints:
    """Keeps a training's checkpoint in its folder, and goes on from the one that it finds there.

    Without a folder it keeps none. `about` is what else is needed to go on: the configuration, and
    the data and its fingerprint, as `read` gives them back.
    """

    def __init__(self, folder: Path | None, about: dict[str, Any], resumed: bool = False):
        self.path = None if folder is None else folder / FILE
        self.about, self.resumed = about, resumed
        self.saved_at = time.monotonic()
        self.failed = False

    def begin(self, training: Training) -> None:
        """Brings a resumed training to where it was; else writes the first checkpoint.

        Raises CharnnError for a file that does not fit the training.
        """
        if self.path is None or not self.resumed:
            self.save(training)
            return
        arrays, about = checkpoint.read(self.path)
        # Copies, in memory that torch aligns: the same products on either way.
        tensors = {name: torch.from_numpy(array).clone() for name, array in arrays.items()}
        try:
            unpack(training, tensors, about["training"])
        except (KeyError, TypeError, ValueError, IndexError, RuntimeError) as error:
            raise CharnnError(
                f"{self.path} does not fit the training ({quoted(str(error))}); train anew"
            ) from None

    def save(self, training: Training) -> None:
        """Writes the checkpoint. Where that fails, warns once: training is worth more."""
        if self.path is None:
            return
        tensors, about = packed(training)
        arrays = {name: tensor.detach().cpu().numpy() for name, tensor in tensors.items()}
        try:
            checkpoint.save(
                self.path, arrays, {**self.about, "task": CHECKPOINT_TASK, "training": about}
            )
        except CharnnError as error:
            if not self.failed:
                warnings.warn(f"no checkpoint: {error}; training goes on", stacklevel=2)
            self.failed = True
        self.saved_at = time.monotonic()

    def save_if_due(self, training: Training) -> None:
        """Writes the checkpoint if the last one is SECONDS old."""
        if time.monotonic() - self.saved_at >= SECONDS:
            self.save(training)

    def discard(self) -> None:
        """Removes the checkpoint of a training that has nothing to go on from."""
        if self.path is not None and not self.resumed:
            self.path.unlink(missing_ok=True)

    def finish(self, ending: str) -> None:
        """Records that the training has ended, and that its model has been saved."""
        if self.path is not None and self.path.exists():
            arrays, about = checkpoint.read(self.path)
            checkpoint.save(self.path, arrays, {**about, "ending": ending})


NONE = Checkpoints(None, {})
