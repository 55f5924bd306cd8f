#!/usr/bin/env python3
"""Is a recurrent network worth it on these names? What else one would take, on the same split, in one run.

    python scripts/benchmark.py [--data DIR] [--test-data DIR] [--seeds 3] [--methods logreg standard ...]

majority    the labels' shares in the training part, whatever the name
logreg balanced svm    logistic regression, the same with labels of equal weight, linear SVM, all on character
            1-5-grams (scikit-learn)
fasttext    fastText on character 1-4-grams, where it is installed: pip install -e ".[bench]"
notes       examples/lecture.py: 100,000 single names
lecture fast standard best    charnn's presets; standard is the default, a GRU and counts of n-grams
network rnn relu lstm peephole one-way two-layers embedding    the default's network without the counts; the same with
            another cell, start, direction, depth or input

What chooses nothing on the validation part learns from it too. Accuracy, macro-F1, NLL (nats) and calibration error
are of the test part, mean ± standard deviation over the seeds, and one value where a seed changes nothing. In
parentheses: the calibration error that chance alone would give as many names. Read the ratios of the times, not
the times.
"""

import importlib.util
import pickle
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.svm import LinearSVC

from charnn import cli
from charnn.config import configure, flag_of
from charnn.data import Names, bundled_names
from charnn.errors import CharnnError
from charnn.evaluation.metrics import figures
from charnn.text.letters import to_ascii
from charnn.training.classify import train_parts
from charnn.training.parts import read_parts

STEPS = 100_000  # single names that the notes' program learns from
AT_LEAST = 0.5   # seconds that the answers are timed for


class Fitted(NamedTuple):
    """A method after its training."""

    log_proba: Callable[[list[str]], np.ndarray] | None  # names -> (N, L); None where there are no probabilities
    guess: Callable[[list[str]], np.ndarray]             # names -> the most probable label's index (N,)
    names: int                                           # that it was trained on
    size: int                                            # bytes of its file


def fitted(log_proba, names, size):
    """A method with probabilities, whose guess is the most probable label."""
    return Fitted(log_proba, lambda texts: log_proba(texts).argmax(1), names, size)


def all_but_test(parts):
    """The training and the validation part as one."""
    train, validation = parts["train"], parts["validation"]
    return Names(train.names + validation.names, np.concatenate([train.targets, validation.targets]), train.labels)


def as_log(probabilities):
    """Logarithms of rows (N, L) that sum to 1, with 1e-9 for what a method thinks impossible."""
    probabilities = np.maximum(probabilities, 1e-9)
    return np.log(probabilities / probabilities.sum(1, keepdims=True))


# ---------------------------------------------------------------- what else one would take


def majority(parts, seed):
    """The labels' shares, whatever the name."""
    data = all_but_test(parts)
    row = np.log((data.counts() + 1) / (data.counts() + 1).sum())
    return fitted(lambda names: np.tile(row, (len(names), 1)), len(data), row.nbytes)


def marked(names):
    """The names as n-gram methods read them: ASCII, small letters, with a beginning and an end."""
    return [f"^{to_ascii(name).lower()}$" for name in names]


def grams(data):
    """Character 1-5-grams of the names, weighted by TF-IDF: the vectorizer and its matrix."""
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 5), sublinear_tf=True, lowercase=False)
    return vectorizer, vectorizer.fit_transform(marked(data.names))


def logistic_regression(parts, seed, **options):
    """Logistic regression on n-grams."""
    data = all_but_test(parts)
    vectorizer, rows = grams(data)
    model = LogisticRegression(C=10, max_iter=500, **options).fit(rows, data.targets)

    def log_proba(names):
        probabilities = np.zeros((len(names), len(data.labels)))
        probabilities[:, model.classes_] = model.predict_proba(vectorizer.transform(marked(names)))
        return as_log(probabilities)
    # Only how long it is: a pickle is the file that scikit-learn's users keep.
    return fitted(log_proba, len(data), len(pickle.dumps((vectorizer, model))))


def balanced(parts, seed):
    """The same with each label weighing as much as any other."""
    return logistic_regression(parts, seed, class_weight="balanced")


def linear_svm(parts, seed):
    """A linear support vector machine on n-grams; it has no probabilities."""
    data = all_but_test(parts)
    vectorizer, rows = grams(data)
    model = LinearSVC(random_state=seed).fit(rows, data.targets)
    return Fitted(None, lambda names: model.predict(vectorizer.transform(marked(names))), len(data),
                  len(pickle.dumps((vectorizer, model))))


def fasttext(parts, seed):
    """fastText's classifier on character n-grams of the whole name as one word."""
    import fasttext
    data = all_but_test(parts)
    words = lambda names: [text.replace(" ", "_") for text in marked(names)]  # noqa: E731
    lines = [f"__label__{target} {word}\n" for target, word in zip(data.targets, words(data.names), strict=True)]
    random.Random(seed).shuffle(lines)  # it reads in the order of the file
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "train.txt").write_text("".join(lines), encoding="utf-8")
        model = fasttext.train_supervised(str(Path(folder, "train.txt")), minn=1, maxn=4, epoch=50, lr=0.5, dim=50,
                                          thread=2, seed=seed, verbose=0)
        model.save_model(str(Path(folder, "model.bin")))
        size = Path(folder, "model.bin").stat().st_size

    def log_proba(names):
        probabilities = np.zeros((len(names), len(data.labels)))
        for row, word in enumerate(words(names)):
            for probability, label in model.f.predict(word + "\n", len(data.labels), 0.0, "strict"):
                probabilities[row, int(label.removeprefix("__label__"))] = probability
        return as_log(probabilities)
    return fitted(log_proba, len(data), size)


def notes(parts, seed):
    """The lecture notes' own program."""
    spec = importlib.util.spec_from_file_location("lecture", Path(__file__).parents[1] / "examples" / "lecture.py")
    lecture = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lecture)
    data = all_but_test(parts)
    by_label = {label: [] for label in data.labels}
    for name, target in zip(data.names, data.targets, strict=True):
        if text := lecture.unicode_to_ascii(name):
            by_label[data.labels[target]].append(text)
    random.seed(seed)
    torch.manual_seed(seed)
    network = lecture.train(by_label, STEPS, report=0)

    @torch.inference_mode()
    def log_proba(names):
        rows = np.full((len(names), len(data.labels)), -np.log(len(data.labels)))
        for row, name in enumerate(names):
            hidden = torch.zeros(1, lecture.HIDDEN)
            for letter in lecture.line_to_tensor(lecture.unicode_to_ascii(name)):
                rows[row], hidden = network(letter, hidden)
        return as_log(np.exp(rows))
    return fitted(log_proba, len(data), sum(4 * parameter.numel() for parameter in network.parameters()))


def ours(**values):
    """charnn with these values of its configuration."""
    def fit(parts, seed):
        classifier = train_parts(parts, configure(**values, seed=seed), "cpu")
        if classifier.history.interrupted:
            raise KeyboardInterrupt
        with tempfile.TemporaryDirectory() as folder:
            classifier.save(Path(folder, "model.safetensors"))
            size = Path(folder, "model.safetensors").stat().st_size
        return fitted(classifier.log_proba, len(parts["train"]), size)
    return fit


NETWORKS = {"network": {}, "rnn": {"cell": "rnn"}, "relu": {"cell": "rnn", "nonlinearity": "relu", "init": "identity"},
            "lstm": {"cell": "lstm"}, "peephole": {"cell": "lstm-peephole"}, "one-way": {"bidirectional": False},
            "two-layers": {"layers": 2}, "embedding": {"embedding": 32}}
OURS = {"lecture": {"preset": "lecture"}, **{name: {"ngrams": 0, **values} for name, values in NETWORKS.items()},
        "fast": {"preset": "fast"}, "standard": {}, "best": {"preset": "best"}}
METHODS = {"majority": majority, "logreg": logistic_regression, "balanced": balanced, "svm": linear_svm,
           "fasttext": fasttext, "notes": notes, **{name: ours(**values) for name, values in OURS.items()}}
SEEDLESS = {"majority", "logreg", "balanced"}
TITLES = {"majority": "the labels' shares", "logreg": "n-gram logistic regression", "balanced": "the same, balanced",
          "svm": "n-gram linear SVM", "fasttext": "fastText", "notes": "the notes' program",
          "standard": "the default, a GRU and n-grams"}


def title(method):
    """What stands in the first column: a name, or the options that differ from the default."""
    flags = " ".join(f"--no-{name}" if value is False else f"{flag_of(name)} {value}"
                     for name, value in OURS.get(method, {}).items())
    return TITLES.get(method, f"`{flags}`")


# ---------------------------------------------------------------- the table


def measure(fit, parts, seed):
    """One row of numbers of one method and seed."""
    started = time.perf_counter()
    method = fit(parts, seed)
    seconds = time.perf_counter() - started
    names, targets, labels = parts["test"].names, parts["test"].targets, range(len(parts["test"].labels))
    started, passes = time.perf_counter(), 0
    while not passes or time.perf_counter() - started < AT_LEAST:
        guesses, passes = method.guess(names), passes + 1
    rate = passes * len(names) / (time.perf_counter() - started)
    row = {"accuracy": accuracy_score(targets, guesses),
           "macro_f1": f1_score(targets, guesses, labels=labels, average="macro", zero_division=0),
           "names": method.names, "seconds": seconds, "per_second": rate, "size": method.size / 1e6}
    if method.log_proba:
        found = figures(method.log_proba(names), targets)
        row |= {name: found[name] for name in ("nll", "calibration_error", "calibration_error_if_calibrated")}
    return row


def as_cells(rows):
    """The table's cells of one method, from its rows of numbers over the seeds."""
    column = lambda name: [row[name] for row in rows]  # noqa: E731
    mean = lambda name: statistics.fmean(column(name))  # noqa: E731

    def cell(name):
        if name not in rows[0]:
            return "–"
        return f"{mean(name):.3f}" + (f" ± {statistics.stdev(column(name)):.3f}" if len(rows) > 1 else "")
    chance = f" ({mean('calibration_error_if_calibrated'):.3f})" if "nll" in rows[0] else ""
    return [*map(cell, ("accuracy", "macro_f1", "nll")), cell("calibration_error") + chance, f"{mean('names'):,.0f}",
            f"{mean('seconds'):,.1f}", f"{mean('per_second'):,.0f}", f"{mean('size'):,.2f}"]


def main(argv=None):
    """Fits every method with every seed and prints a row as soon as it is there."""
    options = cli.Parser(description=__doc__, formatter_class=cli.RAW, allow_abbrev=False)
    options.add_argument("--data", default=bundled_names(), metavar="DIR", help="a folder of <label>.txt files")
    options.add_argument("--test-data", metavar="DIR", help="another folder to measure on, not a tenth of --data")
    options.add_argument("--seeds", type=int, default=3, metavar="N", help="seeds per method (default: %(default)s)")
    options.add_argument("--methods", nargs="+", choices=METHODS, metavar="METHOD", help="only these (default: all)")
    arguments = options.parse_args(argv)
    if arguments.seeds < 1:
        raise CharnnError(f"--seeds {arguments.seeds} is less than 1; give at least one seed")
    methods = arguments.methods or list(METHODS)
    if "fasttext" in methods and importlib.util.find_spec("fasttext") is None:
        if arguments.methods:
            raise CharnnError('fastText is not installed; pip install -e ".[bench]"')
        print('fastText is not installed and left out; pip install -e ".[bench]"', file=sys.stderr)
        methods.remove("fasttext")
    parts = read_parts(arguments.data, arguments.test_data, configure())
    print(f"{', '.join(f'{len(names):,} {part}' for part, names in parts.items())} names, "
          f"{len(parts['train'].labels)} labels\n")
    print("| | accuracy | macro-F1 | NLL | calibration error (chance) | names trained on | training s | names/s | MB |")
    print("|---|---|---|---|---|---:|---:|---:|---:|", flush=True)
    for name in methods:
        seeds = 1 if name in SEEDLESS else arguments.seeds
        rows = [measure(METHODS[name], parts, seed) for seed in range(seeds)]
        print(f"| {title(name)} | {' | '.join(as_cells(rows))} |", flush=True)


if __name__ == "__main__":
    sys.exit(cli.run(main))
