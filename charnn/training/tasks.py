"""What a batch, its loss and its accuracy are: to classify, to generate names, to generate text.

A task knows the data and what counts as right; it knows nothing of optimizers, epochs or files. The
training loop asks it for batches and losses and never what kind it is.

Axis letters: B batch, T time, V symbols, L labels, N names or characters.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from charnn.config import Config
from charnn.data import Batch, NextStepBatch, batches, next_step_batch, streams
from charnn.text.vocabulary import IGNORED

VALIDATION_BATCH = 1024  # names


class Task(Protocol):
    """What `fit` needs to know of what is learned."""

    @property
    def batches_per_epoch(self) -> int:
        """How many batches `training_batches` gives, at most."""
        ...

    def training_batches(self, generator: torch.Generator) -> Iterable[Any]:
        """One epoch, shuffled by the generator."""
        ...

    def validation_batches(self) -> Iterable[Any]:
        """The validation set, always in the same order."""
        ...

    def output(self, network: nn.Module, batch: Any, state: Any) -> tuple[Tensor, Any]:
        """The network's log-probabilities for a batch, and the state after it."""
        ...

    def loss(self, output: Tensor, batch: Any) -> tuple[Tensor, int]:
        """The sum of the losses (nats), and how many it is a sum of."""
        ...

    def correct(self, output: Tensor, batch: Any) -> Tensor:
        """How many of the most probable predictions are right."""
        ...


class ClassifyNames:
    """A label for each name: NLLLoss on log-probabilities (B, L).

    Of names with weights, which are on average 1 within a set, so that a batch counts its size.
    """

    def __init__(self, train: Batch, validation: Batch, config: Config):
        self.train, self.validation = map(_weighed_by_1, (train, validation))
        self.batch_size = config.batch_size
        self.weights = None
        if config.sampling == "balanced":
            # Each label as often as any other, over an epoch as long as before.
            counts = torch.bincount(train.targets)
            self.weights = (1.0 / counts.double())[train.targets]  # (N,)

    @property
    def batches_per_epoch(self) -> int:
        """How many batches `training_batches` gives."""
        return -(-len(self.train.targets) // self.batch_size)

    def training_batches(self, generator: torch.Generator) -> Iterator[Batch]:
        """One epoch, shuffled by the generator."""
        order = None
        if self.weights is not None:
            size = len(self.weights)
            order = torch.multinomial(self.weights, size, replacement=True, generator=generator)
        return batches(self.train, self.batch_size, generator, order)

    def validation_batches(self) -> Iterator[Batch]:
        """The validation set, always in the same order."""
        return batches(self.validation, VALIDATION_BATCH)

    def output(self, network: nn.Module, batch: Batch, state: None) -> tuple[Tensor, None]:
        """The network's log-probabilities (B, L); names carry no state over."""
        return network(batch.ids, batch.lengths), None

    def loss(self, output: Tensor, batch: Batch) -> tuple[Tensor, int]:
        """The sum of the losses (nats) and how many names it is over."""
        if batch.weights is None:
            return F.nll_loss(output, batch.targets, reduction="sum"), len(batch.targets)
        losses = F.nll_loss(output, batch.targets, reduction="none")
        return losses @ batch.weights, len(batch.targets)

    def correct(self, output: Tensor, batch: Batch) -> Tensor:
        """How many names have their own label as the most probable one."""
        return (output.argmax(1) == batch.targets).sum()


def _weighed_by_1(names: Batch) -> Batch:
    """The names with weights whose mean is 1, where they have any."""
    if names.weights is None:
        return names
    return names._replace(weights=names.weights / names.weights.mean())


# ---------------------------------------------------------------- to generate


class _Generate:
    """What names and text have in common: NLLLoss on each step's log-probabilities (B, T, V)."""

    def output(self, network: nn.Module, batch: NextStepBatch, state: Any) -> tuple[Tensor, Any]:
        """The network's log-probabilities (B, T, V), and the state after them."""
        return network(batch.ids, batch.labels, state)

    def loss(self, output: Tensor, batch: NextStepBatch) -> tuple[Tensor, int]:
        """The sum of the losses (nats) and how many letters it is over."""
        losses = F.nll_loss(
            output.flatten(0, 1), batch.targets.flatten(), ignore_index=IGNORED, reduction="sum"
        )
        return losses, int((batch.targets != IGNORED).sum())

    def correct(self, output: Tensor, batch: NextStepBatch) -> Tensor:
        """For how many letters the most probable one is right."""
        return (output.argmax(2) == batch.targets).sum()


class GenerateNames(_Generate):
    """The next letter of names, each on its own.

    Training batches are not of names of like length: all would end at the same letter, so that each
    step would fit the end to the length of its own batch. That lost more accuracy than the padding
    costs in time. But the names of a batch are read in PIECES, of like length each: a fifth faster.
    """

    PIECES = 3

    def __init__(
        self, train: Batch, validation: Batch, newline: int, conditional: bool, config: Config
    ):
        self.train, self.validation = train, validation
        self.newline, self.conditional = newline, conditional
        self.batch_size = config.batch_size

    @property
    def batches_per_epoch(self) -> int:
        """How many batches `training_batches` gives."""
        return -(-len(self.train.targets) // self.batch_size)

    def training_batches(self, generator: torch.Generator) -> Iterator[NextStepBatch]:
        """One epoch, shuffled by the generator."""
        for batch in batches(self.train, self.batch_size, generator, by_length=False):
            yield next_step_batch(batch, self.newline, self.conditional)

    def output(self, network: nn.Module, batch: NextStepBatch, state: None) -> tuple[Tensor, None]:
        """The network's log-probabilities (B, T, V), 0 after the end of a name; no state."""
        lengths = (batch.targets != IGNORED).sum(1)  # (B,)
        order, pieces = lengths.argsort(stable=True), []
        for rows in order.chunk(self.PIECES):
            longest = int(lengths[rows[-1]])
            labels = None if batch.labels is None else batch.labels[rows]
            log_probs, _ = network(batch.ids[rows, :longest], labels)
            pieces.append(F.pad(log_probs, (0, 0, 0, batch.ids.shape[1] - longest)))
        return torch.cat(pieces)[order.argsort()], None

    def validation_batches(self) -> Iterator[NextStepBatch]:
        """The validation set, always in the same order."""
        for batch in batches(self.validation, VALIDATION_BATCH):
            yield next_step_batch(batch, self.newline, self.conditional)


class GenerateText(_Generate):
    """The next letter of a running text, by back-propagation through time truncated at a chunk.

    The text is cut into as many streams as a batch has rows, of a short text fewer, so that an
    epoch has STEPS steps; each batch is the next chunk of all of them, and the state goes on from
    one to the next.
    """

    STEPS = 100  # of an epoch, where the text is long enough

    def __init__(self, train: np.ndarray, validation: np.ndarray, config: Config):
        self.train, self.validation = train, validation  # (N,) small integers
        self.chunk = config.chunk
        rows = max(1, len(train) // (self.STEPS * self.chunk))
        self.rows = min(config.batch_size, rows)

    @property
    def batches_per_epoch(self) -> int:
        """How many batches `training_batches` gives at most."""
        return -(-((len(self.train) - 1) // self.rows) // self.chunk)

    def training_batches(self, generator: torch.Generator) -> Iterator[NextStepBatch]:
        """One epoch.

        The generator draws where the first stream starts, so that chunks end elsewhere each time.
        """
        room = min(self.chunk, len(self.train) - 1 - self.rows)
        skip = int(torch.randint(max(room, 1), (), generator=generator))
        yield from streams(self.train[skip:], self.rows, self.chunk)

    def validation_batches(self) -> Iterator[NextStepBatch]:
        """The validation set, always in the same order."""
        return streams(self.validation, min(16, max(1, len(self.validation) // 1024)), 256)
