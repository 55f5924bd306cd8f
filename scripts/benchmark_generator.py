#!/usr/bin/env python3
"""How well a generator learns and how fast it writes, on names and on a running text, in one run.

    python scripts/benchmark_generator.py [--names TRAIN.txt VAL.txt] [--text FILE] [--labels [DIR]] [--seeds 3]

--names    trains on the one list, measures nats per character on the other (ends of names counted)
--text     trains on the first 90% of a text, measures on the last 10%, read as one stream
--labels   trains on a folder of <label>.txt files, writes 1,000 novel names per label at temperature 0.8 and
           prints how many of them a classifier, trained on the folder's real names alone, gives their label, and
           of the real names that neither has seen

Sampling speed is of a GRU of 256 with fresh weights: 1,000 names at once, and one running text. Seconds are of the
training alone; read the ratios, not the times.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from charnn import cli
from charnn.config import configure
from charnn.data import bundled_names
from charnn.inference.generator import NEWLINE, Generator
from charnn.inference.trained import SEEN
from charnn.model import build_writer
from charnn.text.reading import characters
from charnn.text.vocabulary import Vocabulary
from charnn.training.classify import train_parts
from charnn.training.generate import read_text_parts, write_parts, write_text_parts
from charnn.training.parts import read_parts

NOVEL = 1000  # names written per label


def timed(train, *arguments):
    """What a training gives, and its seconds."""
    started = time.perf_counter()
    model = train(*arguments, "cpu")
    if model.history.interrupted:
        raise KeyboardInterrupt
    return model, time.perf_counter() - started


def row(title, found):
    """One line: figures over the seeds, mean ± standard deviation."""
    nats = [model.figures["test"]["nats_per_char"] for model, _ in found]
    spread = f" ± {statistics.stdev(nats):.4f}" if len(nats) > 1 else ""
    print(f"| {title} | {statistics.fmean(nats):.4f}{spread} | {found[0][0].figures['test']['n']:,} | "
          f"{statistics.fmean(seconds for _, seconds in found):.0f} |", flush=True)


def on_names(paths, seeds, preset):
    """Trains on one list of names, measures on another."""
    train, test = paths
    configs = [configure(preset, task="generate", seed=seed) for seed in range(seeds)]
    row(f"names, {Path(train).name}, {preset}", [timed(write_parts, read_parts(train, test, config), config)
                                       for config in configs])


def on_text(path, seeds, preset):
    """Trains on the first 90% of a text, measures on the rest, all of it."""
    text = "".join(characters(path))
    cut = int(0.9 * len(text))
    with tempfile.TemporaryDirectory() as folder:
        train, test = Path(folder, "train.txt"), Path(folder, "test.txt")
        train.write_text(text[:cut], encoding="utf-8", newline="")
        test.write_text(text[cut:], encoding="utf-8", newline="")
        found = []
        for seed in range(seeds):
            config = configure(preset, task="generate", text=True, seed=seed)
            found.append(timed(write_text_parts, *read_text_parts(train, test, config), config))
    row(f"text, {Path(path).name}, {preset}", found)


def on_labels(folder, preset):
    """Writes novel names of each label and asks a classifier of the real ones for their labels."""
    config = configure(preset, task="generate")
    parts = read_parts(folder, None, config)
    found = timed(write_parts, parts, config)
    row(f"names given their label, {Path(folder).name}, {preset}", [found])
    generator, test = found[0], parts["test"]
    config = configure()
    classifier = timed(train_parts, read_parts(folder, None, config), config)[0]
    print("\n| label | real ones recognised | novel ones recognised | novel names, temperature 0.8 |\n"
          "|---|---:|---:|---|")
    shares = []
    for index, label in enumerate(generator.labels):
        names = generator.generate(label, count=NOVEL, temperature=0.8, seed=0, novel=True)
        shares.append([(classifier.log_proba(of).argmax(1) == index).mean()
                       for of in (test.select(test.targets == index).names, names)])
        print(f"| {label} | {shares[-1][0]:.2f} | {shares[-1][1]:.2f} | {', '.join(names[:5])} |", flush=True)
    real, novel = np.mean(shares, axis=0)
    print(f"| mean over labels | {real:.3f} | {novel:.3f} | |")


def speed():
    """Characters per second of a GRU of 256: many names at once, and one running text."""
    vocabulary = Vocabulary(NEWLINE + "abcdefghijklmnopqrstuvwxyz")
    config = configure(task="generate", hidden=256, layers=1)
    nobody = {part: np.empty(0, np.int64) for part in SEEN}
    network = build_writer(config, len(vocabulary))
    with torch.no_grad():
        network.readout.linear.bias[1] = -30.0  # never the end: every name is written to its full length
    names = Generator(network, vocabulary, [], config, [], nobody, {"reads": "names"})
    text = Generator(network, vocabulary, [], config, [], nobody, {"reads": "text"})
    print("\n| writing | characters per second |\n|---|---:|")
    for title, write in (("1,000 names at once", lambda: names.generate(count=1000, length=50, seed=0)),
                         ("one running text", lambda: ["".join(text.stream(length=2000, seed=0))])):
        write()
        started = time.perf_counter()
        written = sum(map(len, write()))
        print(f"| {title} | {written / (time.perf_counter() - started):,.0f} |", flush=True)


def main(argv=None):
    """Runs what the options ask for, and the sampling speed."""
    options = cli.Parser(description=__doc__, formatter_class=cli.RAW, allow_abbrev=False)
    options.add_argument("--names", nargs=2, metavar=("TRAIN", "VAL"), help="two lists of names")
    options.add_argument("--text", metavar="FILE", help="a running text")
    options.add_argument("--labels", metavar="DIR", nargs="?", const=bundled_names(),
                         help="a folder of <label>.txt files (without DIR: the surnames that come with charnn)")
    options.add_argument("--preset", default="standard", help="what the generators start from (default: %(default)s)")
    options.add_argument("--seeds", type=int, default=3, metavar="N", help="seeds per training (default: %(default)s)")
    arguments = options.parse_args(argv)
    print("| | nats per character | characters | training s |\n|---|---|---:|---:|", flush=True)
    if arguments.names:
        on_names(arguments.names, arguments.seeds, arguments.preset)
    if arguments.text:
        on_text(arguments.text, arguments.seeds, arguments.preset)
    speed()
    if arguments.labels:
        on_labels(arguments.labels, arguments.preset)


if __name__ == "__main__":
    sys.exit(cli.run(main))
