"""Figures against scikit-learn, and against answers worked out by hand."""

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


def answers(seed, labels, names):
    """Random log-probabilities, and targets among which the last label never occurs."""
    draw = np.random.default_rng(seed)
    return np.log(draw.dirichlet(np.ones(labels), names)), draw.integers(0, labels - 1, names)


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.integers(1, 40))
def test_figures_agree_with_scikit_learn(seed, labels, names):
    log_probs, targets = answers(seed, labels, names)
    guesses, everything = log_probs.argmax(1), list(range(labels))
    figures = metrics.figures(log_probs, targets)
    assert figures["n"] == names
    assert figures["accuracy"] == pytest.approx(accuracy_score(targets, guesses), abs=1e-9)
    assert figures["nll"] == pytest.approx(log_loss(targets, np.exp(log_probs), labels=everything), abs=1e-9)
    assert figures["macro_f1"] == pytest.approx(
        f1_score(targets, guesses, average="macro", labels=everything, zero_division=0), abs=1e-9)
    if labels > 3:
        assert figures["top3_accuracy"] == pytest.approx(
            top_k_accuracy_score(targets, np.exp(log_probs), k=3, labels=everything), abs=1e-9)
    else:
        assert figures["top3_accuracy"] == 1
    assert metrics.top_accuracy(np.round(log_probs), targets, 1) == metrics.accuracy(np.round(log_probs), targets)
    assert np.array_equal(metrics.confusion(log_probs, targets),
                          confusion_matrix(targets, guesses, labels=everything))
    report = classification_report(targets, guesses, labels=everything, zero_division=0, output_dict=True)
    rows = zip(*metrics.per_label(log_probs, targets), strict=True)
    for label, (n, precision, recall, f1) in zip(everything, rows, strict=True):
        theirs = report[str(label)]
        assert (n, precision, recall, f1) == pytest.approx(
            (theirs["support"], theirs["precision"], theirs["recall"], theirs["f1-score"]), abs=1e-9)


@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.sampled_from([20, 50, 200]))
def test_reliability_has_the_bins_of_scikit_learn(seed, labels, names):
    log_probs, targets = answers(seed, labels, names)
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
    assert metrics.reliability(np.array([0.5, 0.75]), np.array([True, False])).error == pytest.approx((0.5 + 0.75) / 2)


@given(st.permutations(range(30)))
def test_the_order_of_the_names_changes_nothing_where_confidences_are_the_same(order):
    confidence, right = np.repeat([0.3, 0.6, 0.9], 10), np.arange(30) % 3 == 0
    found = metrics.reliability(confidence[order], right[order])
    assert found.error == pytest.approx(metrics.reliability(confidence, right).error, abs=1e-9)
    assert metrics.reliability(np.full(30, 0.5), right[order]).error == pytest.approx(0.5 - 1 / 3, abs=1e-9)


def test_a_calibrated_model_errs_by_chance_alone():
    confidence = np.random.default_rng(1).uniform(0.2, 1, 2000)
    chance = metrics.error_if_calibrated(confidence, np.random.default_rng(0))
    fresh = [metrics.reliability(confidence, np.random.default_rng(seed).random(2000) < confidence).error
             for seed in range(2, 100)]
    assert chance == pytest.approx(np.mean(fresh), rel=0.1)
    assert metrics.error_if_calibrated(np.ones(50), np.random.default_rng(0)) == 0


def test_the_interval_is_wilsons():
    z, n, p = 1.959963984540054, 50, 0.9
    middle, half = (p + z**2 / (2 * n)), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert metrics.accuracy_interval(45, 50) == pytest.approx(
        ((middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)), abs=1e-9)
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


@pytest.mark.parametrize("wrong", [0.5, 0.8, 1, 1.3, 2])
def test_the_best_temperature_undoes_a_wrong_one(wrong):
    draw = np.random.default_rng(0)
    honest = np.log(draw.dirichlet(np.full(4, 0.5), 4000))
    targets = (np.exp(honest).cumsum(1) > draw.random((4000, 1))).argmax(1)  # each label as often as its probability
    found = metrics.best_temperature(metrics.tempered(honest, wrong), targets)
    assert found == pytest.approx(1 / wrong, rel=0.1)
    assert metrics.tempered(metrics.tempered(honest, wrong), 1 / wrong) == pytest.approx(honest, abs=1e-9)


@pytest.mark.parametrize(("temperature", "share"), [(1.0, 0.5), (1.5, 0.3), (0.7, 0.8)])
def test_the_best_mixture_undoes_a_wrong_one(temperature, share):
    draw = np.random.default_rng(0)
    one, other = draw.normal(size=(2, 20_000, 4)) * 2
    honest = metrics.tempered((1 - share) * one + share * other, temperature)
    targets = (np.exp(honest).cumsum(1) > draw.random((20_000, 1))).argmax(1)
    assert metrics.best_mixture(one, other, targets) == pytest.approx((temperature, share), rel=0.05)


def test_without_names_two_opinions_count_the_same():
    nobody = np.zeros((0, 3))
    assert metrics.best_mixture(nobody, nobody, np.zeros(0, dtype=int)) == pytest.approx((1, 0.5), abs=1e-3)


def test_a_handful_of_names_hardly_moves_the_temperature():
    log_probs = np.log(np.array([[0.9, 0.1]] * 3))
    assert 0.8 < metrics.best_temperature(log_probs, np.zeros(3, dtype=int)) < 1
