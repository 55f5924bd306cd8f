"""Text to tensors: one-hot vectors, and batches of names or of running text.

What comes before a tensor is in the wing `text` (Unicode to ASCII, vocabularies, folders, splits
by spelling), and can be imported from here too. Knows nothing of networks.

Axis letters, used in every module:
B batch, T time (characters), V symbols, I input, H hidden, L labels, N names.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from charnn.text.letters import normaliser, spelling, to_ascii, to_raw
from charnn.text.names import Names, bundled_names, read_file, read_folder, read_names, relabel
from charnn.text.splits import fingerprint, fingerprints, split
from charnn.text.vocabulary import Vocabulary, next_symbols

__all__ = [
    "Batch",
    "Names",
    "NextStepBatch",
    "Vocabulary",
    "batches",
    "bundled_names",
    "encoded",
    "fingerprint",
    "fingerprints",
    "next_step_batch",
    "normaliser",
    "one_hot",
    "read_file",
    "read_folder",
    "read_names",
    "real_steps",
    "relabel",
    "spelling",
    "split",
    "streams",
    "to_ascii",
    "to_raw",
]

# ---------------------------------------------------------------- one-hot vectors


def one_hot(
    ids: Tensor | np.ndarray, size: int, lengths: Tensor | np.ndarray | None = None
) -> Tensor:
    """One-hot vectors of V = size: a letter () -> (V,), a name (T,) -> (T, V), (B, T) -> (B, T, V).

    Takes what `Vocabulary.encode` gives, or tensors. With the lengths (B,) of a batch, its padding
    becomes zero vectors.
    """
    vectors = F.one_hot(torch.as_tensor(ids), size).float()
    if lengths is not None:
        vectors = vectors * real_steps(torch.as_tensor(lengths), ids.shape[1]).unsqueeze(-1)
    return vectors


def real_steps(lengths: Tensor, time: int) -> Tensor:
    """Which steps of a padded batch are letters: lengths (B,) -> bool (B, T)."""
    return torch.arange(time, device=lengths.device) < lengths.unsqueeze(1)


# ---------------------------------------------------------------- batches of names


class Batch(NamedTuple):
    """Names of about the same length, ready for the network."""

    ids: Tensor  # (B, T) int64, padded right with 0
    lengths: Tensor  # (B,) int64, at least 1
    targets: Tensor  # (B,) int64: the index of each name's label
    weights: Tensor | None = None  # (B,) float32: what each name's loss counts; None: all the same

    @property
    def carries(self) -> bool:
        """Whether the state of the previous batch is carried over: no, a name starts from zeros."""
        return False

    def to(self, device: torch.device) -> "Batch":
        """The same batch on another device."""
        ids, lengths, targets, weights = self
        weights = None if weights is None else weights.to(device)
        return Batch(ids.to(device), lengths.to(device), targets.to(device), weights)


def encoded(
    names: Names, vocabulary: Vocabulary, normalise: Callable[[str], Sequence[str]]
) -> Batch:
    """All names as one batch."""
    ids, lengths = map(torch.from_numpy, vocabulary.encode(list(map(normalise, names.names))))
    weights = None if names.weights is None else torch.from_numpy(names.weights).float()
    return Batch(ids, lengths, torch.from_numpy(names.targets), weights)


def batches(
    encoded: Batch,
    batch_size: int,
    generator: torch.Generator | None = None,
    order: Tensor | None = None,
    by_length: bool = True,
) -> Iterator[Batch]:
    """One pass, in length buckets unless not `by_length`, over names all encoded in one batch.

    With a generator the names are shuffled (in buckets: within their length, and the batches among
    each other); without one the order is fixed. `order` (N,) picks the names, by default all.
    """
    ids, lengths, targets, weights = encoded
    order = torch.arange(len(ids)) if order is None else order
    if generator is not None:
        order = order[torch.randperm(len(order), generator=generator)]
    if by_length:
        # A stable sort keeps the shuffled order among names of the same length.
        order = order[torch.argsort(lengths[order], stable=True)]
    buckets = order.split(batch_size)
    visit = torch.arange(len(buckets))
    if generator is not None:
        visit = torch.randperm(len(buckets), generator=generator)
    for index in visit.tolist():
        chosen = buckets[index]
        longest = int(lengths[chosen].max())
        weighed = None if weights is None else weights[chosen]
        yield Batch(ids[chosen, :longest], lengths[chosen], targets[chosen], weighed)


# ---------------------------------------------------------------- batches of next steps


@dataclass(frozen=True)
class NextStepBatch:
    """Symbols and, as targets, the symbols that follow them: what a generator is trained on."""

    ids: Tensor  # (B, T) int64: what is read
    targets: Tensor  # (B, T) int64: what comes next; IGNORED after the end of a name
    labels: Tensor | None  # (B,) int64, where the network is conditioned on a label
    carries: bool = False  # whether the state of the batch before goes on in this one

    def to(self, device: torch.device) -> "NextStepBatch":
        """The same batch on another device."""
        labels = None if self.labels is None else self.labels.to(device)
        return NextStepBatch(self.ids.to(device), self.targets.to(device), labels, self.carries)


def next_step_batch(names: Batch, newline: int, conditional: bool) -> NextStepBatch:
    """Names as a generator learns them: a newline starts each, and the one to predict ends it."""
    read, targets = next_symbols(names.ids.numpy(), names.lengths.numpy(), newline)  # (B, T + 1)
    labels = names.targets if conditional else None
    return NextStepBatch(torch.from_numpy(read), torch.from_numpy(targets), labels)


def streams(text: np.ndarray, rows: int, chunk: int) -> Iterator[NextStepBatch]:
    """A text (N,) as `rows` streams of the same length, chunk after chunk.

    Fewer than `rows` letters at the end are left over.
    """
    length = (len(text) - 1) // rows
    ids = text[: rows * length].reshape(rows, length)
    targets = text[1 : rows * length + 1].reshape(rows, length)
    for start in range(0, length, chunk):
        columns = slice(start, min(start + chunk, length))
        yield NextStepBatch(
            torch.from_numpy(ids[:, columns].astype(np.int64)),
            torch.from_numpy(targets[:, columns].astype(np.int64)),
            None,
            carries=True,
        )
