"""The symbols that a network knows, each with an id."""

from collections.abc import Sequence

import numpy as np
import torch

from charnn.errors import CharnnError
from charnn.text.letters import UNKNOWN


class Vocabulary:
    """The symbols a network knows, each with an id; id 0 is the unknown symbol.

    `symbols` is a string: the symbol with id i is symbols[i - 1]. len() counts the
    unknown symbol, so it is V, the width of a one-hot vector.
    """

    def __init__(self, symbols: str):
        if not isinstance(symbols, str):
            raise CharnnError(f"symbols {str(symbols)[:60]!r}, expected a text; train it again")
        if len(set(symbols)) != len(symbols):
            raise CharnnError(f"vocabulary {symbols!r} repeats a symbol; give each symbol once")
        self.symbols = symbols
        self.letters = torch.tensor([False, *map(str.isalnum, symbols)])  # (V,) which ids are letters or digits
        # One look-up per character, whatever the script; the last entry stands for all higher code points.
        self._ids = np.zeros(max(map(ord, symbols), default=0) + 2, dtype=np.int64)
        for id_, symbol in enumerate(symbols, start=1):
            self._ids[ord(symbol)] = id_

    @classmethod
    def from_names(cls, names: Sequence[str]) -> "Vocabulary":
        """Every character of the names (already normalised) but "?", in code point order."""
        return cls("".join(sorted(set().union(*names) - {UNKNOWN})))

    def __len__(self):
        return len(self.symbols) + 1

    def look_up(self, codes: np.ndarray) -> np.ndarray:
        """The ids of code points, of any shape; 0 where there is none."""
        return self._ids[np.minimum(codes, len(self._ids) - 1)]

    def encode(self, names: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """Ids (N, T) and lengths (N,) of normalised names, padded right with 0.

        An empty name is one unknown symbol, so that every length is at least 1.
        No Python per character: all names are looked up as one array of code points.
        """
        lengths = np.fromiter(map(len, names), dtype=np.int64, count=len(names))
        codes = np.frombuffer("".join(names).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        ids = np.zeros((len(names), lengths.max(initial=1)), dtype=np.int64)  # (N, T)
        ids[np.arange(ids.shape[1]) < lengths[:, None]] = self.look_up(codes)
        return torch.from_numpy(ids), torch.from_numpy(lengths.clip(1))
