"""Folders of names: what editors write is accepted, what is wrong is named with file and line."""

import warnings

import pytest
from helpers import write_folder

from charnn.data import read_folder
from charnn.errors import CharnnError

pytestmark = pytest.mark.usefixtures("scripts_warned_of")


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


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "holds no .txt file"),
        ({"A": b"x\n"}, "only one label, 'A'"),
        ({"A": b"", "B": b"\n"}, "only empty"),
        (
            {"A": b"ok\nb\xe4d\n", "B": b"x"},
            r"A.txt, line 2: byte 0xe4 \(byte 4 of the file\) is not UTF-8",
        ),
        (
            {"A": b"\xef\xbb\xbfok\nb\xe4d\n", "B": b"x"},
            r"A.txt, line 2: byte 0xe4 \(byte 7 of the file\)",
        ),
        (
            {"A": b"ok\n" + b"x" * 101, "B": b"x"},
            r"A.txt, line 2: .* has 101 characters, more than 100; .*--max-length",
        ),
        ({"A\x1b[2J": b"x", "B": b"x"}, "unprintable"),
    ],
)
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
    folder = write_folder(
        tmp_path / "tiny", {"A": ["Lee", "Ann"], "B": ["LEE", "Bo", "bo", "Bo"], "C": []}
    )
    with pytest.warns(UserWarning, match="tiny") as caught:
        names = read_folder(folder)
    said = " | ".join(str(warning.message) for warning in caught)
    assert "C.txt holds no name; it is skipped" in said
    assert "1 spelling under several labels (such as 'lee')" in said
    assert "2 lines of 6 repeat a spelling of the same label" in said
    assert len(names) == 6
    assert names.labels == ["A", "B"]
