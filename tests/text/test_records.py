"""Rows of cells: a quote that hides rows is an error with its line."""

import pytest
from table_files import read, refused


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
