"""The random numbers of a training, all from one seed. Knows nothing of what is trained."""

import threading
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import torch
from torch import nn

Network = TypeVar("Network", bound=nn.Module)


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
