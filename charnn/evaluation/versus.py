"""Two classifiers on the same names: is one right more often than the other beyond chance?

Knows models and names, and fits nothing. N names.
"""

from typing import NamedTuple

import numpy as np

from charnn.inference.trained import Trained
from charnn.text.labels import as_label
from charnn.text.letters import sameness
from charnn.text.names import Names
from charnn.text.splits import fingerprints

CHANCE = 0.05  # the p-value below which a difference is called one beyond chance


class Versus(NamedTuple):
    """How often each of two classifiers was right on the same N names."""

    n: int
    right: tuple[int, int]  # how many names each got right
    only: tuple[int, int]  # how many of them the other got wrong
    p: float  # McNemar's exact test

    @property
    def beyond_chance(self) -> bool:
        """Whether p is below CHANCE."""
        return self.p < CHANCE


def mcnemar(first: int, second: int) -> float:
    """The p-value, two-sided, of McNemar's exact test, given how many names only one got right.

    If the two were equally good, each such name would fall to either like a coin. McNemar (1947),
    "Note on the sampling error of the difference between correlated proportions".
    """
    from scipy.stats import binomtest

    return float(binomtest(first, first + second).pvalue) if first + second else 1.0


def versus(first: Trained, second: Trained, names: Names) -> Versus:
    """Compares two classifiers on names whose labels both know."""
    labels = np.array([as_label(label) for label in names.labels])[names.targets]  # (N,)
    right = []
    for model in (first, second):
        known = np.array([as_label(label) for label in model.labels])
        right.append(known[model.log_proba(names.names).argmax(1)] == labels)  # (N,)
    a, b = right
    only = int((a & ~b).sum()), int((b & ~a).sum())
    return Versus(len(names), (int(a.sum()), int(b.sum())), only, mcnemar(*only))


class Chosen(NamedTuple):
    """The names that two models can be compared on, and how many could not be."""

    names: Names
    met: int  # that one of the models was trained on, or its epoch chosen by
    unknown: int  # with a label that one of the models does not know
    repeated: int  # that stand there with the same label already


def comparable(first: Trained, second: Trained, names: Names) -> Chosen:
    """Of some names those that are new to both models and whose labels both know, each once."""
    met = seen(first, names.names) | seen(second, names.names)
    known = set(map(as_label, first.labels)) & set(map(as_label, second.labels))
    unknown = ~np.array([as_label(label) in known for label in names.labels])[names.targets]
    marks = keys(names, first.config.raw or second.config.raw)
    fresh = {key: row for row, key in reversed(list(enumerate(marks)))}
    once = np.isin(np.arange(len(names)), list(fresh.values()))
    kept = ~met & ~unknown
    return Chosen(
        names.select(kept & once),
        int(met.sum()),
        int((unknown & ~met).sum()),
        int((kept & ~once).sum()),
    )


def seen(model: Trained, names: list[str]) -> np.ndarray:
    """Which names are in a model's training or validation set, bool (N,)."""
    marks = fingerprints(names, model.fingerprints_raw)
    return np.isin(marks, np.concatenate(list(model.fingerprints.values())))


def in_both(first: Names, second: Names, raw: bool = False) -> Names:
    """The names of the first that are among the second's too, with the same label."""
    others = set(keys(second, raw))
    shared = np.array([key in others for key in keys(first, raw)], dtype=bool)
    return first.select(shared)


def keys(names: Names, raw: bool) -> list[tuple[str, str]]:
    """Each name as names are told apart, with its label."""
    labels = [as_label(label) for label in names.labels]
    targets = names.targets.tolist()
    return [
        (sameness(name, raw), labels[target])
        for name, target in zip(names.names, targets, strict=True)
    ]
