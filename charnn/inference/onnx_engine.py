"""The engine that runs a network in onnxruntime, as a graph made of a model file's arrays.

Axis letters: B batch, T time, V symbols, L labels, S tensors of a state.
"""

from pathlib import Path
from typing import Any, Self

import numpy as np
import onnxruntime

from charnn.config import Config
from charnn.errors import CharnnError
from charnn.inference import checkpoint, weights
from charnn.inference.engine import HIDDEN_STATES, State
from charnn.inference.onnx_graph import Graph
from charnn.inference.onnx_network import (
    Network,
    classifier_model,
    states_of,
    writer_model,
)
from charnn.wording import quoted


class OnnxEngine:
    """A network in onnxruntime, on one thread of the processor.

    `content` is that of an ONNX file such as `charnn.export` writes; `arrays` are the network's
    weights as a model file keeps them.
    """

    def __init__(self, config: Config, content: bytes, arrays: dict[str, np.ndarray]):
        self.config, self.content, self._arrays = config, content, arrays
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"]
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as what it is made of: a session cannot be."""
        return type(self), (self.config, self.content, self._arrays)

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
        configuration, and for a device other than the processor.
        """
        if str(device) not in ("auto", "cpu"):
            raise CharnnError(
                f"--device {quoted(device)}: the onnx engine runs on the processor; choose cpu, or "
                "the torch engine"
            )
        checkpoint.check(path, arrays, weights.expected(config, symbols, labels))
        network = Network(Graph(), config, symbols, labels, arrays)
        if config.task == "generate":
            content = writer_model(network, {})
        else:
            log_probs = network.classify("ids", "lengths")
            content = classifier_model(network.graph, log_probs, labels, {})
        return cls(config, content, arrays)

    def run(self, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        """Inputs by name -> all outputs."""
        return self._session.run(None, inputs)

    def classify(
        self, ids: np.ndarray, lengths: np.ndarray, ngram_scores: np.ndarray | None = None
    ) -> np.ndarray:
        """ids (B, T), lengths (B,), ngram_scores (B, L) -> log-probabilities (B, L)."""
        (log_probs,) = self.run({"ids": whole(ids), "lengths": whole(lengths)})
        scores = log_probs.astype(np.float64)
        if ngram_scores is not None:
            scores += ngram_scores
        with np.errstate(invalid="ignore"):  # who asks refuses what is not finite, in words
            return scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)

    def step(
        self, ids: np.ndarray, labels: np.ndarray | None = None, state: State = None
    ) -> tuple[np.ndarray, State]:
        """ids (B, T), labels (B,), state (S, B, H) -> log-probabilities (B, T, V), next state."""
        if state is None:
            state = np.zeros((states_of(self.config), len(ids), self.config.hidden), np.float32)
        inputs = {"ids": whole(ids), "state": state}
        if labels is not None:
            inputs["labels"] = whole(labels)
        log_probs, after = self.run(inputs)
        return log_probs, after

    def select(self, state: State, rows: np.ndarray) -> State:
        """The state of some rows: a boolean mask (B,), or indices."""
        return state[:, rows]

    def arrays(self) -> dict[str, np.ndarray]:
        """The network's weights by name."""
        return self._arrays

    @property
    def steps_at_once(self) -> int:
        """How many steps a batch may have, padding included."""
        return HIDDEN_STATES // self.config.hidden

    @property
    def workers(self) -> int:
        """One process, on one thread."""
        return 1


def whole(array: np.ndarray) -> np.ndarray:
    """Whole numbers as onnxruntime takes them."""
    return np.ascontiguousarray(array, dtype=np.int64)
