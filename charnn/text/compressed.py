"""Compressed files: recognised by their first bytes, opened for reading and for writing.

Knows nothing of what is in them.
"""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

from charnn.errors import CharnnError

MAGIC = {
    "gzip": (b"\x1f\x8b",),
    # The second half is the start of a block, or the end of an empty file: names may begin "BZh".
    "bzip2": tuple(
        b"BZh%d" % level + block for level in range(1, 10) for block in (b"1AY&SY", b"\x17rE8P\x90")
    ),
    "xz": (b"\xfd7zXZ\x00",),
    "zstd": (b"\x28\xb5\x2f\xfd",),
}
SUFFIXES = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd"}
LONGEST_MAGIC = 10


def suffix_of(path: str | Path) -> str:
    """The suffix that tells what a file holds, in lower case: .csv of people.csv.gz."""
    suffixes = [suffix.lower() for suffix in Path(path).suffixes]
    if suffixes and suffixes[-1] in SUFFIXES:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def kind_of(start: bytes) -> str | None:
    """How a file that starts with these bytes is compressed."""
    for kind, magics in MAGIC.items():
        if start.startswith(magics):
            return kind
    return None


def decompressed(path: Path, file: BinaryIO, kind: str | None) -> BinaryIO:
    """The file as if it were not compressed."""
    return file if kind is None else _opened(path, file, kind, "rb")


@contextmanager
def compressing(path: str | Path, file: BinaryIO) -> Iterator[BinaryIO]:
    """The file to write to: what it is given arrives compressed as the suffix of `path` says."""
    kind = SUFFIXES.get(Path(path).suffix.lower())
    if kind is None:
        yield file
    else:
        with _opened(Path(path), file, kind, "wb") as packed:
            yield packed


@contextmanager
def explaining(path: Path, kind: str | None) -> Iterator[None]:
    """Turns what a damaged compressed file raises into a CharnnError."""
    damage: tuple[type[Exception], ...] = ()
    if kind is not None:
        damage = (EOFError, zlib.error, lzma.LZMAError, OSError, ValueError)
    if kind == "zstd":
        damage += (_zstd(path).ZstdError,)
    try:
        yield
    except damage as error:
        raise CharnnError(
            f"{path} is damaged or incomplete as a {kind} file ({error}); copy or make it again"
        ) from None


def _opened(path: Path, file: BinaryIO, kind: str, mode: Literal["rb", "wb"]) -> BinaryIO:
    """The file seen through its compression."""
    # No name and no time in a gzip file: the same rows give the same bytes.
    openers: dict[str, Callable[[], Any]] = {
        "gzip": lambda: gzip.GzipFile("", mode, fileobj=file, mtime=0),
        "bzip2": lambda: bz2.open(file, mode),  # noqa: SIM115, the caller closes it
        "xz": lambda: lzma.open(file, mode),  # noqa: SIM115
        "zstd": lambda: _zstd(path).open(file, mode),
    }
    return cast(BinaryIO, openers[kind]())


def _zstd(path: Path) -> Any:
    """Python's own module for zstd (from 3.14 on), or the same as a package."""
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        try:
            from backports import zstd  # type: ignore[import-not-found, unused-ignore]
        except ImportError:
            raise CharnnError(
                f"{path} is compressed with zstd, which this Python cannot read; "
                'pip install "charnn[tables]", or give a .gz'
            ) from None
    return zstd
