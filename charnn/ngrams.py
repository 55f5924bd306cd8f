"""Letter n-gram models, one for each label, whose log-probabilities are mixed with the network's.

A label's model says how probable a name is: the product of its letters' probabilities, each given
the letters before it, its context. Where h' is the context h without its first letter,

    p(c | h) = (max(N(hc) - d, 0) + (a + d U(h)) p(c | h')) / (T(h) + a)

down to no letter at all, where all symbols are as probable. Of the longest n-grams, N counts how
often one occurs in the names of the label. A shorter one is asked where the longer one is new, and
so what stands before it may be new too: there N counts the different symbols that it was seen
after. T(h) is the sum of N(hc) over all symbols c, and U(h) how many of them are above 0. So d is
taken from each N, as much as what was seen is seen less often in other names, and what was taken
goes to the shorter context, with a weight of a beside. The counts are those of Kneser and Ney, in
the interpolated form of Chen and Goodman (1999), "An empirical study of smoothing techniques for
language modeling"; a beside d is from Teh (2006), "A hierarchical Bayesian language model based on
Pitman-Yor processes". Model files up to format 3 have d = 0 and occurrences at all lengths: MacKay
and Peto (1995), "A hierarchical Dirichlet language model". A second model reads from right to left,
and the mean of both log-probabilities is the result. How long names are (name_lengths.py) is added.

Written out, the logarithm of a name's probability is a sum over the n-grams in it: each adds
log(1 + max(N(hc) - d, 0) / (a + d U(h)) p(c | h')) for the letter that it predicts, and
log((a + d U(h)) / (a + T(h))) for each letter that it is the context of. So the models are one
table with a row per n-gram and a column per label, and a name's log-probabilities are a sum of
rows.

N-gram models and a network err at different names; their product of experts (Hinton, 2002) is
better than either. Works on numpy arrays and knows no network.
Axis letters: N names, T letters, G n-grams, L labels.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from charnn import ngram_arrays
from charnn.name_lengths import counted_lengths, log_shares_of_lengths
from charnn.ngram_counts import different, find, starts_of, tallied
from charnn.ngram_weights import KNESER_NEY, NgramWeights, Smoothing
from charnn.text.vocabulary import real_steps
from charnn.text.weights import as_counts

MOST = 131_072  # n-grams of one length that are kept; bounds the file
ENTRIES = 8_388_608  # n-grams of one length, times labels; bounds the memory
AT_ONCE = 1_024  # names whose n-grams are looked up at once, so that they stay in the cache
FEW = 64  # names, up to which their n-grams alone are worked out


class Children(NamedTuple):
    """Where n-grams of one length are, by the n-gram without their last symbol, and that symbol."""

    start: int  # the row of the first n-gram without the last symbol
    rows: np.ndarray  # (R + 2, V + 2): of R such, of one that was not counted, and of ends alone


class Ngrams(NgramWeights):
    """The letter n-gram models of L labels as one table.

    Both ends of a name are a symbol of their own. `order` is the length of the longest n-gram;
    `scale` multiplies the result.
    """

    def __init__(
        self,
        codes: np.ndarray,
        entries: np.ndarray,
        counts: np.ndarray,
        names: np.ndarray,
        prior: np.ndarray,
        symbols: int,
        order: int,
        scale: float = 1.0,
        smoothing: Smoothing = KNESER_NEY,
        lengths: np.ndarray | None = None,
    ):
        """The counts are a sparse matrix (G, L).

        codes (G,): the n-grams, in order; entries: the flat positions of the matrix that hold more
        than 0, and counts: what they hold; names (L,): how many names each label has; prior (L,):
        the labels' log-probabilities before a letter is read; symbols: V; lengths (T, L): how many
        names have each length, None where that has no part in the result.
        """
        super().__init__(codes, entries, counts, names, symbols + 2, order, smoothing)
        self.prior, self.scale, self.lengths = prior, scale, lengths
        self.of_length = None if lengths is None else log_shares_of_lengths(lengths)  # (T, L)
        self._sums: np.ndarray | None = None
        self._asked = 0  # names, so far

    @classmethod
    def count(
        cls,
        ids: np.ndarray,
        lengths: np.ndarray,
        targets: np.ndarray,
        symbols: int,
        prior: np.ndarray,
        order: int,
        weights: np.ndarray | None = None,
    ) -> Self:
        """The models of names: ids (N, T), lengths (N,) and labels targets (N,), V = symbols.

        With `weights` (N,) a name of weight 2 counts twice.

        If there are too many n-grams of a length, those are left out that occur less often than
        some number, the same for all lengths. So whatever is part of a kept n-gram, and occurs at
        least as often, is kept too.
        """
        labels, order = len(prior), longest_order(order, symbols)
        most, fewest = kept_at_most(labels), 1
        found = []
        for codes, real in ngram_codes(ids, lengths, symbols, order):
            label = np.broadcast_to(targets[:, None], codes.shape)[real]
            times = None if weights is None else np.repeat(weights, real.sum(1))
            codes, row, total = tallied(codes[real], times)
            entries, _, counts = tallied(row * labels + label, times)
            found.append((codes, total, entries, counts))
            if len(total) > most:
                # At most `most` n-grams occur more often than the one that follows them in order.
                fewest = max(fewest, int(np.sort(total)[-most - 1]) + 1)
        kept, start = [], 0
        for codes, total, entries, counts in found:
            stays = total >= fewest
            new_row = np.cumsum(stays) - 1 + start  # (G of this length,)
            row, label = entries // labels, entries % labels
            entries = new_row[row] * labels + label
            kept.append((codes[stays], entries[stays[row]], counts[stays[row]]))
            start += int(stays.sum())
        codes, entries, counts = (np.concatenate(part) for part in zip(*kept, strict=True))
        names = as_counts(np.bincount(targets, weights, labels))
        seen = counted_lengths(lengths, targets, labels, weights)
        smoothing = KNESER_NEY._replace(fewest=fewest)
        parts = codes, entries, counts, names, prior, symbols, order
        return cls(*parts, smoothing=smoothing, lengths=seen)

    def arrays(self) -> dict[str, np.ndarray]:
        """What a model file keeps of it, in as few bytes as hold the numbers."""
        parts = self.codes, self.entries, self.counts, self.smoothing, self.lengths
        return ngram_arrays.Kept(*parts).arrays()

    @classmethod
    def from_arrays(
        cls,
        path: str | Path,
        arrays: dict[str, np.ndarray],
        names: np.ndarray,
        prior: np.ndarray,
        symbols: int,
        order: int,
        scale: float,
    ) -> Self:
        """The models of a model file's arrays, which are taken out of them.

        Raises CharnnError, with the path, for arrays that cannot be the counts of any names.
        """
        order = longest_order(order, symbols)
        most = kept_at_most(len(names))
        codes, entries, counts, smoothing, seen = ngram_arrays.take(
            path, arrays, len(names), symbols + 2, order, most
        )
        return cls(codes, entries, counts, names, prior, symbols, order, scale, smoothing, seen)

    def __call__(self, ids: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """ids (N, T), lengths (N,) -> scale · log P(name, label), (N, L)."""
        scores = self.log_likelihood(ids, lengths) + self.prior
        if self.of_length is not None:
            scores += self.of_length[np.minimum(lengths, len(self.of_length) - 1)]
        return self.scale * scores

    def log_likelihood(self, ids: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """log P(name | label) in nats, the mean of both directions: ids (N, T) -> (N, L)."""
        self._asked += len(ids)
        few = self._sums is None and self._asked <= FEW
        total = np.zeros((len(ids), len(self.names)))  # (N, L): of 100 letters float32 loses digits
        for start in range(0, len(ids), AT_ONCE):
            some = slice(start, start + AT_ONCE)
            rows = self._rows(ids[some, : lengths[some].max()], lengths[some])
            sums, longest = self._of_few(list(rows)) if few else (self.sums, self._longest(rows))
            part = total[some]
            added = np.empty_like(part, dtype=np.float32)
            for row in longest.T:  # one n-gram of every name at a time: no array (N, T, L)
                part += np.take(sums, row, axis=0, out=added, mode="clip")
        return total + self.ends + lengths[:, None] * self.letter.astype(np.float64)

    def _rows(self, ids: np.ndarray, lengths: np.ndarray) -> Iterator[np.ndarray]:
        """The row of each n-gram of names, of 1 letter, 2, up to `order`: (N, T + n - 1) each."""
        shorter = None
        found = ngram_codes(ids, lengths, self.base - 2, self.order)
        # For a few names a search is less work than tables of what follows each n-gram.
        tables = [None] * self.order if len(ids) <= FEW else self._children
        for (codes, _), children in zip(found, tables, strict=True):
            if children is None:
                row = find(codes, self.codes)
            else:
                start, count = children.start, len(children.rows) - 2
                first = np.full(codes.shape, count + 1)
                if shorter is not None:
                    np.minimum(shorter - start, count, out=first[:, 1:])
                row = children.rows.reshape(-1).take(first * self.base + codes % self.base)
            yield row
            shorter = row

    @cached_property
    def _children(self) -> list[Children | None]:
        """For each length its n-grams; None where they would take too much memory."""
        starts = [0, *starts_of(self.codes, self.base, self.order)]
        ranges = enumerate(zip(starts, starts[1:], starts[2:], strict=False))
        return [self._children_of(*rows, self.base**ends - 1) for ends, rows in ranges]

    def _children_of(self, start: int, middle: int, stop: int, ends: int) -> "Children | None":
        """The n-grams in rows from `middle` to `stop`, by those without their last symbol.

        These are in rows from `start`; `ends` is the code of as many ends.
        """
        count = middle - start
        if (count + 2) * self.base > ENTRIES:
            return None
        rows = np.full((count + 2, self.base), len(self.codes), dtype=np.int32)
        codes = self.codes[middle:stop]
        first = find(codes // self.base, self.codes[start:middle])
        first[codes // self.base == ends] = count + 1
        rows[first, codes % self.base] = np.arange(middle, stop)
        rows[count] = len(self.codes)
        return Children(start, rows)

    @property
    def sums(self) -> np.ndarray:
        """`sums_of` all n-grams (G + 1, L).

        They are worked out when they are first asked for: for a few names, theirs are faster.
        """
        if self._sums is None:
            self._sums = self.sums_of(np.arange(len(self.codes)))
        return self._sums

    def _of_few(self, rows: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """The sums of the n-grams of these rows alone, and where among them the longest are."""
        held = different(np.concatenate([row.ravel() for row in rows]))
        held = held[held < len(self.codes)]
        return self.sums_of(held), find(self._longest(rows), held)

    def _longest(self, rows: Iterable[np.ndarray]) -> np.ndarray:
        """Of rows as `_rows` gives them, that of the longest n-gram: (N, T + order - 1).

        One for each letter that n-grams end with, then those that the end of a name is in.
        """
        shorter, *longer = rows
        for row in longer:
            found = row[:, : shorter.shape[1]]
            np.copyto(found, shorter, where=found == len(self.codes))
            shorter = row
        return shorter


def kept_at_most(labels: int) -> int:
    """How many n-grams of one length are kept for L = labels."""
    return min(MOST, ENTRIES // labels)


def longest_order(order: int, symbols: int) -> int:
    """The longest n-gram of up to `order` letters whose code fits into 63 bits."""
    while (symbols + 2) ** order >= 2**62:
        order -= 1
    return order


def ngram_codes(
    ids: np.ndarray, lengths: np.ndarray, symbols: int, order: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The n-grams of names ids (N, T), of 1 letter, 2, up to `order`.

    For each length n the codes (N, T + n - 1) and which of them are real, bool. Both ends of a name
    are padded with order - 1 ends; an n-gram has at least one letter. Its code has the ids, counted
    from 1, as the digits of a number of base V + 2, so that longer n-grams have larger codes.
    """
    base, end, pad = symbols + 2, symbols + 1, order - 1
    letters = np.where(real_steps(lengths, ids.shape[1]), ids + 1, end)
    padded = np.pad(letters, ((0, 0), (pad, pad)), constant_values=end)  # (N, T + 2 · pad)
    codes = np.zeros_like(padded)
    for length in range(1, order + 1):
        digits = padded[:, length - 1 :]
        codes = codes[:, : digits.shape[1]] * base + digits  # (N, T + 2 · pad - length + 1)
        with_letter = codes[:, pad - length + 1 : pad + ids.shape[1]]  # (N, T + length - 1)
        yield with_letter, real_steps(lengths + length - 1, with_letter.shape[1])
