"""What a batch, its loss and its figures are for one kind of learning: to classify, to write names, to write text.

A task knows the data and what counts as right; it knows nothing of optimizers, epochs
or files. The loop asks it for batches and losses and never what kind it is.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from charnn.config import Config
from charnn.data import Batch, Names, Vocabulary, batches


def encoded(names: Names, vocabulary: Vocabulary, normalise: Callable[[str], str]) -> Batch:
    """All names as one batch."""
    ids, lengths = vocabulary.encode([normalise(name) for name in names.names])
    return Batch(ids, lengths, torch.from_numpy(names.targets))


def joined(one: Batch, other: Batch) -> Batch:
    """The names of two batches as one."""
    longest = max(one.ids.shape[1], other.ids.shape[1])
    ids = [F.pad(batch.ids, (0, longest - batch.ids.shape[1])) for batch in (one, other)]
    return Batch(torch.cat(ids), torch.cat([one.lengths, other.lengths]), torch.cat([one.targets, other.targets]))


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


class Letters(NamedTuple):
    """Letters and those that come next."""

    ids: Tensor              # (B, T) int64: what is read
    targets: Tensor          # (B, T) int64: what comes next, PAST_END after the end of a name
    labels: Tensor | None    # (B,) int64, where the network is told the label
    carries: bool = False    # the rows go on where those of the batch before ended

    def to(self, device):
        """The same batch on another device."""
        return Letters(self.ids.to(device), self.targets.to(device),
                       None if self.labels is None else self.labels.to(device), self.carries)


PAST_END = -100  # what nll_loss ignores


def as_letters(names: Batch, newline: int, conditional: bool) -> Letters:
    """Names as a writer reads them: a newline starts each, and the one that it has to answer ends it."""
    start = torch.full((len(names.ids), 1), newline)
    ids = torch.cat([start, names.ids], dim=1)                                             # (B, T + 1)
    targets = torch.cat([names.ids, start], dim=1)
    targets[torch.arange(len(ids)), names.lengths] = newline
    targets[torch.arange(ids.shape[1]) > names.lengths.unsqueeze(1)] = PAST_END
    return Letters(ids, targets, names.targets if conditional else None)


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


def streams(text: Tensor, rows: int, chunk: int) -> Iterator[Letters]:
    """A text (N,) as `rows` streams of the same length, chunk after chunk; less than `rows` letters are left over."""
    length = (len(text) - 1) // rows
    ids, targets = text[:rows * length].view(rows, length), text[1:rows * length + 1].view(rows, length)
    for start in range(0, length, chunk):
        end = min(start + chunk, length)
        yield Letters(ids[:, start:end].long(), targets[:, start:end].long(), None, carries=True)
