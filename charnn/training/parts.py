"""The data of a training: read, split by spelling, and encoded.

Knows names, labels and symbols; nothing of networks.
"""

import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import numpy as np

from charnn import checks
from charnn.config import Config
from charnn.errors import CharnnError
from charnn.inference.description import FINGERPRINTED
from charnn.table_options import NO_COLUMNS, Columns
from charnn.text.names import Names, given_names, read_names, relabel, unknown_labels
from charnn.text.splits import fingerprint, fingerprints, split
from charnn.text.vocabulary import Vocabulary
from charnn.text.words import VOCABULARIES, WordReader, reader
from charnn.wording import counted, listed

KEPT = {"first": "the first", "last": "the last", "both-ends": "the first and the last"}
Parts = dict[str, Names]  # {"train": ..., "validation": ..., "test": ...}


def read_parts(
    data: str | Path | Iterable[str],
    test_data: str | Path | None,
    config: Config,
    skip_unknown_labels: bool = False,
    columns: Columns = NO_COLUMNS,
    y: Iterable[str] | None = None,
) -> Parts:
    """The training, validation and test set of a folder, a table, or for a generator of a list.

    Or of texts that are given in Python, with their labels `y`. `columns` are those of whichever of
    `data` and `test_data` is a table. `skip_unknown_labels` leaves out the names of `test_data`
    whose label `data` lacks, with a warning that says how many. Raises CharnnError for data that
    cannot be read or split, and without `skip_unknown_labels` for such a label.
    """
    generates = config.task == "generate"
    if generates and config.tokens == "words":
        raise CharnnError(
            "--tokens words with --task generate is for running text; give it with --text FILE, "
            "or leave it out"
        )
    data = checks.path("data", data) if isinstance(data, str | os.PathLike) else data
    test_data = None if test_data is None else checks.path("test_data", test_data)
    longest = longest_name(config)
    of_data, of_test_data = _columns_of(data, test_data, columns)
    names = _read(data, y, config, of_data)
    if test_data is None:
        if skip_unknown_labels:
            raise CharnnError("--skip-unknown-labels is for --test-data; leave it out")
        return split(names)
    a_list = isinstance(data, Path) and data.is_file() and columns.label is None
    if generates and (a_list or (y is None and not isinstance(data, Path))):
        return split(names, read_names(test_data, longest, 0, config.raw, of_test_data))
    test = read_names(test_data, longest, 1, config.raw, of_test_data)
    if skip_unknown_labels:
        _warn_of_unknown_labels(test, names.labels, test_data)
    known_by = f"{data}" if isinstance(data, Path) else "data"
    return split(names, relabel(test, names.labels, known_by, skip_unknown_labels))


def longest_name(config: Config) -> int:
    """How many characters a name that is trained on may have; of a text only its words count."""
    return config.max_length if config.tokens == "letters" else config.longest


def _read(
    data: Path | Iterable[str], y: Iterable[str] | None, config: Config, columns: Columns
) -> Names:
    """The names at a path, or those given in Python with their labels y."""
    # A generator needs no second label, and can learn from one list.
    fewest = 0 if config.task == "generate" else 2
    if not isinstance(data, Path):
        if columns.wanted:
            raise CharnnError("column and label_column are for a table in a file; leave them out")
        return given_names(data, y, longest_name(config), fewest, config.raw)
    if y is not None:
        raise CharnnError(f"y is for texts, and data is the path {data}; leave y out")
    return read_names(data, longest_name(config), fewest, config.raw, columns)


def _columns_of(
    data: Path | Iterable[str], test_data: Path | None, columns: Columns
) -> tuple[Columns, Columns]:
    """The columns for the data and for the test data, of which one may be no table."""
    no_tables = [
        path is not None and (not isinstance(path, Path) or path.is_dir())
        for path in (data, test_data)
    ]
    if no_tables == [True, False] and test_data is not None:
        return NO_COLUMNS, columns
    return columns, NO_COLUMNS if no_tables == [False, True] else columns


def _warn_of_unknown_labels(test: Names, labels: list[str], where: str | Path) -> None:
    unknown = unknown_labels(test, labels)
    if unknown:
        each = [f"{label} ({count:,})" for label, count in unknown.items()]
        warnings.warn(
            f"{where}: {counted(sum(unknown.values()), 'line')} of "
            f"{counted(len(each), 'label')} without training data left out: {listed(each)}",
            stacklevel=3,
        )


class Encoding(NamedTuple):
    """How names become ids."""

    vocabulary: Vocabulary
    normalise: Callable[[str], Sequence[str]]  # a name as the vocabulary reads it


def nothing_kept(config: Config) -> str:
    """What to say where the most frequent symbols have no letter."""
    return (
        f"--symbols {config.symbols} keeps nothing with a letter or digit in it of the training "
        "set; choose more, or 0 for all"
    )


def encoding_of(train: Names, config: Config) -> Encoding:
    """The vocabulary of a training set, and the function that normalises a name for it.

    Warns of texts with more words than are read. Raises CharnnError when the training set has no
    letter that the network could read.
    """
    normalise = reader(config)
    symbols = [normalise(name) for name in train.names]
    if isinstance(normalise, WordReader):
        _warn_of_cut_texts(train, symbols, normalise)
    # A generator's newline is added to the letters, and is a symbol too.
    most = max(config.symbols - (config.task == "generate"), 1) if config.symbols else 0
    vocabulary = VOCABULARIES[config.tokens].from_names(symbols, most)
    if not vocabulary.alphanumeric.any():
        if len(vocabulary) == most:
            raise CharnnError(nothing_kept(config))
        if config.tokens == "words":
            raise CharnnError(
                "no word occurs twice in the training set; give more texts, or leave "
                "--tokens words out"
            )
        remedy = "train with --raw to keep the script as it is"
        if config.raw:
            remedy = "give names with letters"
        raise CharnnError(f"the training set has no letter or digit that can be read; {remedy}")
    return Encoding(vocabulary, normalise)


def _warn_of_cut_texts(
    train: Names, symbols: Sequence[Sequence[str]], normalise: WordReader
) -> None:
    most = normalise.most
    one_more = replace(normalise, most=most + 1, keep="first")
    full = (name for name, read in zip(train.names, symbols, strict=True) if len(read) == most)
    longer = sum(len(one_more(name)) > most for name in full)
    if longer:
        warnings.warn(
            f"{longer:,} of {len(train):,} texts in the training set have more than "
            f"{most} words, of which {KEPT[normalise.keep]} are read; --max-length reads more, "
            "--keep others",
            stacklevel=3,
        )


def fingerprints_of(parts: Parts, raw: bool) -> dict[str, np.ndarray]:
    """The fingerprints of the names that a model is trained on or chosen by, sorted."""
    return {name: np.unique(fingerprints(parts[name].names, raw)) for name in FINGERPRINTED}


def data_fingerprint(parts: Parts) -> str:
    """The same for the same names, labels and sets, in whatever order the files have them."""
    lines = sorted(
        f"{part}\t{names.labels[target]}\t{name}"
        for part, names in parts.items()
        for name, target in zip(names.names, names.targets.tolist(), strict=True)
    )
    return f"{fingerprint(chr(10).join(lines)):016x}"


def ordered_fingerprint(parts: Parts) -> str:
    """The same for the same names and labels in the same order: what a training is made of."""
    digest = blake2b(digest_size=16)
    for part, names in parts.items():
        text = "\n".join([part, *names.labels, *names.names])
        digest.update(text.encode("utf-8", "surrogatepass"))
        digest.update(names.targets.astype(np.int64).tobytes())
    return digest.hexdigest()
