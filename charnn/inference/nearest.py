"""Which training name a written one is nearest to: how much of it is the network's own?

Knows names and what a model keeps of them, no network. Needs rapidfuzz, the extra "nearest".
"""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from charnn.config import LONGEST
from charnn.data import Names, fingerprints, read_folder, read_list
from charnn.errors import CharnnError
from charnn.text.letters import spelling


class Neighbour(NamedTuple):
    """A training name, its label, and how many letters stand between it and another name."""

    name: str
    label: str
    distance: int  # letters to change, add or remove (Levenshtein), accents and capitals aside


def training_names(path: str | Path, trained: np.ndarray) -> Names:
    """The names of a folder, or of a file of names, whose fingerprint is among those of a training part.

    Raises CharnnError where none is, and as `read_folder` and `read_list` do.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is doubtful in the data was said when it was trained on
        data = read_list(path, LONGEST) if Path(path).is_file() else read_folder(path, LONGEST, one_label=True)
    known = data.select(np.isin(fingerprints(data.names), trained))
    if not len(known):
        raise CharnnError(f"--data {path} holds none of the names that the model was trained on; give those")
    return known


def nearest(names: Sequence[str], known: Names) -> list[Neighbour]:
    """The nearest of the known names for each name, the first of several.

    Levenshtein (1966), "Binary codes capable of correcting deletions, insertions and reversals". Raises
    CharnnError without rapidfuzz.
    """
    try:
        from rapidfuzz.distance import Levenshtein
        from rapidfuzz.process import extractOne
    except ImportError:
        raise CharnnError("the nearest training name is found with rapidfuzz, which is not installed; "
                          "pip install rapidfuzz, or leave --data out") from None
    spellings = list(map(spelling, known.names))
    found = []
    for name in names:
        _, distance, row = extractOne(spelling(name), spellings, scorer=Levenshtein.distance)
        found.append(Neighbour(known.names[row], known.labels[known.targets[row]], distance))
    return found
