"""Many names: rows in, the same rows with labels out, whatever is wrong with some of them."""

import contextlib
import csv
import io
import json
from collections import Counter

import pytest
import torch
from helpers import tiny_names
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charnn.errors import CharnnError
from charnn.inference import bulk
from charnn.inference.bulk import added_columns, label_rows
from charnn.table_options import TableOptions
from charnn.text.table_output import write_answers
from charnn.text.tables import open_table

NAMES = [name for names in tiny_names(20, seed=5).values() for name in names]
CELL = st.binary(max_size=8) | st.sampled_from([b"", b"Szsz", b'"a"", ""b"', b"'", b'O"Brien'])


@contextlib.contextmanager
def table_of(folder, content, name="people.csv", column="name", **options):
    """The open table of these bytes, and the place of the column with the names."""
    path = folder / name
    path.write_bytes(content)
    with open_table(path, TableOptions(**options), [column] if column else []) as table:
        yield table, table.column(column)


def labelled(classifier, folder, content, top=1, target=None, **options):
    """The bytes that come out, and the counts."""
    counts, out = Counter(), io.BytesIO()
    with table_of(folder, content, **options) as (table, place):
        added = added_columns(classifier, table, top)
        answers = label_rows(classifier, table, place, top, counts=counts)
        write_answers(table, target or table.path, out, added, answers)
    return out.getvalue(), counts


@pytest.mark.filterwarnings("ignore:.*transliterates poorly")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(CELL, CELL, st.sampled_from([b"\n", b"\r\n"])), max_size=9),
    last=st.booleans(),
    mark=st.sampled_from([b"", b"\xef\xbb\xbf", b"sep=;\n"]),
    size=st.integers(1, 4),
)
def test_no_row_is_dropped_or_moved_and_every_byte_of_it_comes_back(
    classifier, tmp_path, monkeypatch, rows, last, mark, size
):
    monkeypatch.setattr(bulk, "ROWS", size)
    forbidden = bytes.maketrans(b'\r\n\0;"', b"__0,'")
    rows = [(one.translate(forbidden), two.translate(forbidden), end) for one, two, end in rows]
    lines = [b"id;name\r\n", *(one + b";" + two + end for one, two, end in rows)]
    if last:
        lines[-1] = lines[-1].rstrip(b"\r\n")
    out, counts = labelled(classifier, tmp_path, mark + b"".join(lines), top=2, delimiter=";")
    assert out.startswith(mark)
    written = out[len(mark) :].splitlines(keepends=True)
    assert written[0].startswith(b"id;name;label;probability;label_2;probability_2")
    assert counts.pop(bulk.ROWS_READ, 0) == len(rows)
    counts.pop(bulk.SEVERAL, 0)
    assert [b";".join(line.split(b";")[:2]) for line in written] == [
        line.rstrip(b"\r\n") for line in lines
    ]
    ends = [line[len(line.rstrip(b"\r\n")) :] for line in lines]
    assert [line[len(line.rstrip(b"\r\n")) :] for line in written] == ends
    unknown = [line.split(b";")[2:] for line in written if b";unknown;" in line]
    assert counts.total() == len(unknown)


def test_answers_are_those_of_predict_in_any_chunk(classifier, tmp_path, monkeypatch):
    monkeypatch.setattr(bulk, "ROWS", 7)
    content = "".join(f"{name}\n" for name in NAMES * 2).encode()
    with table_of(tmp_path, content, "names.txt", None) as (table, place):
        rows = list(label_rows(classifier, table, place, top=3))
    assert [row.cells for row, _ in rows] == [[name] for name in NAMES * 2]
    for row, answer in rows:
        predicted = classifier.predict(row.cells[0])
        assert answer[::2] == [label for label, _ in predicted]
        assert [float(cell) for cell in answer[1::2]] == pytest.approx(
            [p for _, p in predicted], abs=1e-4
        )


def test_what_cannot_be_answered_is_counted_by_its_reason(classifier, tmp_path):
    rows = [
        "1,Szsz",
        "",
        "2, ",
        "3,M\udcfcller",
        f"4,{'s' * 10_001}",
        f"5,{'щ' * 4500}",
        "6,!",
        "Rorr",
        "7,Rorr,8",
        '8,"Rorr",9,"10"',
        "9,Aoie",
    ]
    content = "\n".join(["id,name", *rows]).encode("utf-8", "surrogateescape")
    out, counts = labelled(classifier, tmp_path, content)
    lines = out.decode("utf-8", "surrogateescape").split("\n")
    assert lines[0] == "id,name,label,probability"
    assert lines[1].startswith("1,Szsz,Hissing,")
    assert lines[2] == "", "a blank line of a table is no row"
    assert lines[3:8] == [f"{row},unknown," for row in rows[2:7]]
    assert lines[8:11] == [
        "Rorr,,unknown,",
        "7,Rorr,unknown,,8",
        '8,"Rorr",unknown,,9,"10"',
    ]
    assert lines[11].startswith("9,Aoie,Vowelish,")
    assert counts == {
        "rows": 10,
        "empty": 1,
        "not UTF-8": 1,
        "too long": 2,
        "without a letter that the model knows": 1,
        "with too few or too many columns": 3,
    }


def test_an_unsure_answer_is_unknown_where_that_is_asked_for(classifier, tmp_path):
    limit = sorted(classifier.predict(name)[0][1] for name in NAMES)[len(NAMES) // 2]
    counts = Counter()
    content = "".join(f"{name}\n" for name in NAMES).encode()
    with table_of(tmp_path, content, "names.txt", None) as (table, place):
        list(label_rows(classifier, table, place, unknown_below=limit, counts=counts))
    assert counts[f"below {limit}"] == pytest.approx(len(NAMES) / 2, abs=len(NAMES) / 4)


def test_names_that_are_read_the_same_are_read_once(classifier, tmp_path, monkeypatch):
    asked = []
    real = classifier.log_proba_of_symbols
    monkeypatch.setattr(
        classifier, "log_proba_of_symbols", lambda symbols: asked.extend(symbols) or real(symbols)
    )
    labelled(classifier, tmp_path, b"Szsz\nSZSZ\nRorr\nszsz\n", name="names.txt", column=None)
    assert asked == ["szsz", "rorr"]


def test_a_column_that_would_be_there_twice_is_refused(classifier, tmp_path):
    with pytest.raises(CharnnError, match="the table already has a column 'label'; rename or"):
        labelled(classifier, tmp_path, b"name,label\na,b\n")


@pytest.mark.parametrize("name", ["people.csv", "people.tsv", "people.txt", "people.jsonl"])
def test_no_label_in_a_text_is_a_formula(classifier, tmp_path, monkeypatch, name):
    labels = ["=1+1", "@a,b", '-"x"']
    monkeypatch.setattr(classifier, "labels", labels)
    if name.endswith("jsonl"):
        content = b"".join(b'{"name": "%s"}\n' % name.encode() for name in NAMES)
        out = labelled(classifier, tmp_path, content, name=name)[0]
        assert {json.loads(line)["label"] for line in out.splitlines()} == set(labels)
        return
    content = "".join(f"{name}\n" for name in ["name", *NAMES]).encode()
    options = {"delimiter": ","} if name == "people.csv" else {"delimiter": "\t"}
    out = labelled(classifier, tmp_path, content, name=name, **options)[0].decode()
    rows = list(csv.DictReader(io.StringIO(out, newline=""), **options))
    assert {row["label"] for row in rows} == {f"'{label}" for label in labels}
    assert [row["name"] for row in rows] == NAMES


def test_torchs_threads_are_given_back(classifier, tmp_path):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        labelled(classifier, tmp_path, b"Szsz\n", name="names.txt", column=None)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
