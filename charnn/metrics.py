"""Figures from log-probabilities: how good the answers are, over all and label by label.

Knows nothing of networks, text or files: log-probabilities (N, L) and targets (N,) in,
numbers out. Sums first, divided once. N names, L labels.
"""

from typing import NamedTuple

import numpy as np


def nll(log_probs: np.ndarray, targets: np.ndarray) -> float:
    """Mean negative log-likelihood of the targets, in nats: log_probs (N, L), targets (N,)."""
    return float(-log_probs[np.arange(len(targets)), targets].sum() / len(targets))


def accuracy(log_probs: np.ndarray, targets: np.ndarray) -> float:
    """Share of names whose most probable label is the right one."""
    return float((log_probs.argmax(1) == targets).sum() / len(targets))


def confusion(log_probs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Counts (L, L): row = the right label, column = the most probable one."""
    labels = log_probs.shape[1]
    return np.bincount(targets * labels + log_probs.argmax(1), minlength=labels * labels).reshape(labels, labels)


class PerLabel(NamedTuple):
    """Figures of each label, each (L,); 0 where nothing can be divided."""

    n: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray


def per_label(matrix: np.ndarray) -> PerLabel:
    """Precision, recall and F1 of each label from a confusion matrix (L, L)."""
    right, n, guessed = np.diag(matrix), matrix.sum(1), matrix.sum(0)
    share = lambda top, bottom: np.divide(top, bottom, out=np.zeros(len(top)), where=bottom > 0)  # noqa: E731
    return PerLabel(n, share(right, guessed), share(right, n), share(2 * right, n + guessed))


def macro_f1(log_probs: np.ndarray, targets: np.ndarray) -> float:
    """Mean F1 over all of the model's labels; a label that is absent and never guessed counts 0."""
    return float(per_label(confusion(log_probs, targets)).f1.mean())


def figures(log_probs: np.ndarray, targets: np.ndarray) -> dict[str, float]:
    """The headline figures: n, accuracy, macro_f1, nll (nats)."""
    return {"n": len(targets), "accuracy": accuracy(log_probs, targets),
            "macro_f1": macro_f1(log_probs, targets), "nll": nll(log_probs, targets)}
