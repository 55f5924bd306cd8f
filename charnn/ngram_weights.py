"""What each n-gram adds to a name's log-probability, worked out from how often it occurs.

The arithmetic of the formula in ngrams.py, row by row: of all n-grams that were counted, or only of
those that some names hold. Works on numpy arrays. Axis letters: G n-grams, R some of
them, K longer ones around these, C counts, L labels.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from charnn.ngram_counts import Counts, NgramCounts, different_of, find, starts_of


class Smoothing(NamedTuple):
    """How much of a probability comes from the context that is one letter shorter.

    With a discount of 0 it is the occurrences that count, of n-grams of all lengths.
    """

    concentration: float  # a
    discount: float  # d
    fewest: int = 1  # occurrences of an n-gram; those with fewer were left out


KNESER_NEY = Smoothing(2.0, 2 / 3)
OCCURRENCES = Smoothing(20.0, 0.0)  # of model files up to format 3


class Read(NamedTuple):
    """What the formula takes of n-grams that are read in one direction, where they occur: (C,).

    In the other direction first and last, before and after change places.
    """

    n: np.ndarray  # N
    different: np.ndarray  # U of the n-gram as a context: how many different symbols follow it
    total: np.ndarray  # T of the n-gram as a context
    predicts: np.ndarray  # whether its last symbol is predicted
    leads: np.ndarray  # whether it is a context: whether what follows it is predicted


class Side(NamedTuple):
    """The n-grams of one length, read in one direction, where they occur: (C + L,) each.

    The last L are the n-gram that has no letter, only ends.
    """

    p: np.ndarray  # the probability of the symbol that is read last
    rest: np.ndarray  # a + d U of the n-gram as a context
    total: np.ndarray  # a + T


class Order(NamedTuple):
    """The n-grams of one length, as longer ones need them."""

    codes: np.ndarray  # (R,)
    place: np.ndarray  # (R + 1, L): of each in its sides; the last row is for only ends
    forward: Side  # read from left to right
    backward: Side


class NgramWeights(NgramCounts):
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
        smoothing: Smoothing,
    ):
        """As `Ngrams` has them: the counts are a sparse matrix (G, L), names (L,) its labels'."""
        super().__init__(codes, entries, counts, names, base, order)
        self.smoothing = smoothing
        labels = len(names)
        one, two, three = starts_of(codes, base, 2)
        _, label, n = self.counts_of(np.arange(one, two))
        self.letters = np.bincount(label, n, labels)  # (L,)
        self._different = np.bincount(label, minlength=labels) + (names > 0)
        row, label, n = self.counts_of(np.arange(two, three))
        first, last = (symbol == base - 1 for symbol in np.divmod(codes[two:three][row], base))
        total, fewest = self.letters + names, smoothing.fewest
        self._pairs = different_of(label, n, total, fewest)  # (L,): of two symbols
        self._first = different_of(label[first], n[first], names, fewest)  # letters of names
        self._last = different_of(label[last], n[last], names, fewest)
        # What every letter adds, before the n-grams that it is in are looked up; then the ends.
        empty, _ = self._without_letter(0)
        self.letter = np.log(empty.p * empty.rest / empty.total).astype(np.float32)
        ends = np.zeros(labels)
        for length in range(1, order):
            for side in self._without_letter(length):
                ends += np.log(side.rest / side.total) / 2
        for side in self._without_letter(1):
            ends += np.log(side.p) / 2
        self.ends = ends.astype(np.float32)

    def weights(self, rows: np.ndarray) -> np.ndarray:
        """What n-grams add for each label, (R + 1, L) float32; the last row, of zeros, for others.

        `rows` (R,) are in order, and with each n-gram there are those that are part of it.
        """
        labels = len(self.names)
        weights = np.zeros((len(rows) + 1, labels), dtype=np.float32)
        no_code = np.zeros(0, dtype=np.int64)  # the n-gram of length 0: all symbols are as probable
        shorter = Order(no_code, np.arange(labels)[None], *self._without_letter(0))
        starts = starts_of(self.codes[rows], self.base, self.order)
        for length, (start, stop) in enumerate(pairwise(starts), start=1):
            some = rows[start:stop]
            counts = self.counts_of(some)
            added, shorter = self._longer(self.codes[some], counts, shorter, length)
            weights[start:stop][counts.row, counts.label] = added
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

    def _longer(
        self, codes: np.ndarray, counts: Counts, shorter: Order, length: int
    ) -> tuple[np.ndarray, Order]:
        """What n-grams of a length (R,) add where they occur (C,), and what longer ones need.

        Where an n-gram does not occur in a label's names, it adds nothing.
        """
        row, label, _ = counts
        place = np.empty((len(codes) + 1, len(self.names)), dtype=np.int32)
        place[:] = np.arange(len(row), len(row) + len(self.names))
        place[row, label] = np.arange(len(row))
        prefix = find(codes // self.base, shorter.codes)  # the n-gram without its last symbol
        suffix = find(codes % self.base ** (length - 1), shorter.codes)  # without its first
        parts = [shorter.place[part[row], label] for part in (prefix, suffix)]  # (C,) each
        added, sides = np.zeros(len(row)), []
        for read, side, ends, (context, rest) in zip(
            self._read(codes, counts, place, length),
            (shorter.forward, shorter.backward),
            self._without_letter(length),
            (parts, parts[::-1]),
            strict=True,
        ):
            in_one_direction, longer = self._in_one_direction(read, side, context, rest)
            added += in_one_direction
            sides.append(Side(*map(np.append, longer, ends)))
        return added / 2, Order(codes, place, *sides)

    def _in_one_direction(
        self, read: Read, shorter: Side, context: np.ndarray, rest: np.ndarray
    ) -> tuple[np.ndarray, Side]:
        """What n-grams add in one direction (C,), and their side, without ends.

        `context` and `rest` (C,) are the places of what comes before the predicted symbol and of
        the n-gram without its first symbol, in the side that is one letter shorter.
        """
        a, d, _ = self.smoothing
        seen = np.maximum(read.n - d, 0)
        backed_off = shorter.rest[context] * shorter.p[rest]
        side = Side(
            (seen + backed_off) / shorter.total[context], a + d * read.different, a + read.total
        )
        added = np.where(read.predicts, np.log1p(seen / backed_off), 0)
        added += np.where(read.leads, np.log(side.rest / side.total), 0)
        return added, side

    def _without_letter(self, length: int) -> tuple[Side, Side]:
        """The n-gram of so many ends, read forward and backward: (L,) each."""
        a, d, _ = self.smoothing
        uniform = 1 / (self.base - 1)
        of_pairs = self._counts_neighbours(1)
        total = self._pairs if of_pairs else self.letters + self.names
        empty = Side(np.full(len(total), uniform), a + d * self._different, a + total)
        if not length:
            return empty, empty
        sides = []
        for first, last in ((self._first, self._last), (self._last, self._first)):
            end = np.maximum((last if of_pairs else self.names) - d, 0)
            p = (end + empty.rest * uniform) / empty.total  # of an end
            total = first if self._counts_neighbours(length + 1) else self.names
            sides.append(Side(p, a + d * first, a + total))
        return sides[0], sides[1]

    def _counts_neighbours(self, length: int) -> bool:
        """Whether N of n-grams of a length is how many different symbols stand before them."""
        return self.smoothing.discount > 0 and length < self.order

    def _read(
        self, codes: np.ndarray, counts: Counts, place: np.ndarray, length: int
    ) -> tuple[Read, Read]:
        """What the formula takes of n-grams of a length (R,), read forward and backward."""
        n = counts.n
        before = after = np.zeros(len(n))
        total = forward = backward = n
        if self._counts_neighbours(length):
            before, after, pairs = self.neighbours(codes, place, n, length, self.smoothing.fewest)
            forward, backward = before, after
            total = pairs if self._counts_neighbours(length + 1) else n
        predicts_last, predicts_first, leads, leads_back = (
            role[counts.row] & (length < self.order or number < 2)
            for number, role in enumerate(roles(codes, self.base, length))
        )
        return (
            Read(forward, after, total, predicts_last, leads),
            Read(backward, before, total, predicts_first, leads_back),
        )


def roles(codes: np.ndarray, base: int, length: int) -> tuple[np.ndarray, ...]:
    """The roles of n-grams (G,) of a length in a name's sum over n-grams, bool.

    Whether one predicts its last symbol (read from left to right) and its first (from right to
    left), and whether it is the context of what comes after it and before it. An end is predicted
    only once, right after a letter; the ends that pad a name are neither predicted nor a context's
    next symbol.
    """
    end, top = base - 1, base ** (length - 1)
    last_is_letter = codes % base != end
    first_is_letter = codes // top != end
    letter_before_last = codes // base % base != end
    letter_after_first = codes // max(top // base, 1) % base != end
    predicts_last = last_is_letter | letter_before_last
    return predicts_last, first_is_letter | letter_after_first, last_is_letter, first_is_letter
