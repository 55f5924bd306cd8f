"""Running text to small integers: read a file of any size, split it, know its symbols.

Knows nothing of networks. A text is held as one integer per character, of one byte where 256 symbols
are enough; only a piece of the file is ever held as characters.
"""

from pathlib import Path

import numpy as np
import torch

from charnn.errors import CharnnError
from charnn.text.reading import characters, codes
from charnn.text.vocabulary import Vocabulary

MOST = 4096      # symbols that a network knows of a text, at most: the most frequent
SHORTEST = 1000  # characters of a text that can be split and learned from
CUTS = (0.05, 0.95)  # of the text: validation part, training part, test part


def read_vocabulary(path: str | Path, start: float = 0.0, end: float = 1.0, most: int = MOST) -> Vocabulary:
    """The characters of a text between two shares of it, in code point order, and always the newline.

    Of more than `most` the most frequent.
    """
    length = sum(map(len, characters(path)))
    first, last, position = int(start * length), int(end * length), 0
    counts = np.zeros(0x110000, dtype=np.int64)
    for piece in codes(characters(path)):
        found, times = np.unique(piece[max(first - position, 0):max(last - position, 0)], return_counts=True)
        counts[found] += times
        position += len(piece)
    counts[ord("\n")] = np.iinfo(np.int64).max  # what starts a text
    frequent = np.argsort(-counts, kind="stable")[:most]
    return Vocabulary("".join(map(chr, sorted(frequent[counts[frequent] > 0].tolist()))))


def read_text(path: str | Path, vocabulary: Vocabulary) -> torch.Tensor:
    """The text of a file as ids (N,), uint8 where that is enough; 0 for what the vocabulary does not know."""
    kind = np.uint8 if len(vocabulary) <= 256 else np.int16
    pieces = [vocabulary.look_up(piece).astype(kind) for piece in codes(characters(path))]
    return torch.from_numpy(np.concatenate(pieces))


def split_text(text: torch.Tensor, end: float = CUTS[1]) -> dict[str, torch.Tensor]:
    """The text in parts: the first 5% choose the epoch, what follows is learned, what comes after `end` is measured on.

    The test part goes on where the training part ends. Were the validation part between them, the network
    would never have met the people of the scene that it is asked to go on with.

    Raises CharnnError for a text that is too short.
    """
    if len(text) < SHORTEST:
        raise CharnnError(f"the text has {len(text):,} characters; give at least {SHORTEST:,}")
    first, last = int(CUTS[0] * len(text)), int(end * len(text))
    return {"train": text[first:last], "validation": text[:first], "test": text[last:]}
