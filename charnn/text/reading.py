"""UTF-8 files as lines or as pieces of running text; an error names file, line and byte.

Knows nothing of names, labels or symbols.
"""

from codecs import BOM_UTF8, getincrementaldecoder
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from charnn.errors import CharnnError

PIECE = 1 << 20  # bytes of a file read at once


def characters(path: str | Path) -> Iterator[str]:
    """The text of a UTF-8 file in pieces, with "\\n" for every line end and no byte-order mark.

    Raises CharnnError, with the line and byte, for a file that cannot be read or is not UTF-8.
    """
    path = Path(path)
    if path.is_dir():
        raise CharnnError(f"{path} is a folder; give a text file, or the folder with --data")
    decoder = getincrementaldecoder("utf-8")()
    position, line, held = 0, 1, ""
    try:
        with path.open("rb") as file:
            if file.read(len(BOM_UTF8)) == BOM_UTF8:
                position = len(BOM_UTF8)
            file.seek(position)
            while True:
                content = file.read(PIECE)
                # The bytes of a character that began in the piece before belong to this one.
                pending = len(decoder.getstate()[0])
                try:
                    text = held + decoder.decode(content, final=not content)
                except UnicodeDecodeError as error:
                    raise not_utf8(path, error, position - pending, line) from None
                position += len(content)
                line += content.count(b"\n")
                # The "\n" of a Windows line end may be the first character of the next piece.
                held = "\r" if text.endswith("\r") and content else ""
                yield plain_line_ends(text[: len(text) - len(held)])
                if not content:
                    return
    except OSError as error:
        raise CharnnError(f"{path} cannot be read ({error.strerror}); give a text file") from None


def read_lines(path: Path) -> list[str]:
    """The lines of a UTF-8 file without white space around them.

    Raises CharnnError, with line and byte, for a file that cannot be read or is not UTF-8.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CharnnError(
            f"{path} cannot be read ({error.strerror}); make it a readable text file"
        ) from None
    start = len(BOM_UTF8) if content.startswith(BOM_UTF8) else 0
    try:
        text = content[start:].decode("utf-8")
    except UnicodeDecodeError as error:
        raise not_utf8(path, error, start, 1) from None
    return [line.strip() for line in plain_line_ends(text).split("\n")]


def plain_line_ends(text: str) -> str:
    """The text with "\\n" for Windows' "\\r\\n" and old Macs' "\\r"."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def not_utf8(where: str | Path, error: UnicodeDecodeError, position: int, line: int) -> CharnnError:
    """The error for bytes that start at `position` of a file, in its line `line` (from 1)."""
    byte = error.object[error.start]
    line += error.object[: error.start].count(b"\n")
    return CharnnError(
        f"{where}, line {line}: byte 0x{byte:02x} (byte {position + error.start} of the file) "
        "is not UTF-8; save the file as UTF-8"
    )


def codes(pieces: Iterator[str]) -> Iterator[np.ndarray]:
    """The code points (N,) of each piece of a text."""
    for piece in pieces:
        yield np.frombuffer(piece.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def stream_lines(stream: BinaryIO, where: str) -> Iterator[str]:
    """The lines of a binary stream as text, without line ends; `where` names it in an error.

    Raises CharnnError, with line and byte, for a line that is not UTF-8.
    """
    position = 0
    for number, line in enumerate(stream, start=1):
        text = line.removeprefix(BOM_UTF8) if number == 1 else line
        try:
            yield text.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise not_utf8(where, error, position + len(line) - len(text), number) from None
        position += len(line)
