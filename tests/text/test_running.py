"""Running text: read in pieces as it would be as a whole, held in one byte per character."""

import numpy as np
import pytest

from charnn.errors import CharnnError
from charnn.text import reading
from charnn.text import running as text
from charnn.text.vocabulary import Vocabulary


def test_symbols_and_ids_of_a_text(tmp_path):
    (tmp_path / "t").write_text("abracadabra\nß", encoding="utf-8")
    vocabulary = text.read_vocabulary(tmp_path / "t")
    assert vocabulary.symbols == "\nabcdrß"
    ids = text.read_text(tmp_path / "t", vocabulary)
    assert ids.dtype == np.uint8
    assert "".join(vocabulary.symbols[i - 1] for i in ids.tolist()) == "abracadabra\nß"
    assert text.read_vocabulary(tmp_path / "t", most=3).symbols == "\nab"
    assert text.read_vocabulary(tmp_path / "t", end=0.5).symbols == "\nabcr"
    assert text.read_vocabulary(tmp_path / "t", start=0.5).symbols == "\nabdrß"
    assert text.read_text(tmp_path / "t", Vocabulary("ab")).tolist() == [
        1,
        2,
        0,
        1,
        0,
        1,
        0,
        1,
        2,
        0,
        1,
        0,
        0,
    ]


def test_symbols_are_of_the_share_whatever_the_pieces(tmp_path, monkeypatch):
    (tmp_path / "t").write_text("abcdefgh" * 3 + "xyz", encoding="utf-8")
    for piece in (1, 5, 100):
        monkeypatch.setattr(reading, "PIECE", piece)
        assert text.read_vocabulary(tmp_path / "t", 0.0, 0.2).symbols == "\nabcde"
        assert text.read_vocabulary(tmp_path / "t", 0.8, 0.9).symbols == "\nfgh"  # 21 to 24
        assert text.read_vocabulary(tmp_path / "t", 0.9, 1.0).symbols == "\nxyz"


def test_invisible_characters_are_left_out_whatever_the_pieces(tmp_path, monkeypatch):
    written = "\ufeffA\ufeffd\u00ada\u200b می\u200cخواهم \u200cx\u200d\n\u202eab\u2066c\u200f"
    (tmp_path / "t").write_text(written, encoding="utf-8")
    read = "Ada می\u200cخواهم x\nabc"
    for piece in (1, 2, 3, 5, 1000):
        monkeypatch.setattr(reading, "PIECE", piece)
        assert "".join(text.visible_pieces(tmp_path / "t")) == read
        vocabulary = text.read_vocabulary(tmp_path / "t")
        assert vocabulary.symbols == "".join(sorted(set(read)))
        ids = text.read_text(tmp_path / "t", vocabulary).tolist()
        assert "".join(vocabulary.symbols[i - 1] for i in ids) == read


def test_more_than_256_symbols_take_two_bytes(tmp_path):
    (tmp_path / "t").write_text("".join(map(chr, range(0x4E00, 0x4F00))), encoding="utf-8")
    vocabulary = text.read_vocabulary(tmp_path / "t")
    assert text.read_text(tmp_path / "t", vocabulary).dtype == np.uint16


def test_a_text_is_cut_where_the_shares_say():
    ones = np.ones(2000, dtype=np.int64)
    parts = text.split_text(np.arange(2000), ones)
    assert {part: len(ids) for part, ids in parts.items()} == {
        "train": 1800,
        "validation": 100,
        "test": 100,
    }
    assert np.concatenate([parts["validation"], parts["train"], parts["test"]]).tolist() == list(
        range(2000)
    )
    assert [len(ids) for ids in text.split_text(np.arange(2000), ones, end=1.0).values()] == [
        1900,
        100,
        0,
    ]
    with pytest.raises(CharnnError, match=r"the text has 999 characters; give at least 1,000"):
        text.split_text(np.arange(999), ones)


def test_shares_are_of_characters_where_ids_stand_for_several():
    sizes = np.array([1, 3, 7])
    ids = np.array([1, 2] * 200, dtype=np.uint8)  # 2,000 characters
    parts = text.split_text(ids, sizes)
    assert np.concatenate([parts["validation"], parts["train"], parts["test"]]).tolist() == (
        ids.tolist()
    )
    # A word across a cut is of the later part.
    assert {part: sizes[chosen].sum() for part, chosen in parts.items()} == {
        "validation": 100,
        "train": 1800,
        "test": 100,
    }
    short = text.split_text(ids[1:], sizes)  # 1,997 characters: cut at 99 and 1,897
    assert [int(sizes[short[part]].sum()) for part in ("validation", "train", "test")] == [
        97,
        1800,
        100,
    ]
