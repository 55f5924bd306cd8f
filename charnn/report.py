"""Pictures, each one function that returns a matplotlib Figure, and the report of an evaluation as one HTML page.

Knows figures and labels; it does not compute an answer. Colours are Okabe and Ito's (2008), and
shades of one blue: told apart by colour-blind readers and in grey.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import squareform

from charnn import __version__
from charnn.checkpoint import write
from charnn.classifier import Classifier
from charnn.evaluate import Evaluation
from charnn.loop import Epoch
from charnn.metrics import confusion, reliability_of

TRAINING, VALIDATION = "#E69F00", "#0072B2"
FILES = ("confusion.png", "confusion.csv", "report.html")
MISTAKES = 25     # rows of the page's list of mistakes
LISTED = 1000     # names that the page lists for one cell, at most
NUMBERED = 60     # labels up to which the picture has numbers in its cells


def curves(epochs: Sequence[Epoch], best: int) -> Figure:
    """Loss and accuracy of the training and validation part after each epoch; `best` (from 1) was kept."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    x = [epoch.epoch for epoch in epochs]
    for axes, what, label in zip(figure.subplots(1, 2), ("loss", "accuracy"),
                                 ("loss (nats per name)", "accuracy (share of names)"), strict=True):
        axes.plot(x, [getattr(e, f"train_{what}") for e in epochs], color=TRAINING, linestyle="--",
                  label="training, while it learns")
        axes.plot(x, [getattr(e, f"validation_{what}") for e in epochs], color=VALIDATION, label="validation")
        axes.plot(best, getattr(epochs[best - 1], f"validation_{what}"), "o", color=VALIDATION, label="kept weights")
        axes.set(xlabel="epoch", ylabel=label, xlim=(min(x) - 0.5, max(x) + 0.5))
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
    return figure


def as_png(figure: Figure, dpi: int = 150) -> bytes:
    """The figure as the bytes of a PNG file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    return buffer.getvalue()


# ---------------------------------------------------------------- the confusion matrix


def by_row(matrix: np.ndarray) -> np.ndarray:
    """Shares (L, L) of each row of a confusion matrix; a row without names stays 0."""
    return matrix / np.maximum(matrix.sum(1, keepdims=True), 1)


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


def confusion_picture(matrix: np.ndarray, labels: Sequence[str]) -> Figure:
    """A confusion matrix (L, L) as percent of each row, in the order given; right labels are the rows."""
    shares, size = by_row(matrix), len(labels)
    side = max(4.5, 0.36 * size + 2)
    figure = Figure(figsize=(side + 0.8, side), layout="constrained")
    axes = figure.subplots()
    axes.set_title("Answers to the names of each label, in percent of the row", fontsize=13, pad=10)
    # The square root as shade: a confusion of one in twenty is to be seen beside a right answer.
    image = axes.imshow(shares, cmap="Blues", norm=PowerNorm(0.5, 0, 1))
    counted = [f"{label}  ({n:,})" for label, n in zip(labels, matrix.sum(1).tolist(), strict=True)]
    for ticks, names, rotation in ((axes.set_xticks, labels, 90), (axes.set_yticks, counted, 0)):
        for text in ticks(range(size), names, rotation=rotation, fontsize=10.5):
            text.label1.set_parse_math(False)  # a label is no formula
    axes.set_xlabel("answer", fontsize=12)
    axes.set_ylabel("right label (names)", fontsize=12)
    axes.set_xticks(np.arange(size + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(size + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="0.85", linewidth=0.5)
    axes.tick_params(which="both", length=0)
    if size <= NUMBERED:
        for row, column in zip(*np.nonzero(shares >= 0.005), strict=True):
            share = shares[row, column]
            axes.text(column, row, f"{100 * share:.0f}", ha="center", va="center", fontsize=9,
                      color="white" if share > 0.4 else "black")
    bar = figure.colorbar(image, ax=axes, shrink=0.6, pad=0.02, ticks=[0, 0.01, 0.05, 0.2, 0.5, 1],
                          format=PercentFormatter(1, decimals=0))
    bar.set_label("share of the row")
    return figure


def confusion_csv(matrix: np.ndarray, labels: Sequence[str]) -> str:
    """A confusion matrix (L, L) as CSV: counts, a row for each right label, a column for each answer."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["right label", *labels])
    rows.writerows([label, *row] for label, row in zip(labels, matrix.tolist(), strict=True))
    return text.getvalue()


# ---------------------------------------------------------------- the page


def page(classifier: Classifier, evaluation: Evaluation, order: np.ndarray, data: str, model: str) -> str:
    """The report as one self-contained HTML page, which loads nothing and escapes every name.

    `order` (L,) is the labels' order in the matrix, `data` and `model` say whose figures these are.
    """
    log_probs, targets, figures = evaluation.log_probs, evaluation.data.targets, evaluation.figures
    matrix = confusion(log_probs, targets)[np.ix_(order, order)]
    low, high = figures["accuracy_interval"]
    headline = [
        ("accuracy", f"{figures['accuracy']:.3f}",
         f"95% interval {low:.3f} to {high:.3f}; at most {figures['ceiling']:.3f} is possible"),
        ("top-3 accuracy", f"{figures['top3_accuracy']:.3f}", "the right label is among the three most probable"),
        ("macro-F1", f"{figures['macro_f1']:.3f}", "mean F1 over all labels of the model"),
        ("NLL", f"{figures['nll']:.3f}", f"nats per name; {figures['nll_before']:.3f} before calibration"),
        ("calibration error", f"{figures['calibration_error']:.3f}",
         f"{figures['calibration_error_before']:.3f} before; chance alone gives "
         f"{figures['calibration_error_if_calibrated']:.3f}")]
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True,
                              undefined=StrictUndefined)
    return environment.get_template("report.html").render(
        title=f"{model} on {data}", figures=figures, headline=headline, labels=[classifier.labels[i] for i in order],
        unseen=evaluation.unseen, matrix=[[{"count": int(n), "shade": round(100 * share**0.5)} for n, share in row]
                                          for row in np.stack([matrix, by_row(matrix)], axis=2)],
        diagram={name: diagram_points(rows, targets)
                 for name, rows in (("before", evaluation.uncalibrated), ("after", log_probs))},
        mistakes=list(mistakes(evaluation)), card=card(classifier),
        data={"labels": [classifier.labels[i] for i in order], "most": LISTED, "cells": cells(evaluation, order)})


def diagram_points(log_probs: np.ndarray, targets: np.ndarray) -> list[tuple[float, float]]:
    """The reliability of log-probabilities (N, L) as points of the page's diagram, whose axes are 270 long."""
    bins = reliability_of(log_probs, targets)
    return [(round(50 + 270 * x, 1), round(290 - 270 * y, 1))
            for x, y in zip(bins.confidence.tolist(), bins.accuracy.tolist(), strict=True)]


def cells(evaluation: Evaluation, order: np.ndarray) -> dict[str, list]:
    """For each cell "row,column" that is not empty its names, the surest first.

    Each with its three most probable labels, as [place in the order, probability], and the right label's probability.
    """
    probabilities, place = np.exp(evaluation.log_probs), np.argsort(order)
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :3]  # (N, 3)
    found: dict[str, list] = {}
    for i in np.argsort(-probabilities.max(1), kind="stable").tolist():
        right = evaluation.data.targets[i]
        names = found.setdefault(f"{place[right]},{place[best[i, 0]]}", [])
        if len(names) < LISTED:
            names.append([evaluation.data.names[i],
                          [[int(place[label]), round(float(probabilities[i, label]), 3)] for label in best[i]],
                          round(float(probabilities[i, right]), 3)])
    return found


def mistakes(evaluation: Evaluation, most: int = MISTAKES):
    """The wrong answers, the surest first: (name, answer, its probability, right label, its probability)."""
    probabilities, data = np.exp(evaluation.log_probs), evaluation.data
    answers = probabilities.argmax(1)
    wrong = np.flatnonzero(answers != data.targets)
    for i in wrong[np.argsort(-probabilities[wrong, answers[wrong]], kind="stable")][:most]:
        yield (data.names[i], data.labels[answers[i]], probabilities[i, answers[i]],
               data.labels[data.targets[i]], probabilities[i, data.targets[i]])


def card(classifier: Classifier) -> list[tuple[str, str]]:
    """What a reader of the report should know of the model: (what, value)."""
    figures, about = classifier.figures, classifier.about
    measured = "; ".join(f"{part}: accuracy {figures[part]['accuracy']:.3f}, macro-F1 {figures[part]['macro_f1']:.3f}, "
                         f"NLL {figures[part]['nll']:.3f} on {figures[part]['n']:,} names"
                         for part in ("validation", "test"))
    parameters = sum(parameter.numel() for parameter in classifier.network.parameters())
    return [("labels", ", ".join(f"{label} ({count:,})" for label, count in
                                 zip(classifier.labels, classifier.counts.tolist(), strict=True))),
            ("trained on", f"{figures['train']['n']:,} names; weights of epoch {figures['best_epoch']}"),
            ("measured then", measured), ("data fingerprint", about["data"]),
            ("parameters", f"{parameters:,}"), ("temperature", f"{classifier.temperature:.3f}"),
            ("seed", str(classifier.config.seed)), ("charnn version", about.get("version", __version__)),
            ("configuration", ", ".join(f"{name.replace('_', ' ')} {value}"
                                        for name, value in classifier.config.to_dict().items()))]


def write_report(classifier: Classifier, evaluation: Evaluation, out: Path, data: str, model: str) -> None:
    """Writes confusion.png, confusion.csv and report.html into a folder; `data` and `model` name them on the page."""
    matrix = confusion(evaluation.log_probs, evaluation.data.targets)
    order = confused_together(matrix)
    matrix, labels = matrix[np.ix_(order, order)], [classifier.labels[i] for i in order]
    contents = (as_png(confusion_picture(matrix, labels)), confusion_csv(matrix, labels).encode(),
                page(classifier, evaluation, order, data, model).encode())
    for name, content in zip(FILES, contents, strict=True):
        write(out / name, content)
