"""Names with their labels: read a folder of <label>.txt files, or one file of names.

Knows files and labels; nothing of symbols or networks. N names, L labels.
"""

import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from charnn.config import MAX_CHARACTERS
from charnn.errors import CharnnError
from charnn.text.letters import sameness
from charnn.text.reading import read_lines
from charnn.wording import counted, quoted

FOLDER_REMEDY = "give a folder of <label>.txt files, one name per line"


@dataclass(frozen=True)
class Names:
    """Names with their labels: names[i], as the user wrote it, has the label labels[targets[i]]."""

    names: list[str]
    targets: np.ndarray  # (N,) int64
    labels: list[str]

    def __len__(self) -> int:
        return len(self.names)

    def select(self, chosen: np.ndarray) -> "Names":
        """Those names only; `chosen` is a boolean mask or an array of indices."""
        names = np.array(self.names, dtype=object)[chosen].tolist()
        return Names(names, self.targets[chosen], self.labels)

    def counts(self) -> np.ndarray:
        """How many names each label has, (L,)."""
        return np.bincount(self.targets, minlength=len(self.labels))


def read_names(
    path: str | Path, max_length: int = 100, one_label: bool = False, raw: bool = False
) -> Names:
    """As `read_folder`; where one label is enough, also one file, as `read_list`."""
    if one_label and Path(path).is_file():
        return read_list(path, max_length, raw)
    return read_folder(path, max_length, one_label, raw)


def read_folder(
    folder: str | Path, max_length: int = 100, one_label: bool = False, raw: bool = False
) -> Names:
    """Reads every `<label>.txt` of a folder, hidden files aside: one name per line, UTF-8.

    Blank lines, Windows line ends and a byte-order mark are accepted. An empty file is skipped
    with a warning; repeated spellings (with `raw`, names as they are written) are counted in
    a warning and kept. Raises CharnnError, with
    file, line and byte where there are any, for: no such folder, no .txt file, only empty ones,
    only one label (unless `one_label`), a label that cannot be printed, a file that cannot be read
    or is not UTF-8, a name longer than `max_length` characters.
    """
    folder = Path(folder)
    by_label: dict[str, list[str]] = {}
    for path in label_files(folder):
        names = _read_lines_as_names(path, max_length)
        if names:
            by_label[path.stem] = names
        else:
            warnings.warn(f"{path} holds no name; it is skipped", stacklevel=2)
    if not by_label:
        raise CharnnError(f"{folder} holds only empty .txt files; put one name per line into them")
    labels = list(by_label)
    if len(labels) == 1 and not one_label:
        raise CharnnError(
            f"{folder} holds only one label, {labels[0]!r}; "
            "a classifier needs at least two <label>.txt files"
        )
    for label in labels:
        if not label.isprintable():
            raise CharnnError(
                f"{folder}: the file name {label + '.txt'!r} has an unprintable character; "
                "rename it"
            )
    sizes = [len(names) for names in by_label.values()]
    data = Names(
        [name for names in by_label.values() for name in names],
        np.repeat(np.arange(len(labels)), sizes),
        labels,
    )
    _warn_of_repeats(data, folder, raw)
    return data


def read_list(path: str | Path, max_length: int = 100, raw: bool = False) -> Names:
    """Reads one file of names as `read_folder` reads each of many; its name is the only label."""
    path = Path(path)
    names = _read_lines_as_names(path, max_length)
    if not names:
        raise CharnnError(f"{path} holds no name; put one name per line into it")
    data = Names(names, np.zeros(len(names), dtype=np.int64), [path.stem])
    _warn_of_repeats(data, path, raw)
    return data


def label_files(folder: str | Path) -> list[Path]:
    """The `<label>.txt` files of a folder, hidden ones aside.

    Raises CharnnError where there is none, and for two of the same label, such as A.txt and A.TXT.
    """
    folder = Path(folder)
    if not folder.exists():
        raise CharnnError(f"{folder} does not exist; {FOLDER_REMEDY}")
    if not folder.is_dir():
        raise CharnnError(f"{folder} is not a folder; {FOLDER_REMEDY}")
    files = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() == ".txt" and not path.name.startswith(".")
    )
    if not files:
        raise CharnnError(
            f"{folder} holds no .txt file; put one <label>.txt per label there, one name per line"
        )
    by_label: dict[str, Path] = {}
    for path in files:
        if path.stem in by_label:
            raise CharnnError(
                f"{folder} holds {by_label[path.stem].name} and {path.name}, both of the label "
                f"{path.stem!r}; join them"
            )
        by_label[path.stem] = path
    return files


def relabel(data: Names, labels: list[str], known_by: str) -> Names:
    """The same names, their targets now indices into another list of labels.

    Raises CharnnError naming the labels that `labels` lacks; `known_by` says whose list it is.
    """
    unknown = [label for label in data.labels if label not in labels]
    if unknown:
        raise CharnnError(
            f"label {', '.join(map(repr, unknown))} is unknown to {known_by}; "
            f"its labels are {', '.join(labels)}"
        )
    index = np.array([labels.index(label) for label in data.labels], dtype=np.int64)
    return Names(data.names, index[data.targets], labels)


def bundled_names() -> Path:
    """The bundled names: in the wheel, or data/names of a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "names"
    return inside if inside.is_dir() else package.parent / "data" / "names"


def _read_lines_as_names(path: Path, max_length: int) -> list[str]:
    """The lines of a file that are not blank, none longer than `max_length` characters."""
    names = []
    for number, name in enumerate(read_lines(path), start=1):
        if len(name) > max_length:
            remedy = "shorten it"
            if max_length < MAX_CHARACTERS:
                remedy += ", raise --max-length or, for texts, train with --tokens words"
            raise CharnnError(
                f"{path}, line {number}: {name[:20]!r}... has {len(name)} characters, more than "
                f"{max_length}; {remedy}"
            )
        if name:
            names.append(name)
    return names


def _warn_of_repeats(data: Names, source: Path, raw: bool) -> None:
    """Warns of spellings under several labels, and of lines that repeat one of the same label."""
    labels_of: dict[str, Counter[int]] = {}
    for name, target in zip(data.names, data.targets.tolist(), strict=True):
        labels_of.setdefault(sameness(name, raw), Counter())[target] += 1
    shared = [name for name, found in labels_of.items() if len(found) > 1]
    repeats = sum(times - 1 for found in labels_of.values() for times in found.values())
    if shared:
        warnings.warn(
            f"{source}: {counted(len(shared), 'spelling')} under several labels "
            f"(such as {', '.join(quoted(name, 40) for name in shared[:3])}); no classifier can separate these",
            stacklevel=3,
        )
    if repeats:
        warnings.warn(
            f"{source}: {counted(repeats, 'line')} of {len(data)} repeat a spelling of the same "
            "label; each copy counts",
            stacklevel=3,
        )
