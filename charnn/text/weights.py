"""The weights of names: how often each counts, in whole numbers where they are counted."""

import numpy as np


def as_counts(sums: np.ndarray) -> np.ndarray:
    """Sums of weights as whole numbers of times; at least 1 for what is there at all."""
    return np.where(sums > 0, np.rint(sums).clip(1), 0).astype(np.int64)
