"""The n-grams of letters in a model file: what it keeps of them, checked before it is used.

Axis letters: G n-grams, E entries above 0, L labels, T lengths.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from charnn.errors import CharnnError
from charnn.ngram_counts import starts_of
from charnn.ngram_weights import OCCURRENCES, Smoothing

COUNTS = {"ngrams.codes": np.int64, "ngrams.entries": np.int32, "ngrams.counts": np.int32}
SMOOTHING, LENGTHS = "ngrams.smoothing", "ngrams.lengths"  # not in files up to format 3
MOST = 1e6  # a concentration


class Kept(NamedTuple):
    """What a file keeps of n-gram models, but for what its description says."""

    codes: np.ndarray  # (G,)
    entries: np.ndarray  # (E,)
    counts: np.ndarray  # (E,)
    smoothing: Smoothing
    lengths: np.ndarray | None  # (T, L)

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays of the file, in as few bytes as hold the numbers."""
        parts = self.codes, self.entries, self.counts
        rows = zip(COUNTS.items(), parts, strict=True)
        found = {name: array.astype(kind) for (name, kind), array in rows}
        if self.lengths is not None:
            found[LENGTHS] = self.lengths.astype(np.int32)
            found[SMOOTHING] = np.array(self.smoothing)
        return found


def take_rows(
    path: str | Path, arrays: dict[str, np.ndarray], kinds: Mapping[str, type]
) -> list[np.ndarray]:
    """The arrays of these names, which are taken out of those of a model file.

    Raises CharnnError, with the path, for one that is absent, or no row of its kind of number.
    """
    found = []
    for name, kind in kinds.items():
        array = arrays.pop(name, None)
        if array is None or array.dtype != kind or array.ndim != 1:
            shape = "nothing" if array is None else str(array.shape)
            raise CharnnError(
                f"{path}: tensor {name}: expected a row of {np.dtype(kind).name}, "
                f"found {shape}; train it again"
            )
        found.append(array)
    return found


def take(
    path: str | Path, arrays: dict[str, np.ndarray], labels: int, base: int, order: int, most: int
) -> Kept:
    """What a model file's arrays hold, which are taken out of them.

    For L = labels, base = V + 2, n-grams of up to `order` letters and at most `most` of a length.
    Raises CharnnError, with the path, for arrays that cannot be the counts of any names.
    """
    codes, entries, counts = take_rows(path, arrays, COUNTS)
    wrong = ""
    if not _belong_together(codes, entries, counts, labels, base, order):
        wrong = "do not belong together"
    elif max(np.diff(starts_of(codes, base, order))) > most:  # a small file, but a large table
        wrong = f"have more than {most:,} n-grams of a length for {labels:,} labels"
    if wrong:
        raise CharnnError(f"{path}: tensors {', '.join(COUNTS)} {wrong}; train it again")
    smoothing, lengths = arrays.pop(SMOOTHING, None), arrays.pop(LENGTHS, None)
    if smoothing is None and lengths is None:
        return Kept(codes, entries, counts, OCCURRENCES, None)
    if smoothing is None or not _can_smooth(smoothing):
        wrong = f"{SMOOTHING} holds no concentration, discount and fewest"
    elif lengths is None or not _can_be_lengths(lengths, labels):
        wrong = f"{LENGTHS} holds no counts for {labels:,} labels"
    if wrong or smoothing is None:
        raise CharnnError(f"{path}: tensor {wrong}; train it again")
    concentration, discount, fewest = smoothing.tolist()
    return Kept(codes, entries, counts, Smoothing(concentration, discount, int(fewest)), lengths)


def _can_smooth(smoothing: np.ndarray) -> bool:
    """Whether an array is a concentration, a discount, and a whole number of occurrences."""
    if smoothing.dtype != np.float64 or smoothing.shape != (3,):
        return False
    concentration, discount, fewest = smoothing.tolist()
    return 0 < concentration <= MOST and 0 <= discount < 1 <= fewest and fewest.is_integer()


def _can_be_lengths(lengths: np.ndarray, labels: int) -> bool:
    """Whether an array can be the counts of names' lengths, (T, L)."""
    whole = lengths.dtype == np.int32 and lengths.ndim == 2
    return bool(whole and lengths.shape[1] == labels and len(lengths) and (lengths >= 0).all())


def _belong_together(
    codes: np.ndarray, entries: np.ndarray, counts: np.ndarray, labels: int, base: int, order: int
) -> bool:
    """Whether arrays of a model file can be a sparse matrix of counts."""
    if not 0 < len(codes) <= len(entries) == len(counts):
        return False
    in_order = (codes[1:] > codes[:-1]).all() and (entries[1:] > entries[:-1]).all()
    in_range = codes[0] > 0 and codes[-1] < base**order
    inside = entries[0] >= 0 and entries[-1] < len(codes) * labels
    return bool(in_order and in_range and inside and (counts > 0).all())
