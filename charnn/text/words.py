"""Words in place of letters: what a word is, and a vocabulary of them.

All later code works on ids alone. Knows no network.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from charnn.config import Config
from charnn.errors import CharnnError
from charnn.text.letters import UNKNOWN_SYMBOL, normaliser
from charnn.text.vocabulary import Vocabulary, most_frequent, padded
from charnn.wording import quoted

# Apostrophes and hyphens are part of a word when the word goes on after them.
INSIDE = "'\u2019\u2010\u2011-"
# Once signs have spaces around them, a word is what has no space in it.
WORD = re.compile(rf"[^\s{INSIDE}]+(?:[{INSIDE}][^\s{INSIDE}]+)*|\S")
LINE_BREAK = re.compile(r"<\s*+/?\s*+br\b[^<>]*>", re.IGNORECASE)  # of HTML, as <br />
FIRST_LOOK = 8  # characters of a text, for each word that is read of it, in which these may be
FEWEST = 2  # occurrences in the training set from which a word has an id of its own


class _SpacedSigns(dict[int, str]):
    """For str.translate: spaces around each sign, so that splitting at spaces gives words."""

    def __missing__(self, code: int) -> str:
        letter, category = chr(code), unicodedata.category(chr(code))
        if category[0] in "PS" and letter not in INSIDE:
            self[code] = f" {letter} "
        else:
            self[code] = letter
        return self[code]


_SPACED_SIGNS = _SpacedSigns()


def ending(word: str) -> str:
    """The symbol for a rare word: its last three letters as "…ess", or "" for a short word.

    No word contains "…", since signs are split off, so an ending is never mistaken for a word.
    """
    return f"…{word[-3:]}" if len(word) > 4 else ""


class Words(Vocabulary):
    """The words a network knows, each with an id; id 0 is every other word.

    `symbols` is a list: the word with id i is symbols[i - 1]. len() counts the unknown word.
    A word without an id is read as its ending, if the ending has one. What the network learns
    endings from are the words that occur only once in the training set, and with `--symbols` those
    that are not among the most frequent.
    """

    def __init__(self, symbols: list[str]):
        whole = isinstance(symbols, list) and all(
            isinstance(word, str) and word for word in symbols
        )
        if not whole or len(set(symbols)) != len(symbols):
            raise CharnnError(
                f"words {quoted(symbols)}, expected a list of different ones; train it again"
            )
        self.symbols = symbols
        self.alphanumeric = np.array([False, *map(is_word, symbols)])  # (V,)
        self._id_of = {word: id_ for id_, word in enumerate(symbols, start=1)}

    @classmethod
    def from_names(cls, names: Sequence[Sequence[str]], most: int = 0) -> "Words":
        """The words that occur FEWEST times in texts split into words, and rarer ones' endings.

        Of these the most frequent, so that there are `most` with the unknown word; 0 keeps all.
        """
        counts = Counter(chain.from_iterable(names))
        endings = Counter(ending(word) for word, times in counts.items() if times < FEWEST)
        both = counts | endings
        known = {word for word, times in both.items() if times >= FEWEST} - {UNKNOWN_SYMBOL, ""}
        if most:
            known = most_frequent(both, known, most - 1)
        return cls(sorted(known))

    def encode(self, names: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
        """Ids (N, T) and lengths (N,) of texts split into words, padded right with 0.

        An empty text is one unknown word.
        """
        ids = [
            self._id_of.get(word) or self._id_of.get(ending(word), 0)
            for word in chain.from_iterable(names)
        ]
        return padded(np.array(ids, dtype=np.int64), names)


def is_word(symbol: str) -> bool:
    """Whether a symbol is a word with a letter or digit in it, not a sign or an ending."""
    return symbol[0] != "…" and any(map(str.isalnum, symbol))


VOCABULARIES: dict[str, type[Any]] = {"letters": Vocabulary, "words": Words}


@dataclass(frozen=True)
class WordReader:
    """A user's text as the words that a network reads: `most` of them, those that `keep` names.

    Only as much of a long text is worked on as these words need.
    """

    normalise: Callable[[str], str]
    most: int
    keep: str = "first"

    def __call__(self, text: str) -> tuple[str, ...]:
        text = LINE_BREAK.sub(" ", text)
        if self.keep == "last":
            words = self._at_end(text)
            return tuple(words[max(len(words) - self.most, 0) :])
        words = self._at_start(text)
        if self.keep == "first" or len(words) <= self.most:
            return tuple(words[: self.most])
        half = self.most // 2
        last = self._at_end(text)
        return (*words[: self.most - half], *last[len(last) - half :])

    def _at_start(self, text: str) -> list[str]:
        """More words than `most` from the start of a text, or all of them."""
        size = FIRST_LOOK * self.most
        while True:
            # Up to a space, so that the words before it are those of the whole text.
            end = text.find(" ", size)
            words = self._words(text if end < 0 else text[:end])
            if end < 0 or len(words) > self.most:
                return words
            size *= 2

    def _at_end(self, text: str) -> list[str]:
        """More words than `most` from the end of a text, or all of them."""
        size = FIRST_LOOK * self.most
        while True:
            start = text.rfind(" ", 0, max(len(text) - size, 0))
            words = self._words(text[start + 1 :])
            if start < 0 or len(words) > self.most:
                return words
            size *= 2

    def _words(self, text: str) -> list[str]:
        # Signs first: in ASCII a dash between two words would become a hyphen within one.
        return WORD.findall(self.normalise(text.translate(_SPACED_SIGNS)))


def reader(config: Config) -> Callable[[str], Sequence[str]]:
    """What turns a user's text into what a network reads: letters, or words."""
    normalise = normaliser(config.raw, config.lowercase)
    if config.tokens == "letters":
        return normalise
    return WordReader(normalise, config.max_length, config.keep)
