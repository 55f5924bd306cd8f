#!/usr/bin/env python3
"""How fast do the notes' networks for reviews train, with our cells and with torch's own?

    python scripts/benchmark_words.py --data DIR [--reviews 2560] [--rounds 3]

DIR has one <label>.txt for each label, one review per line. The networks are the notes': words in
an embedding of 32, one layer of 32 units, the first 500 words, batches of 128 of similar length,
RMSprop. Each trains on the same reviews, on one thread; the networks take turns, and of each the
fastest round counts, validation aside. Read the ratios.
"""

import sys
import warnings

import measuring
import numpy as np
import torch

from charnn import cli
from charnn.config import Config
from charnn.presets import configure

CELLS = ("rnn", "lstm", "gru")


def of_the_notes(cell: str) -> Config:
    """The notes' network with that cell, to train for one epoch."""
    return configure(
        tokens="words",
        symbols=10_000,
        max_length=500,
        keep="first",
        ngrams=0,
        cell=cell,
        embedding=32,
        hidden=32,
        bidirectional=False,
        readout="last",
        batch_size=128,
        dropout=0.0,
        embedding_dropout=0.0,
        letter_dropout=0.0,
        optimizer="rmsprop",
        epochs=1,
    )


def some(parts: measuring.Parts, reviews: int) -> measuring.Parts:
    """Training reviews drawn from all, and as few for the validation as a batch has."""
    found = {}
    for name, most in (("train", reviews), ("validation", of_the_notes("rnn").batch_size)):
        drawn = np.random.default_rng(0).permutation(len(parts[name]))[:most]
        found[name] = parts[name].select(drawn)
    return found


def reviews_per_second(training: measuring.ClassifierTraining) -> float:
    """Of one epoch of a fresh network."""
    history = training.fit(training.network(), torch.Generator().manual_seed(0))
    return history.epochs[0].per_second


def main(argv: list[str] | None = None) -> None:
    """Measures and prints."""
    options = measuring.parser(__doc__)
    options.add_argument(
        "--data", required=True, metavar="DIR", help="a folder of <label>.txt files of reviews"
    )
    options.add_argument(
        "--reviews",
        type=measuring.positive,
        default=2560,
        metavar="N",
        help="how many to train on (default: %(default)s)",
    )
    options.add_argument(
        "--rounds",
        type=measuring.positive,
        default=3,
        metavar="N",
        help="trainings of each network (default: %(default)s)",
    )
    arguments = options.parse_args(argv)
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")

    parts = some(measuring.read_parts(arguments.data, None, of_the_notes("rnn")), arguments.reviews)
    names = [name for cell in CELLS for name in (cell, f"torch-{cell}")]
    trainings = {name: measuring.ClassifierTraining(parts, of_the_notes(name)) for name in names}
    rounds = [
        {name: reviews_per_second(training) for name, training in trainings.items()}
        for _ in range(arguments.rounds)
    ]
    best = {name: max(speeds[name] for speeds in rounds) for name in names}

    words = trainings["rnn"].task.train.lengths.double().mean().item()
    print(f"{len(parts['train']):,} reviews of {words:.0f} words on average, one thread\n")
    measuring.print_header("cell", "ours, reviews/s:", "torch's, reviews/s:", "ours / torch's:")
    for cell in CELLS:
        ours, theirs = best[cell], best[f"torch-{cell}"]
        measuring.print_row(cell, f"{ours:,.0f}", f"{theirs:,.0f}", f"{ours / theirs:.2f}")


if __name__ == "__main__":
    sys.exit(cli.run(main))
