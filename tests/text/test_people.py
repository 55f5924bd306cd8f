"""Surnames in full names: what is left out, what stays whole, and what is said without nameparser."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charnn import CharnnError
from charnn.text import people
from charnn.text.people import FORMATS, surname_of, surnames


@pytest.mark.parametrize(
    ("name", "surname"),
    [
        ("Smith Jr", "Smith"),
        ("SMITH III", "SMITH"),
        ("Smith, Jr.", "Smith"),
        ("Hinton, Geoffrey", "Hinton"),
        ("Geoffrey Hinton", "Hinton"),
        ("Prof. Dr. Hans Müller", "Müller"),
        ("Mrs O'Brien", "O'Brien"),
        ("John Smith PhD", "Smith"),
        ("Ludwig van Beethoven", "van Beethoven"),
        ("García Márquez, Gabriel", "García Márquez"),
        ("van der Berg, Jan", "van der Berg"),
        ("Mr van der Berg", "van der Berg"),
        ("", ""),
    ],
)
def test_titles_suffixes_and_given_names_are_left_out(name, surname):
    assert surname_of(name, "auto") == surname


@pytest.mark.parametrize(
    "surname",
    ["van der Berg", "De la Cruz", "O Neill", "Al Said", "Mac Giolla Bhuidhe", "Ó Murchadha", "Ng"],
)
def test_a_surname_with_particles_stays_whole(surname):
    assert surname_of(surname, "auto") == surname


def test_the_format_says_which_part_is_the_surname():
    assert surname_of("Hinton Geoffrey", "last-first") == "Hinton"
    assert surname_of("Hinton Geoffrey", "full") == "Geoffrey"
    assert surname_of("van Gogh Vincent", "last-first") == "van Gogh"
    assert surname_of("Al Gore", "full") == "Gore", "a full name has a given name"
    assert surname_of("Al Gore", "auto") == "Al Gore", "as one word after a particle may be all"
    assert surnames([" Dr Hinton "]) == [" Dr Hinton "], "a surname is read as it is"


@settings(max_examples=50)
@given(st.text(max_size=40), st.sampled_from(FORMATS))
def test_any_text_has_a_surname_that_is_part_of_it(name, name_format):
    assert set(surname_of(name, name_format)) <= {*name, " "}, "a space for any white space"


def test_an_unknown_format_and_a_missing_library_are_one_line(monkeypatch):
    with pytest.raises(CharnnError, match="name format 'fulll' is unknown; choose from surname"):
        surname_of("Hinton", "fulll")
    with pytest.raises(CharnnError, match="name format None is unknown"):
        surnames(["Hinton"], None)
    people._lexicon.cache_clear()
    monkeypatch.setitem(sys.modules, "nameparser", None)
    assert surname_of("Dr Hinton", "surname") == "Dr Hinton", "which needs no library"
    with pytest.raises(CharnnError, match=r"pip install 'charnn\[people\]'"):
        surnames(["Dr Hinton"], "auto")
