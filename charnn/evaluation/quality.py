"""Problems in a folder of names or in one file of them, found before training.

Reads the names, counts, and collects what `findings` finds. Trains nothing and prints nothing.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from charnn.errors import CharnnError
from charnn.evaluation import findings, line_findings
from charnn.evaluation.findings import LOOK, STOP, Finding, Line, Sizes, compared
from charnn.evaluation.metrics import ceiling
from charnn.table_options import NO_COLUMNS, Columns
from charnn.text.entries import check_is_list, entries
from charnn.text.labels import label_files
from charnn.text.names import Names
from charnn.text.reading import read_lines

__all__ = ["LOOK", "STOP", "Check", "Finding", "check_data", "examples"]

EXAMPLES = 5  # shown with each finding
TRAINED = 0.8  # share of the lines that a random split would train on, as charnn's does


@dataclass(frozen=True)
class Check:
    """What `check_data` found; `ceiling` and the leaks are None where there is no name."""

    lines: int
    spellings: int
    labels: Sizes
    ceiling: float | None  # the highest accuracy possible
    random_split_leak: float | None  # share of a random test set's lines with a trained spelling
    split_leak: float | None  # the same for charnn's split by spelling
    letters_changed: dict[str, int]  # {"é -> e": how often}
    findings: list[Finding]  # those that should stop a user first

    @property
    def stop(self) -> bool:
        """Whether a finding is serious enough not to train yet."""
        return any(finding.severity == STOP for finding in self.findings)


def check_data(path: str | Path, columns: Columns = NO_COLUMNS) -> Check:
    """Reads a folder of <label>.txt files, a list or a table, and says what is wrong with it.

    It is read as far as it can be. Raises CharnnError where nothing can: there is no such file or
    folder, or no .txt file in it.
    """
    path = Path(path)
    if path.is_file():
        lines, found = _read_file(path, columns)
    else:
        lines, found = _read_folder(path, columns)
    spellings: dict[str, Counter[str]] = {}
    for line in lines:
        spellings.setdefault(line.label, Counter())[line.spelling] += 1
    labels = {
        label: {"lines": counts.total(), "spellings": len(counts)}
        for label, counts in spellings.items()
    }
    index = {label: number for number, label in enumerate(labels)}
    targets = np.array([index[line.label] for line in lines], dtype=np.int64)
    split_leak = None
    # Where nothing can be read, what has been found says why.
    if lines or not any(finding.severity == STOP for finding in found):
        split_leak, missing = findings.of_split(
            Names([line.name for line in lines], targets, list(labels))
        )
        found += findings.of_label_names(labels)
        # A generator learns from names without labels too.
        fewest = 1 if path.is_file() and columns.label is None else 2
        found += findings.of_sizes(labels, fewest)
        found += findings.of_repeats(spellings)
        found += findings.of_shared_spellings(spellings)
        found += line_findings.of_suspicious_lines(lines)
        found += line_findings.of_letters(lines)
        found += line_findings.of_invisible_characters(lines)
        found += missing
    times = Counter(line.spelling for line in lines)
    return Check(
        lines=len(lines),
        spellings=len(times),
        labels=labels,
        ceiling=ceiling([line.spelling for line in lines], targets) if lines else None,
        random_split_leak=_random_split_leak(times) if lines else None,
        split_leak=split_leak,
        letters_changed=line_findings.changed_letters(lines),
        findings=sorted(found, key=lambda finding: finding.severity != STOP),
    )


def _read_folder(folder: Path, columns: Columns) -> tuple[list[Line], list[Finding]]:
    """The lines of all files that are not blank, and findings of files that give none."""
    files = label_files(folder)
    columns.check_folder(folder)
    lines: list[Line] = []
    found = []
    for label, path in files.items():
        try:
            content = read_lines(path)
            check_is_list(path, content, columns)
        except CharnnError as error:
            found.append(Finding(STOP, "unreadable", str(error), 1))
            continue
        before = len(lines)
        lines += [
            Line(name, label, path, number, compared(name))
            for number, name in enumerate(content, start=1)
            if name
        ]
        if len(lines) == before:
            text = f"{path.name} holds no name; training skips it"
            found.append(Finding(LOOK, "empty", text, 1))
    return lines, found


def _read_file(path: Path, columns: Columns) -> tuple[list[Line], list[Finding]]:
    """The names of a list or of a table, and findings of rows that give none."""
    lines: list[Line] = []
    found: list[Finding] = []
    faults, without_name = [], []
    try:
        for entry in entries(path, columns):
            place = f"{path.name}, line {entry.line:,}"
            if entry.fault:
                faults.append(f"{place}: {entry.fault}")
            elif not entry.name:
                without_name.append(place)
            else:
                name = entry.name
                lines.append(Line(name, entry.label, path, entry.line, compared(name)))
    except CharnnError as error:
        found.append(Finding(STOP, "unreadable", str(error), 1))
    found += findings.all_of(STOP, "rows", faults, "row", "at which training stops")
    text = "without a name; training skips them"
    found += findings.all_of(LOOK, "empty", without_name, "row", text)
    return lines, found


def _random_split_leak(times: Counter[str]) -> float:
    """The expected share of a random test set's lines whose spelling is in the training set.

    A line of a spelling that occurs n times has n - 1 copies. All of them miss the training set
    with the probability (1 - TRAINED) ** (n - 1).
    """
    leaked = sum(n * (1 - (1 - TRAINED) ** (n - 1)) for n in times.values())
    return leaked / times.total()


def examples(found: list[str], most: int = EXAMPLES) -> str:
    """Some of what was found on one line, and how many more there are."""
    more = len(found) - most
    return "; ".join(found[:most]) + (f"; and {more:,} more" if more > 0 else "")
