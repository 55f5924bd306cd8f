#!/usr/bin/env python3
"""How long from the shell to an answer, and how much memory does one answer take?

    python scripts/benchmark_start.py [--rounds 10] [--backends numpy torch]

Each row is a process of its own, start and end included: an empty Python, one that imports numpy,
and charnn's commands with the bundled models; with fastText installed, its answer to the same name
from a model of the same names. The processes take turns, so that other work on the machine slows
all of them alike: read the column of ratios, not the times.
"""

import statistics
import sys
import tempfile
import warnings
from pathlib import Path

import measuring

import charnn
from charnn import cli
from charnn.config import BACKENDS
from charnn.data import bundled_names, read_names

NAME = "Hinton"
EPOCHS = 5  # of fastText's training: its start does not depend on them
NUMPY = "import numpy"
COLUMNS = ("process", "fastest, s:", "median, s:", f"median / {NUMPY}:", "memory, MB:")


def commands(backends: list[str]) -> dict[str, list[str]]:
    """What is given to python in each row."""
    found = {"python -c pass": ["-c", "pass"], NUMPY: ["-c", NUMPY]}
    found["charnn.predict --help"] = ["-m", "charnn.predict", "--help"]
    for backend in backends:
        option = [] if backend == "numpy" else ["--backend", backend]
        for words in (["charnn.predict", NAME], ["charnn.generate", "--count", "5"]):
            found[" ".join(words + option)] = ["-m", *words, *option]
    return found


def fasttext_command(folder: Path) -> list[str]:
    """Trains fastText on the bundled names; what loads that model and asks it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of spellings under several labels
        data = read_names(bundled_names(), 100, 2)
    path = str(folder / "model.bin")
    measuring.train_fasttext(data, EPOCHS).save_model(path)
    word = measuring.marked(NAME)
    return ["-c", f"import fasttext; print(fasttext.load_model({path!r}).predict([{word!r}], 3))"]


def costs(of: dict[str, list[str]], rounds: int) -> dict[str, list[measuring.Cost]]:
    """What each process took, in each round, after one that warms up."""
    for words in of.values():
        measuring.measured(*words)
    found: dict[str, list[measuring.Cost]] = {title: [] for title in of}
    for _ in range(rounds):
        for title, words in of.items():
            found[title].append(measuring.measured(*words))
    return found


def main(argv: list[str] | None = None) -> None:
    """Measures and prints a row per process."""
    options = measuring.parser(__doc__)
    options.add_argument(
        "--rounds",
        type=measuring.positive,
        default=10,
        metavar="N",
        help="how often each process is started (default: %(default)s)",
    )
    options.add_argument(
        "--backends",
        nargs="+",
        choices=tuple(BACKENDS),
        default=["numpy"],
        help="what computes the answers, rows for each (default: %(default)s)",
    )
    arguments = options.parse_args(argv)
    rows = commands(arguments.backends)
    with tempfile.TemporaryDirectory() as folder:
        if measuring.has_fasttext():
            rows["fastText, from Python"] = fasttext_command(Path(folder))
        found = costs(rows, arguments.rounds)
    print(f"charnn {charnn.__version__}, {arguments.rounds} starts of each\n")
    measuring.print_header(*COLUMNS)
    median = {
        title: statistics.median(cost.seconds for cost in taken) for title, taken in found.items()
    }
    for title, taken in found.items():
        measuring.print_row(
            title,
            f"{min(cost.seconds for cost in taken):.3f}",
            f"{median[title]:.3f}",
            f"{median[title] / median[NUMPY]:.2f}",
            f"{max(cost.megabytes for cost in taken):.0f}",
        )
    if not measuring.has_fasttext():
        print(f"\n{measuring.NO_FASTTEXT}")


if __name__ == "__main__":
    sys.exit(cli.run(main))
