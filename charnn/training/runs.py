"""What every training needs around it: random numbers from one seed, and signals that end it."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NamedTuple, TypeVar

import torch
from torch import nn

Network = TypeVar("Network", bound=nn.Module)

# ---------------------------------------------------------------- random numbers


class Generators(NamedTuple):
    """The random numbers of one training, which no other training draws from."""

    order: torch.Generator  # of the batches
    dropout: torch.Generator  # of what is dropped, on the network's device


# All threads initialise networks from torch's one default generator.
_initialising = threading.Lock()


def build_seeded(
    build: Callable[[], Network], seed: int, device: torch.device
) -> tuple[Network, Generators]:
    """A network whose initial values depend on the seed alone, and the generators to train it.

    torch's own generators are left as they were.
    """
    with _initialising, torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        network = build()
        dropout = torch.Generator(device)
        if device.type == "cpu":
            dropout.set_state(torch.get_rng_state())  # goes on after the initial values
        else:
            dropout.manual_seed(seed)
    return network, Generators(torch.Generator().manual_seed(seed), dropout)


# ---------------------------------------------------------------- signals

CTRL_C = (signal.SIGINT,)
# Windows has no SIGHUP, which ends what was started from a terminal that closes.
ALL = (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))


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
