#!/usr/bin/env python3
"""Rebuilds the bundled classifier, charnn/models/classifier.safetensors, from data/names.

    python scripts/build_pretrained.py [--seed 0]

It is `--preset best` trained on the training part alone: its held-out figures, in its metadata
and printed here as README.md shows them, are of the very file that is shipped. One thread,
because the sums, and so the file, depend on how many there are.
"""

import argparse
import sys

import torch

from charnn.config import configure
from charnn.data import bundled_names
from charnn.generator import BUNDLED
from charnn.learn import read_parts, train_parts
from charnn.train import Progress


def figures_line(figures):
    """The sentence of README.md that the bundled model's figures fill; a test compares the two."""
    train, validation, test = (figures[part] for part in ("train", "validation", "test"))
    return (f"accuracy {test['accuracy']:.3f}, macro-F1 {test['macro_f1']:.3f}, NLL {test['nll']:.3f} nats on "
            f"{test['n']:,} names it never saw (trained on {train['n']:,}, best epoch chosen on {validation['n']:,})")


def main():
    """Trains, measures, writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    config = configure("best", seed=arguments.seed)
    parts = read_parts(bundled_names(), None, config)
    with Progress(config, len(parts["train"])) as progress:
        classifier = train_parts(parts, config, "cpu", on_batch=progress.batch, on_epoch=progress.epoch)
    if classifier.history.interrupted:
        raise KeyboardInterrupt
    path = BUNDLED / "classifier.safetensors"
    path.parent.mkdir(exist_ok=True)
    classifier.save(path)
    print(f"{path}, {path.stat().st_size / 1e6:.2f} MB: {figures_line(classifier.figures)}")


if __name__ == "__main__":
    sys.exit(main())
