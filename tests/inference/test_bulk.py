"""Many names: rows in, the same rows with labels out, whatever is wrong with some of them."""

import io
from collections import Counter

import pytest
import torch
from helpers import tiny_names
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charnn.errors import CharnnError
from charnn.inference import bulk
from charnn.inference.bulk import label_rows, read_rows, write_rows

BYTES = st.binary(max_size=8).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
CELLS = (
    BYTES
    | st.text(max_size=8, alphabet=st.characters(exclude_categories=["Cs"]))
    | st.sampled_from(["", "Szsz", 'a,b\t"c"', "\r", "\n", "\r\n", "'", '"'])
)
NAMES = [name for names in tiny_names(20, seed=5).values() for name in names]


@given(
    st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5),
    st.sampled_from(",\t"),
)
def test_a_table_comes_back_cell_for_cell(rows, delimiter):
    file = io.BytesIO()
    rows[0][0] = rows[0][0].removeprefix("\ufeff")
    write_rows(file, delimiter, rows)
    assert list(read_rows(io.BytesIO(file.getvalue()), delimiter)) == rows


@pytest.mark.filterwarnings("ignore:.*transliterates poorly")
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, max_size=4), max_size=9), size=st.integers(1, 4))
def test_no_row_is_dropped_or_moved_and_nothing_in_it_changes(classifier, monkeypatch, rows, size):
    monkeypatch.setattr(bulk, "ROWS", size)
    counts = Counter()
    header, *labelled = label_rows(
        classifier, iter([["id", "name"], *rows]), "name", top=2, counts=counts
    )
    assert header == ["id", "name", "label", "probability", "label_2", "probability_2"]
    assert [row[:2] + row[6:] for row in labelled] == [row + [""] * (2 - len(row)) for row in rows]
    assert counts.pop("rows", 0) == len(rows)
    assert counts.total() == sum(row[2:6] == ["unknown", "", "", ""] for row in labelled)
    assert all(row[2] in ("unknown", *classifier.labels) for row in labelled)


def test_answers_are_those_of_predict_in_any_chunk(classifier, monkeypatch):
    monkeypatch.setattr(bulk, "ROWS", 7)
    _, *labelled = label_rows(classifier, iter([["name"], *([name] for name in NAMES * 2)]), top=3)
    for row in labelled:
        for (label, p), *answer in zip(
            classifier.predict(row[0]), row[1::2], row[2::2], strict=True
        ):
            assert answer[0] == label
            assert float(answer[1]) == pytest.approx(p, abs=1e-4)


def test_what_cannot_be_answered_is_counted_by_its_reason(classifier):
    rows = [
        ["1", "Szsz"],
        [],
        ["2", " "],
        ["3", "M\udcfcller"],
        ["4", "s" * 10_001],
        ["5", "щ" * 4500],
        ["6", "!"],
        ["Rorr"],
        ["7", "Rorr", "8"],
        ["8", "Aoie"],
    ]
    counts = Counter()
    _, *labelled = label_rows(classifier, iter([["id", "name"], *rows]), "name", counts=counts)
    assert [row[2] for row in labelled] == ["Hissing", *["unknown"] * 8, "Vowelish"]
    assert counts == {
        "rows": 10,
        "empty": 2,
        "not UTF-8": 1,
        "too long": 2,
        "without a letter that the model knows": 1,
        "with too few or too many columns": 2,
    }
    assert labelled[8] == ["7", "Rorr", "unknown", "", "8"]


def test_an_unsure_answer_is_unknown_where_that_is_asked_for(classifier):
    limit = sorted(classifier.predict(name)[0][1] for name in NAMES)[len(NAMES) // 2]
    counts = Counter()
    list(
        label_rows(
            classifier,
            iter([["name"], *([name] for name in NAMES)]),
            unknown_below=limit,
            counts=counts,
        )
    )
    assert counts[f"below {limit}"] == pytest.approx(len(NAMES) / 2, abs=len(NAMES) / 4)


def test_names_that_are_read_the_same_are_read_once(classifier, monkeypatch):
    asked = []
    real = classifier.log_proba_of_symbols
    monkeypatch.setattr(
        classifier, "log_proba_of_symbols", lambda symbols: asked.extend(symbols) or real(symbols)
    )
    list(label_rows(classifier, iter([["name"], ["Szsz"], ["SZSZ"], ["Rorr"], ["szsz"]])))
    assert asked == ["szsz", "rorr"]


@pytest.mark.parametrize(
    ("header", "column", "message"),
    [
        (["id", "name"], None, "the table has several columns; choose --column from id, name"),
        (["id", "name"], "nome", "the table has no column 'nome'; choose --column from id, name"),
        (["name", "name"], "name", "the table has more than one column 'name'"),
        (["name", "label"], "name", "the table already has a column 'label'; rename or remove it"),
    ],
)
def test_a_column_that_cannot_be_is_refused(classifier, header, column, message):
    with pytest.raises(CharnnError, match=message):
        list(label_rows(classifier, iter([header, ["a", "b"]]), column))


@pytest.mark.parametrize(
    ("content", "delimiter", "message"),
    [
        (b"", ",", "the table has no header; its first line must name"),
        ("name\nSzsz\n".encode("utf-16"), ",", "--input is UTF-16; save it as UTF-8"),
        ("Szsz\n".encode("utf-16"), None, "--input is UTF-16; save it as UTF-8"),
        (
            b'name\nSzsz\n"' + b"Rorr\n" * 50_000,
            ",",
            "line .*: field larger than field limit .*; is a quote left open",
        ),
    ],
)
def test_what_is_no_table_is_refused(content, delimiter, message):
    with pytest.raises(CharnnError, match=message):
        list(read_rows(io.BytesIO(content), delimiter))


def test_a_text_is_a_table_of_one_column_and_every_line_is_a_row():
    content = "\ufeffSzsz\r\n\n Rorr \nM".encode() + b"\xfcller"
    assert list(read_rows(io.BytesIO(content), None)) == [
        ["name"],
        ["Szsz"],
        [""],
        [" Rorr "],
        ["M\udcfcller"],
    ]


def test_torchs_threads_are_given_back(classifier):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        list(label_rows(classifier, iter([["name"], ["Szsz"]])))
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
