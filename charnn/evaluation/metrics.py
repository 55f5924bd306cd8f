"""Figures from log-probabilities: how good the answers are, over all and label by label, and how far to trust them.

Knows nothing of networks, text or files: log-probabilities (N, L) and targets (N,) in,
numbers out. What scikit-learn has is scikit-learn's. N names, L labels.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, log_softmax
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

BINS = 10  # of the calibration error
THRESHOLDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)  # of accuracy against coverage


# ---------------------------------------------------------------- how good


def nll(log_probs: np.ndarray, targets: np.ndarray) -> float:
    """Mean negative log-likelihood of the targets, in nats: log_probs (N, L), targets (N,).

    Not scikit-learn's log_loss, which takes probabilities and cuts them off at 2e-16.
    """
    return float(-log_probs[np.arange(len(targets)), targets].sum() / len(targets))


def accuracy(log_probs: np.ndarray, targets: np.ndarray) -> float:
    """Share of names whose most probable label is the right one."""
    return float(accuracy_score(targets, log_probs.argmax(1)))


def accuracy_interval(right: int, n: int) -> tuple[float, float]:
    """95% interval of an accuracy of `right` out of `n` names (Wilson, 1927)."""
    return tuple(map(float, binomtest(right, n).proportion_ci(method="wilson")))


def top_accuracy(log_probs: np.ndarray, targets: np.ndarray, k: int = 3) -> float:
    """Share of names whose right label is among the k most probable ones, the first of those as probable.

    scikit-learn's top_k_accuracy_score takes the last of those, so that top 1 would differ from the accuracy.
    """
    best = np.argsort(-log_probs, axis=1, kind="stable")[:, :k]
    return float((best == targets[:, None]).any(1).mean())


def confusion(log_probs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Counts (L, L): row = the right label, column = the most probable one."""
    labels = log_probs.shape[1]
    return np.bincount(targets * labels + log_probs.argmax(1), minlength=labels * labels).reshape(labels, labels)


def by_row(matrix: np.ndarray) -> np.ndarray:
    """Shares (L, L) of each row of a confusion matrix; a row without names stays 0."""
    return matrix / np.maximum(matrix.sum(1, keepdims=True), 1)


class PerLabel(NamedTuple):
    """Figures of each label, each (L,); 0 where nothing can be divided."""

    n: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray


def per_label(log_probs: np.ndarray, targets: np.ndarray) -> PerLabel:
    """Count, precision, recall and F1 of each of the L labels."""
    precision, recall, f1, n = precision_recall_fscore_support(
        targets, log_probs.argmax(1), labels=range(log_probs.shape[1]), zero_division=0)
    return PerLabel(n, precision, recall, f1)


def macro_f1(log_probs: np.ndarray, targets: np.ndarray) -> float:
    """Mean F1 over all of the model's labels; a label that is absent and never guessed counts 0."""
    return float(per_label(log_probs, targets).f1.mean())


def ceiling(texts: Iterable[Hashable], targets: np.ndarray) -> float:
    """The best accuracy anybody can reach: a text under several labels is right for the most frequent of them."""
    counts: dict[Hashable, dict[int, int]] = {}
    for text, target in zip(texts, targets.tolist(), strict=True):
        labels = counts.setdefault(text, {})
        labels[target] = labels.get(target, 0) + 1
    return sum(max(labels.values()) for labels in counts.values()) / len(targets)


# ---------------------------------------------------------------- how far to trust a probability


class Reliability(NamedTuple):
    """Names in bins of equal count, the least confident first, each (bins,)."""

    n: np.ndarray
    confidence: np.ndarray  # mean probability of the most probable label
    accuracy: np.ndarray    # share of names for which that label is right

    @property
    def error(self) -> float:
        """Expected calibration error: the mean distance of the two, by names (Naeini et al., 2015)."""
        return float((self.n * np.abs(self.confidence - self.accuracy)).sum() / self.n.sum())


def reliability(confidence: np.ndarray, right: np.ndarray, bins: int = BINS) -> Reliability:
    """Confidence (N,) against being right (N,) in bins of equal count (Nguyen and O'Connor, 2015).

    Names of the same confidence all count as their mean, so that the order of the names changes nothing.
    """
    starts = np.linspace(0, len(right), min(bins, len(right)) + 1).astype(int)
    n, order = np.diff(starts), np.argsort(confidence, kind="stable")
    _, same = np.unique(confidence, return_inverse=True)
    right = (np.bincount(same, right) / np.bincount(same))[same]
    mean = lambda values: np.add.reduceat(values[order], starts[:-1]) / n  # noqa: E731
    return Reliability(n, mean(confidence), mean(right))


def reliability_of(log_probs: np.ndarray, targets: np.ndarray) -> Reliability:
    """The reliability of the most probable label's probability: log_probs (N, L), targets (N,)."""
    return reliability(np.exp(log_probs.max(1)), log_probs.argmax(1) == targets)


def error_if_calibrated(confidence: np.ndarray, generator: np.random.Generator, draws: int = 200) -> float:
    """The calibration error that chance alone would show if every probability were true: the mean of `draws`.

    Each name counts as right with just its own confidence (N,).
    """
    confidence = np.sort(confidence)
    return sum(reliability(confidence, generator.random(len(confidence)) < confidence).error
               for _ in range(draws)) / draws


def coverage(confidence: np.ndarray, right: np.ndarray, thresholds: Sequence[float] = THRESHOLDS) -> list[dict]:
    """For each threshold: the share of names with at least that confidence, and the accuracy on those alone."""
    rows = []
    for threshold in thresholds:
        answered = confidence >= threshold
        rows.append({"unknown_below": threshold, "coverage": float(answered.mean()),
                     "accuracy": float(right[answered].mean()) if answered.any() else None})
    return rows


def tempered(log_probs: np.ndarray, temperature: float) -> np.ndarray:
    """Log-probabilities (N, L) with the logits divided by a temperature: above 1 they are less sure."""
    return log_softmax(log_probs / temperature, axis=1)


def best_temperature(log_probs: np.ndarray, targets: np.ndarray) -> float:
    """The temperature with the lowest NLL on these names, 1 if there are none: log_probs (N, L), targets (N,).

    Guo et al. (2017), "On calibration of modern neural networks". The logarithm of the temperature
    has a normal prior of deviation 1/2, so that a handful of names cannot move it far.
    """
    if not len(targets):
        return 1.0
    loss = lambda log_t: nll(tempered(log_probs, np.exp(log_t)), targets) * len(targets) + 2 * log_t**2  # noqa: E731
    return float(np.exp(minimize_scalar(loss, bounds=(-2, 2), method="bounded").x))


def best_mixture(network: np.ndarray, counts: np.ndarray, targets: np.ndarray) -> tuple[float, float]:
    """The temperature T and share s for which the softmax of ((1 - s) network + s counts) / T has the lowest NLL.

    network and counts are logits (N, L) of the same names, targets (N,). A geometric mean of two opinions: Hinton
    (2002), "Training products of experts". Priors as in `best_temperature`, of s on its log odds, of deviation 1.
    """
    def _loss(x):
        log_t, share = x[0], expit(x[1])
        mixed = log_softmax(((1 - share) * network + share * counts) / np.exp(log_t), axis=1)
        return (nll(mixed, targets) * len(targets) if len(targets) else 0.0) + 2 * log_t**2 + x[1]**2 / 2
    log_t, odds = minimize(_loss, (0.0, 0.0), method="Nelder-Mead", bounds=((-2, 2), (-8, 8))).x
    return float(np.exp(log_t)), float(expit(odds))


# ---------------------------------------------------------------- all together


def figures(log_probs: np.ndarray, targets: np.ndarray) -> dict:
    """The headline figures of N names: log_probs (N, L), targets (N,).

    n, accuracy, accuracy_interval (95%: [low, high]), top3_accuracy, macro_f1, nll (nats),
    calibration_error, and calibration_error_if_calibrated: what chance alone would show on as many names.
    """
    right = log_probs.argmax(1) == targets
    return {"n": len(targets), "accuracy": accuracy(log_probs, targets),
            "accuracy_interval": list(accuracy_interval(int(right.sum()), len(targets))),
            "top3_accuracy": top_accuracy(log_probs, targets), "macro_f1": macro_f1(log_probs, targets),
            "nll": nll(log_probs, targets), "calibration_error": reliability_of(log_probs, targets).error,
            "calibration_error_if_calibrated": error_if_calibrated(
                np.exp(log_probs.max(1)), np.random.default_rng(0))}


def per_character(nats: float, n: int) -> dict:
    """The figures of a text of n characters that cost so many nats: nats and bits per character, and perplexity."""
    mean = nats / n
    return {"n": n, "nats_per_char": mean, "bits_per_char": mean / float(np.log(2)), "perplexity": float(np.exp(mean))}
