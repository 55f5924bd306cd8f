"""Running text to small integers: read a file of any size, split it, know its symbols.

Knows nothing of networks. A text is held as one integer per character, of one byte where 256 symbols
are enough; only a piece of the file is ever held as characters.
"""

from codecs import BOM_UTF8, getincrementaldecoder
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from charnn.data import Vocabulary
from charnn.errors import CharnnError

PIECE = 1 << 20  # bytes of the file read at once
MOST = 4096      # symbols that a network knows of a text, at most: the most frequent
SHORTEST = 1000  # characters of a text that can be split and learned from
CUTS = (0.05, 0.95)  # of the text: validation part, training part, test part


def characters(path: str | Path) -> Iterator[str]:
    """The text of a UTF-8 file in pieces, with "\\n" for every line end and no byte-order mark.

    Raises CharnnError, with the line and byte, for a file that cannot be read or is not UTF-8.
    """
    path = Path(path)
    if path.is_dir():
        raise CharnnError(f"{path} is a folder; give a text file, or the folder with --data")
    decoder, position, line, held = getincrementaldecoder("utf-8")(), 0, 1, ""
    try:
        with path.open("rb") as file:
            if file.read(len(BOM_UTF8)) == BOM_UTF8:
                position = len(BOM_UTF8)
            file.seek(position)
            while True:
                content = file.read(PIECE)
                pending = len(decoder.getstate()[0])
                try:
                    text = held + decoder.decode(content, final=not content)
                except UnicodeDecodeError as error:
                    place = position - pending + error.start
                    line += error.object[:error.start].count(b"\n")
                    raise CharnnError(f"{path}, line {line}: byte 0x{error.object[error.start]:02x} (byte {place} of "
                                      "the file) is not UTF-8; save the file as UTF-8") from None
                position, line = position + len(content), line + content.count(b"\n")
                held = "\r" if text.endswith("\r") and content else ""  # its "\n" may stand in the next piece
                yield text[:len(text) - len(held)].replace("\r\n", "\n").replace("\r", "\n")
                if not content:
                    return
    except OSError as error:
        raise CharnnError(f"{path} cannot be read ({error.strerror}); give a text file") from None


def codes(pieces: Iterator[str]) -> Iterator[np.ndarray]:
    """Each piece's code points (N,)."""
    for piece in pieces:
        yield np.frombuffer(piece.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


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
