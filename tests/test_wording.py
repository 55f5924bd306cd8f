"""Messages: numbers with their nouns; values that are safe and short to print."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charnn.wording import (
    JOINERS,
    LISTED,
    QUOTED,
    choices,
    counted,
    did_you_mean,
    listed,
    printable,
    quoted,
)


@pytest.mark.parametrize(("number", "text"), [(0, "0 lines"), (1, "1 line"), (2000, "2,000 lines")])
def test_a_number_has_its_noun(number, text):
    assert counted(number, "line") == text


@given(st.text())
def test_what_is_printed_has_no_control_character(text):
    printed = printable(text)
    assert all(letter.isprintable() or letter in JOINERS for letter in printed)
    if text.isprintable():
        assert printed == text


@pytest.mark.parametrize("mark", ["\x1b[31m", "\x9b", "\x07", "\u202e", "\u2066", "\n", "\ufeff"])
def test_escapes_and_direction_marks_are_written_out(mark):
    assert printable(f"a{mark}b").isprintable()


def test_joiners_stay_where_a_script_needs_them():
    assert printable("می\u200cخواهم") == "می\u200cخواهم"


@given(st.one_of(st.text(), st.binary(), st.lists(st.text()), st.integers()))
def test_a_quotation_is_as_python_writes_it_and_short(value):
    text = quoted(value)
    assert len(text) <= QUOTED
    assert all(letter.isprintable() or letter in JOINERS for letter in text)
    if len(repr(value)) <= QUOTED and repr(value).isprintable():
        assert text == repr(value)


def test_a_long_quotation_is_cut():
    assert quoted("x" * 100_000) == "'" + "x" * (QUOTED - 2) + "…"


def test_a_list_says_how_many_more_there_are():
    assert listed(["A", "B"]) == "A, B"
    assert listed(map(str, range(LISTED + 3)), 2) == f"0, 1 and {LISTED + 1} more"


@pytest.mark.parametrize(
    ("word", "known", "near"),
    [
        ("lsmt", ["rnn", "lstm", "gru"], "did you mean lstm?"),
        ("TURKISH", ["Turkish", "Danish"], "did you mean Turkish?"),
        ("xyz", ["rnn", "lstm"], ""),
        (3.5, ["rnn", "lstm"], ""),
        ("a" * 1_000_000, ["rnn", "lstm"], ""),
    ],
)
def test_an_unknown_word_gets_the_nearest_one(word, known, near):
    assert did_you_mean(word, known) == near
    assert choices(word, known) == "; ".join(
        filter(None, [f"choose from {', '.join(known)}", near])
    )
