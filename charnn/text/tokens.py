"""Words for a writer: frequent words, each with the space before it, and letters for the rest.

The tokens of a text, joined, are the text. Knows no network.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from charnn.config import Config
from charnn.errors import CharnnError
from charnn.text.vocabulary import Vocabulary, most_frequent
from charnn.text.words import FEWEST, VOCABULARIES, Words

# The space before a word is part of it; a sign, a line break, any other space is a token itself.
TOKEN = re.compile(r" ?\w+(?:['\u2019]\w+)*|.", re.DOTALL)


class Tokens(Words):
    """The words and letters that a writer knows, each with an id; id 0 is every other letter.

    A word that is not among them is spelled, the space before it and then letter by letter, so that
    every text of known letters can be read and written. How that is done is learned from the words
    that are rare in the training set.
    """

    @classmethod
    def from_counts(cls, counts: Counter[str], letters: str, most: int = 0) -> "Tokens":
        """All the letters, and the words that occur FEWEST times; `counts` is of TOKENs.

        With `most` only so many of the most frequent words that there are as many symbols with the
        unknown one. Raises CharnnError where no word is left.
        """
        words = {word for word, times in counts.items() if times >= FEWEST} - set(letters)
        if not words:
            raise CharnnError(
                "no word occurs twice in the text; give more text, or leave --tokens words out"
            )
        if most:
            words = most_frequent(counts, words, max(most - 1 - len(letters), 0))
        if not words:
            raise CharnnError(
                f"--symbols {most} has no room for words beside the unknown symbol and the text's "
                f"{len(letters)} letters; choose more, or 0 for all words that occur twice"
            )
        return cls(sorted(words.union(letters)))

    def split(self, text: str) -> tuple[str, ...]:
        """The tokens of a text; an unknown letter is one, too."""
        return tuple(self._split(text))

    def ids_of(self, text: str) -> np.ndarray:
        """The ids (T,) of a text's tokens; 0 for unknown letters."""
        return np.array([self._id_of.get(token, 0) for token in self._split(text)], dtype=np.int64)

    def _split(self, text: str) -> Iterator[str]:
        for token in TOKEN.findall(text):
            if token in self._id_of:
                yield token
            else:
                yield from token


def vocabulary_of(config: Config, symbols: Any) -> Vocabulary:
    """The vocabulary of a model file's symbols. Raises CharnnError for what are none."""
    if config.task == "generate" and config.tokens == "words":
        return Tokens(symbols)
    vocabulary: Vocabulary = VOCABULARIES[config.tokens](symbols)
    return vocabulary
