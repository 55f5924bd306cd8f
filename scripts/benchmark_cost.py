#!/usr/bin/env python3
"""What more names cost: time and memory of training and of bulk prediction, for 10 thousand names to a million.

    python scripts/benchmark_cost.py [--sizes 10000 100000 1000000] [--preset fast] [--epochs 2]

The names are invented by the bundled generator, each label as often as any other. Each row is two processes of their
own, `charnn.train` and `charnn.predict --input`, start included; the time of an epoch is that of the loop alone. Read
how a column goes on from row to row, not the times: the machine may be shared.
"""

import argparse
import csv
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import charnn

AT_ONCE = 20_000  # names that the generator writes in one call


class Cost(NamedTuple):
    """What a process took."""

    seconds: float
    megabytes: float  # the most memory it held
    printed: str      # to standard error


def measured(*arguments):
    """Runs `python -m ...` as a process of its own. Raises SystemExit with what it printed, should it fail."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        start = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-m", *map(str, arguments)], stdout=subprocess.DEVNULL,
                                   stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - start
        errors.seek(0)
        printed = errors.read()
    if process.returncode:
        raise SystemExit(printed)
    scale = 1e6 if sys.platform == "darwin" else 1e3  # bytes there, kilobytes elsewhere
    return Cost(seconds, usage.ru_maxrss / scale, printed)


def write_names(folder, count):
    """A folder train/ of <label>.txt files, about `count` different names in all, and names.txt with all of them."""
    writer = charnn.load("generator")
    (folder / "train").mkdir()
    per_label = -(-count // len(writer.labels))
    with open(folder / "names.txt", "w", encoding="utf-8") as every:
        for number, label in enumerate(writer.labels):
            names = []
            for start in range(0, per_label, AT_ONCE):
                names += writer.generate(label=label, count=min(AT_ONCE, per_label - start),
                                         seed=number * 1_000_000 + start)
            names = list(dict.fromkeys(names))
            (folder / "train" / f"{label}.txt").write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
            every.writelines(f"{name}\n" for name in names)


def main(argv=None):
    """Measures and prints a row per size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--preset", default="fast")
    parser.add_argument("--epochs", type=int, default=2)
    arguments = parser.parse_args(argv)
    print(f"--preset {arguments.preset} --epochs {arguments.epochs}, charnn {charnn.__version__}\n")
    print("| names | training, s | µs per name and epoch | its memory, MB | model, MB | prediction, s | µs per name "
          "| its memory, MB |\n|---:|---:|---:|---:|---:|---:|---:|---:|", flush=True)
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            write_names(folder, size)
            model = folder / "run" / "model.safetensors"
            trained = measured("charnn.train", "--data", folder / "train", "--preset", arguments.preset, "--epochs",
                               arguments.epochs, "--patience", arguments.epochs, "--out", folder / "run")
            with open(folder / "run" / "history.csv", encoding="utf-8") as history:
                rates = [float(row["per_second"]) for row in csv.DictReader(history)]
            answered = measured("charnn.predict", "--model", model, "--input", folder / "names.txt", "--output",
                                folder / "labels.tsv")
            inside = float(re.search(r" rows? in ([\d.]+) s", answered.printed).group(1))
            rows = sum(1 for _ in open(folder / "names.txt", encoding="utf-8"))  # noqa: SIM115
            cells = (f"{rows:,}", f"{trained.seconds:.0f}", f"{1e6 * len(rates) / sum(rates):.0f}",
                     f"{trained.megabytes:,.0f}", f"{model.stat().st_size / 1e6:.2f}", f"{answered.seconds:.1f}",
                     f"{1e6 * inside / rows:.0f}", f"{answered.megabytes:,.0f}")
            print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
