"""Where a network runs, and on how many threads."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from charnn.config import Config
from charnn.errors import CharnnError


def pick_device(name: str = "auto") -> torch.device:
    """The device of that name; "auto" takes CUDA, then Apple's MPS, then the CPU.

    Raises CharnnError for a device that is not there.
    """
    there = {"cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available()), "cpu": 1}
    if name == "auto":
        return torch.device(next(kind for kind, count in there.items() if count))
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or (device.index or 0) >= there.get(device.type, 0):
        raise CharnnError(f"--device {name!r} is not available here; choose from auto, "
                          f"{', '.join(kind for kind, count in there.items() if count)}")
    return device
WIDE = 256  # hidden units from which on a classifier runs on several threads


@contextmanager
def threads(config: Config) -> Iterator[None]:
    """One thread for the small products of a network that is not WIDE.

    Two were 1.1 to 1.35 times as fast for a GRU of 128 on two free cores, and half as fast or worse where one was
    taken: they wait for each other at every product.
    """
    before = torch.get_num_threads()
    if config.hidden < WIDE:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
