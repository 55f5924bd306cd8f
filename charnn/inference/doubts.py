"""Why an answer may be worth nothing: what the model does not know of a text, or never read.

Everything is measured against what every model file holds: its symbols, counts and figures.
`Doubting` is a trained model's part in it. Knows an n-gram model and no network.
Axis letters: N names, T letters, L labels.
"""

import math
import unicodedata
from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import compress
from typing import Any, NamedTuple, overload

import numpy as np

from charnn.config import Config
from charnn.ngram_counts import find
from charnn.ngrams import Ngrams, ngram_codes
from charnn.text.vocabulary import Vocabulary, real_steps
from charnn.text.words import WordReader
from charnn.wording import counted, listed, quoted

SURPRISING = 10.0  # bits: a thousand times less probable than what could still be a name
LONGER = 6  # times the mean training name; if lengths were exponential, one in 400 were longer
FEW = 0.1  # spaces per training name, below which a model was trained on single words
SEPARATORS = " ,"  # between words
SHOWN = 10  # unknown letters that a message names
TEXT_SHOWN = 60  # characters of a text in a message


class Doubts(NamedTuple):
    """What speaks against the answer for a text.

    `unknown`: its letters (of a model of words, its words) that the model does not know, each
    once; `unlike_training`: whether it is far from all that the model was trained on;
    `several_words`: whether it is several words, and the model was trained on single ones.
    """

    unknown: list[str]
    unlike_training: bool
    several_words: bool

    def to_dict(self, tokens: str) -> dict[str, Any]:
        """For JSON: `unknown_letters` or `unknown_words`, `unlike_training`, `several_words`."""
        return {
            f"unknown_{tokens}": self.unknown,
            "unlike_training": self.unlike_training,
            "several_words": self.several_words,
        }

    def sentence(self, text: str, tokens: str) -> str:
        """One line about a text; empty where nothing speaks against its answer.

        That a text has words which the model does not know is usual, and no doubt by itself.
        """
        found = []
        if self.unknown and tokens == "letters":
            verb = "is" if len(self.unknown) == 1 else "are"
            found.append(
                f"{counted(len(self.unknown), 'letter')} {verb} unknown to the model: "
                f"{listed(map(quoted, self.unknown), SHOWN)}"
            )
        if self.unlike_training:
            found.append("it is unlike all that the model was trained on")
        if self.several_words:
            found.append("it is several words, and the model was trained on single ones")
        return f"{quoted(text, TEXT_SHOWN)}: {'; '.join(found)}" if found else ""


# ---------------------------------------------------------------- how far from the training names


class Odd(NamedTuple):
    """How far texts are from those that a model was trained on."""

    surprising: np.ndarray  # (N,) bool: of more than SURPRISING `excess_bits`
    several_words: np.ndarray  # (N,) bool: several words, to a model of single ones


def excess_bits(bits: np.ndarray, steps: np.ndarray, usual: float, symbols: int) -> np.ndarray:
    """How many bits (N,) texts need beyond what a text of their length may need.

    `bits` (N,) is what each needs, `steps` (N,) its letters and ends. A letter may need the mean of
    `usual`, the bits of a letter of the training names, and log2(symbols), those of a letter that
    is drawn at random. One odd letter of a short name adds little, the same share of a long text
    much.
    """
    return bits - steps * (usual + np.log2(symbols)) / 2


def is_several(text: Sequence[str]) -> bool:
    """Whether letters, as they are read, are several words: with a space or a comma between."""
    return len("".join(text).replace(",", " ").split()) > 1


def odd_by_vocabulary(symbols: Sequence[Sequence[str]], vocabulary: Vocabulary, tokens: str) -> Odd:
    """How far texts are from the training names, with only a vocabulary to go by.

    Then several words, of a model of letters, are those with a space or a comma that is not in it.
    """
    unknown = set(SEPARATORS) - set(vocabulary.symbols) if tokens == "letters" else set()
    several = [not unknown.isdisjoint(text) and is_several(text) for text in symbols]
    return Odd(np.zeros(len(symbols), dtype=bool), np.array(several, dtype=bool))


class Counted:
    """What an n-gram model's counts say of the names that it was trained on.

    `usual_bits`, of a letter, ends counted; `mean_length`, of a name, in letters.
    """

    def __init__(self, ngrams: Ngrams):
        self.ngrams = ngrams
        self.mean_length = float(ngrams.letters.sum() / max(ngrams.names.sum(), 1))

    @cached_property
    def usual_bits(self) -> float:
        """The mean bits of a letter."""
        ngrams, names = self.ngrams, self.ngrams.names.astype(np.float64)  # (L,)
        # A name's log-probability is a sum over its n-grams, so that of all names is one too.
        weights = ngrams.weights(np.arange(len(ngrams.codes)))
        nats = weights.reshape(-1)[ngrams.entries].astype(np.float64) @ ngrams.counts
        nats += ngrams.letters @ ngrams.letter + names @ ngrams.ends
        return float(-nats / np.log(2) / max((ngrams.letters + names).sum(), 1))

    def surprising(self, ids: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Which names ids (N, T) are surprising under the label that fits them best, bool (N,)."""
        nats = -self.ngrams.log_likelihood(ids, lengths).max(1).astype(np.float64)
        bits, steps, symbols = nats / np.log(2), lengths + 1, self.ngrams.base - 1
        # The usual bits are a sum over all n-grams: hardly a name is so odd that it needs them.
        if not (excess_bits(bits, steps, 0.0, symbols) > SURPRISING).any():
            return np.zeros(len(ids), dtype=bool)
        return excess_bits(bits, steps, self.usual_bits, symbols) > SURPRISING

    def new_spaces(self, ids: np.ndarray, lengths: np.ndarray, space: int) -> np.ndarray:
        """Which names ids (N, T) have a space where none of its names has one, bool (N,).

        That is after letters which are followed by a space in no training name: "van der Berg" has
        none, "John Smith" has one. Nor has any name where spaces are usual.
        """
        found = (ids == space).any(1)  # most names have none
        if not found.any():
            return found
        row = find(np.array([space + 1]), self.ngrams.codes)
        spaces = self.ngrams.counts_of(row[row < len(self.ngrams.codes)]).n.sum()
        if spaces >= FEW * self.ngrams.names.sum():
            return np.zeros(len(ids), dtype=bool)
        ids, lengths = ids[found], lengths[found]
        *_, (codes, _) = ngram_codes(ids, lengths, self.ngrams.base - 2, self.ngrams.order)
        ending_here = codes[:, : ids.shape[1]]  # (N, T): the longest n-gram that ends with a letter
        new = find(ending_here, self.ngrams.codes) == len(self.ngrams.codes)
        found[found] = (new & (ids == space)).any(1)
        return found


# ---------------------------------------------------------------- a trained model's part


class Doubting:
    """The part of a trained model that knows what it does not know.

    A kind of model that can measure how far a text is from its training names overrides `odd`.
    """

    vocabulary: Vocabulary
    config: Config
    normalise: Callable[[str], Sequence[str]]

    @abstractmethod
    def read(self, names: Sequence[str]) -> list[Sequence[str]]:
        """The names as the network reads them, letters or words."""

    @overload
    def doubts(  # type: ignore[overload-overlap]  # a str is a Sequence[str]: the first one wins
        self, names: str
    ) -> Doubts: ...

    @overload
    def doubts(self, names: Sequence[str]) -> list[Doubts]: ...

    def doubts(self, names: str | Sequence[str]) -> Doubts | list[Doubts]:
        """What speaks against the answer for a text; for a list of texts, a list.

        A text is unlike all that the model was trained on where it is longer than any of its names
        can have been, or where those of its letters that the model knows are a thousand times less
        probable than a name's could be, under every label. Raises CharnnError for what is no text
        or too long.
        """
        if isinstance(names, str):
            return self.doubts([names])[0]
        symbols = self.read(names)
        lengths = np.array([len(text) for text in symbols], dtype=np.int64)
        ids, _ = self.vocabulary.encode(symbols)  # (N, T)
        real = real_steps(lengths, ids.shape[1])
        has_unknown = (real & (ids == 0)).any(1)
        surprising, several = self.odd(symbols)
        if self.config.tokens == "letters":
            # An unknown sign, such as a hyphen, makes no name unlike all others: the rest tells.
            mixed = np.flatnonzero(has_unknown & (real & (ids > 0)).any(1))
            rest = ["".join(compress(symbols[row], ids[row].tolist())) for row in mixed]
            surprising[mixed] = self.odd(rest).surprising
        unlike = (lengths > 0) & (surprising | (lengths > self.longest))
        rows = zip(names, has_unknown.tolist(), unlike.tolist(), several.tolist(), strict=True)
        return [
            Doubts(self.unknown_letters(name) if some else [], far, words)
            for name, some, far, words in rows
        ]

    def unknown_letters(self, text: str) -> list[str]:
        """The letters (of a model of words, the words) of a text that the model does not know.

        Each once, as it is written. Raises CharnnError as `doubts` does.
        """
        (symbols,) = self.read([text])
        if isinstance(self.normalise, WordReader):
            ids = self.vocabulary.encode([symbols])[0][0].tolist()
            words = zip(symbols, ids, strict=False)  # an empty text has an id and no word
            return list(dict.fromkeys(word for word, id_ in words if not id_))
        # What is read may be a sign that stands for many, as "?" does for an emoji.
        letters = dict.fromkeys(unicodedata.normalize("NFC", text))
        return [letter for letter in letters if not self._knows(letter)]

    def _knows(self, letter: str) -> bool:
        return set(self.normalise(letter)).issubset(self.vocabulary.symbols)

    @property
    def longest(self) -> float:
        """Letters that a training name can have had, at most. Of words, the rest is not read."""
        return math.inf if self.config.tokens == "words" else self.config.max_length

    @property
    def space(self) -> int:
        """The id of a space; -1, which nothing has, where it is no symbol."""
        symbols = self.vocabulary.symbols
        return symbols.index(" ") + 1 if " " in symbols else -1

    def odd(self, symbols: Sequence[Sequence[str]]) -> Odd:
        """How far names, as `read` gives them, are from the training names."""
        return odd_by_vocabulary(symbols, self.vocabulary, self.config.tokens)

    def several_words(self, symbols: Sequence[Sequence[str]]) -> np.ndarray:
        """Which names, as `read` gives them, are several words, to a model of single ones (N,)."""
        return self.odd(symbols).several_words
