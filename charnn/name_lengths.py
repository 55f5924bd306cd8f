"""How long the names of each label are: what a name's length says of its label.

Where H counts the names of t letters among the N names of a label l,

    P(t | l) = (H(t, l) + a q(t)) / (N(l) + a)

with a = SMOOTHING and q, the shares of the lengths in all labels together, to each of which half a
name is added (Krichevsky and Trofimov 1981); one length more than was seen stands for all longer
ones. Works on numpy arrays. Axis letters: N names, T lengths, L labels.
"""

import numpy as np

from charnn.text.weights import as_counts

SMOOTHING = 20.0


def counted_lengths(
    lengths: np.ndarray, targets: np.ndarray, labels: int, weights: np.ndarray | None = None
) -> np.ndarray:
    """How many names have each length, (T, L) from 0 on, of names (N,) with labels targets (N,).

    With `weights` (N,) a name of weight 2 counts twice.
    """
    sizes = int(lengths.max()) + 2, labels
    found = np.bincount(lengths * labels + targets, weights, sizes[0] * sizes[1])
    return as_counts(found).reshape(sizes)


def log_shares_of_lengths(counts: np.ndarray) -> np.ndarray:
    """log P(t | l), (T, L), of counts (T, L)."""
    counts = counts.astype(np.float64)
    of_all = counts.sum(1, keepdims=True) + 0.5  # (T, 1)
    shares = of_all / of_all.sum()
    return np.log((counts + SMOOTHING * shares) / (counts.sum(0) + SMOOTHING))
