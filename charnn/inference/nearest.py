"""Which training name a generated one is nearest to: how much of it is new?

Knows names and the fingerprints that a model keeps of them, no network. Needs rapidfuzz, the extra
"nearest".
"""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from charnn.config import MAX_CHARACTERS
from charnn.errors import CharnnError
from charnn.table_options import NO_COLUMNS, Columns
from charnn.text.letters import sameness
from charnn.text.names import Names, read_names
from charnn.text.splits import fingerprints


class Neighbour(NamedTuple):
    """A training name, its label, and its edit distance to another name."""

    name: str
    label: str
    distance: int  # letters to change, add or remove (Levenshtein), in the forms compared


def training_names(
    path: str | Path, trained: np.ndarray, raw: bool = False, columns: Columns = NO_COLUMNS
) -> Names:
    """The names of a folder, a list or a table whose fingerprint is in a training set's.

    With `raw`, the fingerprints are of names as they are written.

    Raises CharnnError where none is, and as `read_names` does.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they were given when the model was trained
        data = read_names(path, MAX_CHARACTERS, 0, raw, columns)
    known = data.select(np.isin(fingerprints(data.names, raw), trained))
    if not len(known):
        raise CharnnError(
            f"--data {path} holds none of the names that the model was trained on; give those"
        )
    return known


def nearest(names: Sequence[str], known: Names, raw: bool = False) -> list[Neighbour]:
    """The nearest of the known names for each name, the first of several.

    Nearest in spelling, or with `raw` as they are written.

    Levenshtein (1966), "Binary codes capable of correcting deletions, insertions and reversals".
    Raises CharnnError without rapidfuzz.
    """
    try:
        from rapidfuzz.distance import Levenshtein
        from rapidfuzz.process import extractOne
    except ImportError:
        raise CharnnError(
            "the nearest training name is found with rapidfuzz, which is not installed; "
            "pip install rapidfuzz, or leave --data out"
        ) from None
    forms = [sameness(name, raw) for name in known.names]
    found = []
    for name in names:
        _, distance, row = extractOne(sameness(name, raw), forms, scorer=Levenshtein.distance)
        label = known.labels[known.targets[row]]
        found.append(Neighbour(known.names[row], label, int(distance)))
    return found
