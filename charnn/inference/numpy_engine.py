"""The engine that needs numpy alone: what answers on a processor, a moment after it was asked.

Axis letters: B batch, T time, V symbols, L labels.
"""

from pathlib import Path
from typing import Self

import numpy as np

from charnn import blas
from charnn.config import Config
from charnn.errors import CharnnError
from charnn.inference import checkpoint, weights
from charnn.inference.engine import State
from charnn.inference.numpy_network import Network, log_softmax
from charnn.wording import quoted

DEVICES = ("auto", "cpu")  # where numpy computes


class NumpyEngine:
    """A network of `charnn.inference.numpy_network`, in float32."""

    def __init__(self, network: Network, arrays: dict[str, np.ndarray]):
        self.network, self._arrays = network, arrays

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
        configuration, and for a device that is not the processor.
        """
        if str(device) not in DEVICES:
            raise CharnnError(
                f"--device {quoted(device)} is for torch, and numpy computes on the processor; "
                "leave --backend numpy out"
            )
        checkpoint.check(path, arrays, weights.expected(config, symbols, labels))
        return cls(Network(config, symbols, labels, arrays), arrays)

    def classify(
        self, ids: np.ndarray, lengths: np.ndarray, ngram_scores: np.ndarray | None = None
    ) -> np.ndarray:
        """ids (B, T), lengths (B,), ngram_scores (B, L) -> log-probabilities (B, L)."""
        with blas.one_thread(), _silent():
            scores = self.network.classify(ids, lengths).astype(np.float64)
            return log_softmax(scores if ngram_scores is None else scores + ngram_scores)

    def features(self, ids: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """ids (B, T), lengths (B,) -> the hidden states that the readout reads (B, F), float32."""
        with blas.one_thread(), _silent():
            return self.network.features(ids, lengths)

    def step(
        self, ids: np.ndarray, labels: np.ndarray | None = None, state: State = None
    ) -> tuple[np.ndarray, State]:
        """ids (B, T), labels (B,), state -> log-probabilities (B, T, V) and the next state."""
        with blas.one_thread(), _silent():
            return self.network.step(ids, labels, state)

    def select(self, state: State, rows: np.ndarray) -> State:
        """The state of some rows: a boolean mask (B,), or indices."""
        if isinstance(state, np.ndarray):
            return state[rows]
        return tuple(self.select(part, rows) for part in state)

    def arrays(self) -> dict[str, np.ndarray]:
        """The network's weights by name."""
        return self._arrays

    @property
    def steps_at_once(self) -> int:
        """How many steps a batch may have, padding included."""
        return self.network.steps_at_once

    @property
    def workers(self) -> int:
        """How many processes may answer at once, each on one thread."""
        return blas.usable_threads()


def _silent() -> np.errstate:
    """No warning of numpy's: the caller refuses results that are not finite, in words."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")
