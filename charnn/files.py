"""Atomic file writes: a file is complete or absent. Knows nothing of what is in them."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from charnn.errors import CharnnError


@contextmanager
def writing(path: str | Path) -> Iterator[BinaryIO]:
    """A file to write atomically: it is complete or absent.

    What is written goes to a temporary file beside it, is flushed to disk and then renamed. Raises
    CharnnError where that is not possible.
    """
    path = Path(path)
    if os.path.lexists(path) and (path.is_symlink() or not path.is_file()):
        raise CharnnError(f"{path} is not a regular file; choose another place")
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            umask = os.umask(0)
            os.umask(umask)
            # mkstemp's files are private; this one is to be like any other.
            os.chmod(temporary, 0o666 & ~umask)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise CharnnError(
            f"{path} cannot be written ({error.strerror}); choose another place"
        ) from None


def write(path: str | Path, content: bytes) -> None:
    """Writes a file atomically."""
    with writing(path) as file:
        file.write(content)
