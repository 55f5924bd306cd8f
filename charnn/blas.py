"""How many threads numpy's products run on: numpy itself cannot be told, its BLAS library can.

One thread suits the products of a step: two mostly wait for each other, and where another program
held one of two cores, a GRU of 256 with 1,000 rows was a third as fast on two as on one. Knows no
network. Without threadpoolctl only a command can say so, before numpy is loaded.
"""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from typing import Any

_LOCK = threading.Lock()
_opened: list[list[int]] = []  # the libraries' numbers before, for each `one_thread` that is open


def _start_anew() -> None:
    """In a forked process: what a thread of its parent held will never be given back there."""
    global _LOCK
    _LOCK = threading.Lock()
    _opened.clear()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_start_anew)


@contextmanager
def one_thread() -> Iterator[None]:
    """While it is open, products run on one thread each, those of other threads too.

    It may be open several times at once: the last to close it puts back what was before.
    """
    libraries = _libraries()
    with _LOCK:
        _opened.append(_opened[0] if _opened else [one.get_num_threads() for one in libraries])
        if len(_opened) == 1:
            _set(libraries, [1] * len(libraries))
    try:
        yield
    finally:
        with _LOCK:
            before = _opened.pop()
            if not _opened:
                _set(libraries, before)


def _set(libraries: list[Any], numbers: list[int]) -> None:
    for library, number in zip(libraries, numbers, strict=True):
        library.set_num_threads(number)


def start_with_one_thread() -> None:
    """Before numpy is loaded, where threadpoolctl is missing: later nothing could say so.

    Only a command may ask for this: it holds for all of the process.
    """
    if "numpy" not in sys.modules and find_spec("threadpoolctl") is None:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def usable_threads() -> int:
    """How many threads may run at once: no more than BLAS has, nor than this process has cores.

    A container's share of a machine's cores may be smaller than their number.
    """
    libraries = _libraries()
    asked = os.environ.get("OMP_NUM_THREADS", "")
    default = int(asked) if asked.isdecimal() and int(asked) else usable_cores()
    most = max((library.get_num_threads() for library in libraries), default=default)
    return 1 if most == 1 else min(most, usable_cores())


def usable_cores() -> int:
    """How many cores this process may use."""
    try:
        from joblib import cpu_count
    except ImportError:
        if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1
    return cpu_count()


@cache
def _libraries() -> list[Any]:
    """The BLAS libraries that are loaded: numpy's is one of them."""
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return []
    return ThreadpoolController().select(user_api="blas").lib_controllers
