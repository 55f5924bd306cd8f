"""Signals that end a program, as an exception: so that temporary files go, and what is done stays.

Knows nothing of what is cleaned up.
"""

import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from charnn.errors import Ended

ENDING = ("SIGTERM", "SIGHUP")  # Windows lacks the second


@contextmanager
def signals_raised() -> Iterator[None]:
    """Within it SIGTERM and SIGHUP raise Ended, so that what is half done is cleaned up.

    One that is ignored (nohup) or that another program handles stays so.
    """
    ours = []
    if threading.current_thread() is threading.main_thread():  # the only one that may handle them
        numbers = [getattr(signal, name) for name in ENDING if hasattr(signal, name)]
        ours = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
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
