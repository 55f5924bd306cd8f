"""Running text to small integers: read a file of any size, split it, know its symbols.

Knows nothing of networks. A text is held as one integer per character (or token, where words are
read), of one byte where 256 symbols are enough; only a piece of the file is ever held as
characters. Invisible characters are left out, and otherwise a text is read as it is written.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from charnn.errors import CharnnError
from charnn.text.invisible import visible
from charnn.text.reading import characters, codes
from charnn.text.tokens import TOKEN, Tokens
from charnn.text.vocabulary import Vocabulary

MOST = 4096  # symbols of a text that get an id, at most: the most frequent
SHORTEST = 1000  # characters of a text that can be split and learned from
CUTS = (0.05, 0.95)  # shares of the text where the validation set and the training set end
CODE_POINTS = 0x110000  # of Unicode


def visible_pieces(path: str | Path) -> Iterator[str]:
    """The text of a file as `characters` gives it, without invisible characters.

    Each piece but the first begins with a space or a line break, and so with a token.
    """
    held = ""
    for piece in characters(path):
        # The letter after a joiner may be in the next piece, though not beyond white space.
        text = held + piece
        end = max(text.rfind(" "), text.rfind("\n"), 0)
        yield visible(text[:end])
        held = text[end:]
    yield visible(held)


def pieces_of_part(path: str | Path, start: float, end: float) -> Iterator[str]:
    """A part of a text, from `start` to `end`, both as shares of its length."""
    length = sum(map(len, visible_pieces(path)))
    first, last, position = int(start * length), int(end * length), 0
    for piece in visible_pieces(path):
        yield piece[max(first - position, 0) : max(last - position, 0)]
        position += len(piece)


def read_vocabulary(
    path: str | Path, start: float = 0.0, end: float = 1.0, most: int = MOST
) -> Vocabulary:
    """The characters of a part of a text, in code point order, and the newline.

    The part is as in `pieces_of_part`. If there are more characters than `most`, the most frequent.
    """
    counts = np.zeros(CODE_POINTS, dtype=np.int64)
    for piece in codes(pieces_of_part(path, start, end)):
        found, times = np.unique(piece, return_counts=True)
        counts[found] += times
    # The newline is always known: it is what a generator reads before a text begins.
    counts[ord("\n")] = np.iinfo(np.int64).max
    frequent = np.argsort(-counts, kind="stable")[:most]
    return Vocabulary("".join(map(chr, sorted(frequent[counts[frequent] > 0].tolist()))))


def read_tokens(path: str | Path, start: float, end: float, most: int = 0) -> Tokens:
    """The words and letters of a part of a text: `pieces_of_part`, `Tokens.from_counts`."""
    letters = read_vocabulary(path, start, end).symbols
    counts: Counter[str] = Counter()
    for piece in pieces_of_part(path, start, end):
        counts.update(TOKEN.findall(piece))
    return Tokens.from_counts(counts, "".join(letters), most)


def read_text(path: str | Path, vocabulary: Vocabulary) -> np.ndarray:
    """The text of a file as ids (N,), uint8 where that is enough; 0 for unknown characters."""
    kind = np.min_scalar_type(len(vocabulary) - 1)
    pieces = [vocabulary.ids_of(piece).astype(kind) for piece in visible_pieces(path)]
    return np.concatenate(pieces)


def split_text(text: np.ndarray, sizes: np.ndarray, end: float = CUTS[1]) -> dict[str, np.ndarray]:
    """A text (N,) as validation set (its first 5%), training set and test set (all after `end`).

    The shares are of its characters; `sizes` (V,) says how many each id stands for. The test set
    follows the training set directly. With the validation set between them, the test set would
    begin in a scene whose characters do not occur in training.

    Raises CharnnError for a text that is too short.
    """
    ends = None if sizes.max() == 1 else sizes[text].cumsum()  # (N,)
    length = len(text) if ends is None else int(ends[-1])
    if length < SHORTEST:
        raise CharnnError(f"the text has {length:,} characters; give at least {SHORTEST:,}")
    first, last = int(CUTS[0] * length), int(end * length)
    if ends is not None:
        first, last = np.searchsorted(ends, (first, last), side="right").tolist()
    return {"train": text[first:last], "validation": text[:first], "test": text[last:]}
