"""How a text is written is recognised, or left to its user to say: delimiter, header, list or table."""

import pytest
from table_files import read, refused


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
