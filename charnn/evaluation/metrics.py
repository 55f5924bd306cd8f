"""Figures from log-probabilities: how good the predictions are, and how far to trust them.

Knows nothing of networks, text or files: log-probabilities (N, L) and targets (N,) in, numbers out.
numpy alone computes what an evaluation needs; scipy what a training does, a search for the best of
some numbers.

Axis letters: N names, L labels.
"""

import math
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

BINS = 10  # of the calibration error
SHARE_STEP, MOST_SHARE = 0.025, 0.95  # of an n-gram model in a mixture
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


# ---------------------------------------------------------------- calibration


def tempered(log_probs: np.ndarray, temperature: float) -> np.ndarray:
    """Log-probabilities (N, L) with the logits divided by a temperature; above 1 flattens them."""
    logits = log_probs / temperature
    logits -= logits.max(axis=1, keepdims=True)  # no exponential overflows
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def best_temperature(log_probs: np.ndarray, targets: np.ndarray) -> float:
    """The temperature with the lowest NLL: log_probs (N, L), targets (N,). 1 if there is no name.

    Guo et al. (2017), "On calibration of modern neural networks". The logarithm of the temperature
    has a normal prior of deviation 1/2, so that a handful of names cannot move it far.
    """
    from scipy.optimize import minimize_scalar

    n = len(targets)
    if not n:
        return 1.0

    def loss(log_t: float) -> float:
        """The NLL of all names, and the prior's."""
        return nll(tempered(log_probs, np.exp(log_t)), targets) * n + 2 * log_t**2

    return float(np.exp(minimize_scalar(loss, bounds=(-2, 2), method="bounded").x))


def best_mixture(
    network: np.ndarray, ngrams: np.ndarray, targets: np.ndarray
) -> tuple[float, float]:
    """The temperature T and share s with which two models are combined; 1 and 1/2 without names.

    network and ngrams are logits (N, L) of the same names, targets (N,); the combination is the
    softmax of ((1 - s) network + s ngrams) / T, a geometric mean: Hinton (2002), "Training products
    of experts by minimizing contrastive divergence". The lowest NLL is looked for first, where T
    has the prior of `best_temperature` and the log odds of s a normal one of deviation 1. Of the
    higher shares that are no more than a standard error above it the highest is taken: these names
    have chosen the network's epoch, and so they flatter it. Breiman et al. (1984),
    "Classification and regression trees", the rule of one standard error.
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    n = len(targets)
    if not n:
        return 1.0, 0.5

    def mixed(share: float) -> np.ndarray:
        """Logits (N, L)."""
        return (1 - share) * network + share * ngrams

    def losses(share: float, temperature: float) -> np.ndarray:
        """Of each name (N,), in nats."""
        return -tempered(mixed(share), temperature)[np.arange(n), targets]

    def loss(x: np.ndarray) -> float:
        """The NLL of all names, and the priors'; x is the log of T and the log odds of s."""
        log_t, log_odds = x
        of_names = losses(expit(log_odds), np.exp(log_t)).sum()
        return float(of_names + 2 * log_t**2 + log_odds**2 / 2)

    # Two unknowns and a loss without a cheap gradient: the simplex search is enough.
    bounds = ((-2, 2), (-8, 8))
    log_t, log_odds = minimize(loss, (0.0, 0.0), method="Nelder-Mead", bounds=bounds).x
    temperature, share = float(np.exp(log_t)), float(expit(log_odds))
    lowest = losses(share, temperature)
    for higher in np.arange(share + SHARE_STEP, MOST_SHARE, SHARE_STEP).tolist():
        its_temperature = best_temperature(mixed(higher), targets)
        worse = losses(higher, its_temperature) - lowest
        if worse.mean() > worse.std() / np.sqrt(n):
            break
        temperature, share = its_temperature, higher
    return temperature, share


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
