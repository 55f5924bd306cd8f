"""Splits: by spelling, in fixed shares, never moving a name."""

import numpy as np
import pytest
from helpers import tiny_names, write_folder

from charnn.data import Names, read_folder, split
from charnn.errors import CharnnError
from charnn.text.letters import spelling
from charnn.text.splits import SETS, fingerprints, split_off

pytestmark = pytest.mark.usefixtures("scripts_warned_of")


def test_split_is_by_spelling_and_never_moves_a_name(tmp_path):
    small = read_folder(write_folder(tmp_path / "small", tiny_names(60)))
    names = Names(
        [*small.names, *map(str.upper, small.names), "Ärger"],
        np.concatenate([small.targets, small.targets, [0]]),
        small.labels,
    )
    before, after = split(small), split(names)
    where = {spelling(name): part for part, names_of in after.items() for name in names_of.names}
    for part in SETS:
        assert {spelling(name) for name in before[part].names} <= {
            spelling(name) for name in after[part].names
        }
        assert all(where[spelling(name)] == part for name in after[part].names)
    assert sum(map(len, after.values())) == len(names)


@pytest.mark.filterwarnings("ignore:the .* has no name of")
def test_split_shares_are_80_10_10():
    names = Names([f"name{i}" for i in range(20_000)], np.zeros(20_000, dtype=np.int64), ["A"])
    shares = [len(part) / len(names) for part in split(names).values()]
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.01)
    test = Names(["name1", "Náme2"], np.zeros(2, dtype=np.int64), ["A"])
    parts = split(names, test)
    assert parts["test"] is test
    assert len(parts["validation"]) / len(names) == pytest.approx(0.05, abs=0.01)
    assert (
        len(parts["train"]) + len(parts["validation"]) == len(names) - 2
    )  # name1, name2: on the other side


def test_split_warns_of_a_label_missing_from_a_set():
    names = Names(
        [f"name{i}" for i in range(1000)] + ["only"], np.array([0] * 1000 + [1]), ["A", "B"]
    )
    with pytest.warns(UserWarning, match="set has no name of B"):
        split(names)


def test_split_of_too_few_names_is_an_error():
    with pytest.raises(CharnnError, match=r"set is empty \(2 names in all\)"):
        split(Names(["a", "b"], np.array([0, 1]), ["A", "B"]))


def test_fingerprints_of_what_is_written_tell_names_of_one_spelling_apart():
    names = ["王宇", "王玉", "\ufeff王宇", "Ada", "ADA"]
    assert len(set(fingerprints(names).tolist())) == 2
    written = fingerprints(names, raw=True).tolist()
    assert written[0] == written[2] != written[1]
    assert written[3] == written[4]
    assert fingerprints(["Ada"]).tolist() == written[3:4]  # as it is spelled


@pytest.mark.parametrize("count", [5, 10, 300])
def test_a_share_of_the_spellings_is_split_off_and_every_label_is_trained_on(count):
    names = [f"Name{number}" for number in range(count)] * 2
    data = Names(names, np.array([*[0] * count, *[1] * (count - 1), 2]), ["x", "y", "z"])
    sets = split_off(data, 0.2)
    assert sets["train"].counts().all()
    assert not set(sets["train"].names) & set(sets["validation"].names)
    assert len(sets["train"]) + len(sets["validation"]) == len(data)
    assert 1 <= len(sets["validation"]) <= 0.3 * len(data)
    if count == 300:
        assert len(sets["validation"]) == pytest.approx(0.2 * len(data), rel=0.2)


def test_where_no_label_has_two_spellings_none_can_be_held_out():
    with pytest.raises(CharnnError, match=r"no label has two spellings \(3 names of 2 labels\)"):
        split_off(Names(["Ada", "ADA", "Bob"], np.array([0, 0, 1]), ["x", "y"]), 0.1)
