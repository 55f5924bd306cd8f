"""The lines of a text in any encoding, with their line ends: the same bytes can be made of them.

Knows nothing of cells. Memory is bounded, whatever the file holds.
"""

import codecs
import io
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from charnn.config import MAX_TEXT
from charnn.errors import CharnnError
from charnn.wording import quoted

PIECE = 1 << 20  # bytes that are read at once
LOOKED_AT = 1 << 16  # bytes that tell whether a text is UTF-16
ALIKE = 0.8  # of a text's NUL bytes: at the same end of a unit
FEW_NULS = 0.25  # of the bytes of a text: of UTF-16 in Latin letters half are NUL
NO_LETTER = ("Cc", "Cn", "Cs")  # categories of Unicode: control, unassigned, half of a pair
MARKS = (  # those of UTF-16 are the beginning of those of UTF-32
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
BY_MARK = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
FORMATS = {  # files that are often given the name of a table, by their first bytes
    b"PK\x03\x04": "an Excel workbook or another zip archive",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"PAR1": "a Parquet file",
    b"%PDF-": "a PDF",
    b"{\\rtf": "an RTF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
}
MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<table")


class Encoding(NamedTuple):
    """How bytes are letters."""

    name: str  # as Python's codecs know it, without the mark
    mark: bytes  # the file's byte-order mark, if it has one

    @property
    def errors(self) -> str:
        """Bytes that are no letter become surrogates, which become the same bytes again."""
        return "surrogatepass" if self.name.startswith(("utf-16", "utf-32")) else "surrogateescape"

    @property
    def shown(self) -> str:
        """Its name for people."""
        return self.name.upper() if self.name.startswith("utf") else self.name

    def encode(self, text: str) -> bytes:
        """The bytes of a text that was decoded, the same as they were."""
        return text.encode(self.name, self.errors)


def encoding_of(path: Path, start: bytes, given: str | None) -> Encoding:
    """The encoding of a text that starts with these bytes: as given, by its mark, or UTF-8.

    UTF-16 and UTF-32 without a mark are recognised by their NUL bytes. Raises CharnnError for what
    is no text, and for a mark that is not of the encoding that was given.
    """
    for magic, kind in FORMATS.items():
        if start.startswith(magic):
            raise CharnnError(
                f"{path} is {kind}, whatever its name; save it as CSV, or call a workbook .xlsx "
                "and a Parquet file .parquet"
            )
    if start.lstrip()[:10].lower().startswith(MARKUP):
        raise CharnnError(f"{path} is a web page or XML, no table; save it as CSV")
    given = BY_MARK.get(given or "", given)
    for mark, name in MARKS:
        if start.startswith(mark):
            # "utf-16" stands for both orders: the mark says which one it is.
            if given is not None and given[:6] != name[:6]:
                raise CharnnError(
                    f"{path} begins with the byte-order mark of {name.upper()}; leave out "
                    f"--encoding {given}"
                )
            return Encoding(name, mark)
    if given is not None:
        return Encoding(given, b"")
    if b"\0" in start:
        return Encoding(_wide(path, start), b"")
    return Encoding("utf-8", b"")


def _wide(path: Path, start: bytes) -> str:
    """UTF-16 or UTF-32 of a text that has NUL bytes and no mark.

    Letters below U+0100, such as line ends, have their NUL bytes at the same place in each unit.
    """
    start = start[:LOOKED_AT]
    for size, name in () if _is_plain(start) else ((4, "utf-32"), (2, "utf-16")):
        zeros = [start[place::size].count(0) for place in range(size)]
        if max(zeros[0], zeros[-1]) < ALIKE * sum(zeros[:1] + zeros[-1:]):
            continue
        order = "le" if zeros[-1] > zeros[0] else "be"
        text = start[: len(start) - len(start) % size].decode(f"{name}-{order}", "replace")
        letters = set(text.removesuffix("\ufffd")) - set("\t\r\n")
        if "\ufffd" in letters:
            continue
        if letters and not any(unicodedata.category(letter) in NO_LETTER for letter in letters):
            return f"{name}-{order}"
    raise CharnnError(
        f"{path} holds NUL bytes and is no text; give a text file, or --encoding if it is one"
    )


def _is_plain(start: bytes) -> bool:
    """Whether these bytes are UTF-8 with a few NUL bytes: as UTF-16 they would be letters too."""
    text = start.replace(b"\0", b"").decode("utf-8", "replace").removesuffix("\ufffd")
    letters = set(text) - set("\t\r\n")
    unlike = any(
        letter == "\ufffd" or unicodedata.category(letter) in NO_LETTER for letter in letters
    )
    return start.count(0) < FEW_NULS * len(start) and not unlike


def decoded_lines(path: Path, pieces: Iterable[bytes], encoding: Encoding) -> Iterator[str]:
    """The lines of a text, its mark aside, with their line ends: "\\n", "\\r\\n" or "\\r".

    Raises CharnnError, with the line, for a NUL character, for a line of more than MAX_TEXT
    characters, for bytes that end within a character or that would not come back the same.
    """
    decoder = codecs.getincrementaldecoder(encoding.name)(encoding.errors)
    exact = encoding.name.startswith("utf-")
    done, held = 0, ""  # lines, and the start of the next one
    for piece in chain(pieces, [b""]):
        before = decoder.getstate()[0]
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            raise CharnnError(
                f"{path}, line {done + 1:,} or after: not {encoding.shown} ({error.reason}); "
                "save it as UTF-8, or name its --encoding"
            ) from None
        if not exact:
            after = decoder.getstate()[0]
            _check_the_same(path, (before + piece).removesuffix(after), text, encoding, done)
        lines = io.StringIO(held + text, newline="").readlines()
        if "\0" in text:
            number = done + next(i for i, line in enumerate(lines, start=1) if "\0" in line)
            raise CharnnError(f"{path}, line {number:,}: a NUL character; this is no text")
        # The "\n" of a Windows line end may be the first character of the next piece.
        is_whole = not piece or not lines or lines[-1].endswith("\n")
        held = "" if is_whole else lines.pop()
        for number, line in enumerate([*lines, held] if held else lines, start=done + 1):
            if len(line) > MAX_TEXT:
                raise CharnnError(
                    f"{path}, line {number:,} ({quoted(line, 20)}) has more than {MAX_TEXT:,} "
                    "characters; give a text with a name on each line, or a table"
                )
        done += len(lines)
        yield from lines


def _check_the_same(path: Path, content: bytes, text: str, encoding: Encoding, lines: int) -> None:
    """Raises CharnnError where a text does not become the bytes that it was made of."""
    try:
        again = encoding.encode(text)
    except UnicodeEncodeError:
        again = b""
    if again != content:
        raise CharnnError(
            f"{path}, after line {lines:,}: bytes that {encoding.name} would write in another way; "
            "save it as UTF-8"
        )
