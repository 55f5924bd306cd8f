"""What a batch, its loss and its figures are for one kind of learning. Here: to classify names.

A task knows the data and what counts as right; it knows nothing of optimizers, epochs
or files. The loop asks it for batches and losses and never what kind it is.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from charnn.config import Config
from charnn.data import Batch, Names, Vocabulary, batches


class Classify:
    """A label for each name: NLLLoss on log-probabilities (B, L)."""

    def __init__(self, train: Names, validation: Names, vocabulary: Vocabulary, normalise, config: Config):
        self.train = self._encode(train, vocabulary, normalise)
        self.validation = self._encode(validation, vocabulary, normalise)
        self.batch_size = config.batch_size
        self.weights = None
        if config.sampling == "balanced":  # each label as often as any other, over an epoch as long as before
            counts = torch.from_numpy(train.counts())
            self.weights = (1.0 / counts.double())[self.train.targets]

    @staticmethod
    def _encode(names, vocabulary, normalise):
        ids, lengths = vocabulary.encode([normalise(name) for name in names.names])
        return Batch(ids, lengths, torch.from_numpy(names.targets))

    @property
    def batches_per_epoch(self) -> int:
        """How many batches `training_batches` gives."""
        return -(-len(self.train.targets) // self.batch_size)

    def training_batches(self, generator: torch.Generator) -> Iterator[Batch]:
        """One epoch, shuffled by the generator."""
        order = None
        if self.weights is not None:
            order = torch.multinomial(self.weights, len(self.weights), replacement=True, generator=generator)
        return batches(self.train, self.batch_size, generator, order)

    def validation_batches(self) -> Iterator[Batch]:
        """The validation part, always in the same order."""
        return batches(self.validation, 1024)

    def output(self, network: nn.Module, batch: Batch) -> Tensor:
        """The network's answer to a batch: log-probabilities (B, L)."""
        return network(batch.ids, batch.lengths)

    def loss(self, output: Tensor, batch: Batch) -> tuple[Tensor, int]:
        """The sum of the losses (nats) and how many names it is over."""
        return F.nll_loss(output, batch.targets, reduction="sum"), len(batch.targets)

    def correct(self, output: Tensor, batch: Batch) -> Tensor:
        """How many names got their own label as the most probable one."""
        return (output.argmax(1) == batch.targets).sum()
