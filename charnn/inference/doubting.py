"""What a trained model says against its own answers; the measures are in doubts.py.

Axis letters: N names, T letters.
"""

import math
import unicodedata
from abc import abstractmethod
from collections.abc import Callable, Sequence
from itertools import compress
from typing import overload

import numpy as np

from charnn.config import Config
from charnn.inference.doubts import SURPRISING, Doubts, Odd, odd_by_vocabulary
from charnn.text.vocabulary import Vocabulary, real_steps


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
        excess_bits, several = self.odd(symbols)
        if self.config.tokens == "letters":
            # An unknown sign, such as a hyphen, makes no name unlike all others: the rest tells.
            mixed = np.flatnonzero(has_unknown & (real & (ids > 0)).any(1))
            rest = ["".join(compress(symbols[row], ids[row].tolist())) for row in mixed]
            excess_bits[mixed] = self.odd(rest).excess_bits
        unlike = (lengths > 0) & ((excess_bits > SURPRISING) | (lengths > self.longest))
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
        if self.config.tokens == "words":
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
        """Letters that a training name can have had, at most. Of words, only the first are read."""
        return math.inf if self.config.tokens == "words" else self.config.max_length

    @property
    def space(self) -> int:
        """The id of a space; -1, which nothing has, where it is no symbol."""
        symbols = self.vocabulary.symbols
        return symbols.index(" ") + 1 if " " in symbols else -1

    def odd(self, symbols: Sequence[Sequence[str]]) -> Odd:
        """How far names, as `read` gives them, are from the training names."""
        return odd_by_vocabulary(symbols, self.vocabulary, self.config.tokens)
