"""Files and streams of text: read in pieces as they would be as a whole; what is not UTF-8 is named."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT, call, error_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charnn.errors import CharnnError
from charnn.text import reading
from charnn.text import running as text
from charnn.text.names import read_folder
from charnn.text.reading import chunks, read_lines, stream_lines


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


class Slow(io.BytesIO):
    """A stream that has a few bytes ready at a time, as a pipe may have."""

    def __init__(self, content, ready):
        super().__init__(content)
        self.ready = ready

    def read1(self, size=-1):
        return super().read1(self.ready)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(st.sampled_from("aé\r\n \x0b\x0c\x85\u2028\u2029\x1c")),
    st.integers(1, 9),
    st.booleans(),
)
def test_a_stream_has_the_lines_that_a_file_has(tmp_path, content, ready, mark):
    written = ("\ufeff" * mark + content).encode()
    (tmp_path / "t").write_bytes(written)
    lines = [line.strip() for line in stream_lines(Slow(written, ready), "standard input")]
    of_file = read_lines(tmp_path / "t")
    # After the last line end, a file has an empty line.
    assert of_file == lines or of_file == [*lines, ""]


@pytest.mark.parametrize("ready", [1, 4, 1000])
@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_byte_of_a_stream_is_named(ready, end):
    written = f"\ufeffLöwe{end}Häher{end}M".encode() + b"\xfcller\n"
    position = written.index(b"\xfc")
    with pytest.raises(CharnnError, match=rf"here, line 3: byte 0xfc \(byte {position} of the"):
        list(stream_lines(Slow(written, ready), "here"))


def test_a_line_is_there_as_soon_as_it_ends():
    read, write = os.pipe()
    with open(read, "rb") as stream, open(write, "wb", buffering=0) as typing:
        lines = stream_lines(stream, "here")
        for end in (b"\n", b"\r", b"\r\n"):
            typing.write(b"Ada" + end)
            assert next(lines) == "Ada"


class Endless(io.RawIOBase):
    """A stream without an end of a line, which counts what is read of it."""

    taken = 0

    def readable(self):
        return True

    def readinto(self, room):
        self.taken += len(room)
        room[:] = b"a" * len(room)
        return len(room)


def test_of_a_line_without_an_end_no_more_is_read_than_a_text_may_have(monkeypatch):
    monkeypatch.setattr(reading, "MAX_TEXT", 100_000)
    endless = Endless()
    with pytest.raises(CharnnError, match="here, line 1 has more than 100,000 characters; give"):
        list(stream_lines(io.BufferedReader(endless), "here"))
    assert endless.taken < 4 * 100_000 + 4 * reading.PIECE
    assert len("".join(stream_lines(io.BytesIO("ä".encode() * 100_000), "here"))) == 100_000
    with pytest.raises(CharnnError, match="here, line 2 has more than 100,000"):
        list(stream_lines(io.BytesIO(b"\n" + "ä".encode() * 100_001), "here"))


def read_text_of(path):
    return list(text.characters(path))


@pytest.mark.parametrize("read", [read_lines, read_text_of])
def test_what_has_no_end_is_refused(tmp_path, read):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for place in (tmp_path / "fifo", tmp_path / "zero", Path("/dev/zero")):
        with pytest.raises(CharnnError, match=f"{place} is not a regular file; write what comes"):
            read(place)
    (tmp_path / "real").write_text("Ada")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert read(tmp_path / "link") == ["Ada"] or read(tmp_path / "link") == ["Ada", ""]


def test_a_pipe_in_a_folder_of_names_is_refused(tmp_path):
    (tmp_path / "A.txt").write_text("Ada")
    os.mkfifo(tmp_path / "B.txt")
    with pytest.raises(CharnnError, match=r"B\.txt is not a regular file"):
        read_folder(tmp_path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("read", [read_lines, read_text_of])
def test_utf16_is_said_to_be_utf16(tmp_path, encoding, read):
    (tmp_path / "t").write_text("Şükrü Işık\nAda Lovelace\n", encoding=encoding)
    with pytest.raises(CharnnError, match="t is UTF-16; save it as UTF-8"):
        read(tmp_path / "t")


def test_a_lone_carriage_return_ends_a_name_for_predict(model):
    names = ["Szsz", "Roro", "Oaie"]
    answers = {
        call("charnn.predict", "--model", model, input="".join(name + end for name in names)).stdout
        for end in ("\n", "\r", "\r\n")
    }
    assert answers == {call("charnn.predict", "--model", model, *names).stdout}


@pytest.mark.parametrize(
    "arguments",
    [
        ["predict", "--input", "PLACE", "--output", "OUT"],
        ["train", "--task", "generate", "--text", "PLACE"],
    ],
)
def test_a_command_refuses_what_has_no_end(model, tmp_path, arguments):
    os.mkfifo(tmp_path / "fifo")
    for place in (tmp_path / "fifo", "/dev/zero"):
        where = {"PLACE": place, "OUT": tmp_path / "out.csv"}
        command, *options = [where.get(argument, argument) for argument in arguments]
        assert f"{place} is not a regular file" in error_of(call(f"charnn.{command}", *options))
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.slow
def test_standard_input_without_an_end_is_one_line(model):
    with open("/dev/zero", "rb") as endless:
        result = subprocess.run(
            [sys.executable, "-m", "charnn.predict", "--model", model],
            stdin=endless,
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=120,
            check=False,
        )
    message = "standard input, line 1 has more than 10,000,000 characters; give one name a line"
    assert message in error_of(result)


@given(st.lists(st.text(max_size=5)), st.integers(1, 4))
def test_chunks_are_all_items_in_order_and_bounded(items, most):
    found = list(chunks(items, most, len))
    assert [item for chunk in found for item in chunk] == items
    assert all(0 < len(chunk) <= most for chunk in found)


def test_long_items_make_short_chunks(monkeypatch):
    monkeypatch.setattr("charnn.text.reading.MAX_TEXT", 6)
    assert list(chunks(["abc", "def", "g", "hijklmnop", "q"], 10, len)) == [
        ["abc", "def"],
        ["g", "hijklmnop"],
        ["q"],
    ]
