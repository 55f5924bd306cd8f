#!/usr/bin/env python3
"""What does `charnn.train --tune` bring, beside the default, on data of yours?

    python scripts/benchmark_tune.py [--data DIR] [--test-data DIR] [--tune 10m] [--seeds 3]
                                     [--tokens words] [--ngrams 0]

A folder has one <label>.txt for each label. For each seed the default is trained, values are looked
for in that time, and both are measured on the test set (--test-data, or a tenth of the other),
which chooses nothing. Where no values are clearly better than the default's on the validation set,
the default is kept, and its figures stand in both rows.
"""

import sys

import measuring

from charnn import cli
from charnn.presets import configure
from charnn.signals import stopping
from charnn.training.budget import budget
from charnn.training.classify import finished
from charnn.training.tuning import Search, Trial

FIGURES = ("accuracy", "macro_f1", "nll")


def figures_of(trial: Trial, parts: measuring.Parts) -> list[float]:
    """A trial's figures on the test set, as the model that is kept has them."""
    assert trial.model is not None, "it was trained in full"
    test = finished(trial.model, parts).figures["test"]
    return [test[name] for name in FIGURES]


def main(argv: list[str] | None = None) -> None:
    """Tunes with each seed, and prints the means."""
    options = measuring.parser(__doc__)
    measuring.add_data(options)
    options.add_argument("--test-data", metavar="DIR", help="another such folder to measure on")
    options.add_argument(
        "--tune",
        type=budget,
        default="10m",
        metavar="TIME",
        help="for each seed: 90s, 30m, 2h (default: %(default)s)",
    )
    options.add_argument("--tokens", default="letters", help="letters or words")
    options.add_argument(
        "--preset", default="standard", help="what is tuned (default: %(default)s)"
    )
    options.add_argument("--ngrams", type=int, metavar="N", help="this order, which then stays")
    measuring.add_seeds(options)
    arguments = options.parse_args(argv)
    given = {} if arguments.ngrams is None else {"ngrams": arguments.ngrams}
    rows: dict[str, list[list[float]]] = {"default": [], "tuned": []}
    kept = 0
    for seed in range(arguments.seeds):
        config = configure(arguments.preset, tokens=arguments.tokens, seed=seed, **given)
        parts = measuring.read_parts(arguments.data, arguments.test_data, config)
        with stopping() as stop:
            time = budget(arguments.tune.text)
            default, chosen = Search(parts, config, set(given), "cpu", time, stop).run()
        if stop.signal is not None:
            raise KeyboardInterrupt
        kept += chosen is default
        before = figures_of(default, parts)
        rows["default"].append(before)
        rows["tuned"].append(before if chosen is default else figures_of(chosen, parts))
    sizes = ", ".join(f"{len(names):,} {part}" for part, names in parts.items())
    print(f"{sizes}; --tune {arguments.tune.text}; the default was kept {kept} times\n")
    measuring.print_header("", "accuracy", "macro-F1", "NLL")
    for name, figures in rows.items():
        measuring.print_row(name, *map(measuring.spread, zip(*figures, strict=True)))


if __name__ == "__main__":
    sys.exit(cli.run(main))
