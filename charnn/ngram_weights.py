"""What each n-gram adds to a name's log-probability, worked out from how often it occurs.

The arithmetic of the formula in ngrams.py, row by row: of all n-grams that were counted, or only of
those that some names hold. Works on numpy arrays. Axis letters: R rows, G n-grams, L labels.
"""

from typing import NamedTuple

import numpy as np

SMOOTHING = 20.0
AT_ONCE = 4096  # n-grams that are worked out at once: bounds the memory


class Order(NamedTuple):
    """The n-grams of one length, with their counts and probabilities for each label.

    The last row of each array (R + 1, L) is for the n-gram that has no letter, only ends.
    """

    codes: np.ndarray  # (R,)
    counts: np.ndarray  # (R + 1, L): N
    forward: np.ndarray  # (R + 1, L): the probability of the last symbol, given those before
    backward: np.ndarray  # (R + 1, L): of the first symbol, given those after


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
        self.letters = self.dense(of_one_letter).sum(0)  # (L,)
        self._uniform = np.full(len(names), 1 / (base - 1))
        # What every letter adds, before the n-grams that it is in are looked up; then the end.
        a, total = SMOOTHING, self.letters + names
        self.letter = (np.log(self._uniform) - np.log1p(total / a)).astype(np.float32)
        first_end = np.log1p(names / (a * self._uniform))
        begun = (order - 1) * np.log1p(names / a)
        self.ends = (self.letter + first_end - begun).astype(np.float32)

    def dense(self, rows: np.ndarray) -> np.ndarray:
        """The counts (R, L) of some of the n-grams, zeros included."""
        labels = len(self.names)
        first, end = np.searchsorted(self.entries, (rows * labels, (rows + 1) * labels))
        sizes = end - first
        row = np.repeat(np.arange(len(rows)), sizes)  # of each count
        place = np.arange(len(row)) + np.repeat(first - np.cumsum(sizes) + sizes, sizes)
        dense = np.zeros((len(rows), labels))
        dense[row, self.entries[place] - rows[row] * labels] = self.counts[place]
        return dense

    def weights(self, rows: np.ndarray) -> np.ndarray:
        """What n-grams add for each label, (R, L) float32.

        `rows` (R,) are in order, and with each n-gram there are those that are part of it.
        """
        names = self.names.astype(np.float64)
        weights = np.empty((len(rows), len(names)), dtype=np.float32)
        no_code = np.zeros(0, dtype=np.int64)  # the n-gram of length 0: all symbols are as probable
        total, uniform = (self.letters + names)[None], self._uniform[None]
        shorter = Order(no_code, total, uniform, uniform)
        end = (names + SMOOTHING * self._uniform) / (total[0] + SMOOTHING)  # (L,): of an end
        starts = starts_of(self.codes[rows], self.base, self.order)
        for length in range(1, self.order + 1):
            start, stop = starts[length - 1 : length + 1]
            parts = []
            for first in range(start, stop, AT_ONCE):
                some = slice(first, min(first + AT_ONCE, stop))
                weights[some], *probabilities = self._of_length(rows[some], length, shorter)
                if length < self.order:
                    parts.append(probabilities)
            if length < self.order:
                parts.append([names[None], end[None], end[None]])
                codes = self.codes[rows[start:stop]]
                shorter = Order(codes, *map(np.concatenate, zip(*parts, strict=True)))
        return weights

    def _of_length(
        self, rows: np.ndarray, length: int, shorter: Order
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """What n-grams of one length add, their counts and probabilities as in Order: (R, L) each.

        `shorter` has those that are one letter shorter.
        """
        a, base = SMOOTHING, self.base
        codes, n = self.codes[rows], self.dense(rows)  # (R,), (R, L)
        prefix = find(codes // base, shorter.codes)  # the n-gram without its last symbol
        suffix = find(codes % base ** (length - 1), shorter.codes)  # without its first
        # a p(c | b), with what the shorter context predicts; and the same read backwards.
        backed_off = a * shorter.forward[suffix]  # (R, L)
        backed_off_backward = a * shorter.backward[prefix]  # (R, L)
        predicts_last, predicts_first, contexts = roles(codes, base, length)

        added = np.where(predicts_last[:, None], np.log1p(n / backed_off), 0)
        added += np.where(predicts_first[:, None], np.log1p(n / backed_off_backward), 0)
        if length < self.order:
            added -= contexts[:, None] * np.log1p(n / a)
        # The recurrence: p(c | ab) = (N(abc) + a p(c | b)) / (N(ab) + a), in both directions.
        forward = (n + backed_off) / (shorter.counts[prefix] + a)
        backward = (n + backed_off_backward) / (shorter.counts[suffix] + a)
        return added / 2, n, forward, backward


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


def starts_of(codes: np.ndarray, base: int, order: int) -> list[int]:
    """Where in codes (G,) the n-grams of 1, 2, up to `order` letters start; then their end."""
    return np.searchsorted(codes, [base**length for length in range(order + 1)]).tolist()
