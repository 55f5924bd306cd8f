"""Splits by spelling: its hash puts it into the training, validation or test set.

So the same name is never on both sides, whatever the seed, and adding data never moves a name.
Knows names and their spellings; no symbols and no network. N names.
"""

import warnings
from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from charnn.errors import CharnnError
from charnn.text.letters import sameness, spelling
from charnn.wording import counted, listed

if TYPE_CHECKING:
    from charnn.text.names import Names

SETS = {"train": "training set", "validation": "validation set", "test": "test set"}


def fingerprint(text: str) -> int:
    """64 bits of a text (BLAKE2b), the same on every machine."""
    content = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "big")


def fingerprints(names: Sequence[str], raw: bool = False) -> np.ndarray:
    """The fingerprint of each name, int64 (N,): what a model keeps of its names.

    Of its spelling, or with `raw` of what is written: the same where `sameness` is the same.
    """
    hashes = np.array([fingerprint(sameness(name, raw)) for name in names], dtype=np.uint64)
    return hashes.view(np.int64)


def split(data: "Names", test: "Names | None" = None) -> "dict[str, Names]":
    """Training, validation and test set by spelling: 80/10/10, or 95/5 when `test` is given.

    The result is {"train": Names, "validation": Names, "test": Names}. A `test` given must have
    been read with the same labels; what it shares with `data` is left out of `data`. Warns of
    labels missing from a set. Raises CharnnError when a set is empty.
    """
    place = fingerprints(data.names).view(np.uint64) / 2.0**64  # (N,), in [0, 1)
    if test is None:
        set_of = np.searchsorted([0.8, 0.9], place, side="right")
        sets = {name: data.select(set_of == index) for index, name in enumerate(SETS)}
    else:
        held_out = set(map(spelling, test.names))
        kept = np.array([spelling(name) not in held_out for name in data.names], dtype=bool)
        sets = {
            "train": data.select(kept & (place < 0.95)),
            "validation": data.select(kept & (place >= 0.95)),
            "test": test,
        }
    for name, names in sets.items():
        if not len(names):
            remedy = (
                "give more different names" if test is None else "are they all in the test data?"
            )
            raise CharnnError(
                f"the {SETS[name]} is empty ({counted(len(data), 'name')} in all); {remedy}"
            )
        missing = labels_without_names(names)
        if missing:
            warnings.warn(f"the {SETS[name]} has no name of {listed(missing)}", stacklevel=2)
    return sets


def split_off(data: "Names", share: float) -> "dict[str, Names]":
    """Training and validation set by spelling: of about 1 - share and `share` of the names.

    The result is {"train": Names, "validation": Names}. However few names there are, one spelling
    of each label stays in the training set, and one at least is held out. Raises CharnnError where
    there is none to hold out.
    """
    place = fingerprints(data.names).view(np.uint64)  # (N,)
    lowest = np.full(len(data.labels), np.iinfo(np.uint64).max, dtype=np.uint64)  # (L,)
    np.minimum.at(lowest, data.targets, place)
    free = ~np.isin(place, lowest)
    if not free.any():
        raise CharnnError(
            f"no label has two spellings ({counted(len(data), 'name')} of "
            f"{counted(len(data.labels), 'label')}), so that none can be held out for validation; "
            "give more names"
        )
    held_out = free & (place / 2.0**64 >= 1 - share)
    if not held_out.any():
        held_out = place == place[free].max()
    return {"train": data.select(~held_out), "validation": data.select(held_out)}


def labels_without_names(names: "Names") -> list[str]:
    """The labels that none of the names has."""
    return [label for label, n in zip(names.labels, names.counts(), strict=True) if not n]
