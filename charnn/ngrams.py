"""Letter n-gram models, one for each label, whose log-probabilities are mixed with the network's.

A label's model says how probable a name is: the product of its letters' probabilities, each given
the letters before it. Where N counts how often an n-gram occurs in the names of the label,

    p(c | ab) = (N(abc) + a p(c | b)) / (N(ab) + a)

with a = SMOOTHING: the relative frequency N(abc) / N(ab) has the weight N(ab) / (N(ab) + a), and
the n-gram without the first letter has the rest, down to no letter at all. MacKay and Peto (1995),
"A hierarchical Dirichlet language model". A second model reads from right to left, and the mean of
both log-probabilities is the result.

Written out, the logarithm of a name's probability is a sum over the n-grams in it: each adds
log(1 + N(abc) / a p(c | b)) for the letter that it predicts, and subtracts log(1 + N(ab) / a) for
each letter that it is the context of. So the models are one table with a row per n-gram and a
column per label, and a name's log-probabilities are a sum of rows.

N-gram models and a network err at different names; their product of experts (Hinton, 2002) is
better than either. Works on numpy arrays and knows no network.
Axis letters: N names, T letters, G n-grams, L labels.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from charnn.errors import CharnnError
from charnn.ngram_weights import NgramWeights, different, find, starts_of, tallied
from charnn.text.vocabulary import real_steps
from charnn.text.weights import as_counts

MOST = 131_072  # n-grams of one length that are kept; bounds the file
ENTRIES = 8_388_608  # n-grams of one length, times labels; bounds the memory
ARRAYS = {"ngrams.codes": np.int64, "ngrams.entries": np.int32, "ngrams.counts": np.int32}
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
    ):
        """The counts are a sparse matrix (G, L).

        codes (G,): the n-grams, in order; entries: the flat positions of the matrix that hold more
        than 0, and counts: what they hold; names (L,): how many names each label has; prior (L,):
        the labels' log-probabilities before a letter is read; symbols: V.
        """
        super().__init__(codes, entries, counts, names, symbols + 2, order)
        self.prior, self.scale = prior, scale
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
        return cls(codes, entries, counts, names, prior, symbols, order)

    def arrays(self) -> dict[str, np.ndarray]:
        """What a model file keeps of it, in as few bytes as hold the numbers."""
        rows = zip(ARRAYS.items(), (self.codes, self.entries, self.counts), strict=True)
        return {name: array.astype(kind) for (name, kind), array in rows}

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
        order, found = longest_order(order, symbols), []
        for name, kind in ARRAYS.items():
            array = arrays.pop(name, None)
            if array is None or array.dtype != kind or array.ndim != 1:
                shape = "nothing" if array is None else str(array.shape)
                raise CharnnError(
                    f"{path}: tensor {name}: expected a row of {np.dtype(kind).name}, "
                    f"found {shape}; train it again"
                )
            found.append(array)
        codes, entries, counts = found
        base, most, wrong = symbols + 2, kept_at_most(len(names)), ""
        if not _belong_together(codes, entries, counts, len(names), base, order):
            wrong = "do not belong together"
        elif max(np.diff(starts_of(codes, base, order))) > most:  # a small file, but a large table
            wrong = f"have more than {most:,} n-grams of a length for {len(names):,} labels"
        if wrong:
            raise CharnnError(f"{path}: tensors {', '.join(ARRAYS)} {wrong}; train it again")
        return cls(codes, entries, counts, names, prior, symbols, order, scale)

    def __call__(self, ids: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """ids (N, T), lengths (N,) -> scale · log P(name, label), (N, L)."""
        return self.scale * (self.log_likelihood(ids, lengths) + self.prior)

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
