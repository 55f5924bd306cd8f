#!/usr/bin/env python3
"""How fast does each preset train where another program holds one of the cores?

    python scripts/benchmark_busy.py [--seconds 3] [--rounds 1]

Each figure is a process of its own that trains for some seconds as `charnn.train` does: on names of
`data/names`, and on texts that are made of them. The three of a row take turns: nothing else runs;
a program that never rests holds one core; the same with charnn on one thread. The last column says
whether several threads pay off, or what they cost, on such a machine. About four minutes.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import measuring

from charnn import cli
from charnn.data import bundled_names
from charnn.errors import CharnnError
from charnn.presets import PRESETS, configure
from charnn.text.names import read_folder

WARM_UP = 0.5  # seconds that are not counted
WORDS = 150_000  # in all texts of a kind
COLUMNS = (
    "preset",
    "quiet:",
    "one core held:",
    "held / quiet:",
    "one core held, one thread:",
    "held / held, one thread:",
)


class Enough(Exception):
    """Ends a training that has been measured."""


class Clock:
    """Counts what is trained on, from the first batch after the warm-up for some seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.started, self.units = seconds, time.perf_counter() + WARM_UP, -1

    def __call__(self, size: int, *_: float) -> None:
        """After each batch of that size. Raises Enough at the end."""
        now = time.perf_counter()
        if self.units < 0:
            if now >= self.started:
                self.started, self.units = now, 0
            return
        self.units += size
        if now - self.started >= self.seconds:
            self.seconds = now - self.started
            raise Enough


def speed(kind: str, preset: str, data: Path, seconds: float) -> float:
    """Names, texts or characters per second of a preset's training. Raises CharnnError if over."""
    text, clock = kind == "text", Clock(seconds)
    task = "generate" if kind in ("generate", "text") else "classify"
    tokens = {"tokens": "words"} if kind == "words" else {}
    config = configure(preset, task=task, text=text, epochs=1000, patience=1000, **tokens)
    try:
        if text:
            sets = measuring.read_text_parts(data, None, config)
            measuring.train_text_generator_on(*sets, config, "cpu", on_batch=clock)
        else:
            parts = measuring.read_parts(data, None, config)
            train = (
                measuring.train_classifier_on
                if task == "classify"
                else measuring.train_name_generator_on
            )
            train(parts, config, "cpu", on_batch=clock)
    except Enough:
        return clock.units / clock.seconds
    raise CharnnError("the training was over before it was measured; choose fewer --seconds")


def write_texts(folder: Path, names: Sequence[str], words: int) -> None:
    """Makes text.txt, of that many words, and words/, of two labels with the same words."""
    drawn = random.Random(0).choices(names, k=words)
    lines = [" ".join(drawn[start : start + 10]) for start in range(0, words, 10)]
    measuring.write_names(folder / "text.txt", lines)
    (folder / "words").mkdir()
    for number, label in enumerate(("first", "second")):
        measuring.write_names(folder / "words" / f"{label}.txt", lines[number::2])


@contextmanager
def one_core_held() -> Iterator[None]:
    """While it is open, another program never rests."""
    program = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        program.kill()
        program.wait()


def measured(kind: str, preset: str, data: Path, seconds: float, threads: int | None) -> float:
    """`speed` in a process of its own. Raises CharnnError, should it fail."""
    words = [__file__, "--seconds", str(seconds), "--slice", kind, preset, str(data)]
    own = {} if threads is None else {"OMP_NUM_THREADS": str(threads)}
    result = subprocess.run(
        [sys.executable, *words], env={**os.environ, **own}, capture_output=True, text=True
    )
    if result.returncode:
        last = (result.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise CharnnError(f"{kind} {preset}: {last.removeprefix('charnn: error: ')}")
    return float(result.stdout)


def print_table(seconds: float, rounds: int) -> None:
    """A row for each preset of each kind of data."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_texts(folder, read_folder(bundled_names()).names, WORDS)
        data = {"words": folder / "words", "text": folder / "text.txt"}
        for kind, presets in PRESETS.items():
            for preset in presets:
                taken = []
                for _ in range(rounds):
                    of = (kind, preset, data.get(kind, bundled_names()), seconds)
                    quiet = measured(*of, threads=None)
                    with one_core_held():
                        taken.append((quiet, measured(*of, threads=None), measured(*of, threads=1)))
                quiet, held, alone = (median(column) for column in zip(*taken, strict=True))
                cells = (f"{quiet:,.0f}", f"{held:,.0f}", f"{held / quiet:.2f}")
                of_one = (f"{alone:,.0f}", f"{held / alone:.2f}")
                measuring.print_row(f"{kind}, `{preset}`", *cells, *of_one)


def main(argv: list[str] | None = None) -> None:
    """Prints the table, or with --slice one figure of it."""
    options = measuring.parser(__doc__)
    for flag, default, of_what in (("seconds", 3, "of each figure"), ("rounds", 1, "per figure")):
        options.add_argument(
            f"--{flag}",
            type=measuring.positive,
            default=default,
            metavar="N",
            help=f"{of_what} (default: %(default)s)",
        )
    options.add_argument(
        "--slice",
        nargs=3,
        metavar=("KIND", "PRESET", "DATA"),
        help="train for some seconds in this process and print names or characters per second",
    )
    arguments = options.parse_args(argv)
    if arguments.slice:
        kind, preset, data = arguments.slice
        print(speed(kind, preset, Path(data), arguments.seconds))
        return
    print(f"Names, texts or characters per second; {os.cpu_count()} cores\n")
    measuring.print_header(*COLUMNS)
    print_table(arguments.seconds, arguments.rounds)


if __name__ == "__main__":
    sys.exit(cli.run(main))
