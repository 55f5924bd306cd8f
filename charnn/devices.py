"""Where a network runs, and on how many threads."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from charnn import checks
from charnn.config import Config
from charnn.errors import CharnnError
from charnn.wording import listed, quoted

WIDE = 256  # hidden units from which on a network runs on several threads


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
def threads(config: Config) -> Iterator[None]:
    """One thread for the small products of a network that is not WIDE.

    Two threads were 1.1 to 1.35 times as fast for a GRU of 128 on two free cores, and half as fast
    or worse where one core was busy: they wait for each other at every product.
    """
    before = torch.get_num_threads()
    if config.hidden < WIDE:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
