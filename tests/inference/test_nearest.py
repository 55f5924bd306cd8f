"""The nearest training name."""

import builtins

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charnn.data import Names, fingerprints
from charnn.errors import CharnnError
from charnn.inference.nearest import Neighbour, nearest, training_names

KNOWN = Names(["Ivanov", "Şahin", "Smith"], np.array([0, 1, 2]), ["Russian", "Turkish", "English"])


def test_distance_is_of_letters_without_accents_and_capitals():
    assert nearest(["ivanova", "Sahin", "Smyt"], KNOWN) == [
        Neighbour("Ivanov", "Russian", 1),
        Neighbour("Şahin", "Turkish", 0),
        Neighbour("Smith", "English", 2),
    ]


def distance(left, right):
    """Levenshtein's recursion, as in the textbook."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        before, row = row, [i]
        for j, b in enumerate(right, start=1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b)))
    return row[-1]


@given(
    st.text("abc", max_size=6),
    st.lists(st.text("abc", min_size=1, max_size=6), min_size=1, max_size=5),
)
def test_no_training_name_is_nearer(name, known):
    (found,) = nearest([name], Names(known, np.zeros(len(known), dtype=np.int64), ["A"]))
    assert (
        found.distance
        == distance(name, found.name)
        == min(distance(name, other) for other in known)
    )


def test_only_what_was_trained_on_counts(tmp_path):
    (tmp_path / "A.txt").write_text("Anna\nBerta\n", encoding="utf-8")
    for path in (tmp_path, tmp_path / "A.txt"):
        assert training_names(path, fingerprints(["berta"])).names == ["Berta"]
        with pytest.raises(
            CharnnError, match="holds none of the names that the model was trained on"
        ):
            training_names(path, fingerprints(["Clara"]))


def test_without_rapidfuzz_the_remedy_is_named(monkeypatch):
    load = builtins.__import__

    def without(name, *rest):
        if name.startswith("rapidfuzz"):
            raise ImportError(name)
        return load(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(CharnnError, match="pip install rapidfuzz"):
        nearest(["Anna"], KNOWN)
