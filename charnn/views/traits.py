"""What is simple to say of each letter of a text, and the hidden units that follow it.

Knows numbers: neither a network nor pictures. Axis letters: N letters of all texts, U hidden units.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

VOWELS = frozenset("aeiouäöüáéíóúàèìòùâêîôûåæøœıy")
TRAITS = (
    "position in the line",
    "position in the word",
    "inside quotes",
    "inside brackets",
    "a capital letter",
    "a vowel",
    "the letter before again",
    "a space",
    "a digit",
    "a sign",
)


def traits_of(text: str) -> dict[str, np.ndarray]:
    """The values (N,) of all of TRAITS for the N letters of a text.

    Quotes and brackets that are still open at an empty line are taken for closed.
    """
    rows = []
    line = word = depth = 0
    quoted = False
    for before, letter in pairwise(("\n", *text)):
        line = 0 if before == "\n" else line + 1
        word = word + 1 if letter.isalnum() else 0
        if letter == before == "\n":
            quoted, depth = False, 0
        quoted = is_quoted(quoted, letter)
        depth = max(depth + (letter in "([{") - (letter in ")]}"), 0)
        row = (
            line,
            word,
            quoted,
            depth > 0,
            letter.isupper(),
            letter.lower() in VOWELS,
            letter == before,
            letter == " ",
            letter.isdigit(),
            not letter.isalnum() and not letter.isspace(),
        )
        rows.append(row)
    columns = np.array(rows, dtype=float).reshape(-1, len(TRAITS)).T
    return dict(zip(TRAITS, columns, strict=True))


def is_quoted(before: bool, letter: str) -> bool:
    """Whether a letter is inside quotes, from whether the one before it is."""
    if letter in "“”":
        return letter == "“"
    return not before if letter == '"' else before  # the same sign opens and closes


def traits_of_all(texts: Sequence[str]) -> dict[str, np.ndarray]:
    """The values (N,) of all of TRAITS for the N letters of all texts, one text after the other."""
    each = [traits_of(text) for text in texts]
    return {trait: np.concatenate([values[trait] for values in each]) for trait in TRAITS}


# ---------------------------------------------------------------- units


class Neuron(NamedTuple):
    """A hidden unit that follows something simple."""

    layer: str  # as in `directions_of`
    unit: int  # from 1
    trait: str  # what it follows
    r: float  # their correlation, on letters that did not choose it
    values: np.ndarray  # its value after each letter (N,)

    def __str__(self) -> str:
        return f"{self.layer}, unit {self.unit}"


def units_that_follow(
    hidden: np.ndarray,
    where: Sequence[tuple[str, int]],
    traits: dict[str, np.ndarray],
    most: int,
) -> list[Neuron]:
    """The unit that follows each trait best, the strongest correlation first; `most` at most.

    hidden (N, U), traits (N,) each. The first half of the letters chooses the units (Pearson's r),
    the second half says how well they follow. A unit is named once; a trait that never changes in a
    half is left out.
    """
    half = len(hidden) // 2
    if not half:
        return []
    # A correlation of hundreds of units with ten traits is easily large by chance, so it is
    # measured on letters that had no part in choosing the unit.
    strength = {
        trait: np.abs(correlations(hidden[:half], values[:half]))  # (U,)
        for trait, values in traits.items()
        if np.ptp(values[:half]) and np.ptp(values[half:])
    }
    strongest_first = sorted(strength, key=lambda trait: -strength[trait].max())
    chosen: list[Neuron] = []
    taken: set[int] = set()
    for trait in strongest_first[: hidden.shape[1]]:
        order = np.argsort(-strength[trait], kind="stable").tolist()
        # The best unit that no stronger trait has taken.
        unit = next(unit for unit in order if unit not in taken)
        taken.add(unit)
        (r,) = correlations(hidden[half:, unit : unit + 1], traits[trait][half:])
        layer, number = where[unit]
        chosen.append(Neuron(layer, number, trait, float(r), hidden[:, unit]))
    return sorted(chosen, key=lambda neuron: -abs(neuron.r))[:most]


def correlations(hidden: np.ndarray, trait: np.ndarray) -> np.ndarray:
    """Pearson's correlation of each unit, hidden (N, U), with a trait (N,): (U,).

    0 for a unit that never changes.
    """
    hidden, trait = hidden - hidden.mean(0), trait - trait.mean()
    norms = np.linalg.norm(hidden, axis=0) * np.linalg.norm(trait)
    return np.divide(trait @ hidden, norms, out=np.zeros(hidden.shape[1]), where=norms > 0)
