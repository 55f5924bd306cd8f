"""How often n-grams occur in the names of each label, and with what symbols around them.

The counts are a sparse matrix, of which rows are taken: of all n-grams, or only of those that some
names hold. Works on numpy arrays. Axis letters: G n-grams, R some of them, K longer ones around
these, C counts, L labels.
"""

from typing import NamedTuple

import numpy as np

from charnn.text.weights import as_counts


class Counts(NamedTuple):
    """How often some n-grams occur in the names of a label, where they do: (C,) each."""

    row: np.ndarray  # which of the n-grams
    label: np.ndarray
    n: np.ndarray


class NgramCounts:
    """A sparse matrix (G, L): how often each n-gram occurs in the names of each label.

    `codes` (G,) are the n-grams in order, as `ngram_codes` has them; `entries` the flat positions
    of the matrix that hold more than 0, and `counts` what they hold; `names` (L,) how many names
    each label has; `base` V + 2; `order` is the length of the longest n-gram.
    """

    def __init__(
        self,
        codes: np.ndarray,
        entries: np.ndarray,
        counts: np.ndarray,
        names: np.ndarray,
        base: int,
        order: int,
    ):
        self.codes, self.entries, self.counts = codes, entries, counts
        self.names, self.base, self.order = names, base, order

    def counts_of(self, rows: np.ndarray) -> Counts:
        """The counts of some of the n-grams, those above 0."""
        return self._counts_between(rows, rows + 1)

    def _counts_between(self, rows: np.ndarray, stop: np.ndarray) -> Counts:
        """The counts of the n-grams from `rows` (R,) to before `stop` (R,), each range a row."""
        labels = len(self.names)
        first, end = np.searchsorted(self.entries, (rows * labels, stop * labels))
        sizes = end - first
        row = np.repeat(np.arange(len(rows)), sizes)
        place = np.arange(len(row)) + np.repeat(first - np.cumsum(sizes) + sizes, sizes)
        return Counts(row, self.entries[place] % labels, self.counts[place])

    def neighbours(
        self, codes: np.ndarray, place: np.ndarray, n: np.ndarray, length: int, fewest: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """How many different symbols stand before and after n-grams (R,), and pairs of both: (C,).

        `place` (R + 1, L) says where each n-gram of each label is among the counts n (C,); where it
        does not occur, behind them. They are counted in the n-grams that are one symbol longer, and
        two for the pairs; `fewest` is as for `different_of`.
        """

        def tallied(longer: Counts, of: np.ndarray) -> np.ndarray:
            """How many of some longer n-grams occur, for each that they are `of` (K,)."""
            return different_of(place[of[longer.row], longer.label], longer.n, n, fewest)

        longer, of = self._preceded(codes, length)
        before = tallied(self.counts_of(longer), of)
        after = tallied(self._followed(codes), np.arange(len(codes)))
        return before, after, tallied(self._followed(self.codes[longer]), of)

    def _followed(self, codes: np.ndarray) -> Counts:
        """The counts of the n-grams that are one symbol longer at the end, each code a row."""
        return self._counts_between(
            *(np.searchsorted(self.codes, code * self.base) for code in (codes, codes + 1))
        )

    def _preceded(self, codes: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray]:
        """The rows of n-grams (K,) that are one symbol longer at the beginning, and of which each.

        For a few n-grams all that can be are looked up; for many, all that there are are gone
        through.
        """
        top = self.base**length
        start, stop = np.searchsorted(self.codes, (top, top * self.base))
        if len(codes) * self.base < stop - start:
            longer = np.arange(1, self.base)[:, None] * top + codes  # (V + 1, R), in order
            found = find(longer, self.codes[start:stop])
            of = np.broadcast_to(np.arange(len(codes)), found.shape)
            known = found < stop - start
            return found[known] + start, of[known]
        of = find(self.codes[start:stop] % top, codes)
        known = of < len(codes)
        return np.flatnonzero(known) + start, of[known]


def different_of(
    place: np.ndarray, times: np.ndarray, occurrences: np.ndarray, fewest: int
) -> np.ndarray:
    """How many different n-grams hold each of some that occur so often, (C,).

    `place` (K,) says which each holds, and `times` (K,) how often it occurs. If `fewest` is above
    1, n-grams that occur less often were left out: each counts as often as it occurred, which is
    once if `fewest` is 2.
    """
    size = len(occurrences)
    if fewest == 1:
        return np.bincount(place, minlength=size)[:size]
    known = np.bincount(place, times - 1.0, minlength=size)[:size]
    return np.maximum(occurrences - known, 0)


def find(codes: np.ndarray, table: np.ndarray) -> np.ndarray:
    """The places of codes, of any shape, in a sorted table; its length for those not in it."""
    if not len(table):
        return np.zeros(codes.shape, dtype=np.int64)
    row = np.minimum(np.searchsorted(table, codes), len(table) - 1)
    return np.where(table[row] == codes, row, len(table))


def different(numbers: np.ndarray) -> np.ndarray:
    """Numbers from 0 on (F,) in order, each once: numpy's own unique takes five times as long."""
    numbers = np.sort(numbers)
    return numbers[np.diff(numbers, prepend=-1) != 0]


def tallied(
    values: np.ndarray, times: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The different values in order, the place of each value among them, and how often each occurs.

    With `times` a value counts as often as they say, in whole numbers of the sum.
    """
    found, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return found, place, count if times is None else as_counts(np.bincount(place, times))


def starts_of(codes: np.ndarray, base: int, order: int) -> list[int]:
    """Where in codes (G,) the n-grams of 1, 2, up to `order` letters start; then their end."""
    return np.searchsorted(codes, [base**length for length in range(order + 1)]).tolist()
