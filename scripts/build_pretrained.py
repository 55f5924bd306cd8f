#!/usr/bin/env python3
"""How are the bundled models made? Rebuilds charnn/models/*.safetensors from data/names.

    python scripts/build_pretrained.py [classifier] [generator] [--seed 0]

Trained on the training set alone: the held-out figures in their metadata, printed here as README.md
shows them, are of the very files that are shipped. One thread, because the sums, and so the files,
depend on how many there are.
"""

import sys
from typing import Any

import measuring
import torch

from charnn import cli
from charnn.data import bundled_names
from charnn.errors import CharnnError
from charnn.inference.load import BUNDLED
from charnn.presets import configure
from charnn.train import Progress

RECIPES: dict[str, tuple[Any, dict[str, Any]]] = {
    "classifier": (measuring.train_classifier_on, {"preset": "best"}),
    "generator": (measuring.train_name_generator_on, {"task": "generate"}),
}


def figures_line(figures: dict[str, Any]) -> str:
    """The sentence of README.md that a bundled model's figures fill; a test compares the two."""
    train, validation, test = (figures[part] for part in ("train", "validation", "test"))
    if "accuracy" in test:
        return (
            f"accuracy {test['accuracy']:.3f}, macro-F1 {test['macro_f1']:.3f}, "
            f"NLL {test['nll']:.3f} nats on {test['n']:,} names it never saw "
            f"(trained on {train['n']:,}, best epoch chosen on {validation['n']:,})"
        )
    return (
        f"{test['nats_per_char']:.3f} nats ({test['bits_per_char']:.2f} bits) per character of "
        f"the names it never saw, given their labels (trained on {train['n']:,})"
    )


def build(name: str, seed: int) -> None:
    """Trains, measures and writes one of the models."""
    train, values = RECIPES[name]
    config = configure(**values, seed=seed)
    parts = measuring.read_parts(bundled_names(), None, config)
    size = len(parts["train"])
    if config.task == "generate":  # whose progress is counted in characters
        size = sum(len(text) + 1 for text in parts["train"].names)
    with Progress(config, size) as progress:
        model = train(parts, config, "cpu", on_batch=progress.batch, on_epoch=progress.epoch)
    measuring.complete(model)
    path = BUNDLED / f"{name}.safetensors"
    path.parent.mkdir(exist_ok=True)
    model.save(path)
    print(f"{path}, {path.stat().st_size / 1e6:.2f} MB: {figures_line(model.figures)}")


def main(argv: list[str] | None = None) -> None:
    """Builds the models that are named, or all."""
    options = measuring.parser(__doc__)
    options.add_argument(
        "models", nargs="*", metavar="MODEL", help=f"which of {', '.join(RECIPES)} (default: all)"
    )
    options.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="of initialisation, shuffling and dropout (default: %(default)s)",
    )
    arguments = options.parse_args(argv)
    unknown = [name for name in arguments.models if name not in RECIPES]
    if unknown:
        raise CharnnError(f"model {unknown[0]!r} is unknown; choose from {', '.join(RECIPES)}")
    torch.set_num_threads(1)
    for name in arguments.models or RECIPES:
        build(name, arguments.seed)


if __name__ == "__main__":
    sys.exit(cli.run(main))
