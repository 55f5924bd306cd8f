"""A model that answers in several processes at once, one on each core.

Threads would wait for each other: in Python one of them runs at a time, and a name is more Python
than arithmetic. Knows nothing of tables.
"""

import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from typing import Any

from charnn.errors import CharnnError
from charnn.waiting import long_work_told

# A process that is forked has the model already; elsewhere than on Linux that is not safe.
START = "fork" if sys.platform == "linux" else "spawn"

Work = Callable[..., Any]  # of a model and further arguments; a function of a module
Result = Callable[[], Any]  # waits for what some work gives


@contextmanager
def answering(model: Any, number: int) -> Iterator[Callable[..., Result]]:
    """A function `submit(work, *arguments)`, which lets a process call work(model, *arguments).

    `submit` gives a function that waits for the result. One process is this one, with a thread.
    The result's function raises what the work raises, and CharnnError where a process was killed.
    """
    pool: Executor
    if number == 1:
        pool = ThreadPoolExecutor(1)
        call: Callable[..., Any] = partial(_here, model)
    else:
        context = multiprocessing.get_context(START)
        pool = ProcessPoolExecutor(number, context, _begin, (model,))
        call = _there
    said: set[str] = set()

    def submit(work: Work, *arguments: Any) -> Result:
        with _words():
            return partial(_result, pool.submit(call, work, *arguments), said)

    try:
        yield submit
    finally:
        pool.shutdown(cancel_futures=True)


def _result(future: "Future[tuple[Any, list[Warning]]]", said: set[str]) -> Any:
    """What the work gave, after its warnings, each of which is said once for all processes.

    What a warning is about is its first argument: its text, or what its class says.
    """
    with _words():
        result, warned = future.result()
    for warning in warned:
        if warning.args[0] not in said:
            said.add(warning.args[0])
            warnings.warn(warning, stacklevel=2)
    return result


@contextmanager
def _words() -> Iterator[None]:
    """Says in words that a process is gone."""
    try:
        yield
    except BrokenProcessPool:
        raise CharnnError(
            "a process that was classifying has ended, perhaps for lack of memory; with "
            "OMP_NUM_THREADS=1 there is only one"
        ) from None


def _here(model: Any, work: Work, *arguments: Any) -> tuple[Any, list[Warning]]:
    """Work in this process, which warns by itself."""
    return work(model, *arguments), []


# ---------------------------------------------------------------- in the other processes

_model: Any = None


def _begin(model: Any) -> None:
    """Keeps the model. Who started this process ends it, not what it is told by a terminal."""
    global _model
    _model = model
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Ends this process when the one that started it is gone, which a kill -9 does not tell."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _there(work: Work, *arguments: Any) -> tuple[Any, list[Warning]]:
    """Work in another process, with what it has warned of."""
    # It is a part of the work that another process watches.
    with warnings.catch_warnings(record=True) as warned, long_work_told(False):
        warnings.simplefilter("always")
        result = work(_model, *arguments)
    return result, [said.message for said in warned if isinstance(said.message, Warning)]
