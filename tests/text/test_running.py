"""Running text: read in pieces as it would be as a whole, held in one byte per character."""

import pytest
import torch
from helpers import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charnn.errors import CharnnError
from charnn.text import reading
from charnn.text import running as text
from charnn.text.vocabulary import Vocabulary


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(), st.integers(3, 7), st.booleans())
def test_pieces_are_the_text_with_plain_line_ends(tmp_path, monkeypatch, content, piece, mark):
    monkeypatch.setattr(reading, "PIECE", piece)
    written = ("\ufeff" if mark else "") + content
    (tmp_path / "t").write_bytes(written.encode("utf-8", "ignore"))
    expected = written.encode("utf-8", "ignore").decode().replace("\r\n", "\n").replace("\r", "\n")
    assert "".join(text.characters(tmp_path / "t")) == expected.removeprefix("\ufeff")


@pytest.mark.parametrize("piece", [1, 2, 3, 5, 1000])
def test_what_is_not_utf8_is_named_by_line_and_byte(tmp_path, monkeypatch, piece):
    monkeypatch.setattr(reading, "PIECE", piece)
    (tmp_path / "t").write_bytes("Löwe\nHäher\n".encode() + b"M\xfcller\n")
    with pytest.raises(CharnnError, match=r"t, line 3: byte 0xfc \(byte 14 of the file\) is not UTF-8"):
        list(text.characters(tmp_path / "t"))
    (tmp_path / "t").write_bytes("Löwe\nä".encode()[:-1])  # ends within a letter
    with pytest.raises(CharnnError, match=r"line 2: byte 0xc3 \(byte 6 of the file\)"):
        list(text.characters(tmp_path / "t"))


def test_symbols_and_ids_of_a_text(tmp_path):
    (tmp_path / "t").write_text("abracadabra\nß", encoding="utf-8")
    vocabulary = text.read_vocabulary(tmp_path / "t")
    assert vocabulary.symbols == "\nabcdrß"
    ids = text.read_text(tmp_path / "t", vocabulary)
    assert ids.dtype == torch.uint8
    assert "".join(vocabulary.symbols[i - 1] for i in ids.tolist()) == "abracadabra\nß"
    assert text.read_vocabulary(tmp_path / "t", most=3).symbols == "\nab"
    assert text.read_vocabulary(tmp_path / "t", end=0.5).symbols == "\nabcr"
    assert text.read_vocabulary(tmp_path / "t", start=0.5).symbols == "\nabdrß"
    assert text.read_text(tmp_path / "t", Vocabulary("ab")).tolist() == [1, 2, 0, 1, 0, 1, 0, 1, 2, 0, 1, 0, 0]


def test_symbols_are_of_the_share_whatever_the_pieces(tmp_path, monkeypatch):
    (tmp_path / "t").write_text("abcdefgh" * 3 + "xyz", encoding="utf-8")
    for piece in (1, 5, 100):
        monkeypatch.setattr(reading, "PIECE", piece)
        assert text.read_vocabulary(tmp_path / "t", 0.0, 0.2).symbols == "\nabcde"
        assert text.read_vocabulary(tmp_path / "t", 0.8, 0.9).symbols == "\nfgh"  # 21 to 24
        assert text.read_vocabulary(tmp_path / "t", 0.9, 1.0).symbols == "\nxyz"


def test_more_than_256_symbols_take_two_bytes(tmp_path):
    (tmp_path / "t").write_text("".join(map(chr, range(0x4e00, 0x4f00))), encoding="utf-8")
    vocabulary = text.read_vocabulary(tmp_path / "t")
    assert text.read_text(tmp_path / "t", vocabulary).dtype == torch.int16


def test_a_text_is_cut_where_the_shares_say():
    parts = text.split_text(torch.arange(2000))
    assert {part: len(ids) for part, ids in parts.items()} == {"train": 1800, "validation": 100, "test": 100}
    assert torch.cat([parts["validation"], parts["train"], parts["test"]]).tolist() == list(range(2000))
    assert [len(ids) for ids in text.split_text(torch.arange(2000), end=1.0).values()] == [1900, 100, 0]
    with pytest.raises(CharnnError, match=r"the text has 999 characters; give at least 1,000"):
        text.split_text(torch.arange(999))


def test_what_cannot_be_read_is_one_line(tmp_path):
    with pytest.raises(CharnnError, match="is a folder; give a text file"):
        list(text.characters(tmp_path))
    with pytest.raises(CharnnError, match=r"nothing cannot be read \(No such file"):
        list(text.characters(tmp_path / "nothing"))
    assert (ROOT / "README.md").read_text(encoding="utf-8") == "".join(text.characters(ROOT / "README.md"))
