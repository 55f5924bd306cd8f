#!/usr/bin/env python3
"""Do the names of data/names hold up against surnames that somebody else collected?

    python scripts/outside_check.py --train OTHER/train --test OTHER/val

OTHER is a folder of <label>.txt files. Only the labels that both collections have are used. Prints
the recall of each label when training on data/names and testing on OTHER's test names, and when
training on OTHER's training names and testing on data/names: over all names, since a name that both
collections give the same label confirms both, and over those that the training set lacks.
"""

import sys
import warnings
from collections.abc import Sequence

import measuring
import numpy as np

from charnn import cli
from charnn.config import Config
from charnn.data import Names, bundled_names, read_folder, relabel, split
from charnn.errors import CharnnError
from charnn.evaluation.metrics import by_row, confusion, figures
from charnn.presets import configure
from charnn.text.letters import spelling


def shared(names: Names, labels: Sequence[str]) -> Names:
    """Only the names of these labels, counted in this list of labels."""
    kept = names.select(np.isin(names.targets, [names.labels.index(label) for label in labels]))
    dense = [label for label in names.labels if label in labels]
    index = np.array([dense.index(label) if label in dense else -1 for label in names.labels])
    return relabel(Names(kept.names, index[kept.targets], dense), list(labels), "this check")


def most_often(row: np.ndarray, own: int, labels: Sequence[str]) -> str:
    """The three labels that a label's names were most often taken for, from its row (L,)."""
    wrong = row * (np.arange(len(row)) != own)
    order = np.argsort(-wrong, kind="stable")[:3]
    return ", ".join(f"{labels[label]} {wrong[label]}" for label in order if wrong[label])


def measure(title: str, train: Names, test: Names, config: Config) -> None:
    """Trains on one collection and prints each label's recall on the other.

    A tenth of the training collection chooses the epoch.
    """
    validation = split(train)["validation"]
    others = train.select(np.isin(train.names, validation.names, invert=True))
    parts = {"train": others, "validation": validation, "test": test}
    classifier = measuring.complete(measuring.train_classifier_on(parts, config))
    log_probs = classifier.log_proba(test.names)  # (N, L)
    result, matrix = figures(log_probs, test.targets), confusion(log_probs, test.targets)
    known = set(map(spelling, train.names))
    new = np.array([spelling(name) not in known for name in test.names])  # (N,)
    new_matrix = confusion(log_probs[new], test.targets[new])
    recall, new_recall = np.diag(by_row(matrix)), np.diag(by_row(new_matrix))

    print(
        f"\n{title}: {len(others):,} training names, {result['n']:,} test names; "
        f"accuracy {result['accuracy']:.3f}, macro-F1 {result['macro_f1']:.3f}\n"
    )
    measuring.print_header(
        "label", "names:", "recall:", "not in training:", "their recall:", "most often taken for"
    )
    for i in np.argsort(recall, kind="stable"):
        measuring.print_row(
            test.labels[i],
            f"{matrix[i].sum()}",
            f"{recall[i]:.2f}",
            f"{new_matrix[i].sum()}",
            f"{new_recall[i]:.2f}",
            most_often(matrix[i], i, test.labels),
        )


def main(argv: list[str] | None = None) -> None:
    """Both directions."""
    options = measuring.parser(__doc__)
    options.add_argument(
        "--train", required=True, metavar="DIR", help="the other collection's training folder"
    )
    options.add_argument(
        "--test", required=True, metavar="DIR", help="the other collection's test folder"
    )
    options.add_argument(
        "--sampling", default="balanced", help="how training draws names (default: %(default)s)"
    )
    options.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="of initialisation, shuffling and dropout (default: %(default)s)",
    )
    arguments = options.parse_args(argv)
    config = configure(sampling=arguments.sampling, seed=arguments.seed)
    warnings.simplefilter("ignore")
    folders = (bundled_names(), arguments.train, arguments.test)
    ours, theirs, test = (read_folder(folder) for folder in folders)
    labels = [label for label in ours.labels if label in theirs.labels and label in test.labels]
    if len(labels) < 2:
        raise CharnnError(
            f"{arguments.train} and {arguments.test} share fewer than two labels "
            "with data/names; name their files as there, such as Greek.txt"
        )
    measure("data/names -> the other set", shared(ours, labels), shared(test, labels), config)
    measure("the other set -> data/names", shared(theirs, labels), shared(ours, labels), config)


if __name__ == "__main__":
    sys.exit(cli.run(main))
