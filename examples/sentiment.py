"""Is a review's sentence kind or unkind? A network and n-grams of words, beside letter n-grams.

    python examples/sentiment.py TRAIN_DIR TEST_DIR [--seeds 3] [--out sentiment.png]

Both folders hold one <label>.txt per label, one text a line. A classifier is a network that reads
words, with n-grams of words beside it; a twentieth of TRAIN_DIR chooses the epoch. Logistic
regression on character 1-5-grams learns from all of it. They are measured on TEST_DIR, and so is
each network alone. The picture shows how a classifier changes its mind word by word: of some short
texts the one of each of two labels that it comes round to most, and the one that leads it astray
most.

Axis letters: T time (words).
"""

import copy
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from charnn import cli
from charnn.data import Names
from charnn.drawing import as_bytes
from charnn.errors import CharnnError
from charnn.evaluation.calibration import best_temperature
from charnn.evaluation.metrics import figures, tempered
from charnn.files import write
from charnn.inference.classifier import Classifier
from charnn.presets import configure
from charnn.text.letters import to_ascii
from charnn.training.classify import train_classifier_on
from charnn.training.history import History
from charnn.training.parts import read_parts

MEASURES = ("accuracy", "macro_f1", "nll")
TITLE = 38  # columns of a row's title
SHORT = 14  # words of a text that is drawn, at most
TRIED = 300  # such texts that are looked at
COLOURS = "#0072B2", "#D55E00", "#009E73"

Figures = Mapping[str, float]


# ---------------------------------------------------------------- the table


def n_grams(train: Names, test: Names) -> Figures:
    """The figures of logistic regression on character 1-5-grams weighted by TF-IDF."""
    vectorizer = TfidfVectorizer(
        analyzer="char", ngram_range=(1, 5), sublinear_tf=True, lowercase=False
    )
    rows = vectorizer.fit_transform(marked(train.names))
    model = LogisticRegression(C=10, max_iter=500).fit(rows, train.targets)
    return figures(model.predict_log_proba(vectorizer.transform(marked(test.names))), test.targets)


def marked(texts: Sequence[str]) -> list[str]:
    """Texts as n-grams read them: ASCII, lower case, with a mark at the start and the end."""
    return [f"^{to_ascii(text).lower()}$" for text in texts]


def classifiers(parts: dict[str, Names], seeds: int) -> list[Classifier]:
    """A network that reads words, with n-grams of words beside it, for each seed."""
    trained = []
    for seed in range(seeds):
        classifier = train_classifier_on(parts, configure(tokens="words", seed=seed))
        history: History | None = classifier.history
        if history is not None and history.interrupted:  # the table would not show it
            raise KeyboardInterrupt
        trained.append(classifier)
    return trained


def alone(classifier: Classifier, validation: Names, test: Names) -> Figures:
    """The figures of a classifier's network without the n-grams beside it.

    At a temperature of its own, since the classifier's is that of both together.
    """
    network = copy.copy(classifier)
    network.ngrams = None
    temperature = best_temperature(network.log_proba(validation.names), validation.targets)
    return figures(tempered(network.log_proba(test.names), temperature), test.targets)


def row(title: str, rows: Sequence[Figures], seconds: float | None = None) -> str:
    """A line of the table: means over the seeds, ± standard deviation where there are several."""
    cells = []
    for name in MEASURES:
        values = [one[name] for one in rows]
        spread = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
        cells.append(f"{statistics.fmean(values):.3f}{spread}".rjust(15))
    took = "" if seconds is None else f"{seconds:12.0f}"
    return f"{title:{TITLE}}{''.join(cells)}{took}"


# ---------------------------------------------------------------- the picture


def chosen(classifier: Classifier, test: Names) -> list[int]:
    """Rows of the texts to draw.

    Of each of two labels the one that the classifier comes round to most, and where it errs most.
    """
    short = [
        index
        for index, text in enumerate(test.names)
        if SHORT // 2 < len(classifier.normalise(text)) <= SHORT
    ]
    right: list[dict[int, float]] = [{}, {}]  # of each of two labels: row -> how far it came round
    wrong: dict[int, float] = {}  # row -> how far it was led astray
    for index in np.random.default_rng(0).permutation(short)[:TRIED].tolist():
        target = int(test.targets[index])
        beliefs = classifier.beliefs(test.names[index])  # (T, L)
        path = beliefs[:, target]  # (T,)
        if beliefs[-1].argmax() != target:
            wrong[index] = path.max() - path[-1]
        elif target < 2:
            right[target][index] = path[-1] - path.min()
    return [max(swings, key=swings.__getitem__) for swings in (*right, wrong) if swings]


def picture(classifier: Classifier, test: Names, rows: Sequence[int]) -> Figure:
    """A panel for each text: the probability of its own label after each word."""
    figure = Figure(figsize=(10, 2.7 * len(rows)), layout="constrained")
    panels = figure.subplots(len(rows), 1, squeeze=False)[:, 0]
    for axes, index, colour in zip(panels, rows, COLOURS, strict=False):
        panel(axes, classifier, test.names[index], test.labels[test.targets[index]], colour)
    figure.supxlabel("the words as they are read")
    return figure


def panel(axes: Axes, classifier: Classifier, text: str, label: str, colour: str) -> None:
    """One text of the picture."""
    words = classifier.normalise(text)
    path = classifier.beliefs(text)[:, classifier.labels.index(label)]  # (T,)
    axes.plot(range(len(words)), path, "o-", color=colour, linewidth=2.5, clip_on=False)
    axes.axhline(0.5, color="0.6", linewidth=1, linestyle="--", zorder=0)
    axes.set(ylim=(0, 1), ylabel=f"P({label})", xlim=(-0.5, len(words) - 0.5))
    axes.set_xticks(
        range(len(words)), words, rotation=30, ha="right", rotation_mode="anchor", fontsize=11
    )
    answer = classifier.predict(text, top=1)[0][0]
    verdict = "right" if answer == label else answer
    axes.set_title(f"{label}, and the answer is {verdict}", loc="left", fontsize=12)
    axes.spines[["top", "right"]].set_visible(False)


# ---------------------------------------------------------------- the command


def check_out(file: str) -> Path:
    """Where the picture goes. Raises CharnnError for a file that is there, or in no folder."""
    out = Path(file)
    if out.exists() or not out.parent.is_dir():
        why = "is there already" if out.exists() else "is in no folder"
        raise CharnnError(f"--out {out} {why}; choose another place")
    return out


def main(argv: list[str] | None = None) -> None:
    """Trains, prints the table, draws how the last classifier reads some texts."""
    options = cli.Parser(description=__doc__, allow_abbrev=False)
    options.add_argument("train", metavar="TRAIN_DIR", help="the texts to learn from")
    options.add_argument("test", metavar="TEST_DIR", help="the texts to measure on")
    options.add_argument(
        "--seeds", type=int, default=3, metavar="N", help="networks to train (default: %(default)s)"
    )
    options.add_argument(
        "--out", default="sentiment.png", metavar="FILE", help="the picture (default: %(default)s)"
    )
    arguments = options.parse_args(argv)
    if arguments.seeds < 1:
        raise CharnnError(f"--seeds {arguments.seeds} is less than 1; give at least one seed")
    out = check_out(arguments.out)
    parts = read_parts(arguments.train, arguments.test, configure(tokens="words"))
    validation, test = parts["validation"], parts["test"]
    train = parts["train"].joined(validation)

    print(f"{len(train):,} texts to learn from, {len(test):,} to measure on\n")
    heads = "".join(title.rjust(15) for title in ("accuracy", "macro-F1", "NLL (nats)"))
    print(f"{'':{TITLE}}{heads}{'seconds':>12}")
    started = time.perf_counter()
    found = [n_grams(train, test)]
    print(row("n-gram logistic regression", found, time.perf_counter() - started), flush=True)
    started = time.perf_counter()
    trained = classifiers(parts, arguments.seeds)
    seconds = (time.perf_counter() - started) / arguments.seeds
    cell = trained[-1].config.cell.upper()
    print(
        row(
            f"{cell} and n-grams of words, mean of {arguments.seeds}",
            [classifier.figures["test"] for classifier in trained],
            seconds,
        )
    )
    by_themselves = [alone(classifier, validation, test) for classifier in trained]
    print(row(f"{cell} alone, mean of {arguments.seeds}", by_themselves))

    drawn = chosen(trained[-1], test)
    if not drawn:
        raise CharnnError(
            f"{arguments.test} has no text of {SHORT // 2 + 1} to {SHORT} words, so "
            "there is no picture; give some that are short"
        )
    write(out, as_bytes(picture(trained[-1], test, drawn)))
    print(f"\n{out}   how the last network and its n-grams change their mind, word by word")


if __name__ == "__main__":
    sys.exit(cli.run(main))
