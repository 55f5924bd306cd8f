#!/usr/bin/env python3
"""Is a recurrent network worth it on these names, beside what one would use instead?

    python scripts/benchmark.py [--data DIR] [--test-data DIR] [--seeds 3] [--methods logreg ...]

All on the same split, in one run:

majority    the labels' shares, whatever the name
logreg balanced svm
            logistic regression, the same with labels of equal weight, linear SVM, all on
            character 1-5-grams (scikit-learn)
fasttext    fastText on character 1-4-grams, where it is installed: pip install -e ".[bench]"
notes       examples/lecture.py: 100,000 single names
lecture fast standard best
            charnn's presets; standard is the default, a GRU and an n-gram model
network rnn relu lstm peephole one-way two-layers embedding
            the default's network without the n-gram model; the same with another cell,
            initialisation, direction, depth or input

A method that chooses nothing on the validation set learns from it too. Accuracy, macro-F1, NLL
(nats) and calibration error are of the test set, mean ± standard deviation over the seeds, or one
value where a seed changes nothing. In parentheses: the calibration error that chance alone would
give as many names. Read the ratios of the times, not the times.
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import baselines
import measuring
from sklearn.metrics import accuracy_score, f1_score

from charnn import cli
from charnn.config import flag_of
from charnn.errors import CharnnError
from charnn.evaluation.metrics import figures
from charnn.presets import configure

AT_LEAST = 0.5  # seconds that the predictions are timed for

# charnn's own methods: the values in which each differs from the default.
NETWORKS: dict[str, dict[str, Any]] = {
    "network": {},
    "rnn": {"cell": "rnn"},
    "relu": {"cell": "rnn", "nonlinearity": "relu", "init": "identity"},
    "lstm": {"cell": "lstm"},
    "peephole": {"cell": "lstm-peephole"},
    "one-way": {"bidirectional": False},
    "two-layers": {"layers": 2},
    "embedding": {"embedding": 32},
}
OURS: dict[str, dict[str, Any]] = {
    "lecture": {"preset": "lecture"},
    **{name: {"ngrams": 0, **values} for name, values in NETWORKS.items()},
    "fast": {"preset": "fast"},
    "standard": {},
    "best": {"preset": "best"},
}


def ours(**values: Any) -> baselines.Method:
    """charnn with these values of its configuration."""

    def train(parts: measuring.Parts, seed: int) -> baselines.Fitted:
        config = configure(**values, seed=seed)
        classifier = measuring.complete(measuring.train_classifier_on(parts, config, "cpu"))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "model.safetensors")
            classifier.save(path)
            size = path.stat().st_size
        return baselines.with_probabilities(classifier.log_proba, len(parts["train"]), size)

    return train


METHODS: dict[str, baselines.Method] = {
    "majority": baselines.majority,
    "logreg": baselines.logistic_regression,
    "balanced": baselines.balanced,
    "svm": baselines.linear_svm,
    "fasttext": baselines.fasttext,
    "notes": baselines.notes,
    **{name: ours(**values) for name, values in OURS.items()},
}
SEEDLESS = {"majority", "logreg", "balanced"}
TITLES = {
    "majority": "the labels' shares",
    "logreg": "n-gram logistic regression",
    "balanced": "the same, balanced",
    "svm": "n-gram linear SVM",
    "fasttext": "fastText",
    "notes": "the notes' program",
    "standard": "the default, a GRU and n-grams",
}
COLUMNS = (
    "",
    "accuracy",
    "macro-F1",
    "NLL",
    "calibration error (chance)",
    "names trained on:",
    "training s:",
    "names/s:",
    "MB:",
)


def title(method: str) -> str:
    """The first column's text: a name, or the options that differ from the default."""
    flags = [
        f"--no-{name}" if value is False else f"{flag_of(name)} {value}"
        for name, value in OURS.get(method, {}).items()
    ]
    return TITLES.get(method, f"`{' '.join(flags)}`")


def measure(train: baselines.Method, parts: measuring.Parts, seed: int) -> dict[str, float]:
    """The numbers of one method and seed."""
    method, seconds = measuring.timed(lambda: train(parts, seed))
    test = parts["test"]
    started, passes = time.perf_counter(), 0
    while not passes or time.perf_counter() - started < AT_LEAST:
        guesses = method.guess(test.names)
        passes += 1
    rate = passes * len(test) / (time.perf_counter() - started)
    macro_f1 = f1_score(
        test.targets, guesses, labels=range(len(test.labels)), average="macro", zero_division=0
    )
    row = {
        "accuracy": accuracy_score(test.targets, guesses),
        "macro_f1": macro_f1,
        "names": method.names,
        "seconds": seconds,
        "per_second": rate,
        "size": method.size / 1e6,
    }
    if method.log_proba is not None:
        found = figures(method.log_proba(test.names), test.targets)
        for name in ("nll", "calibration_error", "calibration_error_if_calibrated"):
            row[name] = found[name]
    return row


def as_cells(rows: Sequence[dict[str, float]]) -> list[str]:
    """The table's cells of one method, from its numbers for each seed."""
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    means = {name: sum(values) / len(values) for name, values in columns.items()}
    quality = [
        measuring.spread(columns[name]) if name in columns else "–"
        for name in ("accuracy", "macro_f1", "nll", "calibration_error")
    ]
    if "nll" in columns:
        quality[-1] += f" ({means['calibration_error_if_calibrated']:.3f})"
    cost = [
        f"{means['names']:,.0f}",
        f"{means['seconds']:,.1f}",
        f"{means['per_second']:,.0f}",
        f"{means['size']:,.2f}",
    ]
    return [*quality, *cost]


def chosen_methods(asked: Sequence[str] | None) -> list[str]:
    """The methods to run: those asked for, or all that can run here.

    Raises CharnnError when fastText is asked for and not installed.
    """
    if measuring.has_fasttext():
        return list(asked or METHODS)
    if asked and "fasttext" in asked:
        raise CharnnError(measuring.NO_FASTTEXT)
    if not asked:
        print(f"left out: {measuring.NO_FASTTEXT}", file=sys.stderr)
    return list(asked or [name for name in METHODS if name != "fasttext"])


def main(argv: list[str] | None = None) -> None:
    """Fits every method with every seed and prints a row as soon as it is there."""
    options = measuring.parser(__doc__)
    measuring.add_data(options)
    options.add_argument(
        "--test-data",
        metavar="DIR",
        help="another folder to measure on, in place of a tenth of --data",
    )
    measuring.add_seeds(options)
    options.add_argument(
        "--methods", nargs="+", choices=METHODS, metavar="METHOD", help="only these (default: all)"
    )
    arguments = options.parse_args(argv)
    methods = chosen_methods(arguments.methods)
    parts = measuring.read_parts(arguments.data, arguments.test_data, configure())
    sizes = ", ".join(f"{len(names):,} {part}" for part, names in parts.items())
    print(f"{sizes} names, {len(parts['train'].labels)} labels\n")
    measuring.print_header(*COLUMNS)
    for name in methods:
        seeds = 1 if name in SEEDLESS else arguments.seeds
        rows = [measure(METHODS[name], parts, seed) for seed in range(seeds)]
        measuring.print_row(title(name), *as_cells(rows))


if __name__ == "__main__":
    sys.exit(cli.run(main))
