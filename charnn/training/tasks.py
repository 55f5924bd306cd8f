"""What a batch, its loss and its figures are for one kind of learning: to classify, to write names, to write text.

A task knows the data and what counts as right; it knows nothing of optimizers, epochs
or files. The loop asks it for batches and losses and never what kind it is.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from charnn.config import Config
from charnn.data import PAST_END, Batch, Letters, Names, as_letters, batches, encoded, streams
from charnn.text.vocabulary import Vocabulary


class Classify:
    """A label for each name: NLLLoss on log-probabilities (B, L)."""

    def __init__(self, train: Names, validation: Names, vocabulary: Vocabulary, normalise, config: Config):
        self.train, self.validation = (encoded(names, vocabulary, normalise) for names in (train, validation))
        self.batch_size = config.batch_size
        self.weights = None
        if config.sampling == "balanced":  # each label as often as any other, over an epoch as long as before
            counts = torch.from_numpy(train.counts())
            self.weights = (1.0 / counts.double())[self.train.targets]

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

    def output(self, network: nn.Module, batch: Batch, state: None) -> tuple[Tensor, None]:
        """The network's answer to a batch: log-probabilities (B, L); a name leaves no state behind."""
        return network(batch.ids, batch.lengths), None

    def loss(self, output: Tensor, batch: Batch) -> tuple[Tensor, int]:
        """The sum of the losses (nats) and how many names it is over."""
        return F.nll_loss(output, batch.targets, reduction="sum"), len(batch.targets)

    def correct(self, output: Tensor, batch: Batch) -> Tensor:
        """How many names got their own label as the most probable one."""
        return (output.argmax(1) == batch.targets).sum()


# ---------------------------------------------------------------- to write


class _Write:
    """What writing names and writing text have in common: NLLLoss on each letter's log-probabilities (B, T, V)."""

    def output(self, network: nn.Module, batch: Letters, state) -> tuple[Tensor, object]:
        """The network's answer to a batch, log-probabilities (B, T, V), and the state that it leaves."""
        return network(batch.ids, batch.labels, state)

    def loss(self, output: Tensor, batch: Letters) -> tuple[Tensor, int]:
        """The sum of the losses (nats) and how many letters it is over."""
        losses = F.nll_loss(output.flatten(0, 1), batch.targets.flatten(), ignore_index=PAST_END, reduction="sum")
        return losses, int((batch.targets != PAST_END).sum())

    def correct(self, output: Tensor, batch: Letters) -> Tensor:
        """How many letters were the most probable one."""
        return (output.argmax(2) == batch.targets).sum()


class WriteNames(_Write):
    """The next letter of names, each on its own.

    Training batches are not of names of like length: all would end at the same letter, so that each step would
    teach when to end and the next one unteach it. That cost more in accuracy than the padding costs in time.
    """

    def __init__(self, train: Batch, validation: Batch, newline: int, conditional: bool, config: Config):
        self.train, self.validation, self.newline, self.conditional = train, validation, newline, conditional
        self.batch_size = config.batch_size

    @property
    def batches_per_epoch(self) -> int:
        """How many batches `training_batches` gives."""
        return -(-len(self.train.targets) // self.batch_size)

    def training_batches(self, generator: torch.Generator) -> Iterator[Letters]:
        """One epoch, shuffled by the generator."""
        for batch in batches(self.train, self.batch_size, generator, by_length=False):
            yield as_letters(batch, self.newline, self.conditional)

    def validation_batches(self) -> Iterator[Letters]:
        """The validation part, always in the same order."""
        for batch in batches(self.validation, 1024):
            yield as_letters(batch, self.newline, self.conditional)


class WriteText(_Write):
    """The next letter of a running text, by back-propagation through time that is cut off after a chunk.

    The text is cut into as many streams as a batch has rows, of a short text fewer, so that an epoch has STEPS steps;
    each batch is the next chunk of all of them, and the state goes on from one to the next.
    """

    STEPS = 100  # of an epoch, where the text is long enough

    def __init__(self, train: Tensor, validation: Tensor, config: Config):
        self.train, self.validation = train, validation  # (N,) small integers
        self.chunk = config.chunk
        self.rows = min(config.batch_size, max(1, len(train) // (self.STEPS * self.chunk)))

    @property
    def batches_per_epoch(self) -> int:
        """How many batches `training_batches` gives at most."""
        return -(-((len(self.train) - 1) // self.rows) // self.chunk)

    def training_batches(self, generator: torch.Generator) -> Iterator[Letters]:
        """One epoch; the generator draws where the first stream starts, so that chunks end elsewhere each time."""
        room = min(self.chunk, len(self.train) - 1 - self.rows)
        skip = int(torch.randint(max(room, 1), (), generator=generator))
        yield from streams(self.train[skip:], self.rows, self.chunk)

    def validation_batches(self) -> Iterator[Letters]:
        """The validation part, always in the same order."""
        return streams(self.validation, min(16, max(1, len(self.validation) // 1024)), 256)


