"""Calibration: the temperature, and the share of a second model, with the lowest NLL on some names.

Knows nothing of networks, text or files: log-probabilities (N, L) and targets (N,) in, numbers out.
Axis letters: N names, L labels.
"""

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit

from charnn.evaluation.metrics import tempered

SHARE_STEP, MOST_SHARE = 0.025, 0.95  # of an n-gram model in a mixture


def best_temperature(
    log_probs: np.ndarray, targets: np.ndarray, weights: np.ndarray | None = None
) -> float:
    """The temperature with the lowest NLL: log_probs (N, L), targets (N,). 1 if there is no name.

    With `weights` (N,) a name of weight 2 counts twice.

    Guo et al. (2017), "On calibration of modern neural networks". The logarithm of the temperature
    has a normal prior of deviation 1/2, so that a handful of names cannot move it far.
    """
    n = len(targets)
    if not n:
        return 1.0
    times = np.ones(n) if weights is None else weights

    def loss(log_t: float) -> float:
        """The NLL of all names, and the prior's."""
        of_names = tempered(log_probs, np.exp(log_t))[np.arange(n), targets]
        return float(-(times * of_names).sum() + 2 * log_t**2)

    return float(np.exp(minimize_scalar(loss, bounds=(-2, 2), method="bounded").x))


def best_mixture(
    network: np.ndarray,
    ngrams: np.ndarray,
    targets: np.ndarray,
    weights: np.ndarray | None = None,
) -> tuple[float, float]:
    """The temperature T and share s with which two models are combined; 1 and 1/2 without names.

    network and ngrams are logits (N, L) of the same names, targets (N,); the combination is the
    softmax of ((1 - s) network + s ngrams) / T, a geometric mean: Hinton (2002), "Training products
    of experts by minimizing contrastive divergence". The lowest NLL is looked for first, where T
    has the prior of `best_temperature` and the log odds of s a normal one of deviation 1. Of the
    higher shares that are no more than a standard error above it the highest is taken: these names
    have chosen the network's epoch, and so they flatter it. Breiman et al. (1984),
    "Classification and regression trees", the rule of one standard error. With `weights` (N,) a
    name of weight 2 counts twice.
    """
    n = len(targets)
    if not n:
        return 1.0, 0.5
    times = np.ones(n) if weights is None else weights

    def mixed(share: float) -> np.ndarray:
        """Logits (N, L)."""
        return (1 - share) * network + share * ngrams

    def losses(share: float, temperature: float) -> np.ndarray:
        """Of each name (N,), in nats."""
        return -tempered(mixed(share), temperature)[np.arange(n), targets]

    def loss(x: np.ndarray) -> float:
        """The NLL of all names, and the priors'; x is the log of T and the log odds of s."""
        log_t, log_odds = x
        of_names = (times * losses(expit(log_odds), np.exp(log_t))).sum()
        return float(of_names + 2 * log_t**2 + log_odds**2 / 2)

    # Two unknowns and a loss without a cheap gradient: the simplex search is enough.
    bounds = ((-2, 2), (-8, 8))
    log_t, log_odds = minimize(loss, (0.0, 0.0), method="Nelder-Mead", bounds=bounds).x
    temperature, share = float(np.exp(log_t)), float(expit(log_odds))
    lowest = losses(share, temperature)
    for higher in np.arange(share + SHARE_STEP, MOST_SHARE, SHARE_STEP).tolist():
        its_temperature = best_temperature(mixed(higher), targets, weights)
        worse = losses(higher, its_temperature) - lowest
        mean = np.average(worse, weights=times)
        variance = np.average((worse - mean) ** 2, weights=times)
        if mean > np.sqrt(variance / times.sum()):
            break
        temperature, share = its_temperature, higher
    return temperature, share
