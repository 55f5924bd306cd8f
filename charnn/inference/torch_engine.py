"""The engine that runs a torch network: for training, for GPUs, and for looking inside.

The one module of `inference` that imports torch.
Axis letters: B batch, T time, V symbols, L labels.
"""

from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import Tensor

from charnn.config import Config
from charnn.devices import pick_device, threads
from charnn.inference import checkpoint
from charnn.inference.engine import HIDDEN_STATES, State
from charnn.inference.weights import expected
from charnn.model import ClassifierNetwork, GeneratorNetwork, build_network


class TorchEngine:
    """A network of `charnn.model` on its device."""

    def __init__(self, network: ClassifierNetwork | GeneratorNetwork, config: Config):
        self.network, self.config = network.eval(), config

    @classmethod
    def from_arrays(
        cls,
        path: str | Path,
        config: Config,
        symbols: int,
        labels: int,
        arrays: dict[str, np.ndarray],
        device: str = "auto",
    ) -> Self:
        """The network of a model file's weights, V = symbols, L = labels.

        Raises CharnnError, with path, expected and found, for weights that do not fit the
        configuration, and for a device that is not there.
        """
        checkpoint.check(path, arrays, expected(config, symbols, labels))
        with torch.device("meta"):  # without memory: that of the arrays is assigned below
            network = build_network(config, symbols, labels)
        # Copied into memory that torch aligns: how it is aligned can change the last bits of a sum.
        weights = {name: torch.tensor(array) for name, array in arrays.items()}
        network.load_state_dict(weights, assign=True)
        return cls(network.to(pick_device(device)), config)

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return next(self.network.parameters()).device

    @torch.inference_mode()
    def classify(
        self, ids: np.ndarray, lengths: np.ndarray, ngram_scores: np.ndarray | None = None
    ) -> np.ndarray:
        """ids (B, T), lengths (B,), ngram_scores (B, L) -> log-probabilities (B, L)."""
        with threads(self.config, len(ids)):
            scores = self.network(self._tensor(ids), self._tensor(lengths))
            scores = scores.cpu().double()  # Apple's MPS has no float64
            if ngram_scores is not None:
                scores += torch.from_numpy(ngram_scores)
            return (scores - scores.logsumexp(1, keepdim=True)).numpy()

    @torch.inference_mode()
    def step(
        self, ids: np.ndarray, labels: np.ndarray | None = None, state: State = None
    ) -> tuple[np.ndarray, State]:
        """ids (B, T), labels (B,), state -> log-probabilities (B, T, V) and the next state."""
        label_tensor = None if labels is None else self._tensor(labels)
        with threads(self.config, len(ids)):
            log_probs, state = self.network(self._tensor(ids), label_tensor, state)
            return log_probs.cpu().numpy(), state

    def select(self, state: State, rows: np.ndarray) -> State:
        """The state of some rows: a boolean mask (B,), or indices."""
        with threads(self.config, len(rows)):
            return _rows(state, self._tensor(rows))

    def arrays(self) -> dict[str, np.ndarray]:
        """The network's weights by name."""
        state = self.network.state_dict()
        return {name: tensor.detach().cpu().numpy() for name, tensor in state.items()}

    @property
    def steps_at_once(self) -> int:
        """How many steps a batch may have, padding included."""
        return HIDDEN_STATES // self.config.hidden

    @property
    def workers(self) -> int:
        """One process: torch has threads of its own, or a GPU."""
        return 1

    def _tensor(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(array).to(self.device)


def _rows(state: State, chosen: Tensor) -> State:
    """The chosen rows of a state, whatever it is made of."""
    if isinstance(state, Tensor):
        return state[chosen]
    return tuple(_rows(part, chosen) for part in state)
