"""Figures against scikit-learn, and against results worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    accuracy_score,
    classification_report,
    confusion_matrix,
    f1_score,
    log_loss,
    top_k_accuracy_score,
)

from charnn.evaluation import metrics


def random_case(seed, labels, names):
    """Random log-probabilities, and targets among which the last label never occurs."""
    draw = np.random.default_rng(seed)
    return np.log(draw.dirichlet(np.ones(labels), names)), draw.integers(0, labels - 1, names)


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.integers(1, 40))
def test_figures_agree_with_scikit_learn(seed, labels, names):
    log_probs, targets = random_case(seed, labels, names)
    predicted, everything = log_probs.argmax(1), list(range(labels))
    probabilities = np.exp(log_probs)
    figures = metrics.figures(log_probs, targets)
    assert figures["n"] == names
    assert figures["accuracy"] == pytest.approx(accuracy_score(targets, predicted), abs=1e-9)
    nll = log_loss(targets, probabilities, labels=everything)
    assert figures["nll"] == pytest.approx(nll, abs=1e-9)
    f1 = f1_score(targets, predicted, average="macro", labels=everything, zero_division=0)
    assert figures["macro_f1"] == pytest.approx(f1, abs=1e-9)
    top3 = 1.0
    if labels > 3:
        top3 = top_k_accuracy_score(targets, probabilities, k=3, labels=everything)
    assert figures["top3_accuracy"] == pytest.approx(top3, abs=1e-9)
    matrix = confusion_matrix(targets, predicted, labels=everything)
    assert np.array_equal(metrics.confusion(log_probs, targets), matrix)


@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.integers(1, 40))
def test_each_label_has_the_figures_of_scikit_learn(seed, labels, names):
    log_probs, targets = random_case(seed, labels, names)
    predicted, everything = log_probs.argmax(1), list(range(labels))
    report = classification_report(
        targets, predicted, labels=everything, zero_division=0, output_dict=True
    )
    rows = zip(*metrics.per_label(log_probs, targets), strict=True)
    for label, (n, precision, recall, f1) in zip(everything, rows, strict=True):
        row = report[str(label)]
        theirs = (row["support"], row["precision"], row["recall"], row["f1-score"])
        assert (n, precision, recall, f1) == pytest.approx(theirs, abs=1e-9)


@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.integers(1, 40))
def test_top_1_is_the_accuracy_even_where_labels_are_as_probable(seed, labels, names):
    log_probs, targets = random_case(seed, labels, names)
    with_ties = np.round(log_probs)
    accuracy = metrics.accuracy(with_ties, targets)
    assert metrics.top_accuracy(with_ties, targets, 1) == accuracy


@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.sampled_from([20, 50, 200]))
def test_reliability_has_the_bins_of_scikit_learn(seed, labels, names):
    log_probs, targets = random_case(seed, labels, names)
    confidence, right = np.exp(log_probs.max(1)), log_probs.argmax(1) == targets
    ours = metrics.reliability_of(log_probs, targets)
    accuracy, mean = calibration_curve(right, confidence, n_bins=10, strategy="quantile")
    assert ours.n.tolist() == [names / 10] * 10
    assert ours.accuracy == pytest.approx(accuracy, abs=1e-9)
    assert ours.confidence == pytest.approx(mean, abs=1e-9)
    assert ours.error == pytest.approx(np.abs(accuracy - mean).mean(), abs=1e-9)


def test_bins_are_as_equal_as_they_can_be():
    of_23 = metrics.reliability(np.linspace(0.1, 1, 23), np.ones(23, dtype=bool))
    assert sorted(of_23.n.tolist()) == [2] * 7 + [3] * 3
    of_2 = metrics.reliability(np.array([0.5, 0.75]), np.array([True, False]))
    assert of_2.error == pytest.approx((0.5 + 0.75) / 2)


@given(st.permutations(range(30)))
def test_the_order_of_the_names_changes_nothing_where_confidences_are_the_same(order):
    confidence, right = np.repeat([0.3, 0.6, 0.9], 10), np.arange(30) % 3 == 0
    found = metrics.reliability(confidence[order], right[order])
    assert found.error == pytest.approx(metrics.reliability(confidence, right).error, abs=1e-9)
    all_alike = metrics.reliability(np.full(30, 0.5), right[order])
    assert all_alike.error == pytest.approx(0.5 - 1 / 3, abs=1e-9)


def test_a_calibrated_model_errs_by_chance_alone():
    confidence = np.random.default_rng(1).uniform(0.2, 1, 2000)
    chance = metrics.error_if_calibrated(confidence, np.random.default_rng(0))
    fresh = [
        metrics.reliability(confidence, np.random.default_rng(seed).random(2000) < confidence).error
        for seed in range(2, 100)
    ]
    assert chance == pytest.approx(np.mean(fresh), rel=0.1)
    assert metrics.error_if_calibrated(np.ones(50), np.random.default_rng(0)) == 0


def test_the_interval_is_wilsons():
    z, n, p = 1.959963984540054, 50, 0.9
    middle, half = (p + z**2 / (2 * n)), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    expected = ((middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n))
    assert metrics.accuracy_interval(45, 50) == pytest.approx(expected, abs=1e-9)
    assert metrics.accuracy_interval(0, 5)[0] == 0
    assert metrics.accuracy_interval(5, 5)[1] == 1


def test_the_ceiling_gives_each_text_its_most_frequent_label():
    assert metrics.ceiling(["a", "a", "a", "b", "c", "c"], np.array([0, 0, 1, 1, 0, 1])) == 4 / 6
    assert metrics.ceiling(["a", "b"], np.array([0, 0])) == 1


def test_coverage_is_worked_out_by_hand():
    confidence, right = np.array([0.2, 0.5, 0.7, 1.0]), np.array([False, True, False, True])
    rows = metrics.coverage(confidence, right, (0.0, 0.5, 0.99, 1.01))
    assert [row["coverage"] for row in rows] == [1, 0.75, 0.25, 0]
    assert [row["accuracy"] for row in rows] == [0.5, 2 / 3, 1, None]
