"""UTF-8 files and streams as lines or as running text; an error names file, line and byte.

A line ends at "\\n", "\\r\\n" or a lone "\\r", and nowhere else: a form feed, U+0085 or U+2028
within it is white space. Knows nothing of names, labels or symbols.
"""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar

import numpy as np

from charnn.config import MAX_TEXT
from charnn.errors import CharnnError

PIECE = 1 << 20  # bytes of a file read at once
LINE_END = re.compile(rb"\r\n?|\n")
BYTES_OF_A_CHARACTER = 4  # in UTF-8, at most

T = TypeVar("T")


def characters(path: str | Path) -> Iterator[str]:
    """The text of a UTF-8 file in pieces, with "\\n" for every line end and no byte-order mark.

    Raises CharnnError, with the line and byte, for a file that cannot be read or is not UTF-8.
    """
    path = Path(path)
    if path.is_dir():
        raise CharnnError(f"{path} is a folder; give a text file, or the folder with --data")
    check_regular(path)
    decoder = getincrementaldecoder("utf-8")()
    position, line, held = 0, 1, ""
    try:
        with path.open("rb") as file:
            if file.read(len(BOM_UTF8)) == BOM_UTF8:
                position = len(BOM_UTF8)
            file.seek(position)
            while True:
                content = file.read(PIECE)
                if position == 0:
                    check_not_utf16(path, content)
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
    check_regular(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CharnnError(
            f"{path} cannot be read ({error.strerror}); make it a readable text file"
        ) from None
    check_not_utf16(path, content)
    start = len(BOM_UTF8) if content.startswith(BOM_UTF8) else 0
    try:
        text = content[start:].decode("utf-8")
    except UnicodeDecodeError as error:
        raise not_utf8(path, error, start, 1) from None
    return [line.strip() for line in plain_line_ends(text).split("\n")]


def check_regular(path: str | Path) -> None:
    """Raises CharnnError for a pipe, a terminal or a device, whose end might never come."""
    path = Path(path)
    if path.exists() and not path.is_file() and not path.is_dir():
        raise CharnnError(f"{path} is not a regular file; write what comes from it into a file")


def check_not_utf16(path: str | Path, content: bytes) -> None:
    """Raises CharnnError for content that begins as UTF-16 does, with its byte-order mark or not.

    Without one, half of the bytes of a text in Latin letters are 0, all of them odd or all even.
    """
    start = content[:1024]
    fewer, more = sorted((start[0::2].count(0), start[1::2].count(0)))
    unmarked = len(start) >= 16 and not fewer and more > len(start) // 4
    if unmarked or content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise CharnnError(f"{path} is UTF-16; save it as UTF-8")


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

    Each as soon as its end is there. Raises CharnnError, with line and byte, for a line that is not
    UTF-8 or has more than MAX_TEXT characters, of which no more is read.
    """
    for number, (position, line) in enumerate(_byte_lines(stream), start=1):
        if number == 1:
            check_not_utf16(where, line)
        text = line.removeprefix(BOM_UTF8) if number == 1 else line
        if len(text) <= BYTES_OF_A_CHARACTER * MAX_TEXT:
            try:
                decoded = text.decode("utf-8")
            except UnicodeDecodeError as error:
                start = position + len(line) - len(text)
                raise not_utf8(where, error, start, number) from None
            if len(decoded) <= MAX_TEXT:
                yield decoded
                continue
        raise CharnnError(
            f"{where}, line {number} has more than {MAX_TEXT:,} characters; give one name a line"
        )


def _byte_lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Each line of a stream, without its end, and the byte of the stream that it starts at.

    Of a line that is too long for a text only the beginning, as the last one.
    """
    # What is there already, not all that was asked for: somebody may be typing.
    read = getattr(stream, "read1", stream.read)
    line, start, position, after_return = bytearray(), 0, 0, False
    while content := read(PIECE):
        if after_return and content.startswith(b"\n"):  # the second half of "\r\n"
            start += 1
            content, position = content[1:], position + 1
        done = 0
        for end in LINE_END.finditer(content):
            yield start, bytes(line + content[done : end.start()])
            line.clear()
            done = end.end()
            start = position + done
        line += content[done:]
        if len(line) > BYTES_OF_A_CHARACTER * MAX_TEXT:
            break
        after_return = content.endswith(b"\r")
        position += len(content)
    if line:
        yield start, bytes(line)


def chunks(items: Iterable[T], most: int, length: Callable[[T], int]) -> Iterator[list[T]]:
    """The items in lists of at most `most`, and of not much more than MAX_TEXT characters.

    So memory is bounded, however long the items are. `length` gives an item's characters.
    """
    chunk: list[T] = []
    characters = 0
    for item in items:
        chunk.append(item)
        characters += length(item)
        if len(chunk) == most or characters >= MAX_TEXT:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk
