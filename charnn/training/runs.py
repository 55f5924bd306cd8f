"""What every training needs around it: one seed, and no Ctrl-C in its last steps."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from charnn.config import Config


@contextmanager
def seeded(config: Config, device: torch.device) -> Iterator[torch.Generator]:
    """Within it, initialisation and dropout depend on the seed alone.

    So does the generator that it gives, which is for the order of the batches.
    """
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(config.seed)
        yield torch.Generator().manual_seed(config.seed)


@contextmanager
def finishing() -> Iterator[None]:
    """Makes Ctrl-C wait: what runs inside takes seconds, and ending it early loses the model."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread alone
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
