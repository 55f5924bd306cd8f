"""Normalisation: no letter is lost, none is taken for another, a script that cannot be read is warned of."""

import pickle
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charnn.text import letters
from charnn.text.letters import (
    UNKNOWN_SYMBOL,
    each_to_ascii,
    lowered,
    normaliser,
    sameness,
    spelling,
    to_ascii,
    to_raw,
)

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
        ("Ada\u2028", "Ada"),
        ("a\u2029b\x85c\x1fd", "a b c d"),
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


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("İnan", "inan"),
        ("I\u0307nan", "inan"),  # the same, taken apart
        ("i\u0307nan", "inan"),  # what other programs make of it
        ("IŞIK", "işik"),  # not ışık: that it is Turkish is not known
        ("Yıldız", "yıldız"),
        ("ẞtrauß", "ßtrauß"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
        ("ǅ", "ǆ"),
        ("J\u030c", "\u01f0"),
        ("Ị\u0307", "ị\u0307"),  # that mark is on paper
    ],
)
def test_small_letters_are_one_letter_each(written, read):
    assert normaliser(raw=True, lowercase=True)(written) == read


def test_small_letters_of_all_of_unicode_are_as_many_composed_and_stay():
    for letter in map(chr, range(sys.maxunicode + 1)):
        capital = unicodedata.normalize("NFC", letter)
        small = lowered(capital)
        assert len(small) == len(capital), hex(ord(letter))
        assert lowered(small) == small == unicodedata.normalize("NFC", small), hex(ord(letter))


@given(any_text)
def test_to_raw_is_idempotent_and_blind_to_composition(text):
    for lowercase in (True, False):
        read = normaliser(raw=True, lowercase=lowercase)
        once = read(text)
        assert read(once) == once
        assert read(unicodedata.normalize("NFD", text)) == once


def test_names_are_the_same_where_the_network_reads_the_same():
    assert sameness("王宇", raw=False) == sameness("王玉", raw=False) == "wangyu"
    assert sameness("王宇", raw=True) != sameness("王玉", raw=True)
    assert sameness("Yılmaz", raw=True) != sameness("Yilmaz", raw=True)
    for other in ("iNAN", "\ufeffİnan", "I\u0307nan", " inan "):
        assert sameness(other, raw=True) == sameness("İnan", raw=True)


@given(any_text)
def test_what_reads_the_same_is_the_same(text):
    assert sameness(to_raw(text), raw=True) == sameness(text, raw=True)
    assert sameness(lowered(to_raw(text)), raw=True) == sameness(text, raw=True)


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize("lowercase", [True, False])
def test_a_normaliser_can_be_pickled(raw, lowercase):
    read = normaliser(raw, lowercase)
    assert pickle.loads(pickle.dumps(read))("İnan") == read("İnan")


@pytest.mark.filterwarnings("ignore:.*transliterates poorly")
@pytest.mark.parametrize("lowercase", [False, True])
@given(texts=st.lists(st.text(st.characters(exclude_categories=[])), max_size=6))
def test_many_texts_are_read_as_each_alone(lowercase, texts):
    read = normaliser(raw=False, lowercase=lowercase)
    assert each_to_ascii(texts, lowercase) == [read(text) for text in texts]


def test_many_texts_warn_of_a_script_as_one_does(monkeypatch):
    monkeypatch.setattr(letters._TRANSLITERATION, "warned", set())
    with pytest.warns(UserWarning, match="Han script") as said:
        read = each_to_ascii(["Smith", "王", "汪"], lowercase=False)
    assert (read, len(said)) == (["Smith", "Wang", "Wang"], 1)
    assert each_to_ascii(["汪", "Smith"], lowercase=False) == ["Wang", "Smith"], "it was said once"
