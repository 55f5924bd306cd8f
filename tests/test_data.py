"""Vocabulary, folders, splits and batches."""

import time
import warnings
from itertools import pairwise

import numpy as np
import pytest
import torch
from helpers import tiny_names, write_folder
from hypothesis import given
from hypothesis import strategies as st

from charnn import data
from charnn.data import Batch, Names, batches, one_hot, read_folder, split
from charnn.errors import CharnnError
from charnn.text.letters import spelling, to_ascii
from charnn.text.vocabulary import Vocabulary

pytestmark = pytest.mark.usefixtures("scripts_warned_of")
any_text = st.text(max_size=30)


@given(st.lists(any_text, min_size=1, max_size=8), any_text)
def test_encoding_is_a_look_up_of_each_character(names, known):
    vocabulary = Vocabulary("".join(sorted(set(known))))
    ids, lengths = vocabulary.encode(names)
    assert ids.shape == (len(names), max(lengths))
    for row, size, name in zip(ids.tolist(), lengths.tolist(), names, strict=True):
        assert size == max(len(name), 1)
        assert row[:len(name)] == [vocabulary.symbols.find(character) + 1 for character in name]
        assert not any(row[len(name):])


def test_vocabulary_leaves_the_unknown_symbol_out():
    vocabulary = Vocabulary.from_names(["ba?", "ab "])
    assert vocabulary.symbols == " ab"
    assert len(vocabulary) == 4
    assert vocabulary.letters.tolist() == [False, False, True, True]
    with pytest.raises(CharnnError, match="repeats"):
        Vocabulary("aa")


def test_encoding_keeps_up_with_a_million_letters_a_second():
    names = ["Featherstonehaugh"] * 20_000
    vocabulary = Vocabulary.from_names(names)
    best = min(_seconds(lambda: vocabulary.encode([to_ascii(name) for name in names])) for _ in range(3))
    assert sum(map(len, names)) / best > 1e6


def _seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def test_one_hot_of_a_letter_a_name_and_a_batch():
    vocabulary = Vocabulary("abc")
    ids, lengths = vocabulary.encode(["ab", "c"])
    letter, name, batch = one_hot(ids[0, 1], 4), one_hot(ids[0], 4), one_hot(ids, 4, lengths)
    assert letter.tolist() == [0, 0, 1, 0]
    assert name.tolist() == [[0, 1, 0, 0], [0, 0, 1, 0]]
    assert batch.shape == (2, 2, 4)
    assert batch[1].tolist() == [[0, 0, 0, 1], [0, 0, 0, 0]]  # padding is no letter


def test_read_folder_accepts_what_editors_write(tmp_path):
    (tmp_path / "A.txt").write_bytes(b"\xef\xbb\xbfAnna\r\n\r\n  Ada \r\n")
    (tmp_path / "B.TXT").write_bytes("Ünal\n\nÖz".encode())
    (tmp_path / "README.md").write_text("not a label")
    (tmp_path / ".hidden.txt").write_text("not a label either")
    names = read_folder(tmp_path)
    assert names.names == ["Anna", "Ada", "Ünal", "Öz"]
    assert names.labels == ["A", "B"]
    assert names.targets.tolist() == [0, 0, 1, 1]
    assert names.counts().tolist() == [2, 2]


@pytest.mark.parametrize(("files", "message"), [
    ({}, "holds no .txt file"),
    ({"A": b"x\n"}, "only one label, 'A'"),
    ({"A": b"", "B": b"\n"}, "only empty"),
    ({"A": b"ok\nb\xe4d\n", "B": b"x"}, r"A.txt, line 2: byte 0xe4 \(byte 4 of the file\) is not UTF-8"),
    ({"A": b"\xef\xbb\xbfok\nb\xe4d\n", "B": b"x"}, r"A.txt, line 2: byte 0xe4 \(byte 7 of the file\)"),
    ({"A": b"ok\n" + b"x" * 101, "B": b"x"}, r"A.txt, line 2: .* has 101 characters, more than 100; .*--max-length"),
    ({"A\x1b[2J": b"x", "B": b"x"}, "unprintable"),
])
def test_read_folder_says_precisely_what_is_wrong(tmp_path, files, message):
    for label, content in files.items():
        (tmp_path / f"{label}.txt").write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(CharnnError, match=message):
            read_folder(tmp_path)


def test_read_folder_names_a_folder_that_is_none(tmp_path):
    with pytest.raises(CharnnError, match="nowhere does not exist"):
        read_folder(tmp_path / "nowhere")
    (tmp_path / "file").write_text("x")
    with pytest.raises(CharnnError, match="file is not a folder"):
        read_folder(tmp_path / "file")
    (tmp_path / "A.txt").symlink_to(tmp_path / "gone")
    with pytest.raises(CharnnError, match=r"A\.txt cannot be read"):
        read_folder(tmp_path)


def test_read_folder_warns_of_empty_files_and_repeats(tmp_path):
    folder = write_folder(tmp_path / "tiny", {"A": ["Lee", "Ann"], "B": ["LEE", "Bo", "bo", "Bo"], "C": []})
    with pytest.warns(UserWarning, match="tiny") as caught:
        names = read_folder(folder)
    said = " | ".join(str(warning.message) for warning in caught)
    assert "C.txt holds no name; it is skipped" in said
    assert "1 spelling under several labels (such as 'lee')" in said
    assert "2 lines of 6 repeat a spelling of the same label" in said
    assert len(names) == 6
    assert names.labels == ["A", "B"]


def test_split_is_by_spelling_and_never_moves_a_name(tmp_path):
    small = read_folder(write_folder(tmp_path / "small", tiny_names(60)))
    names = Names([*small.names, *map(str.upper, small.names), "Ärger"],
                  np.concatenate([small.targets, small.targets, [0]]), small.labels)
    before, after = split(small), split(names)
    where = {spelling(name): part for part, names_of in after.items() for name in names_of.names}
    for part in data.PARTS:
        assert {spelling(name) for name in before[part].names} <= {spelling(name) for name in after[part].names}
        assert all(where[spelling(name)] == part for name in after[part].names)
    assert sum(map(len, after.values())) == len(names)


@pytest.mark.filterwarnings("ignore:no name of")
def test_split_shares_are_80_10_10():
    names = Names([f"name{i}" for i in range(20_000)], np.zeros(20_000, dtype=np.int64), ["A"])
    shares = [len(part) / len(names) for part in split(names).values()]
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.01)
    test = Names(["name1", "Náme2"], np.zeros(2, dtype=np.int64), ["A"])
    parts = split(names, test)
    assert parts["test"] is test
    assert len(parts["validation"]) / len(names) == pytest.approx(0.05, abs=0.01)
    assert len(parts["train"]) + len(parts["validation"]) == len(names) - 2  # name1, name2: on the other side


def test_split_warns_of_a_label_missing_from_a_part():
    names = Names([f"name{i}" for i in range(1000)] + ["only"], np.array([0] * 1000 + [1]), ["A", "B"])
    with pytest.warns(UserWarning, match="no name of B in the"):
        split(names)


def test_split_of_too_few_names_is_an_error():
    with pytest.raises(CharnnError, match=r"part is empty \(2 names in all\)"):
        split(Names(["a", "b"], np.array([0, 1]), ["A", "B"]))


@given(st.lists(st.integers(1, 12), min_size=1, max_size=60), st.integers(1, 9), st.booleans())
def test_batches_hold_every_name_once_and_pad_little(sizes, batch_size, shuffled):
    lengths = torch.tensor(sizes)
    ids = torch.arange(1, 13).repeat(len(sizes), 1) * data.real_steps(lengths, 12)
    generator = torch.Generator().manual_seed(0) if shuffled else None
    found = list(batches(Batch(ids, lengths, torch.arange(len(sizes))), batch_size, generator))
    assert sorted(torch.cat([batch.targets for batch in found]).tolist()) == list(range(len(sizes)))
    for batch in found:
        assert len(batch.lengths) <= batch_size
        assert batch.ids.shape == (len(batch.lengths), batch.lengths.max())
        assert torch.equal(batch.ids, ids[batch.targets, :batch.ids.shape[1]])
    spans = sorted((int(batch.lengths.min()), int(batch.lengths.max())) for batch in found)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))  # like with like
