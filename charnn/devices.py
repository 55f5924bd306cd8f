"""Where a network runs, and on how many threads."""

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from threadpoolctl import ThreadpoolController

from charnn import blas, checks, openmp
from charnn.config import Config
from charnn.errors import CharnnError
from charnn.wording import listed, quoted

WIDE = 256  # hidden units from which on a network runs on several threads
MANY = 32  # rows of a product of a wide network, likewise


def pick_device(name: str | torch.device = "auto") -> torch.device:
    """The device of that name; "auto" takes CUDA, then Apple's MPS, then the CPU.

    Raises CharnnError for a device that is not there.
    """
    numbers = {
        "cuda": torch.cuda.device_count(),
        "mps": int(torch.backends.mps.is_available()),
        "cpu": 1,
    }
    available = [kind for kind, number in numbers.items() if number]
    if name == "auto":
        return torch.device(available[0])
    asked = str(name) if isinstance(name, torch.device) else checks.text("device", name)
    try:
        device = torch.device(asked)
        known = (device.index or 0) < numbers.get(device.type, 0)
    except RuntimeError:  # no device has such a name
        known = False
    if not known:
        raise CharnnError(
            f"--device {quoted(asked)} is not available here; choose from auto, {listed(available)}"
        )
    return device


@contextmanager
def threads(config: Config, rows: int | None = None) -> Iterator[None]:
    """The calling thread computes on as many threads as suit a network; all others as before.

    `rows` are computed at once, those of a training batch if absent. One thread suits small
    products, of a network that is not WIDE or of less than MANY rows: two were 1.1 to 1.35 times as
    fast for a GRU of 128 on two free cores, and half as fast or worse where one core was busy,
    since they wait for each other at every product. One it is, too, where threads may wait in a
    loop, which is many times slower on a busy core, and in a forked process, where OpenMP would
    wait forever for the threads of its parent.
    """
    large = config.hidden >= WIDE and (config.batch_size if rows is None else rows) >= MANY
    several = large and openmp.KNOWN and os.getpid() == openmp.PROCESS
    with limited(usable_threads() if several else 1):
        yield


def usable_threads() -> int:
    """How many threads torch may use here: no more than this process has cores for.

    OpenMP counts the machine's cores; a container's share of them may be smaller.
    """
    threads = torch.get_num_threads()
    if threads == 1:
        return 1
    return min(threads, blas.usable_cores())


@contextmanager
def limited(number: int) -> Iterator[None]:
    """The calling thread computes on that many threads; no other thread notices.

    torch.set_num_threads sets OpenMP's and MKL's number for the calling thread, and keeps it for
    every thread that starts later; this does only the first.
    """
    torch.get_num_threads()  # a thread that is new takes torch's number over now, not within
    libraries, set_mkl = _openmp_libraries(), _mkl_setter()
    before = [library.get_num_threads() for library in libraries]
    mkl_before = set_mkl(number)
    try:
        for library in libraries:
            library.set_num_threads(number)
        yield
    finally:
        set_mkl(mkl_before)
        for library, count in zip(libraries, before, strict=True):
            library.set_num_threads(count)


@contextmanager
def tiny_as_zero() -> Iterator[None]:
    """The calling thread computes with 0 in place of floats below 1.2e-38; afterwards as before.

    The gradient of one loss vanishes over hundreds of steps, and so does the memory of an optimizer
    for what is hardly ever read, into numbers with which processors compute many times as slowly.
    Only where torch computes on one thread, since its other threads cannot be told; and without
    effect on a processor that has no such mode.
    """
    asked = torch.get_num_threads() == 1 and not computes_with_zero()
    if asked:
        torch.set_flush_denormal(True)
    try:
        yield
    finally:
        if asked:
            torch.set_flush_denormal(False)


def computes_with_zero() -> bool:
    """Whether the calling thread has 0 in place of a float that is too small for all its digits.

    torch sets it and does not tell.
    """
    return sys.float_info.min / 2 == 0


@cache
def _openmp_libraries() -> list[Any]:
    """The OpenMP libraries that are loaded: torch's is one of them."""
    return ThreadpoolController().select(user_api="openmp").lib_controllers


@cache
def _mkl_setter() -> Callable[[int], int]:
    """Sets MKL's number of threads for the calling thread, 0 for OpenMP's; returns what it was.

    threadpoolctl does not find the MKL that is a part of torch's own library.
    """
    library = ctypes.CDLL(torch._C.__file__)
    return getattr(library, "MKL_Set_Num_Threads_Local", lambda _: 0)
