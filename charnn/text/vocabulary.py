"""The symbols a network knows, each with an id; names as rows of ids.

Works on numpy arrays and knows no network. Axis letters: B batch, N names, T time, V symbols.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import chain

import numpy as np

from charnn.errors import CharnnError
from charnn.text.letters import UNKNOWN_SYMBOL
from charnn.wording import quoted

IGNORED = -100  # a target that no loss counts: torch's own default for `ignore_index`


class Vocabulary:
    """The letters a network knows, each with an id; id 0 is the unknown symbol.

    `symbols` is a string: the symbol with id i is symbols[i - 1]. len() counts the unknown
    symbol, so it is V, the width of a one-hot vector. `alphanumeric` (V,) says which ids are
    letters or digits.
    """

    symbols: Sequence[str]
    alphanumeric: np.ndarray

    def __init__(self, symbols: str):
        if not isinstance(symbols, str):
            raise CharnnError(f"symbols {quoted(symbols)}, expected a text; train it again")
        if len(set(symbols)) != len(symbols):
            raise CharnnError(
                f"vocabulary {quoted(symbols)} repeats a symbol; give each symbol once"
            )
        self.symbols = symbols
        self.alphanumeric = np.array([False, *map(str.isalnum, symbols)])  # (V,)
        # One look-up per character, whatever the script: a table from code points to ids, whose
        # last entry serves all higher code points.
        self._ids = np.zeros(max(map(ord, symbols), default=0) + 2, dtype=np.int64)
        for id_, symbol in enumerate(symbols, start=1):
            self._ids[ord(symbol)] = id_

    @classmethod
    def from_names(cls, names: Sequence[Sequence[str]], most: int = 0) -> "Vocabulary":
        """Every character of the names (already normalised) but "?", in code point order.

        With `most`, the most frequent, so that there are as many with the unknown symbol.
        """
        known = set().union(*names) - {UNKNOWN_SYMBOL}
        if most:
            known = most_frequent(Counter(chain.from_iterable(names)), known, most - 1)
        return cls("".join(sorted(known)))

    def __len__(self) -> int:
        return len(self.symbols) + 1

    @cached_property
    def sizes(self) -> np.ndarray:
        """How many characters each id stands for (V,), the unknown symbol for one."""
        return np.array([1, *map(len, self.symbols)])

    def characters(self, ids: np.ndarray) -> int:
        """How many characters ids (N,) stand for."""
        # Of letters without an array of their sizes: a text may have a hundred million.
        return len(ids) if self.sizes.max() == 1 else int(self.sizes[ids].sum())

    def look_up(self, codes: np.ndarray) -> np.ndarray:
        """The ids of code points, of any shape; 0 where there is none."""
        return self._ids[np.minimum(codes, len(self._ids) - 1)]

    def ids_of(self, text: str) -> np.ndarray:
        """The ids (T,) of a text; 0 for unknown symbols.

        No Python per character: it is looked up as an array of code points.
        """
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        return self.look_up(codes)

    def encode(self, names: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
        """Ids (N, T) and lengths (N,) of normalised names, padded right with 0.

        An empty name is one unknown symbol, so that every length is at least 1.
        """
        text = "".join(names)  # type: ignore[arg-type]  # Words, whose names are tuples, overrides
        return padded(self.ids_of(text), names)


def most_frequent(counts: Counter[str], known: set[str], most: int) -> set[str]:
    """The `most` most frequent of the known symbols; of equally frequent ones the lowest."""
    return set(sorted(known, key=lambda symbol: (-counts[symbol], symbol))[:most])


def padded(ids: np.ndarray, names: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
    """The ids of all names, one after the other, as ids (N, T) and lengths (N,), at least 1."""
    lengths = np.fromiter(map(len, names), dtype=np.int64, count=len(names))
    rows = np.zeros((len(names), lengths.max(initial=1)), dtype=np.int64)  # (N, T)
    rows[real_steps(lengths, rows.shape[1])] = ids
    return rows, lengths.clip(1)


def real_steps(lengths: np.ndarray, time: int) -> np.ndarray:
    """Which steps of a padded batch are letters: lengths (B,) -> bool (B, T)."""
    return np.arange(time) < lengths[:, None]


def next_symbols(
    ids: np.ndarray, lengths: np.ndarray, newline: int
) -> tuple[np.ndarray, np.ndarray]:
    """Names as a generator reads them, (B, T + 1), and the symbol that comes next at each step.

    A newline starts each name, and the newline that the generator has to predict ends it; past
    that end the target is IGNORED. ids (B, T), lengths (B,); `newline` is the newline's id.
    """
    start = np.full((len(ids), 1), newline)
    read = np.concatenate([start, ids], axis=1)  # (B, T + 1)
    targets = np.concatenate([ids, start], axis=1)  # (B, T + 1)
    targets[np.arange(len(ids)), lengths] = newline
    targets[~real_steps(lengths + 1, targets.shape[1])] = IGNORED
    return read, targets
