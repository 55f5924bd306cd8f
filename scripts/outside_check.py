#!/usr/bin/env python3
"""Checks data/names against surnames that somebody else collected: train on one, test on the other.

    python scripts/outside_check.py --train OTHER/train --test OTHER/val

OTHER is a folder of <label>.txt files. Only the labels that both sets have are used. Prints the
recall of each label when training on data/names and testing on OTHER's test names, and when
training on OTHER's training names and testing on data/names: over all names, since one that stands
under the same label in both sets speaks for both, and over those that the training set lacks.
"""

import argparse
import sys
import warnings

import numpy as np

from charnn.config import configure
from charnn.data import Names, bundled_names, read_folder, relabel, split
from charnn.evaluation.metrics import by_row, confusion, figures
from charnn.text.letters import spelling
from charnn.training.classify import train_parts


def shared(names, labels):
    """Only the names of these labels, counted in this list of labels."""
    kept = names.select(np.isin(names.targets, [names.labels.index(label) for label in labels]))
    dense = [label for label in names.labels if label in labels]
    index = np.array([dense.index(label) if label in dense else -1 for label in names.labels])
    return relabel(Names(kept.names, index[kept.targets], dense), labels, "this check")


def measure(title, train, test, config):
    """Trains on one set, with a tenth to choose the epoch, and prints the recall of each label on the other."""
    parts = split(train)
    everything = np.isin(train.names, parts["validation"].names, invert=True)
    parts = {"train": train.select(everything), "validation": parts["validation"], "test": test}
    classifier = train_parts(parts, config)
    if classifier.history.interrupted:
        raise KeyboardInterrupt
    log_probs = classifier.log_proba(test.names)
    result, matrix = figures(log_probs, test.targets), confusion(log_probs, test.targets)
    seen = set(map(spelling, train.names))
    new = np.array([spelling(name) not in seen for name in test.names])
    new_matrix = confusion(log_probs[new], test.targets[new])
    recall, new_recall = np.diag(by_row(matrix)), np.diag(by_row(new_matrix))
    print(f"\n{title}: {everything.sum():,} training names, {result['n']:,} test names; "
          f"accuracy {result['accuracy']:.3f}, macro-F1 {result['macro_f1']:.3f}\n")
    print("| label | names | recall | not in training | their recall | most often taken for |\n"
          "|---|---:|---:|---:|---:|---|")
    for i in np.argsort(recall, kind="stable"):
        wrong = matrix[i] * (np.arange(len(matrix)) != i)
        taken = ", ".join(f"{test.labels[j]} {wrong[j]}" for j in np.argsort(-wrong, kind="stable")[:3] if wrong[j])
        print(f"| {test.labels[i]} | {matrix[i].sum()} | {recall[i]:.2f} | {new_matrix[i].sum()} | "
              f"{new_recall[i]:.2f} | {taken} |", flush=True)


def main():
    """Both directions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", required=True, help="the other set's training folder")
    parser.add_argument("--test", required=True, help="the other set's test folder")
    parser.add_argument("--sampling", default="balanced", help="how training draws names (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    ours, theirs, test = (read_folder(folder) for folder in (bundled_names(), arguments.train, arguments.test))
    labels = [label for label in ours.labels if label in theirs.labels]
    config = configure(sampling=arguments.sampling, seed=arguments.seed)
    measure("data/names -> the other set", shared(ours, labels), shared(test, labels), config)
    measure("the other set -> data/names", shared(theirs, labels), shared(ours, labels), config)


if __name__ == "__main__":
    sys.exit(main())
