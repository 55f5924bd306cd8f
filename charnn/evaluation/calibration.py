"""Calibration: the temperature, and the share of a second model, with the lowest NLL on some names.

Knows nothing of networks, text or files: log-probabilities (N, L) and targets (N,) in, numbers out.
Axis letters: N names, L labels.
"""

from typing import NamedTuple

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


class Mixture(NamedTuple):
    """Two models' logits (N, L) of the same names, with targets (N,) and weights (N,).

    Their combination is the softmax of ((1 - s) network + s ngrams) / T, a geometric mean: Hinton
    (2002), "Training products of experts by minimizing contrastive divergence".
    """

    network: np.ndarray
    ngrams: np.ndarray
    targets: np.ndarray
    weights: np.ndarray | None = None  # of weight 2 a name counts twice

    def logits(self, share: float) -> np.ndarray:
        """Logits (N, L) at a share s, before T divides them."""
        return (1 - share) * self.network + share * self.ngrams

    def losses(self, temperature: float, share: float) -> np.ndarray:
        """Of each name (N,), in nats."""
        rows = np.arange(len(self.targets))
        return -tempered(self.logits(share), temperature)[rows, self.targets]

    @property
    def times(self) -> np.ndarray:
        """How often each name counts (N,)."""
        return np.ones(len(self.targets)) if self.weights is None else self.weights

    def lowest(self) -> tuple[float, float]:
        """T and s with the lowest NLL; 1 and 1/2 without names.

        T has the prior of `best_temperature`, the log odds of s a normal one of deviation 1.
        """
        if not len(self.targets):
            return 1.0, 0.5
        times = self.times

        def loss(x: np.ndarray) -> float:
            """The NLL of all names, and the priors'; x is the log of T and the log odds of s."""
            log_t, log_odds = x
            of_names = (times * self.losses(np.exp(log_t), expit(log_odds))).sum()
            return float(of_names + 2 * log_t**2 + log_odds**2 / 2)

        # Two unknowns and a loss without a cheap gradient: the simplex search is enough.
        bounds = ((-2, 2), (-8, 8))
        log_t, log_odds = minimize(loss, (0.0, 0.0), method="Nelder-Mead", bounds=bounds).x
        return float(np.exp(log_t)), float(expit(log_odds))


def best_mixture(
    network: np.ndarray,
    ngrams: np.ndarray,
    targets: np.ndarray,
    weights: np.ndarray | None = None,
) -> tuple[float, float]:
    """The temperature T and share s with which a classifier's two models are combined.

    Logits (N, L) of both, targets (N,), weights (N,): see `Mixture`. Of the higher shares that are
    no more than a standard error above the lowest NLL the highest is taken: these names have chosen
    the network's epoch, and so they flatter it. Breiman et al. (1984), "Classification and
    regression trees", the rule of one standard error.
    """
    mixture = Mixture(network, ngrams, targets, weights)
    temperature, share = mixture.lowest()
    if not len(targets):
        return temperature, share
    times, lowest = mixture.times, mixture.losses(temperature, share)
    for higher in np.arange(share + SHARE_STEP, MOST_SHARE, SHARE_STEP).tolist():
        its_temperature = best_temperature(mixture.logits(higher), targets, weights)
        worse = mixture.losses(its_temperature, higher) - lowest
        mean = np.average(worse, weights=times)
        variance = np.average((worse - mean) ** 2, weights=times)
        if mean > np.sqrt(variance / times.sum()):
            break
        temperature, share = its_temperature, higher
    return temperature, share
