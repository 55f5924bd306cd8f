"""Text to numbers: read a folder, split it honestly, encode, make batches. How letters are normalised is in letters.py.

Knows nothing of networks. Axis letters, used in every module:
B batch, T time (characters), V symbols, I input, H hidden, L labels, N names.
"""

import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from charnn.config import LONGEST
from charnn.errors import CharnnError
from charnn.text.letters import normaliser, spelling, to_ascii, to_raw
from charnn.text.reading import read_lines
from charnn.text.vocabulary import Vocabulary
from charnn.wording import count

__all__ = ["Batch", "Names", "Vocabulary", "batches", "bundled_names", "fingerprint", "fingerprints", "normaliser",
           "one_hot", "read_folder", "read_list", "real_steps", "relabel", "spelling", "split", "to_ascii", "to_raw"]

# ---------------------------------------------------------------- symbols


def one_hot(ids: torch.Tensor, size: int, lengths: torch.Tensor | None = None) -> torch.Tensor:
    """One-hot vectors of V = size: a letter () -> (V,), a name (T,) -> (T, V), a batch (B, T) -> (B, T, V).

    With the lengths (B,) of a batch, its padding becomes zero vectors.
    """
    vectors = torch.nn.functional.one_hot(ids, size).float()
    if lengths is not None:
        vectors = vectors * real_steps(lengths, ids.shape[1]).unsqueeze(-1)
    return vectors


def real_steps(lengths: torch.Tensor, time: int) -> torch.Tensor:
    """Which steps of a padded batch are letters: lengths (B,) -> bool (B, T)."""
    return torch.arange(time, device=lengths.device) < lengths.unsqueeze(1)


# ---------------------------------------------------------------- reading a folder


@dataclass(frozen=True)
class Names:
    """Names with their labels: names[i], as the user wrote it, has the label labels[targets[i]]."""

    names: list[str]
    targets: np.ndarray  # (N,) int64
    labels: list[str]

    def __len__(self):
        return len(self.names)

    def select(self, chosen: np.ndarray) -> "Names":
        """Those names only; `chosen` is a boolean mask or an array of indices."""
        return Names(np.array(self.names, dtype=object)[chosen].tolist(), self.targets[chosen], self.labels)

    def counts(self) -> np.ndarray:
        """How many names each label has, (L,)."""
        return np.bincount(self.targets, minlength=len(self.labels))


def read_folder(folder: str | Path, max_length: int = 100, one_label: bool = False) -> Names:
    """Reads every `<label>.txt` of a folder, hidden files aside: one name per line, UTF-8.

    Blank lines, Windows line ends and a byte-order mark are accepted. An empty file
    is skipped with a warning; repeated spellings are counted in a warning and kept.
    Raises CharnnError, with file, line and byte where there are any, for: no such
    folder, no .txt file, only empty ones, only one label (unless `one_label`), a label that
    cannot be printed, a file that cannot be read or is not UTF-8, a name longer than
    `max_length` characters.
    """
    folder, files = Path(folder), label_files(folder)
    by_label = {path.stem: _read_names(path, max_length) for path in files}
    for path in files:
        if not by_label[path.stem]:
            warnings.warn(f"{path} holds no name; it is skipped", stacklevel=2)
            del by_label[path.stem]
    if not by_label:
        raise CharnnError(f"{folder} holds only empty .txt files; put one name per line into them")
    if len(by_label) == 1 and not one_label:
        raise CharnnError(f"{folder} holds only one label, {next(iter(by_label))!r}; "
                          "a classifier needs at least two <label>.txt files")
    labels = list(by_label)
    for label in labels:
        if not label.isprintable():
            raise CharnnError(f"{folder}: the file name {label + '.txt'!r} has an unprintable character; rename it")
    data = Names([name for names in by_label.values() for name in names],
                 np.repeat(np.arange(len(labels)), [len(names) for names in by_label.values()]), labels)
    _warn_of_repeats(data, folder)
    return data


def read_list(path: str | Path, max_length: int = 100) -> Names:
    """Reads one file of names as `read_folder` reads each of many; its name is the only label."""
    path = Path(path)
    names = _read_names(path, max_length)
    if not names:
        raise CharnnError(f"{path} holds no name; put one name per line into it")
    data = Names(names, np.zeros(len(names), dtype=np.int64), [path.stem])
    _warn_of_repeats(data, path)
    return data


def label_files(folder: str | Path) -> list[Path]:
    """The `<label>.txt` files of a folder, hidden ones aside.

    Raises CharnnError where there is none, and for two of the same label, such as A.txt and A.TXT.
    """
    folder = Path(folder)
    if not folder.exists():
        raise CharnnError(f"{folder} does not exist; give a folder of <label>.txt files, one name per line")
    if not folder.is_dir():
        raise CharnnError(f"{folder} is not a folder; give a folder of <label>.txt files, one name per line")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".txt" and path.name[0] != ".")
    if not files:
        raise CharnnError(f"{folder} holds no .txt file; put one <label>.txt per label there, one name per line")
    by_label: dict[str, Path] = {}
    for path in files:
        if path.stem in by_label:
            raise CharnnError(f"{folder} holds {by_label[path.stem].name} and {path.name}, both of the label "
                              f"{path.stem!r}; join them")
        by_label[path.stem] = path
    return files


def _read_names(path, max_length):
    names = []
    for number, name in enumerate(read_lines(path), start=1):
        if len(name) > max_length:
            remedy = "shorten it, raise --max-length or, for texts, train with --tokens words"
            remedy = remedy if max_length < LONGEST else "shorten it"
            raise CharnnError(f"{path}, line {number}: {name[:20]!r}... has {len(name)} characters, more than "
                              f"{max_length}; {remedy}")
        if name:
            names.append(name)
    return names


def _warn_of_repeats(data, folder):
    labels_of = {}
    for name, target in zip(map(spelling, data.names), data.targets.tolist(), strict=True):
        labels_of.setdefault(name, Counter())[target] += 1
    shared = [name for name, found in labels_of.items() if len(found) > 1]
    repeats = sum(count - 1 for found in labels_of.values() for count in found.values())
    if shared:
        warnings.warn(f"{folder}: {count(len(shared), 'spelling')} under several labels "
                      f"(such as {', '.join(map(repr, shared[:3]))}); nobody can tell these apart", stacklevel=3)
    if repeats:
        warnings.warn(f"{folder}: {count(repeats, 'line')} of {len(data)} repeat a spelling of the same label; "
                      "they count as often as they stand there", stacklevel=3)


# ---------------------------------------------------------------- honest splits


def fingerprint(text: str) -> int:
    """64 bits of a text (BLAKE2b), the same on every machine."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def fingerprints(names: Sequence[str]) -> np.ndarray:
    """The fingerprint of each name's spelling, int64 (N,): what a model keeps of the names it was made from."""
    return np.array([fingerprint(spelling(name)) for name in names], dtype=np.uint64).view(np.int64)


PARTS = ("train", "validation", "test")


def split(data: Names, test: Names | None = None) -> dict[str, Names]:
    """Train, validation and test parts by spelling: 80/10/10, or 95/5 when `test` is given.

    Each spelling falls into a part by its hash, whatever the seed and the other names,
    so a name is never on both sides and adding data never moves old names. A `test` given
    must have been read with the same labels; what it shares with `data` leaves `data`.
    Warns of labels missing from a part. Raises CharnnError when a part is empty.
    """
    marks = fingerprints(data.names).view(np.uint64) / 2.0**64  # (N,)
    if test is None:
        part_of = np.searchsorted([0.8, 0.9], marks, side="right")
        parts = {part: data.select(part_of == index) for index, part in enumerate(PARTS)}
    else:
        held_out = set(map(spelling, test.names))
        kept = np.array([spelling(name) not in held_out for name in data.names], dtype=bool)
        parts = {"train": data.select(kept & (marks < 0.95)),
                 "validation": data.select(kept & (marks >= 0.95)), "test": test}
    for part, names in parts.items():
        if not len(names):
            why = "give more different names" if test is None else "are they all in the test data?"
            raise CharnnError(f"the {part} part is empty ({count(len(data), 'name')} in all); {why}")
        missing = [label for label, count in zip(data.labels, names.counts(), strict=True) if not count]
        if missing:
            warnings.warn(f"no name of {', '.join(missing)} in the {part} part", stacklevel=2)
    return parts


def relabel(data: Names, labels: list[str], known_by: str) -> Names:
    """The same names with their targets counted in another list of labels.

    Raises CharnnError naming the labels that `labels` lacks; `known_by` says whose list it is.
    """
    unknown = [label for label in data.labels if label not in labels]
    if unknown:
        raise CharnnError(f"label {', '.join(map(repr, unknown))} is unknown to {known_by}; "
                          f"its labels are {', '.join(labels)}")
    index = np.array([labels.index(label) for label in data.labels], dtype=np.int64)
    return Names(data.names, index[data.targets], labels)


# ---------------------------------------------------------------- batches


class Batch(NamedTuple):
    """Names of about the same length, ready for the network."""

    carries = False  # each batch starts from a fresh state

    ids: torch.Tensor      # (B, T) int64, padded right with 0
    lengths: torch.Tensor  # (B,) int64, at least 1
    targets: torch.Tensor  # (B,) int64

    def to(self, device):
        """The same batch on another device."""
        return Batch(*(tensor.to(device) for tensor in self))


def batches(encoded: Batch, batch_size: int, generator: torch.Generator | None = None,
            order: torch.Tensor | None = None, by_length: bool = True) -> Iterator[Batch]:
    """One pass, in length buckets unless not `by_length`, over names that are all encoded in one batch.

    With a generator the names are shuffled (in buckets: within their length, and the batches among
    each other); without one the order is fixed. `order` (N,) picks the names, by default all.
    """
    ids, lengths, targets = encoded
    order = torch.arange(len(ids)) if order is None else order
    if generator is not None:
        order = order[torch.randperm(len(order), generator=generator)]
    if by_length:
        order = order[torch.argsort(lengths[order], stable=True)]
    buckets = order.split(batch_size)
    visit = range(len(buckets)) if generator is None else torch.randperm(len(buckets), generator=generator).tolist()
    for index in visit:
        chosen = buckets[index]
        longest = int(lengths[chosen].max())
        yield Batch(ids[chosen, :longest], lengths[chosen], targets[chosen])


def bundled_names() -> Path:
    """The folder of names that travels with charnn: inside the wheel, or data/names of a checkout."""
    inside = Path(__file__).parent / "names"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "data" / "names"


def encoded(names: Names, vocabulary: Vocabulary, normalise: Callable[[str], str]) -> Batch:
    """All names as one batch."""
    ids, lengths = vocabulary.encode([normalise(name) for name in names.names])
    return Batch(ids, lengths, torch.from_numpy(names.targets))


def joined(one: Batch, other: Batch) -> Batch:
    """The names of two batches as one."""
    longest = max(one.ids.shape[1], other.ids.shape[1])
    ids = [F.pad(batch.ids, (0, longest - batch.ids.shape[1])) for batch in (one, other)]
    return Batch(torch.cat(ids), torch.cat([one.lengths, other.lengths]), torch.cat([one.targets, other.targets]))


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


def streams(text: Tensor, rows: int, chunk: int) -> Iterator[Letters]:
    """A text (N,) as `rows` streams of the same length, chunk after chunk; less than `rows` letters are left over."""
    length = (len(text) - 1) // rows
    ids, targets = text[:rows * length].view(rows, length), text[1:rows * length + 1].view(rows, length)
    for start in range(0, length, chunk):
        end = min(start + chunk, length)
        yield Letters(ids[:, start:end].long(), targets[:, start:end].long(), None, carries=True)
