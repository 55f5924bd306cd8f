"""The seam between a trained model and what computes its log-probabilities.

A model holds its vocabulary, labels and n-grams as numpy arrays and asks an engine: ids and lengths
in, log-probabilities out, all numpy. An engine knows a network, not what it is used for.

Axis letters: B batch, T time, V symbols, L labels.
"""

from importlib import import_module
from typing import Any, Protocol

import numpy as np

from charnn.config import BACKENDS
from charnn.errors import CharnnError
from charnn.wording import listed

PACKAGES = {  # what each of BACKENDS needs, as pip knows it
    "numpy": "numpy",
    "torch": "torch",
    "onnx": "onnx onnxruntime",
}
# Hidden states that are computed at once, padding included: few enough to stay in the cache.
HIDDEN_STATES = 524_288
State = Any  # what an engine keeps between two steps; only the engine looks inside


class Stepper(Protocol):
    """What says which symbol comes next: a generator's engine, or one with n-grams beside it."""

    def step(
        self, ids: np.ndarray, labels: np.ndarray | None = None, state: State = None
    ) -> tuple[np.ndarray, State]:
        """A generator: ids (B, T), labels (B,) if it has any, the state so far (zeros if None).

        Gives the log-probabilities (B, T, V), float32, of the next symbol at each step, and the
        state after the last.
        """
        ...

    def select(self, state: State, rows: np.ndarray) -> State:
        """The state of some rows of the batch: a boolean mask (B,), or indices, of any number."""
        ...


class Engine(Stepper, Protocol):
    """What computes a network's log-probabilities."""

    @property
    def steps_at_once(self) -> int:
        """How many steps a batch may have, padding included."""
        ...

    @property
    def workers(self) -> int:
        """How many processes may answer at once."""
        ...

    def classify(
        self, ids: np.ndarray, lengths: np.ndarray, ngram_scores: np.ndarray | None = None
    ) -> np.ndarray:
        """A classifier: ids (B, T), lengths (B,) -> log-probabilities (B, L), float64.

        With ngram_scores (B, L), those of the product of experts: they are added to the network's
        before the rows are normalised.
        """
        ...

    def arrays(self) -> dict[str, np.ndarray]:
        """The network's weights by name, as a model file keeps them."""
        ...


def engine_class(backend: str) -> Any:
    """The class of a backend's engine, of which `from_arrays` makes one of a model file's weights.

    Imported only here: where an engine needs no torch, nothing does. Raises CharnnError for a
    backend whose package is not installed.
    """
    try:
        return getattr(import_module(f"charnn.inference.{backend}_engine"), BACKENDS[backend])
    except ImportError as error:
        own = PACKAGES[backend].split()
        package = PACKAGES[backend] if error.name in (None, *own) else error.name
        raise CharnnError(
            f"the {backend} engine needs {package} ({listed([error])}); pip install {package}"
        ) from None
