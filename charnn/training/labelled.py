"""Texts with labels of any type and weights, as scikit-learn's callers have them: into Names.

Trains nothing. Axis letters: N texts, L labels.
"""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from charnn.errors import CharnnError
from charnn.text.entries import too_long
from charnn.text.given import column_of, is_missing
from charnn.text.labels import as_label, is_printable
from charnn.text.names import Names
from charnn.wording import counted, listed, quoted


def labelled(
    texts: list[str],
    y: Any,
    sample_weight: Any = None,
    class_weight: Mapping[Any, float] | str | None = None,
    longest: int = 100,
) -> tuple[np.ndarray, Names]:
    """The different labels in order, as they were given (L,), and the texts with these labels.

    Empty texts are left out with a warning, and those of weight 0 without one. Raises CharnnError,
    with the row where there is one, for labels and weights that do not fit, for a text of more than
    `longest` characters, and where fewer than two labels are left.
    """
    labels = labels_of(y)
    if len(labels) != len(texts):
        raise CharnnError(
            f"X has {counted(len(texts), 'row')} and y has {len(labels):,}; give one label for "
            "each text"
        )
    for row, text in enumerate(texts, start=1):
        if fault := too_long(text, longest):
            raise CharnnError(f"X, row {row:,}: {fault}")
    weights = None if sample_weight is None else weights_of(sample_weight, len(texts))
    empty = np.array([not text for text in texts], dtype=bool)
    if empty.any():
        warnings.warn(
            f"X: {counted(int(empty.sum()), 'row')} without a text; skipped", stacklevel=3
        )
    kept = ~empty if weights is None else ~empty & (weights > 0)
    classes, targets = classes_of(labels[kept])
    if len(classes) < 2:
        raise CharnnError(_too_few(classes, len(texts), bool(kept.any() or empty.all())))
    weights = None if weights is None else weights[kept]
    if class_weight is not None:
        weights = np.ones(len(targets)) if weights is None else weights
        weights = weights * of_classes(class_weight, classes, targets, weights)[targets]
    if weights is not None and (weights == 1).all():  # the same sums as without them, bit for bit
        weights = None
    chosen = [text for text, stays in zip(texts, kept.tolist(), strict=True) if stays]
    names = Names(chosen, targets, texts_for(classes), weights)
    return classes, names if weights is None else names.select(weights > 0)


def _too_few(classes: np.ndarray, rows: int, weighed: bool) -> str:
    """What is wrong with fewer than two classes in so many rows."""
    if not weighed:
        return "all of sample_weight is zero, so that no text is left; give weights above zero"
    only = f"only 1 class, {quoted(classes.tolist()[0])}" if len(classes) else "no class"
    return f"y has {only} (of {counted(rows, 'row')}); a classifier needs at least two"


def labels_of(y: Any) -> np.ndarray:
    """The labels as an array (N,) that keeps their types: 1 and "1" are two labels."""
    if y is None:
        raise CharnnError("fit requires y to be passed, but the target y is None; give the labels")
    given = y if hasattr(y, "__array__") else list(column_of("y", y))
    texts = [isinstance(label, str) for label in given] if isinstance(given, list) else []
    if any(texts) and not all(texts):
        labels = np.empty(len(given), dtype=object)  # numpy would write all of them as text
        labels[:] = given
    else:
        labels = column_or_1d(given, warn=True)
    for row, label in enumerate(labels.tolist(), start=1):
        if is_missing(label):
            raise CharnnError(f"y, row {row:,}: {label} is missing; give a label, or leave it out")
    if labels.dtype.kind in "fc":  # numbers that are measured are no classes
        check_classification_targets(labels)
    return labels


def classes_of(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different labels in order (L,), and the place of each label among them (N,)."""
    try:
        return np.unique(labels, return_inverse=True)
    except TypeError:  # labels of several types have no order among each other
        ordered = sorted(set(labels), key=lambda label: (type(label).__name__, label))
        classes = np.empty(len(ordered), dtype=object)
        classes[:] = ordered
        place = {label: index for index, label in enumerate(ordered)}
        return classes, np.array([place[label] for label in labels], dtype=np.int64)


def texts_for(classes: np.ndarray) -> list[str]:
    """How a model names the labels (L,): as text, and as Python writes them where that is unclear.

    >>> texts_for(np.array([0, 1])), texts_for(np.array([1, "1"], dtype=object))
    (['0', '1'], ['1', "'1'"])
    """
    texts = [as_label(str(label)) for label in classes.tolist()]
    if len(set(texts)) == len(texts) and all(text and is_printable(text) for text in texts):
        return texts
    return [ascii(label) for label in classes.tolist()]


def weights_of(values: Any, size: int, name: str = "sample_weight") -> np.ndarray:
    """The weights (N,), N = size. Raises CharnnError unless they are so many numbers from 0."""
    weights = np.asarray(values, dtype=np.float64)
    if weights.shape != (size,):
        raise CharnnError(
            f"{name} has the shape {weights.shape}; give {counted(size, 'number')}, one for each"
        )
    wrong = ~(np.isfinite(weights) & (weights >= 0))
    if wrong.any():
        row = int(wrong.argmax())
        raise CharnnError(f"{name}, row {row + 1:,}: {weights[row]} is no weight; give 0 or more")
    return weights


def of_classes(
    class_weight: Mapping[Any, float] | str,
    classes: np.ndarray,
    targets: np.ndarray,
    weights: np.ndarray,
) -> np.ndarray:
    """The weight of each class (L,): with "balanced" all classes weigh the same together.

    targets (N,) and weights (N,) are those of the texts. Raises CharnnError for classes that there
    are not, and for what is neither a dictionary nor "balanced".
    """
    if isinstance(class_weight, str) and class_weight == "balanced":
        totals = np.bincount(targets, weights, len(classes))
        return totals.sum() / (len(classes) * totals)
    if not isinstance(class_weight, Mapping):
        raise CharnnError(
            f'class_weight {quoted(class_weight)} is neither "balanced" nor a dictionary; give one'
        )
    known = classes.tolist()
    unknown = [label for label in class_weight if label not in known]
    if unknown:
        raise CharnnError(
            f"class_weight: {listed(map(quoted, unknown))} is no class; there are "
            f"{listed(map(quoted, known))}"
        )
    given = [class_weight.get(label, 1.0) for label in known]
    return weights_of(given, len(known), "class_weight")
