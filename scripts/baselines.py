"""What one would try before a recurrent network: the methods that scripts/benchmark.py compares.

Not a command. Each method is a function of the three sets of names and a seed; it trains and
returns a `Fitted`. None of them chooses anything on the validation set, so they learn from it too.

Axis letters: N names, L labels.
"""

import pickle
import random
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import measuring
import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from charnn.data import Names

STEPS = 100_000  # single names that the notes' program learns from

LogProba = Callable[[Sequence[str]], np.ndarray]  # names -> log-probabilities (N, L)


class Fitted(NamedTuple):
    """A method after its training."""

    log_proba: LogProba | None  # None for a method without probabilities
    guess: Callable[[Sequence[str]], np.ndarray]  # names -> the index of their label (N,)
    names: int  # that it was trained on
    size: int  # bytes of its file


Method = Callable[[measuring.Parts, int], Fitted]


def with_probabilities(log_proba: LogProba, names: int, size: int) -> Fitted:
    """A method that guesses the most probable label."""
    return Fitted(log_proba, lambda texts: log_proba(texts).argmax(1), names, size)


def as_log(probabilities: np.ndarray) -> np.ndarray:
    """Logarithms of rows (N, L) that sum to 1, with 1e-9 for what a method thinks impossible."""
    probabilities = np.maximum(probabilities, 1e-9)
    log_probs: np.ndarray = np.log(probabilities / probabilities.sum(1, keepdims=True))
    return log_probs


def majority(parts: measuring.Parts, seed: int) -> Fitted:
    """The labels' shares, whatever the name."""
    data = measuring.all_but_test(parts)
    counts = data.counts() + 1
    row = np.log(counts / counts.sum())  # (L,)
    return with_probabilities(lambda names: np.tile(row, (len(names), 1)), len(data), row.nbytes)


# ---------------------------------------------------------------- n-grams, by scikit-learn


class NgramRows:
    """Names as rows of character 1-5-grams, weighted by TF-IDF."""

    def __init__(self, data: Names) -> None:
        self.vectorizer = TfidfVectorizer(
            analyzer="char", ngram_range=(1, 5), sublinear_tf=True, lowercase=False
        )
        self.training = self.vectorizer.fit_transform(map(measuring.marked, data.names))

    def __call__(self, names: Sequence[str]) -> object:
        """Names -> a sparse matrix (N, n-grams)."""
        return self.vectorizer.transform(map(measuring.marked, names))


def pickled_size(*objects: object) -> int:
    """Bytes of the file that scikit-learn's users keep; nothing is ever read from one here."""
    return len(pickle.dumps(objects))


def logistic_regression(
    parts: measuring.Parts, seed: int, class_weight: str | None = None
) -> Fitted:
    """Logistic regression on n-grams."""
    data = measuring.all_but_test(parts)
    rows = NgramRows(data)
    model = LogisticRegression(C=10, max_iter=500, class_weight=class_weight)
    model.fit(rows.training, data.targets)

    def log_proba(names: Sequence[str]) -> np.ndarray:
        probabilities = np.zeros((len(names), len(data.labels)))
        probabilities[:, model.classes_] = model.predict_proba(rows(names))
        return as_log(probabilities)

    return with_probabilities(log_proba, len(data), pickled_size(rows.vectorizer, model))


def balanced(parts: measuring.Parts, seed: int) -> Fitted:
    """The same with each label weighing as much as any other."""
    return logistic_regression(parts, seed, class_weight="balanced")


def linear_svm(parts: measuring.Parts, seed: int) -> Fitted:
    """A linear support vector machine on n-grams; it has no probabilities."""
    data = measuring.all_but_test(parts)
    rows = NgramRows(data)
    model = LinearSVC(random_state=seed).fit(rows.training, data.targets)
    size = pickled_size(rows.vectorizer, model)
    return Fitted(None, lambda names: model.predict(rows(names)), len(data), size)


# ---------------------------------------------------------------- others


def fasttext(parts: measuring.Parts, seed: int) -> Fitted:
    """fastText's classifier on character n-grams of the whole name as one word."""
    data = measuring.all_but_test(parts)
    model = measuring.train_fasttext(data, epochs=50, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.bin")
        model.save_model(str(path))
        size = path.stat().st_size

    def log_proba(names: Sequence[str]) -> np.ndarray:
        probabilities = np.zeros((len(names), len(data.labels)))
        for row, name in enumerate(names):
            # The binding beneath: the public `predict` fails with numpy 2.
            word = measuring.fasttext_word(name) + "\n"
            found = model.f.predict(word, len(data.labels), 0.0, "strict")
            for probability, label in found:
                probabilities[row, int(label.removeprefix("__label__"))] = probability
        return as_log(probabilities)

    return with_probabilities(log_proba, len(data), size)


def notes(parts: measuring.Parts, seed: int) -> Fitted:
    """The lecture notes' own program."""
    lecture = measuring.lecture_program()
    data = measuring.all_but_test(parts)
    by_label: dict[str, list[str]] = {label: [] for label in data.labels}
    for name, target in zip(data.names, data.targets, strict=True):
        if text := lecture.unicode_to_ascii(name):
            by_label[data.labels[target]].append(text)
    random.seed(seed)
    torch.manual_seed(seed)
    network = lecture.train(by_label, STEPS, report=0)

    @torch.inference_mode()
    def log_proba(names: Sequence[str]) -> np.ndarray:
        # A name of which its alphabet leaves nothing has every label alike.
        rows = np.full((len(names), len(data.labels)), -np.log(len(data.labels)))
        for row, name in enumerate(names):
            hidden = torch.zeros(1, lecture.HIDDEN)
            for letter in lecture.line_to_tensor(lecture.unicode_to_ascii(name)):
                rows[row], hidden = network(letter, hidden)
        return as_log(np.exp(rows))

    size = sum(4 * parameter.numel() for parameter in network.parameters())
    return with_probabilities(log_proba, len(data), size)
