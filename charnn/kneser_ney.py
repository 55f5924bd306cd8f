"""The n-gram model of what comes next, whose log-probabilities are mixed with a generator's.

Interpolated Kneser-Ney smoothing with three discounts: Chen and Goodman (1999), "An empirical study
of smoothing techniques for language modeling". Where N counts how often the n-gram of a context h
and a letter c occurs, and h' is the context without its first letter,

    p(c | h) = (N(hc) - D(N(hc))) / N(h) + b(h) p(c | h')

D takes a part of each count, as much as n-grams that were seen so often are seen less often in new
text, and b(h) gives what was taken to the shorter context, down to none, where all V symbols are as
probable. A shorter n-gram counts once for each letter that it was seen after, however often: it is
asked where the longer one is new, and so what comes before it may be too. What stands at the
beginning has no letter before it, and counts each time.

A label is read as one more letter before all others: names of different labels share nothing. Works
on numpy arrays and knows no network.
Axis letters: N positions, B texts, T time, V symbols, G n-grams, R contexts.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from charnn.errors import CharnnError
from charnn.ngram_arrays import take_rows
from charnn.ngram_counts import find
from charnn.text.vocabulary import IGNORED

MOST = 524_288  # n-grams of one length that are kept; bounds the file
AT_ONCE = 1_048_576  # n-grams that are counted at once; bounds the memory
LEAST = 0.1  # of a discount, so that there is always something for the shorter context
TYPES = {
    "ngrams.codes": np.int64,
    "ngrams.counts": np.int32,
    "ngrams.sizes": np.int64,
    "ngrams.discounts": np.float64,
}


class Length(NamedTuple):
    """What the formula needs of the n-grams of one length, by what comes before the last symbol."""

    contexts: np.ndarray  # (R,) codes, in order
    start: np.ndarray  # (R,) where the n-grams of each context start
    size: np.ndarray  # (R,) how many they are
    backoff: np.ndarray  # (R,) b(h)
    last: np.ndarray  # (G,) the id of the last symbol
    share: np.ndarray  # (G,) (N(hc) - D) / N(h)


class KneserNey:
    """The model of V symbols, for each of some labels (or of one, where there are none).

    For each length of an n-gram, 1 to `order`: `codes` (G,), the n-grams in order, of each the
    label and the ids, all counted from 1, as the digits of a number of base V + 1; `counts` (G,),
    how often they count; `discounts` (4,), D of what counts 0, 1, 2, and 3 or more times. `scale`
    multiplies the log-probabilities.
    """

    def __init__(
        self,
        codes: Sequence[np.ndarray],
        counts: Sequence[np.ndarray],
        discounts: Sequence[np.ndarray],
        symbols: int,
        scale: float = 1.0,
    ):
        self.codes, self.counts, self.discounts = codes, counts, discounts
        self.symbols, self.order, self.scale = symbols, len(codes), scale

    @classmethod
    def count(
        cls, read: np.ndarray, targets: np.ndarray, labels: np.ndarray, symbols: int, order: int
    ) -> Self:
        """The model of texts: `read` and `targets` (B, T) of `next_symbols`, labels (B,).

        V = symbols. If there are too many n-grams of a length,
        those that count least are left out, once the discounts are known.
        """
        texts = np.concatenate([read[:, :1], targets], axis=1)  # (B, T + 1)
        longest = min(longest_order(order, symbols, labels), texts.shape[1])
        base, kept = symbols + 1, []
        found = _tallied(_longest_ngrams(texts, labels, base, longest))
        for length in range(longest, 0, -1):
            kept.append(_most(*found))
            if length > 1:
                label, rest = np.divmod(found[0], base**length)
                shorter = label * base ** (length - 1) + rest % base ** (length - 1)
                found = _tallied([shorter, _beginnings(texts, labels, base, length - 1)])
        codes, counts, taken = zip(*reversed(kept), strict=True)
        return cls(codes, counts, taken, symbols)

    # ------------------------------------------------------------ the file

    def arrays(self) -> dict[str, np.ndarray]:
        """What a model file keeps of it."""
        parts = (
            np.concatenate(self.codes),
            np.concatenate(self.counts),
            np.array(list(map(len, self.codes))),
            np.concatenate(self.discounts),
        )
        rows = zip(TYPES.items(), parts, strict=True)
        return {name: array.astype(kind) for (name, kind), array in rows}

    @classmethod
    def from_arrays(
        cls,
        path: str | Path,
        arrays: dict[str, np.ndarray],
        symbols: int,
        labels: int,
        order: int,
        scale: float,
    ) -> Self:
        """The model of a model file's arrays, which are taken out of them.

        Raises CharnnError, with the path, for arrays that cannot be the counts of any texts.
        """
        codes, counts, sizes, taken = take_rows(path, arrays, TYPES)
        base, most = symbols + 1, max(labels, 1) + 1
        whole = bool(
            0 < len(sizes) <= order
            and (sizes > 0).all()
            and (sizes <= MOST).all()
            and sizes.sum() == len(codes) == len(counts)
            and len(taken) == 4 * len(sizes)
            and most * base ** len(sizes) < 2**63
        )
        if whole:
            ends = sizes.cumsum()[:-1]
            rows, times = np.split(codes, ends), np.split(counts, ends)
            parts = np.split(taken, len(sizes))
            lengths = range(1, len(sizes) + 1)
            whole = all(map(partial(_fits, base, most), lengths, rows, times, parts))
        if not whole:
            raise CharnnError(
                f"{path}: tensors {', '.join(TYPES)} do not belong together; train it again"
            )
        return cls(rows, times, parts, symbols, scale)

    # ------------------------------------------------------------ probabilities

    def __call__(self, before: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """scale · log p(c | h) of all symbols c, (N, V), after the symbols `before`.

        before (N, order - 1) are ids, counted from 1, the last one last, with 0 where there is
        none; labels (N,).
        """
        return self.scale * np.log(self.probabilities(before, labels))

    def probabilities(self, before: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """p(c | h), (N, V); `before` and labels are as for a call."""
        base = self.symbols + 1
        found = np.full((len(before), self.symbols), 1 / self.symbols)
        code = np.zeros(len(before), dtype=np.int64)
        rows = np.arange(len(before))  # those whose context was counted
        for length, table in enumerate(self.lengths):
            if length:
                rows = rows[before[rows, -length] > 0]
                code[rows] += before[rows, -length] * base ** (length - 1)
            context = find(code[rows] + (labels[rows] + 1) * base**length, table.contexts)
            counted = context < len(table.contexts)
            rows, context = rows[counted], context[counted]
            size = table.size[context]
            place = np.arange(size.sum()) + np.repeat(
                table.start[context] - size.cumsum() + size, size
            )
            found[rows] *= table.backoff[context, None]
            found[np.repeat(rows, size), table.last[place]] += table.share[place]
        return found

    @cached_property
    def lengths(self) -> list[Length]:
        """The n-grams of each length, as the formula needs them."""
        parts = zip(self.codes, self.counts, self.discounts, strict=True)
        return [_length(*part, self.symbols + 1) for part in parts]


def longest_order(order: int, symbols: int, labels: np.ndarray) -> int:
    """The longest n-gram of up to `order` symbols whose code, with a label, fits into 63 bits."""
    while (int(labels.max()) + 2) * (symbols + 1) ** order >= 2**62:
        order -= 1
    return order


def _codes(
    texts: np.ndarray, labels: np.ndarray, base: int, length: int
) -> tuple[np.ndarray, np.ndarray]:
    """The n-grams of a length in texts (B, T): codes and which are real, (B, T - length + 1)."""
    digits = np.where(texts == IGNORED, 0, texts.astype(np.int64) + 1)
    positions = digits.shape[1] - length + 1
    code = np.repeat(labels[:, None] + 1, positions, axis=1)
    for place in range(length):
        code = code * base + digits[:, place : place + positions]
    return code, digits[:, length - 1 :] > 0


def _longest_ngrams(
    texts: np.ndarray, labels: np.ndarray, base: int, length: int
) -> Iterator[np.ndarray]:
    """The codes of all n-grams of a length in texts (B, T), some of them (N,) at a time.

    Of one symbol alone all but the first, which is not predicted.
    """
    columns = max(1, AT_ONCE // len(texts))
    first = int(length == 1)
    for start in range(first, texts.shape[1] - length + 1, columns):
        code, real = _codes(texts[:, start : start + columns + length - 1], labels, base, length)
        yield code[real]


def _beginnings(texts: np.ndarray, labels: np.ndarray, base: int, length: int) -> np.ndarray:
    """The codes (N,) of the n-grams of a length with which texts (B, T) begin: none of 1 symbol."""
    code, real = _codes(texts[:, :length], labels, base, length)
    return code[real] if length > 1 else code[:0, 0]


def _tallied(codes: Iterable[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The different codes in order, and how often each is there."""
    found, counts = np.zeros((2, 0), dtype=np.int64)
    for more in codes:
        some, times = np.unique(more, return_counts=True)
        found, place = np.unique(np.concatenate([found, some]), return_inverse=True)
        counts = np.bincount(place, np.concatenate([counts, times]), len(found)).astype(np.int64)
    return found, counts


def _most(codes: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, ...]:
    """The MOST n-grams that count most, or fewer, of a length, with its discounts."""
    taken = discounts(counts)
    if len(counts) > MOST:
        kept = counts > np.partition(counts, -MOST - 1)[-MOST - 1]
        codes, counts = codes[kept], counts[kept]
    return codes, counts, taken


def _length(codes: np.ndarray, counts: np.ndarray, taken: np.ndarray, base: int) -> Length:
    """The n-grams of a length, with what the formula makes of their counts."""
    before, last = np.divmod(codes, base)
    start = np.flatnonzero(np.diff(before, prepend=-1))
    size = np.diff(start, append=len(codes))
    seen = np.add.reduceat(counts, start, dtype=np.int64)
    discount = taken[np.minimum(counts, 3)]  # (G,)
    backoff = np.add.reduceat(discount, start) / seen
    share = (counts - discount) / np.repeat(seen, size)
    return Length(before[start], start, size, backoff, last - 1, share)


def discounts(counts: np.ndarray) -> np.ndarray:
    """D of what counts 0, 1, 2, and 3 or more times (4,): Chen and Goodman's equation 17."""
    n1_to_4 = np.bincount(np.minimum(counts, 5), minlength=6)[1:5].astype(np.float64)
    y = n1_to_4[0] / max(n1_to_4[0] + 2 * n1_to_4[1], 1)
    times = np.arange(1, 4)
    found = times - (times + 1) * y * n1_to_4[1:] / np.maximum(n1_to_4[:3], 1)
    return np.append(0, np.clip(found, LEAST, times))


def _fits(
    base: int, most: int, length: int, codes: np.ndarray, counts: np.ndarray, taken: np.ndarray
) -> bool:
    """Whether arrays of a model file can be the n-grams of a length, with labels below `most`."""
    in_order = (codes[1:] > codes[:-1]).all() and (codes % base > 0).all()
    in_range = codes[0] >= base**length and codes[-1] < most * base**length
    possible = taken[0] == 0 and ((taken[1:] >= LEAST) & (taken[1:] <= np.arange(1, 4))).all()
    return bool(in_order and in_range and possible and (counts > 0).all())
