"""Words in place of letters: what a word is, and a vocabulary of them. Everything after this sees only ids.

Knows no network.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np
import torch

from charnn.config import Config
from charnn.errors import CharnnError
from charnn.text.letters import UNKNOWN, normaliser
from charnn.text.vocabulary import Vocabulary

INSIDE = "'\u2019\u2010\u2011-"  # apostrophes and hyphens: part of a word when it goes on after them
# once signs stand alone, a word is what stands together
WORD = re.compile(rf"[^\s{INSIDE}]+(?:[{INSIDE}][^\s{INSIDE}]+)*|\S")
FEWEST = 2  # times that a word must stand in the training part to be known by itself


class _Apart(dict):
    """For str.translate: spaces around each sign, so that a word is what stands between spaces."""

    def __missing__(self, code):
        letter, kind = chr(code), unicodedata.category(chr(code))
        sign = kind[0] in "PS" and letter not in INSIDE
        self[code] = f" {letter} " if sign else "" if kind == "Cf" else letter  # such as a soft hyphen
        return self[code]


_APART = _Apart()


def ending(word: str) -> str:
    """What a rare word is read as: its last three letters, "…ess", "" of a short word; no word has a "…" in it."""
    return f"…{word[-3:]}" if len(word) > 4 else ""


class Words(Vocabulary):
    """The words that a network knows, each with an id; id 0 is every other word.

    `symbols` is a list: the word with id i is symbols[i - 1]. len() counts the unknown word. A word that it does not
    know is read as its ending, if it knows that: those that stand once in the training part teach what it means.
    """

    def __init__(self, symbols: list[str]):
        if not (isinstance(symbols, list) and all(isinstance(word, str) and word for word in symbols)
                and len(set(symbols)) == len(symbols)):
            raise CharnnError(f"words {str(symbols)[:60]!r}, expected a list of different ones; train it again")
        self.symbols = symbols
        self.letters = torch.tensor([False, *(word[0] != "…" and any(map(str.isalnum, word)) for word in symbols)])
        self._ids = {word: id_ for id_, word in enumerate(symbols, start=1)}

    @classmethod
    def from_names(cls, names: Sequence[Sequence[str]]) -> "Words":
        """Every word of the texts (split into words) that stands there FEWEST times, and what the rarer end in."""
        counts = Counter(chain.from_iterable(names))
        endings = Counter(ending(word) for word, times in counts.items() if times < FEWEST)
        return cls(sorted(word for word, times in (counts | endings).items()
                          if times >= FEWEST and word not in (UNKNOWN, "")))

    def encode(self, names: Sequence[Sequence[str]]) -> tuple[torch.Tensor, torch.Tensor]:
        """Ids (N, T) and lengths (N,) of texts split into words, padded right with 0; an empty one is one unknown."""
        lengths = np.fromiter(map(len, names), dtype=np.int64, count=len(names))
        ids = np.zeros((len(names), lengths.max(initial=1)), dtype=np.int64)  # (N, T)
        ids[np.arange(ids.shape[1]) < lengths[:, None]] = [self._ids.get(word) or self._ids.get(ending(word), 0)
                                                           for word in chain.from_iterable(names)]
        return torch.from_numpy(ids), torch.from_numpy(lengths.clip(1))


VOCABULARIES = {"letters": Vocabulary, "words": Words}


def reader(config: Config) -> Callable[[str], Sequence[str]]:
    """The function that makes a user's text what a network with this configuration reads: letters, or words.

    Of more than `max_length` words it reads the first ones.
    """
    normalise = normaliser(config.raw, config.lowercase)
    if config.tokens == "letters":
        return normalise
    # signs first: in ASCII a dash between two words is a hyphen within one
    return lambda text: tuple(WORD.findall(normalise(text.translate(_APART)))[:config.max_length])
