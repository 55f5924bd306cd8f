"""Is a sentence from a review kind or unkind? A network that reads words, beside n-grams that count letters.

    python examples/sentiment.py TRAIN_DIR TEST_DIR [--seeds 3] [--out sentiment.png]

Both folders hold one <label>.txt per label, one text a line. The network learns from TRAIN_DIR alone, a twentieth of
which chooses the epoch; logistic regression on character 1-5-grams learns from all of it. Both are asked about
TEST_DIR. The picture shows how the network changes its mind word by word: of some short texts the one of each of two
labels that it comes round to most, and the one that it is led astray by most.
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from charnn import cli
from charnn.config import configure
from charnn.data import Names
from charnn.drawing import as_bytes
from charnn.errors import CharnnError
from charnn.evaluation.metrics import figures
from charnn.files import write
from charnn.text.letters import to_ascii
from charnn.training.classify import train_parts
from charnn.training.parts import read_parts

MEASURES = ("accuracy", "macro_f1", "nll")
SHORT = 14   # words of a text that is drawn, at most
TRIED = 300  # such texts that are looked at
COLOURS = "#0072B2", "#D55E00", "#009E73"


def n_grams(train, test):
    """The figures of logistic regression on character 1-5-grams weighted by TF-IDF."""
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 5), sublinear_tf=True, lowercase=False)
    marked = lambda data: [f"^{to_ascii(text).lower()}$" for text in data.names]  # noqa: E731
    model = LogisticRegression(C=10, max_iter=500).fit(vectorizer.fit_transform(marked(train)), train.targets)
    return figures(model.predict_log_proba(vectorizer.transform(marked(test))), test.targets)


def row(title, rows, seconds):
    """A line of the table: means over the seeds, with their standard deviation where there are several."""
    cells = []
    for name in MEASURES:
        values = [one[name] for one in rows]
        spread = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
        cells.append(f"{statistics.fmean(values):.3f}{spread}".rjust(15))
    return f"{title:34}{''.join(cells)}{seconds:12.0f}"


def chosen(classifier, test):
    """Rows of the texts to draw: for two labels the one that it comes round to most, and where it errs most."""
    short = [row for row, text in enumerate(test.names) if SHORT // 2 < len(classifier.normalise(text)) <= SHORT]
    swings = [{}, {}, {}]  # of texts with a right answer, of two labels, and with a wrong one
    for row in np.random.default_rng(0).permutation(short)[:TRIED].tolist():
        target = int(test.targets[row])
        beliefs = classifier.beliefs(test.names[row])
        path = beliefs[:, target]  # (T,)
        if beliefs[-1].argmax() != target:
            swings[2][row] = path.max() - path[-1]
        elif target < 2:
            swings[target][row] = path[-1] - path.min()
    return [max(rows, key=rows.get) for rows in swings if rows]


def picture(classifier, test, rows):
    """A panel for each text: the probability of its own label after each word, from left to right."""
    figure = Figure(figsize=(10, 2.7 * len(rows)), layout="constrained")
    for axes, index, colour in zip(figure.subplots(len(rows), 1, squeeze=False)[:, 0], rows, COLOURS, strict=False):
        label, words = test.labels[test.targets[index]], classifier.normalise(test.names[index])
        beliefs = classifier.beliefs(test.names[index])[:, classifier.labels.index(label)]  # (T,)
        axes.plot(range(len(words)), beliefs, "o-", color=colour, linewidth=2.5, clip_on=False)
        axes.axhline(0.5, color="0.6", linewidth=1, linestyle="--", zorder=0)
        axes.set(ylim=(0, 1), ylabel=f"P({label})", xlim=(-0.5, len(words) - 0.5))
        axes.set_xticks(range(len(words)), words, rotation=30, ha="right", rotation_mode="anchor", fontsize=11)
        answer = classifier.predict(test.names[index], top=1)[0][0]
        axes.set_title(f"{label}, and the answer is {'right' if answer == label else answer}", loc="left", fontsize=12)
        axes.spines[["top", "right"]].set_visible(False)
    figure.supxlabel("the words as they are read")
    return figure


def main(argv=None):
    """Trains, prints the table and how it reads some texts, draws the picture."""
    options = cli.Parser(description=__doc__, formatter_class=cli.RAW, allow_abbrev=False)
    options.add_argument("train", metavar="TRAIN_DIR", help="the texts to learn from")
    options.add_argument("test", metavar="TEST_DIR", help="the texts to measure on")
    options.add_argument("--seeds", type=int, default=3, metavar="N", help="networks to train (default: %(default)s)")
    options.add_argument("--out", default="sentiment.png", metavar="FILE", help="the picture (default: %(default)s)")
    arguments = options.parse_args(argv)
    if arguments.seeds < 1:
        raise CharnnError(f"--seeds {arguments.seeds} is less than 1; give at least one seed")
    out = Path(arguments.out)
    if out.exists() or not out.parent.is_dir():
        raise CharnnError(f"--out {out} {'is there already' if out.exists() else 'is in no folder'}; "
                          "choose another place")
    parts = read_parts(arguments.train, arguments.test, configure(tokens="words"))
    test = parts["test"]
    train = Names(parts["train"].names + parts["validation"].names,
                  np.concatenate([parts["train"].targets, parts["validation"].targets]), test.labels)

    print(f"{len(train):,} texts to learn from, {len(test):,} to measure on\n")
    print(" " * 34 + "".join(title.rjust(15) for title in ("accuracy", "macro-F1", "NLL (nats)")) + "seconds".rjust(12))
    started = time.perf_counter()
    print(row("n-gram logistic regression", [n_grams(train, test)], time.perf_counter() - started), flush=True)
    started, rows = time.perf_counter(), []
    for seed in range(arguments.seeds):
        classifier = train_parts(parts, configure(tokens="words", seed=seed))
        if classifier.history.interrupted:
            raise KeyboardInterrupt
        rows.append(classifier.figures["test"])
    cell = classifier.config.cell.upper()
    print(row(f"{cell} on words, mean of {arguments.seeds}", rows, (time.perf_counter() - started) / arguments.seeds))
    drawn = chosen(classifier, test)
    if not drawn:
        raise CharnnError(f"{arguments.test} has no text of {SHORT // 2 + 1} to {SHORT} words, so there is no picture; "
                          "give some that are short")
    write(out, as_bytes(picture(classifier, test, drawn)))
    print(f"\n{out}   how the last network changes its mind, word by word")


if __name__ == "__main__":
    sys.exit(cli.run(main))
