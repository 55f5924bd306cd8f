"""A generator's network and the n-grams beside it as one engine: their product of experts.

A generator asks it as it would ask the network's engine; nothing else knows of the n-grams.
Axis letters: B batch, T time, V symbols.
"""

from typing import NamedTuple

import numpy as np

from charnn.inference.engine import State, Stepper
from charnn.inference.numpy_network import log_softmax
from charnn.kneser_ney import KneserNey


class Read(NamedTuple):
    """The state after some symbols."""

    network: State
    last: np.ndarray  # (B, context) the last ids, counted from 1, and 0 where there is none


class WithNgrams:
    """The network of an engine whose logits get what the n-grams say of the next symbol.

    Only `step` and `select`, of a generator; Hinton (2002), "Training products of experts by
    minimizing contrastive divergence".
    """

    def __init__(self, engine: Stepper, ngrams: KneserNey):
        self.engine, self.ngrams = engine, ngrams

    def step(
        self, ids: np.ndarray, labels: np.ndarray | None = None, state: State = None
    ) -> tuple[np.ndarray, State]:
        """ids (B, T), labels (B,) if any, state -> log-probabilities (B, T, V), next state."""
        before = Read(None, self.nothing_read(len(ids))) if state is None else state
        logits, network = self.engine.step(ids, labels, before.network)
        log_probs = log_softmax(logits + self.scores(ids, labels, before.last)).astype(np.float32)
        last = np.concatenate([before.last, ids + 1], axis=1)[:, -self.context :]
        return log_probs, Read(network, last)

    def scores(
        self, ids: np.ndarray, labels: np.ndarray | None = None, last: np.ndarray | None = None
    ) -> np.ndarray:
        """What the n-grams say after each of ids (B, T), given the `last` before: (B, T, V)."""
        last = self.nothing_read(len(ids)) if last is None else last
        read = np.concatenate([last, ids + 1], axis=1)  # (B, context + T)
        windows = np.lib.stride_tricks.sliding_window_view(read, self.context, axis=1)[:, 1:]
        of_rows = np.zeros(len(ids), np.int64) if labels is None else labels
        of_steps = np.repeat(of_rows, ids.shape[1])  # (B * T,)
        scores = self.ngrams(windows.reshape(-1, self.context), of_steps)  # (B * T, V)
        return scores.reshape(*ids.shape, -1)

    @property
    def context(self) -> int:
        """How many symbols are kept for the next step."""
        return max(self.ngrams.order - 1, 1)

    def nothing_read(self, rows: int) -> np.ndarray:
        """The last symbols (B, context) of texts that begin."""
        return np.zeros((rows, self.context), dtype=np.int64)

    def select(self, state: Read, rows: np.ndarray) -> Read:
        """The state of some rows of the batch: a boolean mask (B,), or indices, of any number."""
        return Read(self.engine.select(state.network, rows), state.last[rows])
