"""Atomic file writes: a file is complete or absent. Knows nothing of what is in them."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from charnn import checks
from charnn.errors import CharnnError


@contextmanager
def writing(path: str | Path) -> Iterator[BinaryIO]:
    """A file to write atomically: it is complete or absent, also after a power cut.

    What is written goes to a temporary file beside it, is flushed to disk and then renamed; the
    temporary file is removed by whatever ends this early. Raises CharnnError where a file cannot be
    written.
    """
    path = checks.path("path", path)
    if os.path.lexists(path) and (path.is_symlink() or not path.is_file()):
        raise CharnnError(f"{path} is not a regular file; choose another place")
    # Named before it is there: a signal that comes while it is made finds a name to remove.
    temporary = path.with_name(f"{_beginning(path)}{os.urandom(8).hex()}")
    try:
        try:
            with open(temporary, "xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):  # What led here is what the user is to read.
                os.unlink(temporary)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise CharnnError(
            f"{path} cannot be written ({error.strerror}); make room, or choose another place"
        ) from None


def write(path: str | Path, content: bytes) -> None:
    """Writes a file atomically."""
    with writing(path) as file:
        file.write(content)


def remove_leftovers(folder: Path, names: Sequence[str]) -> None:
    """Removes the temporary files of these names that SIGKILL or a power cut has left."""
    for name in names:
        for leftover in folder.glob(f"{_beginning(folder / name)}*"):
            leftover.unlink(missing_ok=True)


def _beginning(path: Path) -> str:
    """How the names of a file's temporary files begin."""
    return f".{path.name[:50]}."


def _sync_folder(folder: Path) -> None:
    """Flushes the new name in a folder to disk too, where the system can: the file is whole."""
    if os.name == "posix":
        with suppress(OSError):  # of file systems that know no such thing
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
