"""Names with their labels: of a folder of <label>.txt files, a table or a list, or given in Python.

Knows files and labels; nothing of symbols or networks. N names, L labels.
"""

import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from charnn.errors import CharnnError
from charnn.table_options import NO_COLUMNS, Columns
from charnn.text.entries import Entry, check_is_list, entries, too_long
from charnn.text.given import column_of, entries_given
from charnn.text.invisible import visible
from charnn.text.labels import as_label, in_order, is_printable, label_files
from charnn.text.letters import sameness
from charnn.text.reading import read_lines
from charnn.text.weights import as_counts
from charnn.wording import counted, listed, quoted


@dataclass(frozen=True)
class Names:
    """Names with their labels: names[i], as the user wrote it, has the label labels[targets[i]].

    A name with the weight 2 counts as if it were there twice; without weights each is there once.
    """

    names: list[str]
    targets: np.ndarray  # (N,) int64
    labels: list[str]
    weights: np.ndarray | None = None  # (N,) float64, above 0

    def __len__(self) -> int:
        return len(self.names)

    def select(self, chosen: np.ndarray) -> "Names":
        """Those names only; `chosen` is a boolean mask or an array of indices."""
        names = np.array(self.names, dtype=object)[chosen].tolist()
        weights = None if self.weights is None else self.weights[chosen]
        return Names(names, self.targets[chosen], self.labels, weights)

    def joined(self, other: "Names") -> "Names":
        """The names of both, which have the same labels, and weights both or neither."""
        targets = np.concatenate([self.targets, other.targets])
        weights = None
        if self.weights is not None and other.weights is not None:
            weights = np.concatenate([self.weights, other.weights])
        return Names(self.names + other.names, targets, self.labels, weights)

    def counts(self) -> np.ndarray:
        """How many names each label has, (L,)."""
        if self.weights is None:
            return np.bincount(self.targets, minlength=len(self.labels))
        return as_counts(np.bincount(self.targets, self.weights, len(self.labels)))


def read_names(
    path: str | Path,
    max_length: int = 100,
    fewest_labels: int = 2,
    raw: bool = False,
    columns: Columns = NO_COLUMNS,
) -> Names:
    """The names of a folder, or of one file: as `read_folder` or as `read_file`.

    `fewest_labels` is 2 for what a classifier learns from, and 0 where a list is enough.
    """
    if Path(path).is_file():
        return read_file(path, max_length, fewest_labels, raw, columns)
    return read_folder(path, max_length, fewest_labels < 2, raw, columns)


def read_folder(
    folder: str | Path,
    max_length: int = 100,
    one_label: bool = False,
    raw: bool = False,
    columns: Columns = NO_COLUMNS,
) -> Names:
    """Reads every `<label>.txt` of a folder, hidden files aside: one name per line, UTF-8.

    Blank lines, Windows line ends and a byte-order mark are accepted. An empty file is skipped
    with a warning; repeated spellings (with `raw`, names as they are written) are counted in a
    warning and kept. Raises CharnnError, with file, line and byte where there are any, for: no such
    folder, no .txt file, only empty ones, only one label (unless `one_label`), a label that cannot
    be printed, a file that cannot be read, is not UTF-8 or is a table, a name longer than
    `max_length` characters.
    """
    folder = Path(folder)
    files = label_files(folder)
    columns.check_folder(folder)
    by_label: dict[str, list[str]] = {}
    for label, path in files.items():
        names = _names_of(path, max_length, columns)
        if names:
            by_label[label] = names
        else:
            warnings.warn(f"{path} holds no name; it is skipped", stacklevel=2)
    if not by_label:
        raise CharnnError(f"{folder} holds only empty .txt files; put one name per line into them")
    if len(by_label) == 1 and not one_label:
        raise CharnnError(
            f"{folder} holds only one label, {quoted(next(iter(by_label)))}; "
            "a classifier needs at least two <label>.txt files"
        )
    for label in by_label:
        if not is_printable(label):
            raise CharnnError(
                f"{folder}: the file name {quoted(label + '.txt')} has an unprintable character; "
                "rename it"
            )
    data = _joined(by_label)
    _warn_of_repeats(data, folder, raw)
    return data


def read_file(
    path: str | Path,
    max_length: int = 100,
    fewest_labels: int = 0,
    raw: bool = False,
    columns: Columns = NO_COLUMNS,
) -> Names:
    """Reads one file: the names and labels in two columns of a table, or a list of names.

    The label of a list, and of a table without a column of labels, is the file's name. Names come
    label by label, as from a folder; blank rows are skipped, and rows without a name with
    a warning. Raises CharnnError, with the line where there is one, for a file or a row that cannot
    be read, fewer labels than `fewest_labels`, no name at all, a list that is a table, columns that
    the table does not have, and a name longer than `max_length` characters.
    """
    path = Path(path)
    found = entries(path, columns, needs_labels=fewest_labels > 0)
    return _of_entries(found, f"{path}", "line", max_length, fewest_labels, raw)


def given_names(
    data: Iterable[str],
    y: Iterable[str] | None = None,
    max_length: int = 100,
    fewest_labels: int = 0,
    raw: bool = False,
) -> Names:
    """Texts that are given in Python, with their labels y: as `read_file` has those of a file.

    Raises CharnnError as `read_file` and `entries_given` do.
    """
    column_of("data", data)
    if y is None and fewest_labels:
        raise CharnnError(
            "data are texts without labels, which a classifier learns; give their labels as y"
        )
    return _of_entries(entries_given(data, y), "data", "row", max_length, fewest_labels, raw)


def relabel(data: Names, labels: list[str], known_by: str, skip_unknown: bool = False) -> Names:
    """The same names, their targets now indices into another list of labels.

    Raises CharnnError naming the labels that `labels` lacks, or with `skip_unknown` leaves their
    names out, and raises it where no name is left; `known_by` says whose list it is.
    """
    place = {as_label(label): index for index, label in enumerate(labels)}
    unknown = unknown_labels(data, labels)
    if unknown and not skip_unknown:
        raise CharnnError(
            f"label {listed(map(quoted, unknown))} is unknown to {known_by}; its labels are "
            f"{listed(labels)}; leave it out (--skip-unknown-labels of train, evaluate and report)"
        )
    index = np.array([place.get(as_label(label), -1) for label in data.labels], dtype=np.int64)
    targets = index[data.targets]
    known = Names(data.names, targets, labels).select(targets >= 0)
    if not len(known):
        raise CharnnError(
            f"no name has a label that {known_by} knows; its labels are {listed(labels)}"
        )
    return known


def unknown_labels(data: Names, labels: list[str]) -> dict[str, int]:
    """The labels of the data that `labels` lacks, and how many names each of them has."""
    known = set(map(as_label, labels))
    counts = zip(data.labels, data.counts().tolist(), strict=True)
    return {label: count for label, count in counts if as_label(label) not in known}


def bundled_names() -> Path:
    """The bundled names: in the wheel, or data/names of a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "names"
    return inside if inside.is_dir() else package.parent / "data" / "names"


def _names_of(path: Path, max_length: int, columns: Columns) -> list[str]:
    """The lines of a file with something to see, none longer than `max_length` characters."""
    lines = read_lines(path)
    for number, name in enumerate(lines, start=1):
        fault = too_long(name, max_length)
        if fault:
            raise CharnnError(f"{path}, line {number:,}: {fault}")
    check_is_list(path, lines, columns)
    return [name for name in lines if visible(name).strip()]


def _of_entries(
    found: Iterable[Entry], source: str, unit: str, max_length: int, fewest_labels: int, raw: bool
) -> Names:
    """The names of entries, label by label; `unit` is what a message calls one: line or row."""
    by_label: dict[str, list[str]] = {}
    without_name = 0
    for entry in found:
        fault = entry.fault or too_long(entry.name, max_length)
        if fault:
            raise CharnnError(f"{source}, {unit} {entry.line:,}: {fault}")
        if entry.name:
            by_label.setdefault(entry.label, []).append(entry.name)
        else:
            without_name += 1
    if not by_label:
        raise CharnnError(f"{source} holds no name; put one name per {unit} into it")
    if without_name:
        warnings.warn(
            f"{source}: {counted(without_name, 'row')} without a name; skipped", stacklevel=3
        )
    if len(by_label) < fewest_labels:
        raise CharnnError(
            f"{source} holds only one label, {quoted(next(iter(by_label)))}; a classifier needs at "
            "least two"
        )
    data = _joined({label: by_label[label] for label in in_order(by_label)})
    _warn_of_repeats(data, source, raw)
    return data


def _joined(by_label: dict[str, list[str]]) -> Names:
    """The names of each label, one label after the other."""
    sizes = [len(names) for names in by_label.values()]
    return Names(
        [name for names in by_label.values() for name in names],
        np.repeat(np.arange(len(by_label)), sizes),
        list(by_label),
    )


def _warn_of_repeats(data: Names, source: str | Path, raw: bool) -> None:
    """Warns of spellings under several labels, and of lines that repeat one of the same label."""
    labels_of: dict[str, Counter[int]] = {}
    for name, target in zip(data.names, data.targets.tolist(), strict=True):
        labels_of.setdefault(sameness(name, raw), Counter())[target] += 1
    shared = [name for name, found in labels_of.items() if len(found) > 1]
    repeats = sum(times - 1 for found in labels_of.values() for times in found.values())
    if shared:
        warnings.warn(
            f"{source}: {counted(len(shared), 'spelling')} under several labels "
            f"(such as {', '.join(quoted(name, 40) for name in shared[:3])}); "
            "no classifier can separate these",
            stacklevel=3,
        )
    if repeats:
        warnings.warn(
            f"{source}: {counted(repeats, 'line')} of {len(data)} repeat a spelling of the same "
            "label; each copy counts",
            stacklevel=3,
        )
