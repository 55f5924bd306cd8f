"""What is to be generated, and what was: plans, steps and samples.

Axis letters: B rows, V symbols.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from charnn.inference.sampling import Sampler


class Sample(NamedTuple):
    """A generated text, and its bits per character under the model at temperature 1."""

    text: str
    label: str | None
    bits_per_char: float


class Plan(NamedTuple):
    """How texts are to be generated, after all checks."""

    starts: tuple[Sequence[str], ...]  # prefixes as read, of one length: one, or one a row
    length: int  # characters at most, the prefix included
    sampler: Sampler


def bits_per_char(letters: Sequence[tuple[str, float]]) -> float:
    """The bits per character of a text's letters (or words) with their bits."""
    return sum(bits for _, bits in letters) / sum(len(letter) for letter, _ in letters)


class Drawn(NamedTuple):
    """One step: what was drawn for the rows that are still being generated."""

    rows: np.ndarray  # (B,) their indices
    ids: np.ndarray  # (B,)
    log_probs: np.ndarray  # (B, V)
