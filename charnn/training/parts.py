"""From data to a trained model: read, split, fit, measure. train_classifier and train_generator for Python."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from charnn.config import LONGEST, Config
from charnn.errors import CharnnError

if TYPE_CHECKING:  # what needs torch is imported where it is used, so that --help answers at once

    from charnn.data import Names
    from charnn.text.vocabulary import Vocabulary


def read_parts(data: str | Path, test_data: str | Path | None, config: Config) -> "dict[str, Names]":
    """The folder's train, validation and test part, each a charnn.data.Names."""
    from charnn.data import read_folder, read_list, relabel, split
    writes = config.task == "generate"  # which needs no second label, and can learn from one list
    longest = config.max_length if config.tokens == "letters" else LONGEST
    if writes and Path(data).is_file():
        read = lambda path: read_list(path, longest)  # noqa: E731
        return split(read(data), None if test_data is None else read(test_data))
    names = read_folder(data, longest, one_label=writes)
    test = None
    if test_data is not None:
        test = relabel(read_folder(test_data, longest, one_label=True), names.labels, f"{data}")
    return split(names, test)


def encoder(parts: "dict[str, Names]", config: Config) -> "tuple[Vocabulary, Callable[[str], Sequence[str]]]":
    """The Vocabulary of the training part, and the function that makes a name's text ready for it.

    Warns of texts with more words than are read. Raises CharnnError when the training part has no letter that the
    network could read.
    """
    from charnn.text.words import VOCABULARIES, reader
    normalise = reader(config)
    train = [normalise(name) for name in parts["train"].names]
    if config.tokens == "words":
        whole = reader(replace(config, max_length=LONGEST))
        longer = sum(len(whole(name)) > config.max_length for name in parts["train"].names)
        if longer:
            warnings.warn(f"{longer:,} of {len(train):,} texts in the train part have more than {config.max_length} "
                          "words, of which the first are read; --max-length reads more", stacklevel=2)
    vocabulary = VOCABULARIES[config.tokens].from_names(train)
    if not vocabulary.letters.any():
        if config.tokens == "words":
            raise CharnnError("no word stands twice in the training part; give more texts, or leave --tokens words out")
        remedy = "give names with letters" if config.raw else "train with --raw to keep the script as it is"
        raise CharnnError(f"the training part has no letter or digit that can be read; {remedy}")
    return vocabulary, normalise


def _seen(parts):
    """The fingerprints of the spellings that a model is made from."""
    import numpy as np

    from charnn.data import fingerprints
    from charnn.inference.trained import SEEN
    return {part: np.unique(fingerprints(parts[part].names)) for part in SEEN}


def data_fingerprint(parts: "dict[str, Names]") -> str:
    """The same for the same names, labels and parts, in whatever order the files have them."""
    from charnn.data import fingerprint
    lines = sorted(f"{part}\t{names.labels[target]}\t{name}" for part, names in parts.items()
                   for name, target in zip(names.names, names.targets.tolist(), strict=True))
    return f"{fingerprint(chr(10).join(lines)):016x}"
