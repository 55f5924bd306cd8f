"""Folders of names: what editors write is accepted, what is wrong is named with file and line."""

import unicodedata
import warnings

import numpy as np
import pytest
from helpers import write_folder

from charnn.data import Names, read_folder, relabel
from charnn.errors import CharnnError
from charnn.text.labels import as_label
from charnn.text.names import unknown_labels

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


# ---------------------------------------------------------------- labels


def decomposed(text):
    """As a Mac writes the names of files."""
    return unicodedata.normalize("NFD", text)


def test_a_folder_that_was_copied_from_a_mac_is_the_same_folder(tmp_path):
    names = {
        "Türkçe": ["Öz"],
        "Čeština": ["Novák"],
        "한국어": ["김"],
        "Ünal Ş": ["Ay"],
        "Z": ["Zo"],
    }
    ours = read_folder(write_folder(tmp_path / "ours", names))
    apart = {decomposed(label): lines for label, lines in names.items()}
    theirs = read_folder(write_folder(tmp_path / "theirs", apart))
    assert theirs.labels == ours.labels == sorted(names)
    assert theirs.names == ours.names
    assert theirs.targets.tolist() == ours.targets.tolist()


def test_white_space_around_a_label_is_no_part_of_it(tmp_path):
    folder = write_folder(tmp_path / "d", {"A ": ["x"], "B\N{NO-BREAK SPACE}": ["y"]})
    assert read_folder(folder).labels == ["A", "B"]
    (tmp_path / "d" / " .txt").write_text("z")
    with pytest.raises(CharnnError, match=r"d: ' \.txt' names no label; rename it"):
        read_folder(folder)


@pytest.mark.parametrize(
    ("first", "second"),
    [("Türkçe", decomposed("Türkçe")), ("한국", decomposed("한국")), ("A", "A "), ("Å", "\u212b")],
)
def test_two_files_of_one_label_are_an_error_that_names_both(tmp_path, first, second):
    folder = write_folder(tmp_path / "d", {first: ["x"], second: ["y"], "Other": ["z"]})
    with pytest.raises(CharnnError, match=r"both of the label .*; .*join them") as raised:
        read_folder(folder)
    message = str(raised.value)
    assert f"{first}.txt" in message
    assert f"{second}.txt" in message
    if as_label(first + ".txt") == as_label(second + ".txt"):  # they look the same on a screen
        assert ascii(f"{first}.txt") in message
        assert ascii(f"{second}.txt") in message


def test_relabel_compares_labels_composed_and_counts_what_it_leaves_out():
    data = Names(list("abcd"), np.array([0, 1, 1, 2]), [decomposed("Türkçe"), "New", "Old"])
    labels = ["Old", "Türkçe"]
    with pytest.raises(CharnnError, match="label 'New' is unknown to them; its labels are Old, Tü"):
        relabel(data, labels, "them")
    assert unknown_labels(data, labels) == {"New": 2}
    known = relabel(data, labels, "them", skip_unknown=True)
    assert (known.names, known.targets.tolist(), known.labels) == (["a", "d"], [1, 0], labels)
    with pytest.raises(CharnnError, match="no name has a label that they knows"):
        relabel(data, ["Else"], "they", skip_unknown=True)


def test_a_list_of_labels_in_a_message_is_bounded():
    data = Names(["x"], np.array([0]), ["New"])
    with pytest.raises(CharnnError) as raised:
        relabel(data, [f"label number {i}" for i in range(500)], "them")
    assert "and 480 more" in str(raised.value)
    assert len(str(raised.value)) < 700
    many = Names(["x"] * 500, np.arange(500), [f"new {i}" for i in range(500)])
    with pytest.raises(CharnnError, match="and 480 more is unknown"):
        relabel(many, ["A"], "them")


def test_a_line_with_nothing_to_see_is_no_name(tmp_path):
    lines = ["Ada", "\u200b", "\ufeff \u00ad", "\u202e", "Bob"]
    folder = write_folder(tmp_path / "names", {"A": lines, "B": ["Eve"]})
    assert read_folder(folder).names == ["Ada", "Bob", "Eve"]
