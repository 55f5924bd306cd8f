"""Tables are read as what they are, or refused with the line and what decides."""

import bz2
import csv
import gzip
import io
import lzma

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_files import read, refused

from charnn.errors import CharnnError
from charnn.text.tables import is_text


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-16", "UTF-16-LE, "),
        ("utf-16-le", "UTF-16-LE, "),
        ("utf-16-be", "UTF-16-BE, "),
        ("utf-32", "UTF-32-LE, "),
        ("utf-32-be", "UTF-32-BE, "),
    ],
)
def test_the_encoding_is_recognised_with_a_mark_and_without(tmp_path, encoding, said):
    content = "id;name\r\n1;Yıldırım\r\n2;Ā中 \r\n".encode(encoding)
    assert read(tmp_path, "a.csv", content) == (
        f"a.csv: {said}semicolons, header, column 2 of 2: name",
        [["1", "Yıldırım"], ["2", "Ā中 "]],
    )


def test_another_encoding_can_be_given(tmp_path):
    content = "id,name\n1,Yıldırım\n".encode("cp1254")
    assert read(tmp_path, "a.csv", content, encoding="cp1254")[1] == [["1", "Yıldırım"]]
    assert not is_text(read(tmp_path, "a.csv", content)[1][0][1]), "not UTF-8: unknown, and kept"
    assert "begins with the byte-order mark of UTF-16-LE; leave out --encoding cp1254" in refused(
        tmp_path, "a.csv", "name\nA\n".encode("utf-16"), encoding="cp1254"
    )


def test_json_lines_are_a_table_of_their_keys_whatever_the_suffix(tmp_path):
    content = '{"id": 1, "name": "Szsz"}\n\n{"name": null}\n{"name": "M\xfc", "x": [1]}\n'
    for name in ("a.jsonl", "a.csv", "a.txt"):
        said, rows = read(tmp_path, name, content)
        assert said == f"{name}: JSON lines, header, column 2 of 3: name"
        assert rows == [["1", "Szsz", ""], [], ["", "", ""], ["", "Mü", "[1]"]]


@pytest.mark.parametrize(
    ("suffix", "compress"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)]
)
def test_compressed_text_is_recognised_by_its_bytes(tmp_path, suffix, compress):
    packed = compress(b"id;name\n1;Szsz\n")
    for name in (f"a.csv.{suffix}", "a.csv", f"a.{suffix}"):
        assert read(tmp_path, name, packed)[1] == [["1", "Szsz"]]
    assert read(tmp_path, f"a.csv.{suffix}", b"id;name\n1;Szsz\n")[1] == [["1", "Szsz"]]
    for cut in (12, len(packed) // 2, len(packed) - 1):
        assert "damaged or incomplete" in refused(tmp_path, f"a.csv.{suffix}", packed[:cut])
    broken = packed[:14] + bytes([packed[14] ^ 0xFF]) + packed[15:]
    assert "damaged or incomplete" in refused(tmp_path, "a.csv", broken)


def test_zstd_is_read_too(tmp_path):
    zstd = pytest.importorskip("backports.zstd")
    packed = zstd.compress(b"id;name\n1;Szsz\n")
    assert read(tmp_path, "a.csv.zst", packed)[1] == [["1", "Szsz"]]
    assert "damaged or incomplete" in refused(tmp_path, "a.csv.zst", packed[:-2])
    assert "damaged" in refused(tmp_path, "a.csv.zst", packed[:5] + b"\xff" * 9)


# ---------------------------------------------------------------- what is no table


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04rest", "is an Excel workbook or another zip archive, whatever its"),
        (b"\x89PNG\r\n\x1a\n\0\0", "is a picture"),
        (b"%PDF-1.7\n", "is a PDF"),
        (b"\n<!DOCTYPE html><table>", "is a web page or XML"),
        (b"a\0b\0\0c\nd", "holds NUL bytes and is no text"),
        (b"Hin\0ton\nSmith\n", "holds NUL bytes and is no text"),  # as UTF-16 these are letters
        ("Yıldırım\n\0".encode(), "holds NUL bytes and is no text"),
        (b"id,name\n1,A\n" + b"2,B\n" * 300_000 + b"3,\0\n", "line 300,003: a NUL character"),
        (b'[{"name": "A"},\n{"name": "B"}]', "is JSON, but not one object a line"),
        (b'{"name": "A"}\n{"name": \n', "line 2: '{\"name\":' is no JSON object"),
        (b"name\n" + b"x" * 10_000_001, "line 2 ('xxxxxxxxxxxxxxxxxx…) has more than 10,000,000"),
        (b"", "is empty"),
        (b"\n\n", "is empty"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, content, message):
    assert message in refused(tmp_path, "a.csv", content)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("name,city\n1,Hinton,x\n2,Smith,y\n", "3 cells under a header of 2"),  # R's row names
        ("name;city\nHinton,x\nSmith,y\n", "1 cell under a header of 2"),
        ("name\nHinton, G\nSmith, J\n", "2 cells under a header of 1"),
    ],
)
def test_a_header_of_other_columns_than_all_rows_is_refused(tmp_path, content, problem):
    assert f"line 2: {problem}, and no row has" in refused(tmp_path, "a.csv", content)


def test_a_column_is_found_however_its_letters_are_composed(tmp_path):
    for header, wanted in (("s\u0327ehir", "şehir"), ("şehir", "s\u0327ehir")):
        said, rows = read(tmp_path, "a.csv", f"{header};name\nAda;Szsz\n", (wanted,))
        assert (said, rows) == (
            f"a.csv: semicolons, header, column 1 of 2: {header}",
            [["Ada", "Szsz"]],
        )


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_a_file_of_json_holds_objects_with_keys(tmp_path, name):
    assert "line 1: '\"Szsz\"' is no JSON object" in refused(tmp_path, name, '"Szsz"\n"Rorr"\n')
    for content in ("", "\n", "{}\n"):
        assert "holds no JSON object with a key" in refused(tmp_path, name, content)


@pytest.mark.parametrize(
    ("content", "wanted", "message"),
    [
        ("id,name\n1,A\n", "nome", "no column 'nome'; choose --column from id, name, or --no-head"),
        ("name,name\n1,A\n", "name", "has more than one column 'name'; choose"),
        ("1,A\n2,B\n", "3", "no column '3' (commas, no header); choose --column from 1, 2"),
    ],
)
def test_a_column_that_is_not_there_is_refused(tmp_path, content, wanted, message):
    assert message in refused(tmp_path, "a.csv", content, (wanted,))


# ---------------------------------------------------------------- any table

CELLS = st.text(st.sampled_from("aé中 '\",;\t|.-=\n\r1"), max_size=6)


@given(
    st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=8),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_what_csv_writes_is_read_back(tmp_path_factory, rows, delimiter, end, encoding, quoting):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)
    # csv leaves a lone "\r" without quotes where lines do not end in it.
    if end == "\n" and quoting == csv.QUOTE_MINIMAL:
        rows = [[cell.replace("\r", "") for cell in row] for row in rows]
    writer.writerows([["id", "name", "note"], *rows])
    content = text.getvalue().encode(encoding)
    folder = tmp_path_factory.getbasetemp()
    assert read(folder, "any.csv", content, quote='"')[1] == rows


@pytest.mark.slow
@settings(max_examples=3000, derandomize=True)
@given(
    st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=40),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be"]),
)
def test_a_random_table_is_read_rightly_or_refused_without_any_option(
    tmp_path_factory, rows, delimiter, end, encoding
):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([["id", "name", "note"], *rows])
    folder = tmp_path_factory.getbasetemp()
    try:
        found = read(folder, "any.csv", text.getvalue().encode(encoding))[1]
    except CharnnError as error:
        found, message = None, str(error)
    assert found == rows or (found is None and "line " in message)
