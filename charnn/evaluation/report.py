"""Pictures, each one function that returns a matplotlib Figure, and the report of an evaluation as one HTML page.

Knows figures and labels; it does not compute an answer. Colours are Okabe and Ito's (2008), and
shades of one blue: told apart by colour-blind readers and in grey.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import fill

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import squareform

from charnn.drawing import as_bytes, name_ticks, short
from charnn.evaluation.measure import Evaluation, headline, whose
from charnn.evaluation.metrics import by_row, confusion, reliability_of
from charnn.inference.classifier import Classifier
from charnn.version import __version__

FILES = ("confusion.png", "confusion.csv", "report.html")
SHOWN = 100      # labels in the picture and on the page, at most: those that are most confused
NUMBERED = 60    # labels up to which the picture has numbers in its cells
LISTED = 20_000  # names up to which the page lists every one; of more, each cell lists the surest
MISTAKES = 25    # rows of the page's list of mistakes


# ---------------------------------------------------------------- the confusion matrix


def confused_together(matrix: np.ndarray) -> np.ndarray:
    """An order (L,) of the labels in which those that are taken for each other stand side by side.

    Average linkage of the shares confused in either direction, with the leaves in the best order
    (Bar-Joseph et al., 2001).
    """
    shares = by_row(matrix)
    distance = 1 - (shares + shares.T) / 2
    np.fill_diagonal(distance, 0)
    pairs = squareform(distance, checks=False)
    return leaves_list(optimal_leaf_ordering(linkage(pairs, "average"), pairs))


def most_confused(matrix: np.ndarray, most: int = SHOWN) -> np.ndarray:
    """The labels, in order, with the most wrong answers in their row and column: all (L,), or `most` of more."""
    wrong = matrix.sum(0) + matrix.sum(1) - 2 * np.diag(matrix)
    return np.sort(np.argsort(-wrong, kind="stable")[:most])


def confusion_picture(matrix: np.ndarray, labels: Sequence[str], order: Sequence[int], title: str) -> Figure:
    """A confusion matrix (L, L) as percent of each row; right labels are the rows. `order`: which of them, and how."""
    shares, size = by_row(matrix)[np.ix_(order, order)], len(order)
    names = [short(labels[i]) for i in order]
    side = max(4.5, 0.36 * size + 2)  # inches
    font = 9 + side / 2.2             # points: a large picture is shown smaller
    figure = Figure(figsize=(side + 1.5, side + 0.6), layout="constrained")
    axes = figure.subplots()
    (figure.suptitle if size < 16 else axes.set_title)(  # a title of the axes would be wider than few labels are
        fill(title, int(130 * side / font)) + "\npercent of each row", fontsize=font + 1, parse_math=False)
    # The square root as shade: a confusion of one in twenty is to be seen beside a right answer.
    image = axes.imshow(shares, cmap="Blues", norm=PowerNorm(0.5, 0, 1))
    counted = [f"{label}  ({n:,})" for label, n in zip(names, matrix.sum(1)[order].tolist(), strict=True)]
    name_ticks(axes.set_xticks, names, rotation=90, fontsize=13)
    name_ticks(axes.set_yticks, counted, fontsize=13)
    axes.set_xlabel("answer", fontsize=font)
    axes.set_ylabel("right label (names)", fontsize=font)
    axes.set_xticks(np.arange(size + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(size + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="0.85", linewidth=0.5)
    axes.tick_params(which="both", length=0)
    if size <= NUMBERED:
        for row, column in zip(*np.nonzero(shares >= 0.005), strict=True):
            share = shares[row, column]
            axes.text(column, row, f"{100 * share:.0f}", ha="center", va="center", fontsize=11.5,
                      color="white" if share > 0.512 else "black")  # a contrast of 4.5 and more on either side
    bar = figure.colorbar(image, ax=axes, shrink=0.6, pad=0.02, ticks=[0, 0.01, 0.05, 0.2, 0.5, 1],
                          format=PercentFormatter(1, decimals=0))
    bar.set_label("share of the row", fontsize=font)
    bar.ax.tick_params(labelsize=font - 1)
    return figure


def confusion_csv(matrix: np.ndarray, labels: Sequence[str], order: Sequence[int]) -> str:
    """A confusion matrix (L, L) as CSV: counts, a row for each right label, a column for each answer, in that order."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["right label", *(labels[i] for i in order)])
    rows.writerows([labels[i], *matrix[i, order].tolist()] for i in order)
    return text.getvalue()


# ---------------------------------------------------------------- the page


def page(classifier: Classifier, evaluation: Evaluation, order: np.ndarray, title: str) -> str:
    """The report as one self-contained HTML page, which loads nothing and escapes every name.

    `order` holds the labels of the matrix, as indices of the classifier's, in the order they are to stand.
    """
    figures, targets = evaluation.figures, evaluation.data.targets
    matrix = confusion(evaluation.log_probs, targets)
    shares = by_row(matrix)[np.ix_(order, order)].tolist()
    labels = [classifier.labels[i] for i in order]
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True,
                              undefined=StrictUndefined)
    return environment.get_template("report.html").render(
        title=title, figures=figures, whose=whose(figures), headline=headline(figures), labels=labels,
        left_out=len(matrix) - len(order),
        matrix=[[{"count": n, "percent": round(100 * share), "shade": round(100 * share**0.5)}
                 for n, share in zip(row, row_shares, strict=True)]
                for row, row_shares in zip(matrix[np.ix_(order, order)].tolist(), shares, strict=True)],
        diagram={name: diagram_points(log_probs, targets) for name, log_probs in
                 (("before", evaluation.uncalibrated), ("after", evaluation.log_probs))},
        mistakes=list(mistakes(evaluation)), card=card(classifier),
        data={"labels": labels, "all": classifier.labels, "cells": cells(evaluation, order)})


def diagram_points(log_probs: np.ndarray, targets: np.ndarray) -> list[tuple[float, float]]:
    """The reliability of log-probabilities (N, L) as points of the page's diagram, whose axes are 270 long."""
    bins = reliability_of(log_probs, targets)
    return [(round(50 + 270 * x, 1), round(290 - 270 * y, 1))
            for x, y in zip(bins.confidence.tolist(), bins.accuracy.tolist(), strict=True)]


def cells(evaluation: Evaluation, order: np.ndarray, most: int = LISTED) -> dict[str, list]:
    """For each cell "row,column" that is not empty its names, the surest first.

    Each with its three most probable labels, as [index of the classifier's, probability], and the right label's
    probability. Of more than `most` names each cell gets its share of that number.
    """
    probabilities, place = np.exp(evaluation.log_probs), {label: i for i, label in enumerate(order.tolist())}
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :3]  # (N, 3)
    targets = evaluation.data.targets
    used = np.unique(targets * probabilities.shape[1] + best[:, 0])
    limit = len(targets) if len(targets) <= most else max(most // len(used), 10)
    found: dict[str, list] = {}
    for i in np.argsort(-probabilities.max(1), kind="stable").tolist():
        right, answer = int(targets[i]), int(best[i, 0])
        if right not in place or answer not in place:
            continue
        names = found.setdefault(f"{place[right]},{place[answer]}", [])
        if len(names) < limit:
            names.append([evaluation.data.names[i],
                          [[int(label), round(float(probabilities[i, label]), 3)] for label in best[i]],
                          round(float(probabilities[i, right]), 3)])
    return found


def mistakes(evaluation: Evaluation, most: int = MISTAKES) -> Iterator[tuple[str, str, float, str, float]]:
    """The wrong answers, the surest first: (name, answer, its probability, right label, its probability)."""
    probabilities, data = np.exp(evaluation.log_probs), evaluation.data
    answers = probabilities.argmax(1)
    wrong = np.flatnonzero(answers != data.targets)
    for i in wrong[np.argsort(-probabilities[wrong, answers[wrong]], kind="stable")][:most]:
        yield (data.names[i], data.labels[answers[i]], float(probabilities[i, answers[i]]),
               data.labels[data.targets[i]], float(probabilities[i, data.targets[i]]))


def card(classifier: Classifier) -> list[tuple[str, str]]:
    """What a reader of the report should know of the model: (what, value)."""
    figures, about = classifier.figures, classifier.about
    test = figures["test"]
    parameters = sum(parameter.numel() for parameter in classifier.network.parameters())
    trained_on = f"{figures['train']['n']:,} {classifier.config.unit}s"
    return [("trained on", f"{trained_on}; weights of epoch {figures['best_epoch']}"),
            ("labels", ", ".join(f"{label} ({count:,})" for label, count in
                                 zip(classifier.labels, classifier.counts.tolist(), strict=True))),
            ("measured then", f"accuracy {test['accuracy']:.3f}, macro-F1 {test['macro_f1']:.3f}, NLL "
                              f"{test['nll']:.3f} nats on {test['n']:,} {classifier.config.unit}s of its test part"),
            ("data fingerprint", about["data"]), ("seed", str(classifier.config.seed)),
            ("charnn version", about.get("version", __version__)), ("parameters", f"{parameters:,}"),
            ("temperature", f"{classifier.temperature:.3f}"), ("share of n-grams", f"{classifier.ngram_share:.3f}"),
            ("configuration", ", ".join(f"{name.replace('_', ' ')} {value}"
                                        for name, value in classifier.config.to_dict().items()))]


def report_files(classifier: Classifier, evaluation: Evaluation, title: str) -> dict[str, bytes]:
    """The contents of confusion.png, confusion.csv and report.html.

    The labels stand in one order in all three. Of more than SHOWN labels the picture and the page show the most
    confused; the CSV has all.
    """
    matrix = confusion(evaluation.log_probs, evaluation.data.targets)
    every = confused_together(matrix)
    shown = every[np.isin(every, most_confused(matrix))]
    figures = evaluation.figures
    picture_title = f"{title}: accuracy {figures['accuracy']:.3f} on {figures['n']:,} {figures['unit']}s"
    contents = (as_bytes(confusion_picture(matrix, classifier.labels, shown, picture_title)),
                confusion_csv(matrix, classifier.labels, every).encode(),
                page(classifier, evaluation, shown, title).encode())
    return dict(zip(FILES, contents, strict=True))
