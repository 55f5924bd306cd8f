"""What is wrong with a data folder, before anybody trains on it."""

import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from charnn.config import Config
from charnn.data import Names
from charnn.errors import CharnnError
from charnn.wording import count

STOP, LOOK = "stop", "look"
FEW, SCARCE = 10, 50          # spellings of a label: below the first nothing can be learned, below the second little
IMBALANCE = 10                # times the smallest label's spellings that the largest has
REPEATED = 0.5                # share of a label's lines that repeat others of it: from here on it is no list of names
CONTAINED = 0.5               # share of a label's spellings that stand under one other label too
LONG, WORDS = 50, 3           # characters, and words, from which a line is hardly a name
EXAMPLES = 5                  # shown with each finding
TRAINED = 0.8                 # share of the lines that a random split would train on, as ours does


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: how bad, what kind, what to read, how many lines or names, some of them."""

    severity: str
    kind: str
    text: str
    count: int
    examples: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, severity: str, kind: str, found: list[str], noun: str, text: str) -> Iterator["Finding"]:
        """A finding of all these, if there are any."""
        if found:
            yield cls(severity, kind, f"{count(len(found), noun)} {text}", len(found), found)


class Line(NamedTuple):
    """A name with its place and its spelling."""

    name: str
    path: Path
    number: int
    spelling: str

    @property
    def label(self) -> str:
        """What the file is called."""
        return self.path.stem

    def __str__(self) -> str:
        return f"{self.path.name}, line {self.number}: {self.name[:40]!r}"


@dataclass(frozen=True)
class Check:
    """What `check_folder` found; `ceiling` and the leaks are None in a folder without a name."""

    lines: int
    spellings: int
    labels: dict[str, dict[str, int]]  # {label: {"lines", "spellings"}}
    ceiling: float | None              # the best accuracy that anybody can reach
    random_split_leak: float | None    # share of a random test part's lines whose spelling would be trained on
    split_leak: float | None           # the same of charnn's split by spelling
    letters_changed: dict[str, int]    # {"é -> e": how often}
    findings: list[Finding]            # those that should stop a user first

    @property
    def stop(self) -> bool:
        """Something here should stop a user."""
        return any(finding.severity == STOP for finding in self.findings)


def check_folder(folder: str | Path) -> Check:
    """Reads a folder of <label>.txt files as far as it can be read, and says what is wrong with it.

    Raises CharnnError when there is no such folder or no .txt file in it.
    """
    import numpy as np

    from charnn.data import Names, label_files
    from charnn.evaluation.metrics import ceiling
    from charnn.text.reading import read_lines
    findings, lines, spellings = [], [], {}
    for path in label_files(folder):
        try:
            content = read_lines(path)
        except CharnnError as error:
            findings.append(Finding(STOP, "unreadable", str(error), 1))
            continue
        own = [Line(name, path, number, compared(name)) for number, name in enumerate(content, start=1) if name]
        if own:
            lines += own
            spellings[path.stem] = Counter(line.spelling for line in own)
        else:
            findings.append(Finding(LOOK, "empty", f"{path.name} holds no name; training skips it", 1))
    labels = {label: {"lines": counts.total(), "spellings": len(counts)} for label, counts in spellings.items()}
    everything: Counter[str] = sum(spellings.values(), Counter())
    changed, letters = letters_of(lines)
    targets = np.repeat(np.arange(len(labels)), [row["lines"] for row in labels.values()])
    split_leak, missing = honest_split(Names([line.name for line in lines], targets, list(labels)))
    for found in (named(labels), sizes(labels), repeats(spellings), shared(spellings), suspicious(lines), letters,
                  missing):
        findings += found
    return Check(
        len(lines), len(everything), labels, ceiling([line.spelling for line in lines], targets) if lines else None,
        # A test line of a spelling with c lines is met in training unless the c - 1 others are not trained on.
        sum(n * (1 - (1 - TRAINED) ** (n - 1)) for n in everything.values()) / len(lines) if lines else None,
        split_leak, changed, sorted(findings, key=lambda finding: finding.severity != STOP))


def compared(name: str) -> str:
    """What two lines must share to count as one name: charnn's spelling, or what ASCII cannot write as it stands."""
    from charnn.text.letters import UNKNOWN, poor_script, spelling, to_raw
    ascii_text = spelling(name)
    if not name.isascii() and (UNKNOWN in ascii_text or any(map(poor_script, name))):
        return to_raw(name).casefold()
    return ascii_text


def named(labels: dict[str, dict[str, int]]) -> Iterator[Finding]:
    """Labels that cannot be printed, or that differ in capitals alone."""
    yield from Finding.of(STOP, "label", [repr(label) for label in labels if not label.isprintable()], "label",
                          "that cannot be printed; rename the file")
    alike = defaultdict(list)
    for label in labels:
        alike[compared(label)].append(label)
    yield from Finding.of(LOOK, "alike", [" and ".join(same) for same in alike.values() if len(same) > 1], "label",
                          "written in several ways; join the files if they mean the same")


def sizes(labels: dict[str, dict[str, int]]) -> Iterator[Finding]:
    """Too few labels, labels with too few names, labels of very different size."""
    if len(labels) < 2:
        yield Finding(STOP, "labels", f"{len(labels)} label with names; a classifier needs at least two", len(labels))
    counts = {label: row["spellings"] for label, row in labels.items()}
    for severity, low, high, remedy in ((STOP, 0, FEW, "nothing can be learned from so few, or measured on them"),
                                        (LOOK, FEW, SCARCE, "the figures of so few say little")):
        few = [f"{label} ({n})" for label, n in counts.items() if low <= n < high]
        yield from Finding.of(severity, "near-empty", few, "label", f"with fewer than {high} spellings; {remedy}")
    if counts and max(counts.values()) >= IMBALANCE * min(counts.values()):
        smallest, *_, largest = sorted(counts, key=lambda label: counts[label])
        yield Finding(LOOK, "imbalance", f"{largest} has {counts[largest] / counts[smallest]:.0f} times the spellings "
                      f"of {smallest}; macro-F1 tells how small labels fare, --sampling balanced draws them as often",
                      len(counts), [f"{largest} ({counts[largest]:,})", f"{smallest} ({counts[smallest]:,})"])


def repeats(spellings: dict[str, Counter[str]]) -> Iterator[Finding]:
    """Lines that repeat a spelling of their own label."""
    for label, counts in spellings.items():
        extra = counts.total() - len(counts)
        if extra >= REPEATED * counts.total():
            yield Finding(STOP, "repeats", f"{label}: {counts.total():,} lines hold only {len(counts):,} different "
                          "spellings; keep each once, or a random split measures memory", extra, most_common(counts))
    total = sum(counts.total() for counts in spellings.values())
    extra = sum(counts.total() - len(counts) for counts in spellings.values())
    if extra:
        yield Finding(LOOK, "repeats", f"{count(extra, 'line')} of {total:,} repeat a spelling of the same label, "
                      "capitals and accents aside; they count as often as they stand there", extra,
                      most_common({f"{name} ({label})": n for label, counts in spellings.items()
                                   for name, n in counts.items() if n > 1}))


def shared(spellings: dict[str, Counter[str]]) -> Iterator[Finding]:
    """Spellings under several labels, and labels that are nearly part of another."""
    labels_of = defaultdict(list)
    for label, counts in spellings.items():
        for name in counts:
            labels_of[name].append(label)
    several = {name: labels for name, labels in labels_of.items() if len(labels) > 1}
    most_first = sorted(several.items(), key=lambda item: -len(item[1]))
    yield from Finding.of(LOOK, "shared", [f"{name!r}: {', '.join(labels)}" for name, labels in most_first], "spelling",
                          "under several labels; nobody can tell these apart")
    pairs = Counter(pair for labels in several.values() for pair in combinations(labels, 2))
    for (one, other), common in pairs.items():
        small, large = sorted((one, other), key=lambda label: len(spellings[label]))
        if common >= CONTAINED * len(spellings[small]):
            yield Finding(STOP, "contained", f"{common:,} of {small}'s {len(spellings[small]):,} spellings stand under "
                          f"{large} too, so the one is hardly more than a copy of the other", common,
                          sorted(spellings[small].keys() & spellings[large].keys()))


def suspicious(lines: list[Line]) -> Iterator[Finding]:
    """Lines that are hardly names."""
    limit = Config().max_length
    for severity, kind, wrong, text in (
            (STOP, "too long", lambda name: len(name) > limit,
             f"longer than {limit} characters, which training refuses; shorten them, raise --max-length or, for texts, "
             "train with --tokens words"),
            (LOOK, "long", lambda name: LONG <= len(name) <= limit, f"of {LONG} characters and more"),
            (LOOK, "digits", lambda name: any(map(str.isdigit, name)), "with a digit"),
            (LOOK, "several words", lambda name: len(name.split()) >= WORDS, f"of {WORDS} words and more"),
            (LOOK, "damaged", damaged, "with letters that a wrong encoding has damaged")):
        yield from Finding.of(severity, kind, [str(line) for line in lines if wrong(line.name)], "line", text)


def damaged(name: str) -> bool:
    """A letter was lost, or UTF-8 was read as Windows-1252 or Latin-1: "MÃ¼ller"."""
    if "\N{REPLACEMENT CHARACTER}" in name:
        return True
    for encoding in () if name.isascii() else ("cp1252", "latin-1"):
        try:
            name.encode(encoding).decode("utf-8")
            return True
        except UnicodeError:  # not of that kind
            continue
    return False


def letters_of(lines: list[Line]) -> tuple[dict[str, int], list[Finding]]:
    """The letters that normalisation changes, and findings of what it cannot read."""
    from charnn.text.letters import UNKNOWN, poor_script, to_raw, transliterate
    changed, unknown, scripts, findings = Counter(), Counter(), defaultdict(set), []
    for letter, n in Counter("".join(to_raw(line.name) for line in lines)).items():
        ascii_text = transliterate(letter)
        if UNKNOWN in ascii_text:
            unknown[letter] = n
        elif poor_script(letter):
            scripts[poor_script(letter)].add(letter)
        elif ascii_text != letter and not letter.isspace():
            changed[f"{letter} -> {ascii_text}"] = n
    findings += Finding.of(LOOK, "unknown letters", [f"{letter!r} ({n:,})" for letter, n in unknown.most_common()],
                           "character", "that ASCII has nothing for; all become one unknown symbol unless you train "
                           "with --raw")
    for script, found in scripts.items():
        affected = [str(line) for line in lines if not found.isdisjoint(to_raw(line.name))]
        findings += Finding.of(LOOK, "script", affected, "line", f"in {script} script, which transliterates poorly; "
                               "give romanised names, or train with --raw")
    mute = [str(line) for line in lines if not any(map(str.isalnum, line.spelling))]
    findings += Finding.of(LOOK, "no letter", mute, "line", "without a letter or digit that can be read")
    return dict(changed.most_common()), findings


def honest_split(data: "Names") -> tuple[float | None, list[Finding]]:
    """The share of our test part's lines whose spelling is trained on, and the labels that a part lacks."""
    from charnn.data import split
    from charnn.text.letters import spelling
    try:
        with warnings.catch_warnings(action="ignore"):
            parts = split(data)
    except CharnnError as error:
        return None, [Finding(STOP, "split", str(error), len(data))]
    trained = set(map(spelling, parts["train"].names))
    findings = []
    for part, names in parts.items():
        missing = [label for label, n in zip(data.labels, names.counts(), strict=True) if not n]
        findings += Finding.of(STOP if part == "train" else LOOK, "missing", missing, "label",
                               f"without a name in the {part} part")
    return sum(spelling(name) in trained for name in parts["test"].names) / len(parts["test"]), findings


def most_common(counts: dict[str, int]) -> list[str]:
    """The spellings that stand most often, with how often."""
    return [f"{name}: {n} times" for name, n in sorted(counts.items(), key=lambda item: -item[1])]


def examples(found: list[str], most: int = EXAMPLES) -> str:
    """Some of them on one line, and how many more there are."""
    more = len(found) - most
    return "; ".join(found[:most]) + (f"; and {more:,} more" if more > 0 else "")
