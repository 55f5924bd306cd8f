"""Normalisation: no letter is lost, none is taken for another, a script that cannot be read is warned of."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charnn.text import letters
from charnn.text.letters import UNKNOWN_SYMBOL, spelling, to_ascii

pytestmark = pytest.mark.usefixtures("scripts_warned_of")
any_text = st.text(max_size=30)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ślusàrski", "Slusarski"),
        ("Łukaszewicz", "Lukaszewicz"),
        ("Müller", "Muller"),
        ("Strauß", "Strauss"),
        ("Ó Súilleabháin", "O Suilleabhain"),
        ("O’Néàl", "O'Neal"),
        ("Yıldırım", "Yildirim"),
        ("Ø\u2010gaard", "O-gaard"),
        ("Яковлев", "Yakovlev"),
        ("Nguyễn", "Nguyen"),
        ("e\u0301", "e"),
        ("🙂", UNKNOWN_SYMBOL),
        ("a€b", "a?b"),
        ("Ⅷ½", "??"),
        ("R2-D2", "R2-D2"),
        ("٣", "3"),
        ("\u200fab\u200d", "ab"),
        (" a\tb ", "a b"),
        ("", ""),
    ],
)
def test_to_ascii_on_known_letters(text, expected):
    assert to_ascii(text) == expected


@given(any_text)
def test_to_ascii_is_ascii_idempotent_and_blind_to_composition(text):
    once = to_ascii(text)
    assert once.isascii()
    assert to_ascii(once) == once
    assert to_ascii(unicodedata.normalize("NFD", text)) == once


@given(st.characters(categories=["L"]))
def test_no_letter_disappears(letter):
    assert to_ascii(letter)


@pytest.mark.parametrize("name", ["王", "כהן", "خوري"])
def test_poor_scripts_warn_once(name, monkeypatch):
    monkeypatch.setattr(letters, "_TRANSLITERATION", letters._Transliteration())
    with pytest.warns(UserWarning, match="transliterates poorly"):
        to_ascii(name)
    to_ascii(name)  # a second warning would be an error here


def test_a_split_warns_of_no_script(monkeypatch):
    monkeypatch.setattr(letters, "_TRANSLITERATION", letters._Transliteration())
    assert spelling("王") == "wang"
    with pytest.warns(UserWarning, match="Han script"):
        to_ascii("王")  # though it is no longer new
