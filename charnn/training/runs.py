"""What every training needs around it: one seed, and an end that Ctrl-C cannot cut short."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from charnn.config import Config


@contextmanager
def seeded(config: Config, device: "torch.device") -> "Iterator[torch.Generator]":
    """Initialisation and dropout within draw from the seed alone, and so does the generator given, for the batches."""
    import torch
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(config.seed)
        yield torch.Generator().manual_seed(config.seed)


@contextmanager
def finishing() -> Iterator[None]:
    """Makes Ctrl-C wait: what stands inside takes seconds, and half of it would lose a training."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
