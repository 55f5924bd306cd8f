"""Signals that end a program: as an exception, or as a flag that a training asks after each batch.

So temporary files go, and what is done stays. Knows nothing of what is cleaned up or trained.
"""

import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from charnn.errors import Ended

CTRL_C = (signal.SIGINT,)
# Windows has no SIGHUP, which ends what was started from a terminal that closes.
ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
ALL = CTRL_C + ENDING

# ---------------------------------------------------------------- as an exception


@contextmanager
def signals_raised() -> Iterator[None]:
    """Within it SIGTERM and SIGHUP raise Ended, so that what is half done is cleaned up.

    One that is ignored (nohup) or that another program handles stays so.
    """
    ours = []
    if threading.current_thread() is threading.main_thread():  # the only one that may handle them
        ours = [number for number in ENDING if signal.getsignal(number) is signal.SIG_DFL]
    last = -math.inf

    def end(number: int, _: object) -> None:
        nonlocal last
        # A terminal that closes says so twice: the second is not to break off the cleaning up.
        again = time.monotonic() - last < 1
        last = time.monotonic()
        if not again:
            raise Ended(number)

    for number in ours:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


# ---------------------------------------------------------------- as a flag


class Stopped(Exception):
    """Ends a training between two batches."""


class Stop:
    """Whether a signal has asked a training to end: `signal` is its number, or None.

    A training asks after each batch. So no signal leaves weights half updated, and one that comes
    while the model is saved changes nothing.
    """

    def __init__(self) -> None:
        self.signal: int | None = None

    def ask(self, number: int, frame: FrameType | None = None) -> None:
        """The handler of a signal."""
        self.signal = self.signal or number

    def check(self) -> None:
        """Raises Stopped if a signal came."""
        if self.signal is not None:
            raise Stopped

    @property
    def name(self) -> str:
        """The signal in words: `Ctrl-C`, `SIGTERM`."""
        assert self.signal is not None, "nothing has asked it to end"
        return "Ctrl-C" if self.signal == signal.SIGINT else signal.Signals(self.signal).name


@contextmanager
def stopping(
    stop: Stop | None = None, signals: tuple[signal.Signals, ...] = CTRL_C
) -> Iterator[Stop]:
    """Within it these signals ask `stop`, and interrupt nothing.

    A `stop` that is given has its handlers already, from further outside. Signals that are ignored,
    as under nohup, stay ignored.
    """
    if stop is not None:
        yield stop
        return
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop  # signals reach the main thread alone
        return
    before = {number: signal.getsignal(number) for number in signals}
    handled = [number for number, handler in before.items() if handler != signal.SIG_IGN]
    try:
        for number in handled:
            signal.signal(number, stop.ask)
        yield stop
    finally:
        for number in handled:
            signal.signal(number, before[number])
