#!/usr/bin/env python3
"""Rebuilds the bundled models, charnn/models/classifier.safetensors and generator.safetensors, from data/names.

    python scripts/build_pretrained.py [classifier] [generator] [--seed 0]

Trained on the training part alone: the held-out figures in their metadata, printed here as README.md shows them,
are of the very files that are shipped. One thread, because the sums, and so the files, depend on how many there are.
"""

import argparse
import sys

import torch

from charnn.config import configure
from charnn.data import bundled_names
from charnn.inference.load import BUNDLED
from charnn.train import Progress
from charnn.training.classify import train_parts
from charnn.training.generate import write_parts
from charnn.training.parts import read_parts

RECIPES = {"classifier": (train_parts, {"preset": "best"}), "generator": (write_parts, {"task": "generate"})}


def figures_line(figures):
    """The sentence of README.md that a bundled model's figures fill; a test compares the two."""
    train, validation, test = (figures[part] for part in ("train", "validation", "test"))
    if "accuracy" in test:
        return (f"accuracy {test['accuracy']:.3f}, macro-F1 {test['macro_f1']:.3f}, NLL {test['nll']:.3f} nats on "
                f"{test['n']:,} names it never saw (trained on {train['n']:,}, best epoch chosen on "
                f"{validation['n']:,})")
    return (f"{test['nats_per_char']:.3f} nats ({test['bits_per_char']:.2f} bits) per character of the names it never "
            f"saw, given their labels (trained on {train['n']:,})")


def main():
    """Trains, measures, writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", choices=[*RECIPES, []], help="which of them (default: all)")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for name in arguments.models or RECIPES:
        train, values = RECIPES[name]
        config = configure(**values, seed=arguments.seed)
        parts = read_parts(bundled_names(), None, config)
        size = sum(len(text) + 1 for text in parts["train"].names) if name == "generator" else len(parts["train"])
        with Progress(config, size) as progress:
            model = train(parts, config, "cpu", on_batch=progress.batch, on_epoch=progress.epoch)
        if model.history.interrupted:
            raise KeyboardInterrupt
        path = BUNDLED / f"{name}.safetensors"
        path.parent.mkdir(exist_ok=True)
        model.save(path)
        print(f"{path}, {path.stat().st_size / 1e6:.2f} MB: {figures_line(model.figures)}")


if __name__ == "__main__":
    sys.exit(main())
