#!/usr/bin/env python3
"""How fast is training, beside the lecture's loop and torch's cells, and how fast is prediction?

    python scripts/benchmark_speed.py [--data DIR] [--threads 2]
    python scripts/benchmark_speed.py --predict MODEL ... [--names 200000]

Prints two tables, or with --predict one of how fast those models (and fastText, where it is
installed) label a file of distinct names, file in to file out. Times are medians of alternating
rounds: other work on the machine slows all rows alike, so read the ratios.

Axis letters: B batch, T time (letters), V symbols, H hidden.
"""

import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import measuring
import torch

from charnn import cli, predict
from charnn.data import Names, read_folder
from charnn.model import build_loop
from charnn.presets import configure

B, T, V, H = 256, 12, 60, 128
STEPS = 1000  # single names that the lecture's loop learns from

Work = Callable[[], object]  # what is timed


# ---------------------------------------------------------------- training


def training_step(kind: str) -> Work:
    """One step of a core alone on B names of T letters: forward, a loss at every step, backward."""
    torch.manual_seed(0)
    core = build_loop(configure(cell=kind, hidden=H), V)
    ids = torch.randint(0, V, (B, T))

    def step() -> None:
        core.zero_grad()
        core(ids)[0].square().mean().backward()

    return step


def lecture_loop(data: str, steps: int) -> Work:
    """The notes' program on the folder: `steps` single names."""
    lecture = measuring.lecture_program()
    names = lecture.read_folder(data)
    return lambda: lecture.train(names, steps, report=0)


def our_loop(parts: measuring.Parts, **values: Any) -> Work:
    """One epoch of charnn.train's loop on the training set."""
    training = measuring.ClassifierTraining(parts, configure(epochs=1, **values))
    return lambda: training.fit(training.network(), torch.Generator().manual_seed(0))


def cell_table(threads: int) -> None:
    """Our cells beside torch's."""
    print(f"A core's training step: batch {B}, {T} letters, hidden {H}, {threads} threads\n")
    measuring.print_header("cell", "ours, ms:", "torch's, ms:", "ours / torch's:")
    for kind in ("rnn", "gru", "lstm"):
        works = {name: training_step(name) for name in (kind, f"torch-{kind}")}
        ours, theirs = (1e3 * seconds for seconds in measuring.medians(works, rounds=40).values())
        measuring.print_row(kind, f"{ours:.1f}", f"{theirs:.1f}", f"{ours / theirs:.2f}")


def loop_table(data: str) -> None:
    """Our training loop beside the lecture's."""
    parts = measuring.read_parts(data, None, configure())
    rnn = {"cell": "rnn", "hidden": 128}
    ours = {
        "--cell rnn --hidden 128": our_loop(parts, **rnn),
        "--cell rnn --hidden 128 --preset lecture": our_loop(parts, preset="lecture", **rnn),
        "the default": our_loop(parts),
    }
    times = measuring.medians({"examples/lecture.py": lecture_loop(data, STEPS), **ours}, rounds=3)
    rates = {
        name: (len(parts["train"]) if name in ours else STEPS) / seconds
        for name, seconds in times.items()
    }
    print(f"\nTraining on {data}, validation after the epoch included\n")
    measuring.print_header("loop", "names per second:", "times the lecture's:")
    for name, rate in rates.items():
        measuring.print_row(name, f"{rate:,.0f}", f"{rate / rates['examples/lecture.py']:.0f}")


# ---------------------------------------------------------------- prediction, from file to file


def charnn_file(model: str, source: Path, folder: Path) -> Work:
    """python -m charnn.predict --input --output, its model loaded each time."""
    target = folder / "labels.tsv"

    def work() -> None:
        target.unlink(missing_ok=True)  # predict overwrites nothing
        predict.main(["--model", model, "--input", str(source), "--output", str(target)])

    return work


def fasttext_file(real: Names, source: Path, folder: Path) -> Work:
    """The same by fastText; two epochs, since only its speed is measured."""
    model = measuring.train_fasttext(real, epochs=2)

    def work() -> None:
        names = source.read_text(encoding="utf-8").splitlines()
        words = [measuring.fasttext_word(name) + "\n" for name in names]
        labels, probabilities = model.f.multilinePredict(words, 1, 0.0, "strict")
        rows = zip(names, labels, probabilities, strict=True)
        lines = [f"{name}\t{label}\t{probability:.4f}" for name, [label], [probability] in rows]
        measuring.write_names(folder / "fasttext.tsv", lines)

    return work


def predict_table(models: Sequence[str], data: str, number: int) -> None:
    """Names per second from file to file."""
    real = read_folder(data)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "names.txt"
        measuring.write_names(source, measuring.distinct_names(real, number))
        works = {model: charnn_file(model, source, folder) for model in models}
        if measuring.has_fasttext():
            works["fastText"] = fasttext_file(real, source, folder)
        times = measuring.medians(works, rounds=3)
    threads = torch.get_num_threads()
    print(f"{number:,} distinct names, {threads} threads (fastText reads on one)\n")
    measuring.print_header("model", "names per second:")
    for name, seconds in times.items():
        measuring.print_row(name, f"{number / seconds:,.0f}")


def main(argv: list[str] | None = None) -> None:
    """Measures and prints."""
    options = measuring.parser(__doc__)
    measuring.add_data(options)
    measuring.add_threads(options)
    options.add_argument(
        "--predict", nargs="+", metavar="MODEL", help="files that charnn.train wrote"
    )
    options.add_argument(
        "--names",
        type=measuring.positive,
        default=200_000,
        metavar="N",
        help="how many --predict labels (default: %(default)s)",
    )
    arguments = options.parse_args(argv)
    torch.set_num_threads(arguments.threads)
    warnings.simplefilter("ignore")
    if arguments.predict:
        predict_table(arguments.predict, arguments.data, arguments.names)
    else:
        cell_table(arguments.threads)
        loop_table(arguments.data)


if __name__ == "__main__":
    sys.exit(cli.run(main))
