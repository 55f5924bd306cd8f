#!/usr/bin/env python3
"""How well does a generator learn, and how fast does it generate, on names and on running text?

    python scripts/benchmark_generator.py [--names TRAIN.txt VAL.txt] [--text FILE]
                                          [--labels [DIR]] [--seeds 3]

--names    trains on the one list, measures nats per character on the other (ends of names counted)
--text     trains on the first 90% of a text, measures on the last 10%, read as one stream
--labels   trains on a folder of <label>.txt files, generates 1,000 novel names per label at
           temperature 0.8 and prints the share of them to which a classifier, trained on the
           folder's real names alone, gives their label; the same for real names that neither
           model was trained on

Sampling speed is of a freshly initialised GRU of 256: 1,000 names at once, and one running text.
Seconds are of the training alone; read the ratios, not the times.
"""

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import measuring
import numpy as np
import torch

from charnn import cli
from charnn.config import BACKENDS, Config
from charnn.data import bundled_names
from charnn.inference.engine import engine_class
from charnn.inference.generator import NEWLINE, Generator
from charnn.inference.name_generator import NameGenerator
from charnn.inference.text_generator import TextGenerator
from charnn.inference.torch_engine import TorchEngine
from charnn.model import build_generator
from charnn.presets import configure
from charnn.text.reading import characters
from charnn.text.vocabulary import Vocabulary

NOVEL = 1000  # names generated per label

Untrained = TypeVar("Untrained", NameGenerator, TextGenerator)
Trained = tuple[Generator, float]  # and the seconds of its training


def train(parts: measuring.Parts, config: Config) -> Trained:
    """A generator of names, and the seconds of its training."""
    generator, seconds = measuring.timed(
        lambda: measuring.train_name_generator_on(parts, config, "cpu")
    )
    return measuring.complete(generator), seconds


def train_text(train_file: Path, test_file: Path, config: Config) -> Trained:
    """A generator of running text, and the seconds of its training."""
    vocabulary, parts = measuring.read_text_parts(train_file, test_file, config)
    generator, seconds = measuring.timed(
        lambda: measuring.train_text_generator_on(vocabulary, parts, config, "cpu")
    )
    return measuring.complete(generator), seconds


def print_figures(title: str, found: Sequence[Trained]) -> None:
    """A row of the first table: one training for each seed."""
    figures = [generator.figures["test"] for generator, _ in found]
    nats = measuring.spread([one["nats_per_char"] for one in figures], digits=4)
    seconds = np.mean([seconds for _, seconds in found])
    measuring.print_row(title, nats, f"{figures[0]['n']:,}", f"{seconds:.0f}")


def on_names(paths: Sequence[str], seeds: int, preset: str) -> None:
    """Trains on one list of names, measures on another."""
    train_file, test_file = paths
    found = []
    for seed in range(seeds):
        config = configure(preset, task="generate", seed=seed)
        found.append(train(measuring.read_parts(train_file, test_file, config), config))
    print_figures(f"names, {Path(train_file).name}, {preset}", found)


def on_text(path: str, seeds: int, preset: str) -> None:
    """Trains on the first 90% of a text, measures on the rest, all of it."""
    text = "".join(characters(path))
    cut = int(0.9 * len(text))
    with tempfile.TemporaryDirectory() as folder:
        train_file, test_file = Path(folder, "train.txt"), Path(folder, "test.txt")
        train_file.write_text(text[:cut], encoding="utf-8", newline="")
        test_file.write_text(text[cut:], encoding="utf-8", newline="")
        found = []
        for seed in range(seeds):
            config = configure(preset, task="generate", text=True, seed=seed)
            found.append(train_text(train_file, test_file, config))
    print_figures(f"text, {Path(path).name}, {preset}", found)


def on_labels(folder: str, preset: str) -> Generator:
    """Trains on a folder of names, each with its label; returns the generator."""
    config = configure(preset, task="generate")
    found = train(measuring.read_parts(folder, None, config), config)
    print_figures(f"names given their label, {Path(folder).name}, {preset}", [found])
    return found[0]


def recognised(generator: Generator, folder: str) -> None:
    """Generates novel names of each label and classifies them by a model of the real ones."""
    config = configure()
    parts = measuring.read_parts(folder, None, config)
    classifier = measuring.complete(measuring.train_classifier_on(parts, config, "cpu"))
    test = parts["test"]
    print()
    measuring.print_header(
        "label", "real ones recognised:", "novel ones recognised:", "novel names, temperature 0.8"
    )
    shares = []
    for index, label in enumerate(generator.labels):
        novel = generator.generate(label, count=NOVEL, temperature=0.8, seed=0, novel=True)
        real = test.select(test.targets == index).names
        right = [(classifier.log_proba(names).argmax(1) == index).mean() for names in (real, novel)]
        measuring.print_row(label, *(f"{share:.2f}" for share in right), ", ".join(novel[:5]))
        shares.append(right)
    means = [f"{share:.3f}" for share in np.mean(shares, axis=0)]
    measuring.print_row("mean over labels", *means, "")


def untrained(kind: type[Untrained], backend: str) -> Untrained:
    """A freshly initialised GRU of 256 that never ends a name by itself, on an engine."""
    vocabulary = Vocabulary(NEWLINE + "abcdefghijklmnopqrstuvwxyz")
    config = configure(task="generate", hidden=256, layers=1)
    network = build_generator(config, len(vocabulary))
    with torch.no_grad():
        # The newline ends a name: without it every name has its full length.
        network.readout.linear.bias[1] = -30.0
    arrays = TorchEngine(network, config).arrays()
    engine = engine_class(backend).from_arrays(
        "a fresh network", config, len(vocabulary), 0, arrays, "cpu"
    )
    return kind(engine, vocabulary, [], config, [], {})


def speed() -> None:
    """Characters per second: many names at once, and one running text."""
    names = {backend: untrained(NameGenerator, backend) for backend in BACKENDS}
    text = {backend: untrained(TextGenerator, backend) for backend in BACKENDS}
    works: dict[str, Callable[[str], list[str]]] = {
        "1,000 names at once": lambda backend: names[backend].generate(
            count=1000, length=50, seed=0
        ),
        "one running text": lambda backend: ["".join(text[backend].stream(length=2000, seed=0))],
    }
    print()
    titles = [f"characters per second, {backend}:" for backend in BACKENDS]
    measuring.print_header("generating", *titles)
    for title, work in works.items():
        rates = []
        for backend in BACKENDS:
            work(backend)  # warm up
            generated, seconds = measuring.timed(lambda work=work, name=backend: work(name))
            rates.append(f"{sum(map(len, generated)) / seconds:,.0f}")
        measuring.print_row(title, *rates)


def main(argv: list[str] | None = None) -> None:
    """Runs what the options ask for, and the sampling speed."""
    options = measuring.parser(__doc__)
    options.add_argument("--names", nargs=2, metavar=("TRAIN", "VAL"), help="two lists of names")
    options.add_argument("--text", metavar="FILE", help="a running text")
    options.add_argument(
        "--labels",
        metavar="DIR",
        nargs="?",
        const=bundled_names(),
        help="a folder of <label>.txt files (without DIR: the surnames that come with charnn)",
    )
    options.add_argument(
        "--preset", default="standard", help="what the generators start from (default: %(default)s)"
    )
    measuring.add_seeds(options)
    arguments = options.parse_args(argv)
    configure(arguments.preset, task="generate")  # fails before the first line of a table
    measuring.print_header("", "nats per character", "characters:", "training s:")
    if arguments.names:
        on_names(arguments.names, arguments.seeds, arguments.preset)
    if arguments.text:
        on_text(arguments.text, arguments.seeds, arguments.preset)
    generator = on_labels(arguments.labels, arguments.preset) if arguments.labels else None
    speed()
    if generator is not None:
        recognised(generator, arguments.labels)


if __name__ == "__main__":
    sys.exit(cli.run(main))
