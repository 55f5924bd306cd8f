"""The weights of n-grams of words: logistic regression on naive-Bayes log-count ratios.

For a label, a feature that n of its N texts have, and m of the M others, has the ratio

    r = log((n + 1) / (N + 2)) - log((m + 1) / (M + 2))

which is naive Bayes' weight. Logistic regression reads the features scaled by it, so that it starts
from what counting knows and has to say only where words that occur together are counted twice:
Wang and Manning (2012), "Baselines and bigrams: simple, good sentiment and topic classification".

Of more than two labels each has a regression of its own, against all the others.

Axis letters: N texts, F features of all texts, G features that are kept, L labels.
"""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from charnn.ngram_counts import find
from charnn.word_ngrams import TEXTS, WordNgrams, features, kept_at_most

STRENGTH = 60.0  # scikit-learn's C: the weight of the texts' losses beside that of small weights
TOLERANCE = 0.01  # of the optimiser, which takes a second; a finer one changes no prediction


def fit_word_ngrams(
    texts: Sequence[Sequence[str]],
    targets: np.ndarray,
    labels: int,
    order: int,
    balanced: bool = False,
    weights_of_texts: np.ndarray | None = None,
) -> WordNgrams:
    """The model of texts split into words, with labels targets (N,); L = labels.

    `balanced`: every label weighs the same, however few texts it has. With `weights_of_texts` (N,)
    a text of weight 2 counts twice.
    """
    times = np.ones(len(texts)) if weights_of_texts is None else weights_of_texts
    codes, x = counted(texts, order, kept_at_most(labels))
    weights = np.zeros((len(codes), labels), dtype=np.float32)
    bias = np.zeros(labels, dtype=np.float32)
    # Of two labels one speaks for both: what is for the one is against the other.
    for label in range(1, 2) if labels == 2 else range(labels):
        own = targets == label
        if own.all() or not own.any():  # as where a label is missing from the training set
            bias[label] = np.log((times[own].sum() + 1) / (times[~own].sum() + 1))
            continue
        ratio = log_ratio(x, own, times)
        regression = LogisticRegression(
            C=STRENGTH,
            solver="liblinear",
            dual=True,
            tol=TOLERANCE,
            max_iter=1000,
            class_weight="balanced" if balanced else None,
            random_state=0,
        ).fit(x * ratio, own, weights_of_texts)
        weights[:, label] = regression.coef_[0] * ratio
        bias[label] = regression.intercept_[0]
    if labels == 2:
        weights[:, 1] /= 2
        bias[1] /= 2
        weights[:, 0], bias[0] = -weights[:, 1], -bias[1]
    return WordNgrams(codes, weights, bias, order)


def counted(texts: Sequence[Sequence[str]], order: int, most: int) -> tuple[np.ndarray, csr_array]:
    """The codes (G,) of the features that are kept, in order, and the texts as rows (N, G).

    Each row has length 1. Of more features than `most` those are kept that most texts have.
    """
    starts = range(0, len(texts), TEXTS)
    found = [features(texts[start : start + TEXTS], order) for start in starts]
    codes, count = np.unique(np.concatenate([one.code for one in found]), return_counts=True)
    if len(codes) > most:
        codes = np.sort(codes[np.argsort(-count, kind="stable")[:most]])
    parts = []
    for start in starts:
        row, code, value = found.pop(0)  # and so out of memory
        place = find(code, codes).astype(np.int32)  # as liblinear wants its indices
        known = place < len(codes)
        parts.append((row[known] + np.int32(start), place[known], value[known]))
    row, place, value = map(np.concatenate, zip(*parts, strict=True))
    x = csr_array((value, (row, place)), shape=(len(texts), len(codes)))
    return codes, normalize(x, copy=False)


def log_ratio(x: csr_array, own: np.ndarray, times: np.ndarray) -> np.ndarray:
    """The log-count ratio of each feature (G,) for the texts that `own` (N,) says are a label's.

    Each text counts as often as `times` (N,) says.
    """
    found = x.astype(bool)
    n, m = (times[rows] @ found[rows] for rows in (own, ~own))
    return np.log((n + 1) / (times[own].sum() + 2)) - np.log((m + 1) / (times[~own].sum() + 2))
