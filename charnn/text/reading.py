"""UTF-8 files as lines or as pieces of running text, with file, line and byte where one is wrong."""

from codecs import BOM_UTF8, getincrementaldecoder
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from charnn.errors import CharnnError


def read_lines(path: Path) -> list[str]:
    """The lines of a UTF-8 file without white space around them.

    Raises CharnnError, with line and byte, for a file that cannot be read or is not UTF-8.
    """
    try:
        content = path.read_bytes()
        mark = len(BOM_UTF8) if content.startswith(BOM_UTF8) else 0
        text = content[mark:].decode("utf-8")
    except OSError as error:
        raise CharnnError(f"{path} cannot be read ({error.strerror}); mend or remove it") from None
    except UnicodeDecodeError as error:
        place = mark + error.start
        line = content[:place].count(b"\n") + 1
        raise CharnnError(f"{path}, line {line}: byte 0x{content[place]:02x} (byte {place} of the file) "
                          "is not UTF-8; save the file as UTF-8") from None
    return [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
PIECE = 1 << 20  # bytes of the file read at once


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
