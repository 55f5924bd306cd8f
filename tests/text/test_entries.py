"""One file of names: two columns of a table are what a folder of lists is; a list that is a table is none."""

import gzip
import json
import random
import unicodedata
import warnings

import pytest
from helpers import tiny_names, write_folder

from charnn.data import read_file, read_folder, read_names
from charnn.errors import CharnnError
from charnn.table_options import Columns, TableOptions

NAMED = Columns("name", "label")


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def mixed(names):
    """Names with their labels, the labels in turn; the names of a label in their order."""
    rows = [(row, name, label) for label, some in names.items() for row, name in enumerate(some)]
    return [(name, label) for _, name, label in sorted(rows, key=lambda entry: entry[0])]


def as_table(rows, delimiter):
    lines = [delimiter.join(("id", "name", "label"))]
    lines += [delimiter.join((str(i), name, label)) for i, (name, label) in enumerate(rows)]
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("kind", ["csv", "semicolons", "tabs", "bars", "gz", "utf-16", "jsonl"])
def test_a_table_is_what_a_folder_of_the_same_names_is(tmp_path, kind):
    names = {"Türkçe": ["Öz", "Ünal", "Işık"], "Çok": ["Ay"], "Z z": ["Zo", "O’Neil"]}
    folder, rows = write_folder(tmp_path / "folder", names), mixed(names)
    delimiter = {"semicolons": ";", "tabs": "\t", "bars": "|"}.get(kind, ",")
    text = as_table(rows, delimiter)
    path = tmp_path / "people.csv"
    if kind == "gz":
        path = write(tmp_path / "people.csv.gz", gzip.compress(text.encode()))
    elif kind == "jsonl":
        lines = [json.dumps({"label": label, "name": name}) for name, label in rows]
        path = write(tmp_path / "people.jsonl", "\n".join(lines))
    else:
        write(path, text.encode("utf-16" if kind == "utf-16" else "utf-8"))
    ours, theirs = read_folder(folder), read_names(path, columns=NAMED)
    assert theirs.names == ours.names
    assert theirs.labels == ours.labels
    assert theirs.targets.tolist() == ours.targets.tolist()


def test_the_labels_of_a_table_are_composed_and_stripped(tmp_path):
    apart = unicodedata.normalize("NFD", "Türkçe")
    path = write(tmp_path / "p.csv", f"name,label\nÖz,Türkçe\nAy,{apart}\nUs, Türkçe \nJo,B\n")
    data = read_names(path, columns=NAMED)
    assert data.labels == ["B", "Türkçe"]
    assert data.counts().tolist() == [1, 3]


def test_blank_rows_are_skipped_and_rows_without_a_name_are_counted(tmp_path):
    path = write(tmp_path / "p.csv", "name,label\nAda,x\n\n,\n,y\n  ,x\nBo,y\n")
    with pytest.warns(UserWarning, match=r"p.csv: 2 rows without a name; skipped"):
        data = read_names(path, columns=NAMED)
    assert data.names == ["Ada", "Bo"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("Ada,", "line 3: 'Ada' has no label"),
        ("Ada, ", "line 3: 'Ada' has no label"),
        ("Ada", "line 3: 1 cell in a table of 2 columns"),
        ("Ada,x,y", "line 3: 3 cells in a table of 2 columns"),
        ("A" * 101 + ",x", r"line 3: 'AAAAA.* has 101 characters, more than 100; .*--max-length"),
        ("Ada,x\u202ey", r"line 3: the label 'x\\u202ey' has an unprintable character"),
        (b"M\xfcller,x", "line 3: 'M.*ller' is not UTF-8; name its --encoding"),
        (b"Ada,M\xfcller", "line 3: .* is not UTF-8"),
    ],
)
def test_a_row_that_cannot_be_used_is_an_error_with_its_line(tmp_path, row, message):
    row = row if isinstance(row, bytes) else row.encode()
    path = write(tmp_path / "p.csv", b"name,label\nBo,x\n" + row + b"\n" + b"Cy,y\n" * 20)
    with pytest.raises(CharnnError, match=message):
        read_names(path, columns=NAMED)


def test_another_encoding_is_read_where_it_is_named(tmp_path):
    path = write(tmp_path / "p.csv", "name;label\nGüneş;A\nBo;B\n".encode("cp1254"))
    columns = NAMED._replace(options=TableOptions(encoding="cp1254"))
    assert read_names(path, columns=columns).names == ["Güneş", "Bo"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (Columns(), "say with --column and --label-column .*: id, name, label"),
        (Columns("name"), "say with --column and --label-column .*: id, name, label"),
        (Columns(None, "label"), "a column of labels was given without one of names"),
        (Columns("nam", "label"), "no column 'nam'; choose .* id, name, label"),
        (Columns("name", "lable"), "no column 'lable'; choose .* id, name, label"),
    ],
)
def test_columns_that_are_not_there_are_an_error_that_names_those_that_are(
    tmp_path, columns, message
):
    path = write(tmp_path / "p.csv", as_table(mixed(tiny_names(10)), ","))
    with pytest.raises(CharnnError, match=message):
        read_names(path, columns=columns)


def test_a_list_has_no_labels_for_a_classifier_and_a_table_more_than_one(tmp_path):
    with pytest.raises(CharnnError, match="holds names without labels, which a classifier learns"):
        read_names(write(tmp_path / "list.txt", "Ada\nBo\n"))
    path = write(tmp_path / "p.csv", "name,label\nAda,x\nBo,x\n")
    with pytest.raises(CharnnError, match="holds only one label, 'x'"):
        read_names(path, columns=NAMED)
    assert read_names(path, fewest_labels=1, columns=NAMED).labels == ["x"]
    with pytest.raises(CharnnError, match=r"p.csv holds no name"):
        read_file(write(tmp_path / "p.csv", "name,label\n"), columns=NAMED)


def test_a_list_or_an_object_is_neither_name_nor_label(tmp_path):
    for second in ('{"name": ["Bo"], "label": "x"}', '{"name": "Bo", "label": {"is": "x"}}'):
        path = write(tmp_path / "p.jsonl", '{"name": "Ada", "label": "x"}\n' + second)
        with pytest.raises(CharnnError, match=r"line 2: .* is no text but a list or an object"):
            read_file(path, columns=NAMED)


def test_it_is_said_what_a_table_was_read_as(tmp_path):
    said = []
    path = write(tmp_path / "p.csv", "id;name;label\n1;Ada;x\n2;Bo;y\n")
    read_names(path, columns=NAMED._replace(say=said.append))
    assert said == ["p.csv: semicolons, header, columns 2 and 3 of 3: name, label"]


def test_a_folder_has_no_columns(folder):
    with pytest.raises(CharnnError, match=r"--column is for one table, and .*tiny is none"):
        read_names(folder, columns=NAMED)
    with pytest.raises(CharnnError, match="--encoding and --quote are for one table"):
        read_names(folder, columns=Columns(options=TableOptions(encoding="cp1254")))


# ---------------------------------------------------------------- a list, or a table?


def list_of(path, columns=Columns()):  # noqa: B008
    with warnings.catch_warnings(action="ignore"):
        return read_names(path, fewest_labels=0, columns=columns)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_list_that_is_a_table_is_refused_and_its_column_can_be_named(tmp_path, delimiter):
    names = [name for some in tiny_names().values() for name in some]
    lines = [delimiter.join((name, "F", str(8508 - row))) for row, name in enumerate(names)]
    path = write(tmp_path / "yob1990.txt", "\n".join(lines))
    with pytest.raises(CharnnError, match=r"yob1990.txt, line 1: .*--column"):
        list_of(path)
    assert list_of(path, Columns("1", options=TableOptions(header=False))).names == names
    assert list_of(path, Columns(options=TableOptions(delimiter=""))).names == lines
    folder = write_folder(tmp_path / "years", {"yob1990": lines, "yob1991": lines})
    with pytest.raises(CharnnError, match=r"yob1990.txt, line 1: .*--delimiter none"):
        read_folder(folder)
    as_lists = Columns(options=TableOptions(delimiter=""))
    with pytest.warns(UserWarning, match="under several labels"):
        assert len(read_folder(folder, columns=as_lists)) == 2 * len(lines)


def test_some_names_with_a_comma_make_no_table_of_a_list(tmp_path):
    names = [name for some in tiny_names().values() for name in some]
    names += ["O'Neill, Jr", "Smith, John", "Doe, Jane", "van der Berg; Jr", "5 | 6"]
    random.Random(0).shuffle(names)
    path = write(tmp_path / "names.txt", "\n".join(names))
    assert list_of(path).names == names
    folder = write_folder(tmp_path / "d", {"A": names, "B": ["Smith, John", "Doe, Jane"]})
    with pytest.warns(UserWarning, match="under several labels"):
        assert len(read_folder(folder)) == len(names) + 2


def test_a_compressed_list_is_read(tmp_path):
    path = write(tmp_path / "names.txt.gz", gzip.compress(b"Ada\nBo\n"))
    assert list_of(path).names == ["Ada", "Bo"]
