"""The data of a training: read, split by spelling, and encoded.

Knows names, labels and symbols; nothing of networks.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import numpy as np

from charnn.config import MAX_CHARACTERS, Config
from charnn.errors import CharnnError
from charnn.inference.description import FINGERPRINTED
from charnn.text.names import Names, read_folder, read_names, relabel
from charnn.text.splits import fingerprint, fingerprints, split
from charnn.text.vocabulary import Vocabulary
from charnn.text.words import VOCABULARIES, reader

Parts = dict[str, Names]  # {"train": ..., "validation": ..., "test": ...}


def read_parts(data: str | Path, test_data: str | Path | None, config: Config) -> Parts:
    """The training, validation and test set of a folder, or for a generator also of one list.

    Raises CharnnError for data that cannot be read or split, and for a label in `test_data` that
    `data` lacks.
    """
    # A generator needs no second label, and can learn from one list.
    generates = config.task == "generate"
    longest = config.max_length if config.tokens == "letters" else MAX_CHARACTERS
    names = read_names(data, longest, one_label=generates)
    if test_data is None:
        return split(names)
    if generates and Path(data).is_file():
        return split(names, read_names(test_data, longest, one_label=True))
    test = read_folder(test_data, longest, one_label=True)
    return split(names, relabel(test, names.labels, f"{data}"))


class Encoding(NamedTuple):
    """How names become ids."""

    vocabulary: Vocabulary
    normalise: Callable[[str], Sequence[str]]  # a name as the vocabulary reads it


def encoding_of(train: Names, config: Config) -> Encoding:
    """The vocabulary of a training set, and the function that normalises a name for it.

    Warns of texts with more words than are read. Raises CharnnError when the training set has no
    letter that the network could read.
    """
    normalise = reader(config)
    symbols = [normalise(name) for name in train.names]
    if config.tokens == "words":
        _warn_of_cut_texts(train, config)
    vocabulary = VOCABULARIES[config.tokens].from_names(symbols)
    if not vocabulary.alphanumeric.any():
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


def _warn_of_cut_texts(train: Names, config: Config) -> None:
    whole = reader(replace(config, max_length=MAX_CHARACTERS))
    longer = sum(len(whole(name)) > config.max_length for name in train.names)
    if longer:
        warnings.warn(
            f"{longer:,} of {len(train):,} texts in the training set have more than "
            f"{config.max_length} words, of which the first are read; --max-length reads more",
            stacklevel=3,
        )


def fingerprints_of(parts: Parts) -> dict[str, np.ndarray]:
    """The fingerprints of the spellings that a model is trained on or chosen by, sorted."""
    return {name: np.unique(fingerprints(parts[name].names)) for name in FINGERPRINTED}


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
