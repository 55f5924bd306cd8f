"""Figures against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, log_loss, precision_recall_fscore_support

from charnn import metrics


@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.integers(1, 40))
def test_figures_agree_with_scikit_learn(seed, labels, names):
    draw = np.random.default_rng(seed)
    log_probs = np.log(draw.dirichlet(np.ones(labels), names))
    targets = draw.integers(0, labels - 1, names)  # the last label never occurs
    guesses, everything = log_probs.argmax(1), list(range(labels))
    figures = metrics.figures(log_probs, targets)
    assert figures["n"] == names
    assert figures["accuracy"] == pytest.approx(accuracy_score(targets, guesses), abs=1e-9)
    assert figures["nll"] == pytest.approx(log_loss(targets, np.exp(log_probs), labels=everything), abs=1e-9)
    assert figures["macro_f1"] == pytest.approx(
        f1_score(targets, guesses, average="macro", labels=everything, zero_division=0), abs=1e-9)
    matrix = metrics.confusion(log_probs, targets)
    assert np.array_equal(matrix, confusion_matrix(targets, guesses, labels=everything))
    rows = metrics.per_label(matrix)
    precision, recall, f1, count = precision_recall_fscore_support(targets, guesses, labels=everything, zero_division=0)
    for ours, theirs in zip(rows, (count, precision, recall, f1), strict=True):
        assert ours == pytest.approx(theirs, abs=1e-9)
