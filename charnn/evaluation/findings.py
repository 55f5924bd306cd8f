"""What can be wrong with lines of names: each function looks for one kind of fault.

Knows lines, labels and spellings; reads no file and computes no figure.
"""

import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from charnn.config import Config
from charnn.errors import CharnnError
from charnn.text.letters import UNKNOWN_SYMBOL, poor_script, spelling, to_raw, transliterate
from charnn.text.names import Names
from charnn.text.splits import SETS, labels_without_names, split
from charnn.wording import counted

STOP, LOOK = "stop", "look"
FEW = 10  # spellings of a label: with fewer, it can be neither learned nor measured
SCARCE = 50  # spellings of a label: with fewer, its figures are uncertain
IMBALANCE = 10  # the largest label has so many times the smallest one's spellings
REPEATED = 0.5  # share of a label's lines that repeat others of it: more is no list of names
CONTAINED = 0.5  # share of a label's spellings that are also under one other label
LONG = 50  # characters from which a line is hardly a name
WORDS = 3  # words from which a line is hardly a name

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
    """A name with its place and its spelling."""

    name: str
    path: Path
    number: int
    spelling: str

    def __str__(self) -> str:
        return f"{self.path.name}, line {self.number}: {self.name[:40]!r}"


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
    unprintable = [repr(label) for label in labels if not label.isprintable()]
    remedy = "that cannot be printed; rename the file"
    yield from all_of(STOP, "label", unprintable, "label", remedy)
    by_spelling = defaultdict(list)
    for label in labels:
        by_spelling[compared(label)].append(label)
    alike = [" and ".join(same) for same in by_spelling.values() if len(same) > 1]
    remedy = "written in several ways; join the files if they mean the same"
    yield from all_of(LOOK, "alike", alike, "label", remedy)


def of_sizes(labels: Sizes) -> Iterator[Finding]:
    """Too few labels, labels with too few names, labels of very different size."""
    if len(labels) < 2:
        text = f"{len(labels)} label with names; a classifier needs at least two"
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
    shown = [f"{name!r}: {', '.join(labels)}" for name, labels in most_labels_first]
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


# ---------------------------------------------------------------- lines and letters


def of_suspicious_lines(lines: list[Line]) -> Iterator[Finding]:
    """Lines that are probably not names."""
    limit = Config().max_length
    too_long = (
        f"longer than {limit} characters, which training refuses; shorten them, raise --max-length "
        "or, for texts, train with --tokens words"
    )
    faults: tuple[tuple[str, str, Callable[[str], bool], str], ...] = (
        (STOP, "too long", lambda name: len(name) > limit, too_long),
        (LOOK, "long", lambda name: LONG <= len(name) <= limit, f"of {LONG} characters or more"),
        (LOOK, "digits", lambda name: any(map(str.isdigit, name)), "with a digit"),
        (LOOK, "several words", lambda n: len(n.split()) >= WORDS, f"of {WORDS} words or more"),
        (LOOK, "damaged", damaged, "with letters that a wrong encoding has damaged"),
    )
    for severity, kind, is_wrong, text in faults:
        wrong = [str(line) for line in lines if is_wrong(line.name)]
        yield from all_of(severity, kind, wrong, "line", text)


def damaged(name: str) -> bool:
    """A letter was lost, or UTF-8 was read as Windows-1252 or Latin-1: "MÃ¼ller"."""
    if "\N{REPLACEMENT CHARACTER}" in name:
        return True
    if name.isascii():
        return False
    # Text that was written as UTF-8 and read in another encoding becomes UTF-8 again when it is
    # written in that encoding; other text hardly ever does.
    return any(_is_utf8_read_as(encoding, name) for encoding in ("cp1252", "latin-1"))


def _is_utf8_read_as(encoding: str, name: str) -> bool:
    """Whether the name's bytes in an encoding are UTF-8."""
    try:
        name.encode(encoding).decode("utf-8")
    except UnicodeError:
        return False
    return True


def changed_letters(lines: list[Line]) -> dict[str, int]:
    """The letters that become others in ASCII, the most frequent first: {"é -> e": how often}."""
    changed: Counter[str] = Counter()
    for letter, n in _letters_of(lines).items():
        ascii_text = transliterate(letter)
        readable = UNKNOWN_SYMBOL not in ascii_text and not poor_script(letter)
        if readable and ascii_text != letter and not letter.isspace():
            changed[f"{letter} -> {ascii_text}"] = n
    return dict(changed.most_common())


def of_letters(lines: list[Line]) -> Iterator[Finding]:
    """Letters that ASCII cannot express, or not well, and lines without any that can be read."""
    unknown: Counter[str] = Counter()
    by_script = defaultdict(set)
    for letter, n in _letters_of(lines).items():
        script = poor_script(letter)
        if UNKNOWN_SYMBOL in transliterate(letter):
            unknown[letter] = n
        elif script:
            by_script[script].add(letter)
    shown = [f"{letter!r} ({n:,})" for letter, n in unknown.most_common()]
    text = "without an ASCII form; all become the unknown symbol unless you train with --raw"
    yield from all_of(LOOK, "unknown letters", shown, "character", text)
    for script, letters in by_script.items():
        affected = [str(line) for line in lines if not letters.isdisjoint(to_raw(line.name))]
        text = (
            f"in {script} script, which transliterates poorly; give romanised names, or train "
            "with --raw"
        )
        yield from all_of(LOOK, "script", affected, "line", text)
    unreadable = [str(line) for line in lines if not any(map(str.isalnum, line.spelling))]
    text = "without a letter or digit that can be read"
    yield from all_of(LOOK, "no letter", unreadable, "line", text)


def _letters_of(lines: list[Line]) -> Counter[str]:
    """How often each character occurs."""
    return Counter("".join(to_raw(line.name) for line in lines))


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
