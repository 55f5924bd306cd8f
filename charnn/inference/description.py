"""What a model file says of its model, checked before anything is built from it.

Knows dictionaries and arrays; builds no network.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from charnn.config import Config
from charnn.errors import CharnnError
from charnn.text.labels import as_label, is_printable
from charnn.text.tokens import vocabulary_of
from charnn.text.vocabulary import Vocabulary
from charnn.wording import quoted

CHECKPOINT_TASK = "train"  # of a training's checkpoint, where a model file has its own task
FINGERPRINTED = ("train", "validation")  # the sets whose spellings a model has fingerprints of


class Description(NamedTuple):
    """The checked contents of a description that every model has."""

    config: Config
    vocabulary: Vocabulary
    labels: list[str]
    counts: np.ndarray  # (L,) int64: names of each label that it was trained on


def describe(path: str | Path, about: dict[str, Any], fewest_labels: int) -> Description:
    """The description of a model file's `about`.

    Raises CharnnError, with path, expected and found, for values that training never writes.
    """
    labels = _labels(path, about.get("labels"), fewest_labels)
    counts = _counts(path, about.get("counts"), len(labels))
    symbols: Any = about.get("symbols")
    whole = (
        symbols is not None
        and isinstance(about.get("config"), dict)
        and isinstance(about.get("data"), str)
        and isinstance(about.get("version"), str)
    )
    if not whole:
        raise incomplete(path)
    try:
        # Files from before there were n-gram models do not name them.
        config = Config.from_dict({"ngrams": 0, **about["config"]})
        vocabulary = vocabulary_of(config, symbols)
    except CharnnError as error:
        raise CharnnError(f"{path}: {error}") from None
    if config.task != about["task"]:
        raise CharnnError(
            f"{path}: task {quoted(config.task)} in its configuration, expected "
            f"{quoted(about['task'])}; "
            "train it again"
        )
    return Description(config, vocabulary, labels, counts)


def check_figures(path: str | Path, figures: Any, measured: tuple[str, ...]) -> None:
    """Raises CharnnError unless the figures have the required entries, all of them 0 or more.

    Those of a test set may be absent.
    """
    try:
        needed = [figures["best_epoch"], figures["train"]["n"]]
        sets = ("validation", "test") if "test" in figures else ("validation",)
        needed += [figures[name][figure] for name in sets for figure in measured]
    except (KeyError, TypeError):
        raise incomplete(path) from None
    if not all(type(number) in (int, float) and number >= 0 for number in needed):
        raise incomplete(path)


def held_out(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures of the test set; of a model that was trained without one, of its validation set.

    `figures` are those of a model.
    """
    return figures["test"] if "test" in figures else figures["validation"]


def check_mixture(path: str | Path, about: dict[str, Any]) -> None:
    """Raises CharnnError for an impossible temperature or share of the n-grams.

    A generator from before there were n-grams beside them has neither.
    """
    absent = 1.0 if about.get("task") == "generate" else None
    check_number(path, "temperature", about.get("temperature", absent), 0.1, 10)
    check_number(path, "ngram_share", about.get("ngram_share", 0.0), 0, 1)


def check_number(path: str | Path, name: str, value: Any, low: float, high: float) -> None:
    """Raises CharnnError unless a value of the description is a float from low to below high."""
    if type(value) is not float or not low <= value < high:
        raise CharnnError(
            f"{path}: {name} {quoted(value)}, expected a number of {low:g} to below {high:g}; "
            "train it again"
        )


def take_fingerprints(path: str | Path, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The fingerprints (N,) of each set, which are taken out of a model file's arrays.

    Raises CharnnError unless they are different whole numbers in order.
    """
    found = {}
    for name in FINGERPRINTED:
        array = arrays.pop(f"seen.{name}", None)
        fits = array is not None and array.dtype == np.int64 and array.ndim == 1
        if array is None or not fits or not (array[1:] > array[:-1]).all():
            what = "nothing" if array is None else f"{array.shape} {array.dtype}"
            raise CharnnError(
                f"{path}: tensor seen.{name}: expected different whole numbers (int64) in order, "
                f"found {what}; train it again"
            )
        found[name] = array
    return found


def incomplete(path: str | Path) -> CharnnError:
    """The error for a description that lacks something."""
    return CharnnError(
        f"{path} lacks its symbols, configuration, data fingerprint or figures; train it again"
    )


def _labels(path: str | Path, labels: Any, fewest: int) -> list[str]:
    """The labels: different printable strings, at least `fewest`, composed as all labels are."""
    fits = (
        isinstance(labels, list)
        and len(labels) >= fewest
        and all(isinstance(label, str) and is_printable(label) for label in labels)
        and len(set(map(as_label, labels))) == len(labels)
    )
    if not fits:
        least = " at least two" if fewest else ""
        raise CharnnError(
            f"{path}: labels {quoted(labels)}, expected{least} different names; train it again"
        )
    return list(map(as_label, labels))


def _counts(path: str | Path, counts: Any, labels: int) -> np.ndarray:
    """How many names each label has: one whole number a label, whose sum a float can hold."""
    fits = (
        isinstance(counts, list)
        and len(counts) == labels
        and all(type(count) is int and count >= 0 for count in counts)
        and sum(counts) < 2**53
    )
    if not fits:
        raise CharnnError(
            f"{path}: counts {quoted(counts)}, expected one for each of {labels} labels; "
            "train it again"
        )
    return np.array(counts, dtype=np.int64)
