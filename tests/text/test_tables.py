"""Tables are read as what they are, or refused with the line and what decides."""

import bz2
import csv
import gzip
import io
import lzma

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charnn.errors import CharnnError
from charnn.table_options import TableOptions
from charnn.text.tables import is_text, open_table


def read(folder, file, content, wanted=("name",), **options):
    """What it was read as, and the cells of the rows."""
    path = folder / file
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with open_table(path, TableOptions(**options), wanted) as table:
        rows = [row.cells for row in table.rows()]
        return table.described([table.column(name) for name in wanted]), rows


def refused(folder, file, content, wanted=("name",), **options):
    """The error for it."""
    with pytest.raises(CharnnError) as error:
        read(folder, file, content, wanted, **options)
    return str(error.value)


# ---------------------------------------------------------------- what is recognised


@pytest.mark.parametrize("name", ["people.csv", "people.txt", "people.tsv", "people"])
@pytest.mark.parametrize(
    ("delimiter", "kind"), [(",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "bars")]
)
def test_the_delimiter_is_that_of_the_rows_whatever_the_suffix(tmp_path, name, delimiter, kind):
    rows = [["id", "name", "city"], ["1", "Szsz", "Ōsaka"], ["2", "Rorr", "Leeds"]]
    content = "".join(delimiter.join(row) + "\n" for row in rows)
    said, read_rows = read(tmp_path, name, content)
    assert said == f"{name}: {kind}, header, column 2 of 3: name"
    assert read_rows == rows[1:]


def test_excels_first_line_names_the_delimiter(tmp_path):
    content = "sep=|\r\nid|name\r\n1|Szsz\r\n"
    assert read(tmp_path, "a.csv", content) == (
        "a.csv: bars, header, column 2 of 2: name",
        [["1", "Szsz"]],
    )


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


@pytest.mark.parametrize(
    ("content", "columns", "rows"),
    [
        ("1,Szsz,9\n2,Rorr,8\n", "2", 2),  # a number in the first row
        ("Szsz,x\nRorr,y\nSzsz,z\n", "1", 3),  # what stands in a row below
        ("Ad Soyad,x\nSzsz,y\n", "Ad Soyad", 1),  # somebody asks for it
        ("id,height\n1,1.80\n2,1.75\n", "2", 2),
        (",who\n0,Szsz\n1,Rorr\n", "who", 2),  # as pandas writes its index
        ("born,who\n1900-01-01,Szsz\n31.12.1999,Rorr\n", "2", 2),
    ],
)
def test_a_header_is_told_from_a_row(tmp_path, content, columns, rows):
    assert len(read(tmp_path, "a.csv", content, (columns,))[1]) == rows


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("name\nSzsz\n", 1),
        ("LAST_NAME\nSzsz\n", 1),
        ("Soyadı\nSzsz\n", 1),
        ("achterna\nSzsz\nRorr\n", 2),  # small letters above capitals
        ("Szsz\nRorr\nSzsz\n", 3),
    ],
)
def test_one_column_may_have_a_header(tmp_path, content, rows):
    assert len(read(tmp_path, "a.csv", content, ())[1]) == rows


def test_a_first_row_that_may_be_either_is_the_users_to_decide(tmp_path):
    message = "a.csv, line 1: 'Szsz' may name the columns or be a row like the others; say --header"
    assert message in refused(tmp_path, "a.csv", "Szsz\nRorr\n", ())
    assert len(read(tmp_path, "a.csv", "Szsz\nRorr\n", (), header=False)[1]) == 2
    assert len(read(tmp_path, "a.csv", "Szsz\nRorr\n", (), header=True)[1]) == 1
    either = refused(tmp_path, "a.csv", "Szsz,Leeds\nRorr,York\n", ("1",))
    assert "line 1: Szsz, Leeds may name the columns" in either


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


# ---------------------------------------------------------------- a list, or a table


def test_a_text_is_a_list_with_its_quotes_and_blank_lines(tmp_path):
    content = '\ufeffSzsz\r\n\n Rorr \nO"Brien\n"Hinton, Geoffrey"\r"open\nlast'
    said, rows = read(tmp_path, "names.txt", content, ())
    assert said == "names.txt: a list, one name a line"
    lines = ["Szsz", "", " Rorr ", 'O"Brien', '"Hinton, Geoffrey"', '"open', "last"]
    assert rows == [[line] for line in lines]


@pytest.mark.parametrize("content", ["Hinton, Geoffrey\nBengio, Yoshua\n", "Ada,F,8508\nBo,M,9\n"])
def test_a_text_whose_lines_could_be_rows_is_the_users_to_decide(tmp_path, content):
    message = refused(tmp_path, "names.txt", content, ())
    assert "names.txt, line 1: '" in message
    assert "Say --column for a table, --delimiter none for a list" in message
    lines = [[line] for line in content.splitlines()]
    assert read(tmp_path, "names.txt", content, (), delimiter="")[1] == lines
    cells = [line.split(",") for line in content.splitlines()]
    assert read(tmp_path, "names.txt", content, ("1",), header=False)[1] == cells


def test_some_commas_make_no_table(tmp_path):
    content = "Hinton, Geoffrey\nBengio\nLeCun\n"
    assert read(tmp_path, "names.txt", content, ())[0] == "names.txt: a list, one name a line"


def test_two_delimiters_that_could_be_are_an_error_with_the_option_that_decides(tmp_path):
    content = "Hinton, G;London\nBengio, Y;Paris\n"
    message = refused(tmp_path, "a.csv", content, ("1",))
    assert "line 1: the rows have commas (2 cells) and semicolons (2 cells)" in message
    assert "say which one it is with --delimiter" in message
    decided = read(tmp_path, "a.csv", content, ("1",), delimiter=";", header=False)[1]
    assert decided == [["Hinton, G", "London"], ["Bengio, Y", "Paris"]]
    uneven = "a;b\n1;2;3\n4;5;6;7\n8\n"
    assert "the rows have different numbers of them; say" in refused(tmp_path, "a.csv", uneven)


def test_decimal_commas_are_no_delimiters(tmp_path):
    content = "1;Szsz;1,80\n2;Rorr;1,75\n"
    assert read(tmp_path, "a.csv", content, ("2",))[1][0] == ["1", "Szsz", "1,80"]


# ---------------------------------------------------------------- quotes


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        ('name\n"Hinton\nSmith\n', 2, "a quote is opened and never closed"),
        ('name\nA\n"Hinton\n' + "Smith\n" * 5000, 3, "a quote stays open for more than 10 lines"),
        ('name\n"A\nB\nC\nD"\nE\n', 2, "a quote stays open to line 5, and the first and the last"),
        ('id,name,x\n1,A,"B\n\n2,C,D"\n4,D,E\n', 2, "a quote stays open to line 4, and the first"),
        ('id,name,x\n1,"A,B\n2,C\n3,D",E\n4,D,E\n', 2, "a quote stays open to line 4, and the"),
        ('id,name,x\n1,"A,B\n2,C\n3,D"\n4,D,E\n', 2, "a quote stays open to line 4, and these"),
        ('id,name\n1,"A\n2,B\n3,C"\n4,D\n', 2, "a quote stays open to line 4"),
        ('id,name\n1,"A\n2,B"\n4,D\n', 2, "a quote stays open to line 3"),
        ('id,name\n1,B\n2,"a,b" c\n', 3, "a stray quote in '\"a'"),
        ('id,name\n1,B\n2,"O\\"Brien"\n', 3, "a stray quote in "),
        ('id\tname\n1\tB\n2\t"Bob Smith\n', 3, "a quote is opened and never closed"),
        ('a,name\n"x\nx","y\ny"\n"x\nx","y\ny"\n', 2, "most cells of the table hold line breaks"),
    ],
)
def test_quotes_that_hide_rows_are_an_error_with_the_line(tmp_path, content, line, problem):
    message = refused(tmp_path, "a.csv", content)
    assert f"a.csv, line {line}: {problem}" in message
    assert "--quote none" in message
    rows = read(tmp_path, "a.csv", content, quote="")[1]
    assert len(rows) == content.count("\n") - 1


def test_quotes_that_are_letters_stay(tmp_path):
    content = 'id,name\n1,O"Brien\n2,"Bob" Smith\n3,5" pipe\n4,"A ""B"" C"\n'
    names = [row[1] for row in read(tmp_path, "a.csv", content)[1]]
    assert names == ['O"Brien', '"Bob" Smith', '5" pipe', 'A "B" C']


def test_a_cell_of_several_lines_is_one(tmp_path):
    content = 'id,name,address\n1,Szsz,"1 Road\r\nLeeds"\n\n2,Rorr,\n'
    assert read(tmp_path, "a.csv", content)[1] == [
        ["1", "Szsz", "1 Road\r\nLeeds"],
        [],
        ["2", "Rorr", ""],
    ]


def test_cells_may_all_have_single_quotes(tmp_path):
    content = "'id';'name'\n'1';'O''Neil'\n"
    assert read(tmp_path, "a.csv", content)[1] == [["1", "O'Neil"]]
    assert read(tmp_path, "a.csv", "id;name\n1;'Hooft\n")[1] == [["1", "'Hooft"]]


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
