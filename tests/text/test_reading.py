"""Files of text: read in pieces as they would be as a whole; what is not UTF-8 is named."""

import pytest
from helpers import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charnn.errors import CharnnError
from charnn.text import reading
from charnn.text import running as text


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
    with pytest.raises(
        CharnnError, match=r"t, line 3: byte 0xfc \(byte 14 of the file\) is not UTF-8"
    ):
        list(text.characters(tmp_path / "t"))
    (tmp_path / "t").write_bytes("Löwe\nä".encode()[:-1])  # ends within a letter
    with pytest.raises(CharnnError, match=r"line 2: byte 0xc3 \(byte 6 of the file\)"):
        list(text.characters(tmp_path / "t"))


def test_what_cannot_be_read_is_one_line(tmp_path):
    with pytest.raises(CharnnError, match="is a folder; give a text file"):
        list(text.characters(tmp_path))
    with pytest.raises(CharnnError, match=r"nothing cannot be read \(No such file"):
        list(text.characters(tmp_path / "nothing"))
    assert (ROOT / "README.md").read_text(encoding="utf-8") == "".join(
        text.characters(ROOT / "README.md")
    )
