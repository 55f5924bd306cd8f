"""The weights of n-grams of words, beside scikit-learn's own pipeline."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from charnn.training import linear
from charnn.training.linear import counted, fit_word_ngrams, log_ratio

GOOD = [("a", "good", "film"), ("so", "good", "."), ("a", "fine", "film"), ("good", "fun")]
BAD = [("a", "bad", "film"), ("so", "bad", "."), ("not", "good"), ("bad", "fun")]
UGLY = [("an", "ugly", "film"), ("ugly", "ugly"), ("so", "ugly")]


def test_rows_have_length_one_and_the_commonest_features_are_kept():
    codes, x = counted(GOOD + BAD, 2, 10**6)
    np.testing.assert_allclose(x.multiply(x).sum(1), 1, rtol=1e-6)
    assert (np.diff(codes) > 0).all()
    texts_with = np.bincount(x.indices)
    fewer, y = counted(GOOD + BAD, 2, 5)
    assert len(fewer) == 5 == y.shape[1]
    kept = np.isin(codes, fewer)
    assert texts_with[kept].min() >= texts_with[~kept].max()


def test_the_ratio_is_naive_bayes():
    _, x = counted(GOOD + BAD, 1, 10**6)
    own = np.arange(8) < 4
    has = x.toarray() > 0
    n, m = has[own].sum(0), has[~own].sum(0)
    np.testing.assert_allclose(
        log_ratio(x, own, np.ones(len(own))), np.log((n + 1) / 6) - np.log((m + 1) / 6)
    )


@pytest.mark.parametrize("labels", [2, 3])
def test_scores_are_those_of_logistic_regression(labels):
    texts = (GOOD + BAD + UGLY)[: 8 if labels == 2 else None]
    targets = np.array([0] * 4 + [1] * 4 + [2] * 3)[: len(texts)]
    ngrams = fit_word_ngrams(texts, targets, labels, 2)
    scores = ngrams(texts)
    assert (scores.argmax(1) == targets).all()
    _, x = counted(texts, 2, 10**6)
    for label in range(labels):
        ratio = log_ratio(x, targets == label, np.ones(len(targets)))
        oracle = LogisticRegression(
            C=linear.STRENGTH, solver="liblinear", intercept_scaling=1, tol=1e-8
        ).fit(x * ratio, targets == label)
        odds = scores[:, label] if labels > 2 else scores[:, label] - scores[:, 1 - label]
        np.testing.assert_allclose(odds, oracle.decision_function(x * ratio), atol=0.05)


def test_two_trainings_give_the_same_weights():
    targets = np.repeat([0, 1], 4)
    one, other = (fit_word_ngrams(GOOD + BAD, targets, 2, 3) for _ in range(2))
    np.testing.assert_array_equal(one.weights, other.weights)
    np.testing.assert_array_equal(one.weights[:, 0], -one.weights[:, 1])


def test_balanced_labels_weigh_the_same():
    texts, targets = [*GOOD[:2] * 20, *BAD[:1]], np.array([0] * 40 + [1])
    natural, balanced = (
        fit_word_ngrams(texts, targets, 2, 1, balanced)([("film",)])[0]
        for balanced in (False, True)
    )
    assert balanced[1] - balanced[0] > natural[1] - natural[0]


@pytest.mark.parametrize("labels", [2, 3])
def test_a_label_without_a_text_is_as_rare_as_it_is(labels):
    ngrams = fit_word_ngrams(GOOD, np.zeros(4, dtype=np.int64), labels, 2)
    scores = ngrams([*GOOD, ("strange",)])
    assert (scores.argmax(1) == 0).all()
    odds = scores[:, 0] - scores[:, 1] if labels == 2 else scores[:, 0]
    np.testing.assert_allclose(odds, np.log(5), rtol=1e-6)


def test_a_text_of_weight_2_counts_twice():
    texts, targets = GOOD + BAD, np.array([0] * 4 + [1] * 4)
    weights = np.array([1, 2, 3, 1, 2, 1, 1, 2])
    repeated = [texts[row] for row in np.repeat(np.arange(8), weights)]
    weighed = fit_word_ngrams(texts, targets, 2, 2, weights_of_texts=weights.astype(float))
    twice = fit_word_ngrams(repeated, np.repeat(targets, weights), 2, 2)
    np.testing.assert_allclose(weighed(texts), twice(texts), atol=0.05)
