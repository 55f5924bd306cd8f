"""The report of an evaluation: the confusion matrix as PNG and CSV, and one self-contained page.

Computes no log-probability and writes no file. The page's HTML is in report.html, beside this.
Axis letters: N names, L labels, S labels shown.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from charnn.drawing import as_bytes
from charnn.evaluation.confusion import (
    confused_together,
    confusion_csv,
    confusion_picture,
    most_confused,
)
from charnn.evaluation.measure import Evaluation, headline, whose
from charnn.evaluation.metrics import by_row, confusion, reliability_of
from charnn.inference.classifier import Classifier
from charnn.inference.description import held_out
from charnn.version import __version__

FILES = ("confusion.png", "confusion.csv", "report.html")
LISTED = 20_000  # names up to which the page lists all; of more, each cell lists the top ones
FEWEST_LISTED = 10  # names that each cell lists in any case
MISTAKES = 25  # rows of the page's list of mistakes


def report_files(classifier: Classifier, evaluation: Evaluation, title: str) -> dict[str, bytes]:
    """The contents of confusion.png, confusion.csv and report.html, by name.

    The labels have the same order in all three. The picture and the page show the most confused
    labels where there are very many; the CSV has all.
    """
    matrix = confusion(evaluation.log_probs, evaluation.data.targets)
    every = confused_together(matrix)
    shown = every[np.isin(every, most_confused(matrix))]
    figures = evaluation.figures
    result = f"accuracy {figures['accuracy']:.3f} on {figures['n']:,} {figures['unit']}s"
    picture = confusion_picture(matrix, classifier.labels, shown, f"{title}: {result}")
    contents = (
        as_bytes(picture),
        confusion_csv(matrix, classifier.labels, every).encode(),
        page(classifier, evaluation, shown, title).encode(),
    )
    return dict(zip(FILES, contents, strict=True))


def page(classifier: Classifier, evaluation: Evaluation, order: np.ndarray, title: str) -> str:
    """The report as one HTML page, which loads nothing from elsewhere and escapes every name.

    `order` (S,) holds the labels to show, as the classifier's indices, in the order of the matrix.
    """
    labels = [classifier.labels[i] for i in order]
    data = {
        "labels": labels,
        "all": classifier.labels,
        "cells": cells(evaluation, order),
        "unit": evaluation.figures["unit"],
    }
    here = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=here, autoescape=True, undefined=StrictUndefined)
    return environment.get_template("report.html").render(
        title=title,
        figures=evaluation.figures,
        whose=whose(evaluation.figures),
        headline=headline(evaluation.figures),
        labels=labels,
        left_out=len(classifier.labels) - len(order),
        matrix=matrix_rows(evaluation, order),
        diagram={
            "before": diagram_points(evaluation.uncalibrated, evaluation.data.targets),
            "after": diagram_points(evaluation.log_probs, evaluation.data.targets),
        },
        mistakes=mistakes(evaluation),
        card=card(classifier),
        data=data,
    )


def matrix_rows(evaluation: Evaluation, order: np.ndarray) -> list[list[dict[str, int]]]:
    """The page's confusion matrix (S, S): each cell's count, its percent of the row and its shade.

    The shade, in percent, is the square root of the share, as in the picture.
    """
    matrix = confusion(evaluation.log_probs, evaluation.data.targets)
    chosen = np.ix_(order, order)
    counts, shares = matrix[chosen].tolist(), by_row(matrix)[chosen].tolist()
    return [
        [
            {"count": n, "percent": round(100 * share), "shade": round(100 * share**0.5)}
            for n, share in zip(*row, strict=True)
        ]
        for row in zip(counts, shares, strict=True)
    ]


def diagram_points(log_probs: np.ndarray, targets: np.ndarray) -> list[tuple[float, float]]:
    """The reliability of log-probabilities (N, L) as points of the page's diagram.

    Its origin is at (50, 290), its axes are 270 long, and y grows downwards.
    """
    bins = reliability_of(log_probs, targets)
    return [
        (round(50 + 270 * x, 1), round(290 - 270 * y, 1))
        for x, y in zip(bins.confidence.tolist(), bins.accuracy.tolist(), strict=True)
    ]


def cells(
    evaluation: Evaluation, order: np.ndarray, most: int = LISTED
) -> dict[str, list[list[Any]]]:
    """For each cell "row,column" that is not empty its names, the most confident first.

    Each name comes with its three most probable labels, as [classifier's index, probability], and
    the probability of the right label. Of more than `most` names, each cell gets its share of that
    number.
    """
    probabilities = np.exp(evaluation.log_probs)
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :3]  # (N, 3)
    targets = evaluation.data.targets
    row_of = {label: row for row, label in enumerate(order.tolist())}
    limit = len(targets)
    if len(targets) > most:
        filled = np.unique(targets * probabilities.shape[1] + best[:, 0])
        limit = max(most // len(filled), FEWEST_LISTED)
    found: dict[str, list[list[Any]]] = {}
    for i in np.argsort(-probabilities.max(1), kind="stable").tolist():
        right, predicted = int(targets[i]), int(best[i, 0])
        if right not in row_of or predicted not in row_of:
            continue
        names = found.setdefault(f"{row_of[right]},{row_of[predicted]}", [])
        if len(names) < limit:
            top = [[int(label), round(float(probabilities[i, label]), 3)] for label in best[i]]
            of_right = round(float(probabilities[i, right]), 3)
            names.append([evaluation.data.names[i], top, of_right])
    return found


class Mistake(NamedTuple):
    """A name whose most probable label is wrong."""

    name: str
    predicted: str
    probability: float
    right: str
    probability_of_right: float


def mistakes(evaluation: Evaluation, most: int = MISTAKES) -> list[Mistake]:
    """The `most` most confident mistakes."""
    probabilities, data = np.exp(evaluation.log_probs), evaluation.data
    predicted = probabilities.argmax(1)  # (N,)
    wrong = np.flatnonzero(predicted != data.targets)
    confident_first = np.argsort(-probabilities[wrong, predicted[wrong]], kind="stable")
    return [
        Mistake(
            data.names[i],
            data.labels[predicted[i]],
            float(probabilities[i, predicted[i]]),
            data.labels[data.targets[i]],
            float(probabilities[i, data.targets[i]]),
        )
        for i in wrong[confident_first][:most].tolist()
    ]


def card(classifier: Classifier) -> list[tuple[str, str]]:
    """What a reader of the report should know of the model: (what, value)."""
    figures, about, config = classifier.figures, classifier.about, classifier.config
    measured = held_out(figures)
    trained_on = f"{figures['train']['n']:,} {config.unit}s"
    counts = zip(classifier.labels, classifier.counts.tolist(), strict=True)
    parameters = sum(array.size for array in classifier.engine.arrays().values())
    values = [f"{name.replace('_', ' ')} {value}" for name, value in config.to_dict().items()]
    return [
        ("trained on", f"{trained_on}; weights of epoch {figures['best_epoch']}"),
        ("labels", ", ".join(f"{label} ({count:,})" for label, count in counts)),
        (
            f"on its {'test' if 'test' in figures else 'validation'} set",
            f"accuracy {measured['accuracy']:.3f}, macro-F1 {measured['macro_f1']:.3f}, "
            f"NLL {measured['nll']:.3f} nats on {measured['n']:,} {config.unit}s",
        ),
        ("data fingerprint", about["data"]),
        ("seed", str(config.seed)),
        ("charnn version", about.get("version", __version__)),
        ("parameters", f"{parameters:,}"),
        ("temperature", f"{classifier.temperature:.3f}"),
        ("n-gram share", f"{classifier.ngram_share:.3f}"),
        ("configuration", ", ".join(values)),
    ]
