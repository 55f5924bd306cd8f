"""N-grams of words, each with a weight for each label, whose scores are mixed with the network's.

What is looked for in a text: each word, each two and three words in a row, and each piece of a word
of 3 or 4 letters, so that a word never met before says something too. A text's score for a label is
the sum of the weights of what is found in it, each once, over the length of the vector of what was
found, so that a long text is not more certain. The weights are learned in `training/linear.py`.

A feature is known by a hash of 32 bits alone: no word stands in the file. Works on numpy arrays and
knows no network. Axis letters: N texts, W words of all of them, F features of all of them,
G features that are known, L labels.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple, Self
from zlib import crc32

import numpy as np

from charnn.errors import CharnnError
from charnn.ngram_counts import different, find
from charnn.text.letters import UNKNOWN_SYMBOL
from charnn.text.words import is_word

PIECES = (3, 4)  # letters of a piece; a word's ends count as letters
OF_A_PIECE = 0.35  # what a piece counts, where an n-gram counts 1
BYTES = 12_000_000  # of a file that the features may take
MULTIPLIER = np.uint32(0x9E3779B1)  # Knuth (1973), "Sorting and searching", multiplicative hashing
TEXTS = 1024  # that are worked on at once
LARGEST = 1e6  # weight of a model file that is not damaged
TINY = 1e-9  # in place of the length of a text in which nothing is known
ARRAYS = {"ngrams.codes": np.int32, "ngrams.weights": np.float32, "ngrams.bias": np.float32}


class WordNgrams:
    """A linear model of n-grams of words and pieces of words, for L labels.

    `order` is the length of the longest n-gram, in words; `scale` multiplies the result.
    """

    def __init__(
        self,
        codes: np.ndarray,
        weights: np.ndarray,
        bias: np.ndarray,
        order: int,
        scale: float = 1.0,
    ):
        """codes (G,): hashes of the features, in order; weights (G, L); bias (L,)."""
        self.codes, self.weights, self.bias = codes, weights, bias
        self.order, self.scale = order, scale

    def __call__(self, texts: Sequence[Sequence[str]]) -> np.ndarray:
        """Texts as words -> scores (N, L): log odds of each label against the others; of two, half.

        So they are logits to add to a network's log-probabilities.
        """
        scores = np.zeros((len(texts), len(self.bias)))
        for start in range(0, len(texts), TEXTS):
            row, code, value = features(texts[start : start + TEXTS], self.order)
            place = find(code, self.codes)
            known = place < len(self.codes)
            row, place, value = row[known], place[known], value[known]
            some = scores[start : start + TEXTS]
            length = np.sqrt(np.bincount(row, value**2, len(some))) + TINY  # (N,)
            for label, weights in enumerate(self.weights.T):
                some[:, label] = np.bincount(row, value * weights[place], len(some)) / length
        return self.scale * (scores + self.bias)

    def arrays(self) -> dict[str, np.ndarray]:
        """What a model file keeps of it."""
        rows = zip(ARRAYS.items(), (self.codes, self.weights, self.bias), strict=True)
        return {name: array.astype(kind) for (name, kind), array in rows}

    @classmethod
    def from_arrays(
        cls, path: str | Path, arrays: dict[str, np.ndarray], labels: int, order: int, scale: float
    ) -> Self:
        """The model of a model file's arrays, which are taken out of them.

        Raises CharnnError, with the path, for arrays that are no such model.
        """
        found = []
        for name, kind in ARRAYS.items():
            array = arrays.pop(name, None)
            if array is None or array.dtype != kind:
                what = "nothing" if array is None else array.dtype.name
                raise CharnnError(
                    f"{path}: tensor {name}: expected {np.dtype(kind).name}, found {what}; train "
                    "it again"
                )
            found.append(array)
        codes, weights, bias = found
        expected = (codes.size,), (codes.size, labels), (labels,)
        fit = (codes.shape, weights.shape, bias.shape) == expected
        in_order = fit and 0 < len(codes) <= kept_at_most(labels) and (codes[1:] > codes[:-1]).all()
        bounded = all((np.abs(array) < LARGEST).all() for array in (weights, bias))
        if not (in_order and bounded):
            raise CharnnError(
                f"{path}: tensors {', '.join(ARRAYS)} are no weights of n-grams of words for "
                f"{labels:,} labels; train it again"
            )
        return cls(codes, weights, bias, order, scale)


def kept_at_most(labels: int) -> int:
    """How many features are kept for L = labels: a code and L weights take 4 bytes each."""
    return BYTES // (4 + 4 * labels)


# ---------------------------------------------------------------- what is in a text


class Features(NamedTuple):
    """What is in some texts: each feature of each text once, in no order."""

    row: np.ndarray  # (F,) int32: the text
    code: np.ndarray  # (F,) int32: the hash of the feature
    value: np.ndarray  # (F,) float32: 1 for an n-gram, OF_A_PIECE for a piece


def features(texts: Sequence[Sequence[str]], order: int) -> Features:
    """The features of texts split into words.

    Signs and unknown words are in none, and n-grams go across them as if they were not there, as
    they do across the words between the first and the last that are read of a long text.
    """
    lengths = [len(text) for text in texts]
    place = {word: number for number, word in enumerate(dict.fromkeys(chain.from_iterable(texts)))}
    row = np.repeat(np.arange(len(texts)), lengths)  # (W,)
    word = np.fromiter(map(place.__getitem__, chain.from_iterable(texts)), np.int64, len(row))
    words = list(place)
    wordlike = np.array([word != UNKNOWN_SYMBOL and is_word(word) for word in words], dtype=bool)
    row, word = row[wordlike[word]], word[wordlike[word]]
    in_a_row = [once(*found) for found in ngrams(row, word_codes(words)[word], order)]
    in_words = once(*pieces(words, row, word))
    values = [np.ones(len(rows), np.float32) for rows, _ in in_a_row]
    values.append(np.full(len(in_words[0]), OF_A_PIECE, np.float32))
    rows, codes = zip(*in_a_row, in_words, strict=True)
    return Features(*map(np.concatenate, (rows, codes, values)))


def once(row: np.ndarray, code: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and codes (uint32) without repetitions; the codes as int32, which a file can hold."""
    key = different((row << 32) | code.astype(np.int64))
    return (key >> 32).astype(np.int32), (key & 0xFFFFFFFF).astype(np.uint32).view(np.int32)


def word_codes(words: Sequence[str]) -> np.ndarray:
    """A hash of each word, uint32."""
    return np.array([crc32(word.encode("utf-8", "surrogatepass")) for word in words], np.uint32)


def ngrams(
    row: np.ndarray, code: np.ndarray, order: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The n-grams of 1, 2, up to `order` words: texts and codes, from those of each word (W,)."""
    longer = code
    for length in range(1, order + 1):
        if length > 1:
            longer = longer[:-1] * MULTIPLIER + code[length - 1 :]
        first, last = row[: len(longer)], row[length - 1 :]
        yield first[first == last], longer[first == last]


def pieces(
    words: Sequence[str], row: np.ndarray, word: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The pieces of the words of texts: texts and codes; `word` (W,) is a place in `words`."""
    marked = "".join(f"<{word}>" for word in words)
    letters = np.frombuffer(marked.encode("utf-32-le", "surrogatepass"), np.uint32)
    owner = np.repeat(np.arange(len(words)), [len(word) + 2 for word in words])  # of each letter
    owners, codes = [], []
    for length in PIECES:
        code = np.full(max(len(letters) - length + 1, 0), length, dtype=np.uint32)
        for start in range(length):
            code = (code ^ letters[start : start + len(code)]) * MULTIPLIER
        whole = owner[: len(code)] == owner[length - 1 :]
        owners.append(owner[: len(code)][whole])
        codes.append(code[whole] ^ code[whole] >> 15)
    order = np.argsort(np.concatenate(owners), kind="stable")
    of_word, code = np.concatenate(owners)[order], np.concatenate(codes)[order]
    # Each word of each text once, in place of which stand its pieces.
    row, word = np.divmod(different(row * len(words) + word), max(len(words), 1))
    first, end = np.searchsorted(of_word, word), np.searchsorted(of_word, word, side="right")
    count = end - first
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(row, count), code[np.repeat(first, count) + offset]
