"""How long work still takes: said once, as soon as its speed is known, where it is long.

A loop that can be long goes through `watched`. It says nothing unless a command runs, so that
`import charnn` stays silent. Knows nothing of what the work is.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import BinaryIO, TypeVar

from charnn.terminal import tell
from charnn.wording import about_duration

MEASURED = 2.0  # seconds of work from which its speed is taken
LONG = 10.0  # seconds that are worth a line

T = TypeVar("T")
# Whether long work says so: not while an outer loop watches, whose part it is.
_told: ContextVar[bool] = ContextVar("told", default=False)


class Forecast:
    """How long work of a known size still takes, at the speed that it had so far.

    `total` is its size in any unit, of which `done` was there before.
    """

    def __init__(self, total: float, done: float = 0):
        self.left = total - done
        self.measured = 0.0  # the size of what was done since `since`
        self.since: float | None = None
        self.said = False

    def after(self, size: float) -> str:
        """After a piece of that size: once `about 2 minutes`, if it is long; else an empty text."""
        now = time.monotonic()
        self.left -= size
        if self.since is None:
            self.since = now  # The first piece takes longer: what it needs is set up in it.
            return ""
        self.measured += size
        seconds = now - self.since
        if self.said or seconds < MEASURED:
            return ""
        self.said = True
        seconds *= self.left / self.measured
        return about_duration(seconds) if seconds > LONG else ""


@contextmanager
def long_work_told(told: bool = True) -> Iterator[None]:
    """Within it, `watched` says how long work takes, on standard error; or does not."""
    before = _told.get()
    _told.set(told)
    try:
        yield
    finally:
        _told.set(before)


def watched(
    pieces: Iterable[T], total: float, size: Callable[[T], float] = lambda _: 1
) -> Iterator[T]:
    """The pieces of some work, of that size in all; after some, how long the others take."""
    if not _told.get():
        yield from pieces
        return
    forecast = Forecast(total)
    _told.set(False)
    try:
        for piece in pieces:
            yield piece
            if left := forecast.after(size(piece)):
                tell(f"{left} to go")
    finally:
        _told.set(True)


def watched_file(file: BinaryIO) -> BinaryIO:
    """The file; after some of it was read, how long the rest takes."""
    from tqdm.utils import CallbackIOWrapper

    forecast = Forecast(os.fstat(file.fileno()).st_size)

    def read(size: int) -> None:
        if left := forecast.after(size):
            tell(f"{left} to go")

    return CallbackIOWrapper(read, file, "read")
