"""What each n-gram adds to a name's log-probability, worked out from how often it occurs.

The arithmetic of the formula in ngrams.py, row by row: of all n-grams that were counted, or only of
those that some names hold. Works on numpy arrays. Axis letters: G n-grams, R some of
them, C counts, L labels.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from charnn.text.weights import as_counts

SMOOTHING = 20.0


class Order(NamedTuple):
    """The n-grams of one length, with their counts and probabilities for each label.

    The last row of each array (R + 1, L) is for the n-gram that has no letter, only ends.
    """

    codes: np.ndarray  # (R,)
    counts: np.ndarray  # (R + 1, L): N
    forward: np.ndarray  # (R + 1, L): the probability of the last symbol, given those before
    backward: np.ndarray  # (R + 1, L): of the first symbol, given those after


class Counts(NamedTuple):
    """How often some n-grams occur in the names of a label, where they do: (C,) each."""

    row: np.ndarray  # which of the n-grams
    label: np.ndarray
    n: np.ndarray


class NgramWeights:
    """The counts of n-grams for each label, and what they make each n-gram add.

    `letters` (L,) is how many letters were counted of each label; `letter` (L,) is what each letter
    of a name adds before the n-grams that it is in are looked up, and `ends` (L,) what a name adds.
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
        """As `Ngrams` has them: the counts are a sparse matrix (G, L), names (L,) its labels'."""
        self.codes, self.entries, self.counts = codes, entries, counts
        self.names, self.base, self.order = names, base, order
        of_one_letter = np.arange(np.searchsorted(codes, base))
        _, label, n = self.counts_of(of_one_letter)
        self.letters = np.bincount(label, n, len(names))  # (L,)
        self._uniform = np.full(len(names), 1 / (base - 1))
        # What every letter adds, before the n-grams that it is in are looked up; then the end.
        a, total = SMOOTHING, self.letters + names
        self.letter = (np.log(self._uniform) - np.log1p(total / a)).astype(np.float32)
        first_end = np.log1p(names / (a * self._uniform))
        begun = (order - 1) * np.log1p(names / a)
        self.ends = (self.letter + first_end - begun).astype(np.float32)

    def counts_of(self, rows: np.ndarray) -> Counts:
        """The counts of some of the n-grams, those above 0."""
        labels = len(self.names)
        first, end = np.searchsorted(self.entries, (rows * labels, (rows + 1) * labels))
        sizes = end - first
        row = np.repeat(np.arange(len(rows)), sizes)
        place = np.arange(len(row)) + np.repeat(first - np.cumsum(sizes) + sizes, sizes)
        return Counts(row, self.entries[place] - rows[row] * labels, self.counts[place])

    def weights(self, rows: np.ndarray) -> np.ndarray:
        """What n-grams add for each label, (R + 1, L) float32; the last row, of zeros, for others.

        `rows` (R,) are in order, and with each n-gram there are those that are part of it.
        """
        names = self.names.astype(np.float64)
        weights = np.zeros((len(rows) + 1, len(names)), dtype=np.float32)
        no_code = np.zeros(0, dtype=np.int64)  # the n-gram of length 0: all symbols are as probable
        total, uniform = (self.letters + names)[None], self._uniform[None]
        shorter = Order(no_code, total, uniform, uniform)
        end = (names + SMOOTHING * self._uniform) / (total[0] + SMOOTHING)  # (L,): of an end
        starts = starts_of(self.codes[rows], self.base, self.order)
        for length, (start, stop) in enumerate(pairwise(starts), start=1):
            some = rows[start:stop]
            codes, counts = self.codes[some], self.counts_of(some)
            prefix = find(codes // self.base, shorter.codes)  # the n-gram without its last symbol
            suffix = find(codes % self.base ** (length - 1), shorter.codes)  # without its first
            added = self._added(codes, counts, shorter, prefix, suffix, length)
            weights[start:stop][counts.row, counts.label] = added
            if length < self.order:
                n = shorter.counts
                forward = probabilities(counts, shorter.forward, suffix, n, prefix)
                backward = probabilities(counts, shorter.backward, prefix, n, suffix)
                forward[-1] = backward[-1] = end
                shorter = Order(codes, self._dense(counts, len(some), length), forward, backward)
        return weights

    def sums_of(self, rows: np.ndarray) -> np.ndarray:
        """`weights` of n-grams (R,), each with those of the shorter ones that end where it ends.

        So a name's log-probability is a sum of one row for each of its letters: that of the longest
        n-gram that ends there. (R + 1, L); the last row, of zeros, is for others.
        """
        sums, codes = self.weights(rows), self.codes[rows]
        for length, (start, stop) in enumerate(
            pairwise(starts_of(codes, self.base, self.order)), 1
        ):
            shorter = find(codes[start:stop] % self.base ** (length - 1), codes)
            sums[start:stop] += sums[shorter]
        return sums

    def _dense(self, counts: Counts, size: int, length: int) -> np.ndarray:
        """The counts of all n-grams of a length, (R + 1, L) for R = size.

        None of those that are contexts of no longer ones.
        """
        if length == self.order - 1:
            return np.empty((0, len(self.names)))
        dense = np.zeros((size + 1, len(self.names)))
        dense[counts.row, counts.label], dense[-1] = counts.n, self.names
        return dense

    def _added(
        self,
        codes: np.ndarray,
        counts: Counts,
        shorter: Order,
        prefix: np.ndarray,
        suffix: np.ndarray,
        length: int,
    ) -> np.ndarray:
        """What n-grams of a length (R,) add where they occur, for each of the counts (C,).

        Where an n-gram does not occur in a label's names, it adds nothing. `prefix` and `suffix`
        (R,) are the rows of its parts among the n-grams that are one letter shorter.
        """
        row, label, n = counts
        predicts_last, predicts_first, contexts = roles(codes, self.base, length)
        # a p(c | b), with what the shorter context predicts; and the same read backwards.
        backed_off = SMOOTHING * shorter.forward[suffix[row], label]  # (C,)
        backed_off_backward = SMOOTHING * shorter.backward[prefix[row], label]
        added = np.where(predicts_last[row], np.log1p(n / backed_off), 0)
        added += np.where(predicts_first[row], np.log1p(n / backed_off_backward), 0)
        if length < self.order:
            added -= contexts[row] * np.log1p(n / SMOOTHING)
        return added / 2


def probabilities(
    counts: Counts, shorter: np.ndarray, rest: np.ndarray, before: np.ndarray, context: np.ndarray
) -> np.ndarray:
    """p(c | ab) = (N(abc) + a p(c | b)) / (N(ab) + a) of n-grams: (R + 1, L), the last row open.

    `counts` has N(abc) where it is not 0; p(c | b) is `shorter` (S, L) at the rows `rest` (R,), and
    N(ab) is `before` (S, L) at the rows `context` (R,).
    """
    found = np.empty((len(rest) + 1, shorter.shape[1]))
    np.take(SMOOTHING * shorter, rest, axis=0, out=found[:-1], mode="clip")
    found[counts.row, counts.label] += counts.n
    found[:-1] /= (before + SMOOTHING)[context]
    return found


def roles(codes: np.ndarray, base: int, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The role of n-grams (G,) of a length in a name's sum over n-grams.

    Whether one predicts its last symbol (read from left to right) and its first (from right to
    left), and of how many symbols, 0 to 2, it is the context. An end is predicted only once, right
    after a letter; the ends that pad a name are neither predicted nor a context's next symbol.
    """
    end, top = base - 1, base ** (length - 1)
    last_is_letter = codes % base != end
    first_is_letter = codes // top != end
    letter_before_last = codes // base % base != end
    letter_after_first = codes // max(top // base, 1) % base != end
    contexts = last_is_letter.astype(np.float64) + first_is_letter
    return last_is_letter | letter_before_last, first_is_letter | letter_after_first, contexts


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
