"""What can be wrong with labels, spellings and their split: a function for each kind of fault.

Knows lines, labels and spellings; reads no file and computes no figure. What can be wrong with the
lines themselves is in `line_findings`.
"""

import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from charnn.errors import CharnnError
from charnn.text.labels import is_printable
from charnn.text.letters import UNKNOWN_SYMBOL, poor_script, spelling, to_raw
from charnn.text.names import Names
from charnn.text.splits import SETS, labels_without_names, split
from charnn.wording import counted, quoted

STOP, LOOK = "stop", "look"
FEW = 10  # spellings of a label: with fewer, it can be neither learned nor measured
SCARCE = 50  # spellings of a label: with fewer, its figures are uncertain
IMBALANCE = 10  # the largest label has so many times the smallest one's spellings
REPEATED = 0.5  # share of a label's lines that repeat others of it: more is no list of names
CONTAINED = 0.5  # share of a label's spellings that are also under one other label

Spellings = Mapping[str, Counter[str]]  # {label: how often each of its spellings occurs}
Sizes = dict[str, dict[str, int]]  # {label: {"lines", "spellings"}}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: how bad, of what kind, in words, in how many cases, and which."""

    severity: str  # STOP or LOOK
    kind: str
    text: str
    count: int
    examples: list[str] = field(default_factory=list)


class Line(NamedTuple):
    """A name with its label, its place and its spelling."""

    name: str
    label: str
    path: Path
    number: int
    spelling: str

    def __str__(self) -> str:
        return f"{self.path.name}, line {self.number}: {quoted(self.name, 40)}"


def all_of(severity: str, kind: str, found: list[str], noun: str, text: str) -> Iterator[Finding]:
    """One finding for all cases, such as "2 lines with a digit"; no finding without a case."""
    if found:
        yield Finding(severity, kind, f"{counted(len(found), noun)} {text}", len(found), found)


def compared(name: str) -> str:
    """What two lines must share to count as the same name.

    The spelling by which charnn splits, or the name as written where ASCII would make different
    names the same: 王 and 汪 are both Wang.
    """
    ascii_text = spelling(name)
    lossy = UNKNOWN_SYMBOL in ascii_text or any(map(poor_script, name))
    return to_raw(name).casefold() if lossy and not name.isascii() else ascii_text


# ---------------------------------------------------------------- labels


def of_label_names(labels: Sizes) -> Iterator[Finding]:
    """Labels that cannot be printed, or that differ in capitals or accents only."""
    unprintable = [quoted(label) for label in labels if not is_printable(label)]
    remedy = "that cannot be printed; rename the file"
    yield from all_of(STOP, "label", unprintable, "label", remedy)
    by_spelling = defaultdict(list)
    for label in labels:
        by_spelling[compared(label)].append(label)
    alike = [" and ".join(same) for same in by_spelling.values() if len(same) > 1]
    remedy = "written in several ways; join the files if they mean the same"
    yield from all_of(LOOK, "alike", alike, "label", remedy)


def of_sizes(labels: Sizes, fewest: int = 2) -> Iterator[Finding]:
    """Fewer labels than `fewest`, labels with too few names, labels of very different size."""
    if len(labels) < fewest:
        text = f"{counted(len(labels), 'label')} with names; a classifier needs at least two"
        if fewest == 1:
            text = "no name that can be read"
        yield Finding(STOP, "labels", text, len(labels))
    counts = {label: row["spellings"] for label, row in labels.items()}
    for severity, low, high, consequence in (
        (STOP, 0, FEW, "too few to learn from or to measure on; add names or leave the label out"),
        (LOOK, FEW, SCARCE, "figures of so few names are uncertain"),
    ):
        few = [f"{label} ({n})" for label, n in counts.items() if low <= n < high]
        text = f"with fewer than {high} spellings; {consequence}"
        yield from all_of(severity, "near-empty", few, "label", text)
    if counts and max(counts.values()) >= IMBALANCE * min(counts.values()):
        smallest, *_, largest = sorted(counts, key=lambda label: counts[label])
        times = counts[largest] / counts[smallest]
        yield Finding(
            LOOK,
            "imbalance",
            f"{largest} has {times:.0f} times the spellings of {smallest}; look at macro-F1, which "
            "weighs all labels the same, and consider --sampling balanced",
            len(counts),
            [f"{largest} ({counts[largest]:,})", f"{smallest} ({counts[smallest]:,})"],
        )


# ---------------------------------------------------------------- spellings


def of_repeats(spellings: Spellings) -> Iterator[Finding]:
    """Lines that repeat a spelling of their own label."""
    for label, counts in spellings.items():
        extra = counts.total() - len(counts)
        if extra >= REPEATED * counts.total():
            text = (
                f"{label}: {counts.total():,} lines hold only {len(counts):,} different spellings; "
                "keep each once, or a random split measures memorisation"
            )
            yield Finding(STOP, "repeats", text, extra, most_frequent(counts))
    total = sum(counts.total() for counts in spellings.values())
    extra = sum(counts.total() - len(counts) for counts in spellings.values())
    if extra:
        repeated = {
            f"{name} ({label})": n
            for label, counts in spellings.items()
            for name, n in counts.items()
            if n > 1
        }
        text = (
            f"{counted(extra, 'line')} of {total:,} repeat a spelling of the same label, capitals "
            "and accents aside; each copy counts"
        )
        yield Finding(LOOK, "repeats", text, extra, most_frequent(repeated))


def of_shared_spellings(spellings: Spellings) -> Iterator[Finding]:
    """Spellings under several labels, and labels that are nearly part of another."""
    labels_of = defaultdict(list)
    for label, counts in spellings.items():
        for name in counts:
            labels_of[name].append(label)
    several = {name: labels for name, labels in labels_of.items() if len(labels) > 1}
    most_labels_first = sorted(several.items(), key=lambda item: -len(item[1]))
    shown = [f"{quoted(name)}: {', '.join(labels)}" for name, labels in most_labels_first]
    text = "under several labels; no classifier can separate these"
    yield from all_of(LOOK, "shared", shown, "spelling", text)
    pairs = Counter(pair for labels in several.values() for pair in combinations(labels, 2))
    for pair, common in pairs.items():
        small, large = sorted(pair, key=lambda label: len(spellings[label]))
        of_small = len(spellings[small])
        if common >= CONTAINED * of_small:
            text = (
                f"{common:,} of {small}'s {of_small:,} spellings are also under {large}; join the "
                "two labels, or take one of them out"
            )
            both = sorted(spellings[small].keys() & spellings[large].keys())
            yield Finding(STOP, "contained", text, common, both)


def most_frequent(counts: Mapping[str, int]) -> list[str]:
    """The most frequent spellings and their counts."""
    by_count = sorted(counts.items(), key=lambda item: -item[1])
    return [f"{name}: {n} times" for name, n in by_count]


# ---------------------------------------------------------------- the split


def of_split(data: Names) -> tuple[float | None, list[Finding]]:
    """The share of the test set whose spelling is in the training set, and labels a set lacks.

    The share is None where the data cannot be split.
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # what it warns of is found below
            sets = split(data)
    except CharnnError as error:
        return None, [Finding(STOP, "split", str(error), len(data))]
    findings: list[Finding] = []
    for name, names in sets.items():
        severity = STOP if name == "train" else LOOK
        text = f"without a name in the {SETS[name]}"
        findings += all_of(severity, "missing", labels_without_names(names), "label", text)
    trained = set(map(spelling, sets["train"].names))
    test = sets["test"].names
    return sum(spelling(name) in trained for name in test) / len(test), findings
