"""The beginnings that texts share, so that a network reads each of them once.

Schneider, Schmidt and Schmid need nine steps of nine letters, but `sch` is read only once: after
the same letters a network that reads from one end has the same state. In a table of names half of
all steps are such. Knows no network. Axis letters: B texts, T time, P prefixes of one length.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from charnn.text.vocabulary import real_steps

BITS = 62  # of the number by which texts are put in order


class Step(NamedTuple):
    """The different prefixes of one length."""

    ids: np.ndarray  # (P,): the last symbol of each
    before: np.ndarray  # (P,): which prefix of the step before it is without that symbol
    texts: np.ndarray  # (E,): the texts that end here
    places: np.ndarray  # (E,): which prefix each of them is


def neighbours(ids: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """The texts (B, T) in groups of at most `size`, those that begin alike in one group."""
    order = np.argsort(_in_order(ids))
    for start in range(0, len(order), size):
        yield order[start : start + size]


def steps(ids: np.ndarray, lengths: np.ndarray) -> Iterator[Step]:
    """The prefixes of 1, 2, ... T symbols of texts ids (B, T), lengths (B,).

    Those that neighbours share are there once.
    """
    ids, real = ids.T, real_steps(lengths, ids.shape[1]).T  # (T, B)
    # Whether a text differs from the one above it in one of the symbols so far, or goes on longer.
    new = np.ones_like(real)
    np.not_equal(ids[:, 1:], ids[:, :-1], out=new[:, 1:])
    new[:, 1:] |= ~real[:, :-1]
    np.logical_or.accumulate(new, axis=0, out=new)
    new &= real
    place = np.cumsum(new, axis=1) - 1  # (T, B): of each text's prefix among the different ones
    before = np.zeros(len(lengths), dtype=np.int64)  # before the first symbol all are the same
    for step, (symbols, first, now) in enumerate(zip(ids, new, place, strict=True), start=1):
        ended = np.flatnonzero(lengths == step)
        yield Step(symbols[first], before[first], ended, now[ended])
        before = now


def _in_order(ids: np.ndarray) -> np.ndarray:
    """A number for each text (B, T) of its first symbols: texts that begin alike are neighbours."""
    size = max(int(ids.max(initial=0)).bit_length(), 1)
    numbers = np.zeros(len(ids), dtype=np.int64)
    for column in ids.T[: BITS // size]:
        numbers = numbers << size | column
    return numbers
