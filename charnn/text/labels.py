"""Labels: as they are kept and compared, and the files of a folder that are named after them."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path

from charnn.errors import CharnnError
from charnn.text.reading import check_regular
from charnn.wording import printable, quoted

FOLDER_REMEDY = "give a folder of <label>.txt files, one name per line"


def as_label(text: str) -> str:
    """A label as it is kept and compared: composed (NFC), without white space around it.

    A Mac takes the letters of file names apart: the ü of a folder copied from one is u and a mark.
    """
    return unicodedata.normalize("NFC", text).strip()


def is_printable(label: str) -> bool:
    """Whether a label can be shown as it is: no control character and no direction mark in it."""
    return printable(label) == label


def label_files(folder: str | Path) -> dict[str, Path]:
    """The label of each `<label>.txt` file of a folder, hidden ones aside, and its path.

    Raises CharnnError where there is none, and for two of the same label, such as A.txt and A.TXT,
    or ü.txt with a letter and ü.txt with a letter and a mark.
    """
    folder = Path(folder)
    if not folder.exists():
        raise CharnnError(f"{folder} does not exist; {FOLDER_REMEDY}")
    check_regular(folder)
    if not folder.is_dir():
        raise CharnnError(f"{folder} is not a folder; {FOLDER_REMEDY}")
    by_label: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() != ".txt" or path.name.startswith("."):
            continue
        label = as_label(path.stem)
        if not label:
            raise CharnnError(f"{folder}: {quoted(path.name)} names no label; rename it")
        if label in by_label:
            raise CharnnError(_two_files(by_label[label], path, label))
        by_label[label] = path
    if not by_label:
        raise CharnnError(
            f"{folder} holds no .txt file; put one <label>.txt per label there, one name per line"
        )
    return {label: by_label[label] for label in in_order(by_label)}


def in_order(labels: Iterable[str]) -> list[str]:
    """Labels in the order of their files in a folder, also where they come from a table."""
    return sorted(labels, key="{}.txt".format)


def _two_files(first: Path, second: Path, label: str) -> str:
    """What is wrong with two files of the same label."""
    remedy = "join them"
    if as_label(first.name) == as_label(second.name):  # nobody could see the difference
        remedy = f"they differ in how letters are composed ({first.name!a}, {second.name!a}); "
        remedy += "join them"
    return (
        f"{first.parent} holds {first.name} and {second.name}, both of the label "
        f"{quoted(label)}; {remedy}"
    )
