"""How many test lines have a copy in the training set: split at random, and by spelling.

Axis letters: L labels, S random splits.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from charnn.config import MAX_CHARACTERS
from charnn.data import Names, bundled_names, fingerprints, read_folder, split
from charnn.drawing import BLUE, ORANGE, Picture, PrintLine, discard_line, name_ticks, short
from charnn.errors import CharnnError
from charnn.wording import printable

MOST_LABELS = 40  # in the picture: those with the most copies
SAME, OTHER, ANY = 0, 1, 2  # columns of shares: a copy under the same label, others only, either
TESTED = 2  # column of counts: all test lines


def show(arguments: argparse.Namespace, print_line: PrintLine) -> Figure:
    """The picture that the command line asks for."""
    return splits(arguments.data, print_line)


def splits(
    folder: str | Path | None = None, print_line: PrintLine = discard_line, seeds: int = 20
) -> Figure:
    """The share of test lines whose spelling is in the training set too: at random, by spelling.

    Every line of the <label>.txt files of the folder (by default the bundled names) counts, repeats
    included. A random split gives 80% of the lines to the training set and 10% to the test set; of
    `seeds` such splits the mean and the standard deviation (n - 1) are shown, for each label and
    for all. A copy under the same label leaks the right label, one under another label only
    suggests a wrong one. Raises CharnnError for a folder that cannot work and for fewer than two
    seeds.
    """
    if seeds < 2:
        raise CharnnError(f"{seeds} random split has no standard deviation; ask for at least 2")
    path = bundled_names() if folder is None else folder
    names = read_folder(path, MAX_CHARACTERS, one_label=True)
    found = compare_splits(names, seeds)
    _print(found, print_line)
    return _draw(found)


# ---------------------------------------------------------------- the numbers


class CopyShares(NamedTuple):
    """The copies in random splits and in the split by spelling, for each label and for all."""

    labels: list[str]  # L
    order: list[int]  # the labels' indices, the one with the most copies first
    seeds: int
    means: np.ndarray  # (L + 1, 3) over random splits: the shares SAME, OTHER, ANY
    deviations: np.ndarray  # (L + 1, 3)
    by_spelling: np.ndarray  # (L + 1, 3): the counts of `copies`

    def share_by_spelling(self, row: int) -> str:
        """The share of a label's test lines (-1: of all) with a copy; "-" for no test line."""
        same, other, tested = self.by_spelling[row].tolist()
        return f"{(same + other) / tested:.1%}" if tested else "-"


def compare_splits(names: Names, seeds: int) -> CopyShares:
    """The copies that `seeds` random splits have, and those that the split by spelling has."""
    sets = split(names)
    by_spelling = copies(sets["train"], sets["test"])
    drawn = [copies(*split_at_random(names, seed)) for seed in range(seeds)]
    means, deviations = mean_and_deviation(np.array(drawn))  # of (S, L + 1, 3)
    order = np.argsort(-means[:-1, ANY], kind="stable").tolist()
    return CopyShares(names.labels, order, seeds, means, deviations, by_spelling)


def copies(train: Names, test: Names) -> np.ndarray:
    """Test lines of each label, and last of all, (L + 1, 3), by the copies that `train` has.

    Those with a copy under the same label, those with copies under other labels only, and all.
    """
    known, asked = fingerprints(train.names), fingerprints(test.names)
    pairs = set(zip(known.tolist(), train.targets.tolist(), strict=True))
    asked_pairs = zip(asked.tolist(), test.targets.tolist(), strict=True)
    same = np.array([pair in pairs for pair in asked_pairs])
    other = np.isin(asked, known) & ~same
    every = np.ones(len(asked), dtype=bool)
    counts = []
    for kind in (same, other, every):
        by_label = np.bincount(test.targets[kind], minlength=len(test.labels))  # (L,)
        counts.append([*by_label, by_label.sum()])
    return np.array(counts).T


def split_at_random(names: Names, seed: int) -> tuple[Names, Names]:
    """The training and the test set of a split that does not look at spellings."""
    order = np.random.default_rng(seed).permutation(len(names))
    train_end, test_start = int(0.8 * len(names)), int(0.9 * len(names))
    return names.select(order[:train_end]), names.select(order[test_start:])


def mean_and_deviation(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Over splits, counts (S, L + 1, 3) of `copies`: mean and deviation (L + 1, 3) of the shares.

    The shares are SAME, OTHER and ANY, their sum. A split without a test line of a label says
    nothing about it; nan where too few splits do.
    """
    copied, tested = counts[..., :TESTED], counts[..., TESTED:]
    copied = np.concatenate([copied, copied.sum(2, keepdims=True)], axis=2)
    untested = np.broadcast_to(tested == 0, copied.shape)
    shares = np.ma.array(copied / tested.clip(1), mask=untested)
    return shares.mean(0).filled(np.nan), shares.std(0, ddof=1).filled(np.nan)


# ---------------------------------------------------------------- text and picture


def _percent(mean: float, deviation: float) -> str:
    return f"{100 * mean:.1f} ± {100 * deviation:.1f}%"


def _print(found: CopyShares, print_line: PrintLine) -> None:
    """A table of all labels."""
    print_line("test lines whose spelling is in the training set too")
    print_line(f"(at random: mean ± standard deviation of {found.seeds} splits)")
    width = max(map(len, (*found.labels, "all labels")))
    heads = f"{'at random, same label':>22}  {'another label only':>20}  {'by spelling':>11}"
    print_line(f"{'':<{width}}  {heads}")
    for row in (-1, *found.order):
        label = "all labels" if row == -1 else printable(found.labels[row])
        means, deviations = found.means[row], found.deviations[row]
        same = _percent(means[SAME], deviations[SAME])
        other = _percent(means[OTHER], deviations[OTHER])
        by_spelling = found.share_by_spelling(row)
        print_line(f"{label:<{width}}  {same:>22}  {other:>20}  {by_spelling:>11}")


def _draw(found: CopyShares) -> Figure:
    """A bar for each label, those with the most copies first."""
    order = found.order[:MOST_LABELS]
    figure = Picture(figsize=(10, 0.27 * len(order) + 2.4), layout="constrained")
    axes = figure.subplots()
    _draw_bars(axes, found, order)
    name_ticks(axes.set_yticks, [short(found.labels[label]) for label in order], fontsize=12)
    axes.set(ylim=(len(order) - 0.4, -0.6), xlim=(0, None))
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.set_xlabel(
        "test lines with a copy in the training set (share of the label's)", fontsize=13
    )
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(frameon=False, fontsize=12, loc="outside lower center")
    at_random = _percent(found.means[-1, ANY], found.deviations[-1, ANY])
    figure.suptitle(
        f"Split at random, {at_random} of the test lines have a copy in training;\n"
        f"split by spelling, {found.share_by_spelling(-1)}",
        fontsize=15,
    )
    return figure


def _draw_bars(axes: Axes, found: CopyShares, order: Sequence[int]) -> None:
    """For each label copies under the same label, then those under others, and their spread."""
    rows = range(len(order))
    same, other, either = found.means[order].T  # (labels,) each
    of_all = found.means[-1]
    axes.barh(
        rows,
        same,
        color=BLUE,
        label=f"a copy under the same label ({of_all[SAME]:.1%} of all)",
    )
    axes.barh(
        rows,
        other,
        left=same,
        color=ORANGE,
        hatch="////",
        edgecolor="white",
        linewidth=0,
        label=f"copies under other labels only ({of_all[OTHER]:.1%} of all)",
    )
    axes.errorbar(
        either,
        rows,
        xerr=found.deviations[order, ANY],
        fmt="none",
        ecolor="black",
        capsize=3,
        label="standard deviation of the sum",
    )
