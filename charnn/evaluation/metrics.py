"""Figures from log-probabilities: how good the predictions are, and how far to trust them.

Knows nothing of networks, text or files: log-probabilities (N, L) and targets (N,) in, numbers out.
numpy alone computes them. How probabilities are calibrated is said in calibration.py.

Axis letters: N names, L labels.
"""

import math
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

BINS = 10  # of the calibration error
THRESHOLDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)  # of accuracy against coverage
NORMAL_95 = 1.959963984540054  # deviations of a normal distribution within which 95% of it are
DRAWS = 200  # simulated outcomes, for the calibration error that chance alone gives

Figures = dict[str, Any]  # what is measured, by name, ready for JSON


# ---------------------------------------------------------------- how good


def nll(log_probs: np.ndarray, targets: np.ndarray) -> float:
    """Mean negative log-likelihood of the targets, in nats: log_probs (N, L), targets (N,).

    Not scikit-learn's log_loss, which takes probabilities and clips them at 2e-16.
    """
    return float(-log_probs[np.arange(len(targets)), targets].sum() / len(targets))


def accuracy(log_probs: np.ndarray, targets: np.ndarray) -> float:
    """Share of names whose most probable label is the right one."""
    return float((log_probs.argmax(1) == targets).mean())


def accuracy_interval(right: int, n: int) -> tuple[float, float]:
    """95% interval of an accuracy of `right` out of `n` names: the one of Wilson (1927)."""
    share, z = right / n, NORMAL_95
    middle = share + z**2 / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    low, high = ((middle + sign * half) / (1 + z**2 / n) for sign in (-1, 1))
    return (0.0 if right == 0 else low), (1.0 if right == n else high)


def top_accuracy(log_probs: np.ndarray, targets: np.ndarray, k: int = 3) -> float:
    """Share of names whose right label is among the k most probable ones.

    Ties go to the first label, as in argmax. scikit-learn's
    top_k_accuracy_score takes the last, so that its top 1 would differ from the accuracy.
    """
    best = np.argsort(-log_probs, axis=1, kind="stable")[:, :k]  # (N, k)
    return float((best == targets[:, None]).any(1).mean())


def confusion(log_probs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Counts (L, L): row = the right label, column = the most probable one."""
    labels = log_probs.shape[1]
    cells = targets * labels + log_probs.argmax(1)  # (N,), each name's cell, counted row by row
    return np.bincount(cells, minlength=labels * labels).reshape(labels, labels)


def by_row(matrix: np.ndarray) -> np.ndarray:
    """Shares (L, L) of each row of a confusion matrix; a row without names stays 0."""
    return matrix / np.maximum(matrix.sum(1, keepdims=True), 1)


class PerLabel(NamedTuple):
    """Figures of each label, each (L,); 0 where the denominator is 0."""

    n: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray


def per_label(log_probs: np.ndarray, targets: np.ndarray) -> PerLabel:
    """Count, precision, recall and F1 of each of the L labels."""
    matrix = confusion(log_probs, targets)
    right, n, predicted = matrix.diagonal(), matrix.sum(1), matrix.sum(0)
    precision = right / np.maximum(predicted, 1)
    recall = right / np.maximum(n, 1)
    return PerLabel(n, precision, recall, 2 * right / np.maximum(n + predicted, 1))


def macro_f1(log_probs: np.ndarray, targets: np.ndarray) -> float:
    """Mean F1 over all of the model's labels; one that never occurs nor is predicted counts 0."""
    return float(per_label(log_probs, targets).f1.mean())


def ceiling(texts: Iterable[Hashable], targets: np.ndarray) -> float:
    """The highest accuracy possible: a text with several labels can get one prediction only.

    The best prediction is its most frequent label, so its other names are wrong.
    """
    counts: dict[Hashable, dict[int, int]] = {}
    for text, target in zip(texts, targets.tolist(), strict=True):
        of_text = counts.setdefault(text, {})
        of_text[target] = of_text.get(target, 0) + 1
    return sum(max(of_text.values()) for of_text in counts.values()) / len(targets)


# ---------------------------------------------------------------- how far to trust a probability


class Reliability(NamedTuple):
    """Names in bins of equal count, the least confident first, each (bins,)."""

    n: np.ndarray
    confidence: np.ndarray  # mean probability of the most probable label
    accuracy: np.ndarray  # share of names for which that label is right

    @property
    def error(self) -> float:
        """Expected calibration error: the mean distance of the two (Naeini et al., 2015)."""
        distance = np.abs(self.confidence - self.accuracy)
        return float((self.n * distance).sum() / self.n.sum())


def reliability(confidence: np.ndarray, right: np.ndarray, bins: int = BINS) -> Reliability:
    """Confidence (N,) against being right (N,) in bins of equal count.

    Nguyen and O'Connor (2015), "Posterior calibration and exploratory analysis for natural language
    processing models".
    """
    starts = np.linspace(0, len(right), min(bins, len(right)) + 1).astype(int)  # (bins + 1,)
    n = np.diff(starts)
    order = np.argsort(confidence, kind="stable")
    # A bin's edge may fall among names of the same confidence. Each of these counts as their mean,
    # so that the figure does not depend on the order of the names.
    _, same = np.unique(confidence, return_inverse=True)
    right = (np.bincount(same, right) / np.bincount(same))[same]

    def mean_per_bin(values: np.ndarray) -> np.ndarray:
        """Of values (N,) the mean of each bin, (bins,)."""
        return np.add.reduceat(values[order], starts[:-1]) / n

    return Reliability(n, mean_per_bin(confidence), mean_per_bin(right))


def reliability_of(log_probs: np.ndarray, targets: np.ndarray) -> Reliability:
    """The reliability of the top label's probability: log_probs (N, L), targets (N,)."""
    return reliability(np.exp(log_probs.max(1)), log_probs.argmax(1) == targets)


def error_if_calibrated(
    confidence: np.ndarray, generator: np.random.Generator, draws: int = DRAWS
) -> float:
    """The calibration error that chance alone gives if every probability is true.

    The mean of `draws` simulations, in which each name is right with its own confidence (N,). A
    finite sample of a perfectly calibrated model has an error above 0; this says how far above.
    """
    confidence = np.sort(confidence)
    errors = (
        reliability(confidence, generator.random(len(confidence)) < confidence).error
        for _ in range(draws)
    )
    return sum(errors) / draws


def coverage(
    confidence: np.ndarray, right: np.ndarray, thresholds: Sequence[float] = THRESHOLDS
) -> list[Figures]:
    """For each threshold, how many names reach that confidence, and the accuracy on those alone.

    confidence (N,), right (N,). Each row has "unknown_below" (the threshold), "coverage" (the share
    of names that reach it) and "accuracy" (None where no name does).
    """
    rows = []
    for threshold in thresholds:
        answered = confidence >= threshold
        accuracy_there = float(right[answered].mean()) if answered.any() else None
        rows.append(
            {
                "unknown_below": threshold,
                "coverage": float(answered.mean()),
                "accuracy": accuracy_there,
            }
        )
    return rows


def tempered(log_probs: np.ndarray, temperature: float) -> np.ndarray:
    """Log-probabilities (N, L) with the logits divided by a temperature; above 1 flattens them."""
    logits = log_probs / temperature
    logits -= logits.max(axis=1, keepdims=True)  # no exponential overflows
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


# ---------------------------------------------------------------- all together


def figures(log_probs: np.ndarray, targets: np.ndarray) -> Figures:
    """The headline figures of N names: log_probs (N, L), targets (N,).

    n, accuracy, accuracy_interval (95%: [low, high]), top3_accuracy, macro_f1, nll (nats),
    calibration_error, and calibration_error_if_calibrated: what chance alone gives on as many
    names.
    """
    right = int((log_probs.argmax(1) == targets).sum())
    by_chance = error_if_calibrated(np.exp(log_probs.max(1)), np.random.default_rng(0))
    return {
        "n": len(targets),
        "accuracy": accuracy(log_probs, targets),
        "accuracy_interval": list(accuracy_interval(right, len(targets))),
        "top3_accuracy": top_accuracy(log_probs, targets),
        "macro_f1": macro_f1(log_probs, targets),
        "nll": nll(log_probs, targets),
        "calibration_error": reliability_of(log_probs, targets).error,
        "calibration_error_if_calibrated": by_chance,
    }


def per_character(nats: float, n: int) -> Figures:
    """The figures of n characters whose NLL is `nats` in all.

    n, nats_per_char, bits_per_char, perplexity.
    """
    mean = nats / n
    return {
        "n": n,
        "nats_per_char": mean,
        "bits_per_char": mean / float(np.log(2)),
        "perplexity": float(np.exp(mean)),
    }
