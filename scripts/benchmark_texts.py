#!/usr/bin/env python3
"""Is a recurrent network worth it on reviews or sentences, beside logistic regression?

    python scripts/benchmark_texts.py --data DIR --test-data DIR [--seeds 3] [--methods tfidf ...]

Both folders have one <label>.txt for each label, one text per line. All in one run:

tfidf       logistic regression on words and pairs of words, weighted by TF-IDF (scikit-learn)
nb          logistic regression on 1-3-grams of words, weighted by naive Bayes: Wang and Manning
            (2012), "Baselines and bigrams", without the pieces of words that charnn adds
fast standard best
            charnn's presets for words: a network with n-grams of words beside it; the accuracy of
            the network by itself stands in a column

Logistic regression chooses nothing on the validation set, so it learns from it too. Figures are of
--test-data, mean ± standard deviation over the seeds, or one value where a seed changes nothing.
"""

import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import measuring
import numpy as np
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score

from charnn import cli
from charnn.errors import CharnnError
from charnn.evaluation.metrics import figures
from charnn.inference.classifier import Classifier
from charnn.presets import configure

COLUMNS = ("", "accuracy", "macro-F1", "NLL", "network alone", "training s:", "MB:")
TITLES = {
    "tfidf": "TF-IDF logistic regression, 1-2-grams",
    "nb": "naive-Bayes-weighted logistic regression, 1-3-grams",
}

WORD = r"\w+"  # words of one letter too, such as "i": on reviews 0.005 better than without

Row = dict[str, float]


def of_rows(log_probs: np.ndarray, targets: np.ndarray) -> Row:
    """The figures of log-probabilities (N, L)."""
    found = figures(log_probs, targets)
    return {name: found[name] for name in ("accuracy", "macro_f1", "nll")}


def tfidf(parts: measuring.Parts, seed: int) -> Row:
    """What most would try first."""
    data, test = measuring.all_but_test(parts), parts["test"]
    vectorizer = TfidfVectorizer(
        token_pattern=WORD, ngram_range=(1, 2), min_df=2, sublinear_tf=True
    )
    rows = vectorizer.fit_transform(data.names)
    model = LogisticRegression(C=10, max_iter=500).fit(rows, data.targets)
    return of_rows(model.predict_log_proba(vectorizer.transform(test.names)), test.targets)


def naive_bayes_weighted(parts: measuring.Parts, seed: int) -> Row:
    """For two labels. Raises CharnnError for more."""
    data, test = measuring.all_but_test(parts), parts["test"]
    if len(data.labels) != 2:
        raise CharnnError(
            f"--methods nb is for two labels, and there are {len(data.labels):,}; leave it out"
        )
    vectorizer = CountVectorizer(token_pattern=WORD, ngram_range=(1, 3), min_df=2, binary=True)
    rows = csr_array(vectorizer.fit_transform(data.names))
    own, other = (np.asarray(rows[data.targets == label].sum(0)) + 1 for label in (1, 0))
    ratio = np.log(own / own.sum()) - np.log(other / other.sum())  # (n-grams,)
    model = LogisticRegression(solver="liblinear", dual=True, max_iter=1000)
    model.fit(rows * ratio, data.targets)
    weighted = csr_array(vectorizer.transform(test.names)) * ratio
    return of_rows(model.predict_log_proba(weighted), test.targets)


def charnn_with(preset: str) -> Callable[[measuring.Parts, int], Row]:
    """A preset for words."""

    def train(parts: measuring.Parts, seed: int) -> Row:
        config = configure(preset, tokens="words", seed=seed)
        classifier = measuring.complete(measuring.train_classifier_on(parts, config, "cpu"))
        return {
            **of_rows(classifier.log_proba(parts["test"].names), parts["test"].targets),
            "size": size_of(classifier),
            "network": accuracy_of_network(classifier, parts["test"]),
        }

    return train


def size_of(classifier: Classifier) -> float:
    """Megabytes of its file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.safetensors")
        classifier.save(path)
        return path.stat().st_size / 1e6


def accuracy_of_network(classifier: Classifier, test: measuring.Names) -> float:
    """Without the n-grams, which are then gone."""
    classifier.ngrams = None
    guesses = classifier.log_proba(test.names).argmax(1)
    return float(accuracy_score(test.targets, guesses))


METHODS: dict[str, Callable[[measuring.Parts, int], Row]] = {
    "tfidf": tfidf,
    "nb": naive_bayes_weighted,
    **{preset: charnn_with(preset) for preset in ("fast", "standard", "best")},
}


def as_cells(rows: Sequence[Row]) -> list[str]:
    """The table's cells of one method, from its numbers for each seed."""
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    quality = [
        measuring.spread(columns[name]) if name in columns else "–"
        for name in ("accuracy", "macro_f1", "nll", "network")
    ]
    seconds = sum(columns["seconds"]) / len(rows)
    size = f"{sum(columns['size']) / len(rows):.1f}" if "size" in columns else "–"
    return [*quality, f"{seconds:,.0f}", size]


def main(argv: list[str] | None = None) -> None:
    """Fits every method with every seed and prints a row as soon as it is there."""
    options = measuring.parser(__doc__)
    for flag, what in (("--data", "learn from"), ("--test-data", "measure on")):
        options.add_argument(
            flag, required=True, metavar="DIR", help=f"a folder of <label>.txt files to {what}"
        )
    measuring.add_seeds(options)
    options.add_argument(
        "--methods", nargs="+", choices=METHODS, metavar="METHOD", help="only these (default: all)"
    )
    arguments = options.parse_args(argv)
    parts = measuring.read_parts(arguments.data, arguments.test_data, configure(tokens="words"))
    sizes = ", ".join(f"{len(names):,} {part}" for part, names in parts.items())
    print(f"{sizes} texts, {len(parts['train'].labels)} labels\n")
    measuring.print_header(*COLUMNS)
    for name in arguments.methods or METHODS:
        rows = []
        for seed in range(1 if name in TITLES else arguments.seeds):
            row, seconds = measuring.timed(partial(METHODS[name], parts, seed))
            rows.append({**row, "seconds": seconds})
        measuring.print_row(TITLES.get(name, name), *as_cells(rows))


if __name__ == "__main__":
    sys.exit(cli.run(main))
