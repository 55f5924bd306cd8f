"""What leaves no mark on paper is no letter; a joiner stays where it joins."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charnn.text.invisible import JOINERS, visible
from charnn.text.letters import to_raw

COMPOSE, TAKE_APART = "NFC", "NFD"
# Marks that Unicode reorders and composes, letters that join and such as do not, and joiners.
MIXED = st.text(
    st.sampled_from(
        "\u200c\u200d\u180e\u200b\u034f\ufe0f e\u0301\u0323\u00e9\u0951\u093c\u094d\u0915\u0958"
        "\u0628\u0653\u0627\u05b4\u0e38\uac00\u1100\u1161\u09c7\u09be\u09cb"
    ),
    max_size=12,
)
LEFT_OUT = {
    "byte-order mark": "\ufeff",
    "zero-width space": "\u200b",
    "word joiner": "\u2060",
    "soft hyphen": "\u00ad",
    "left to right": "\u200e",
    "right to left": "\u200f",
    "Arabic letter mark": "\u061c",
    "embedding": "\u202b",
    "override": "\u202e",
    "isolate": "\u2067",
    "grapheme joiner": "\u034f",
    "variation selector": "\ufe0f",
    "ideographic variation": "\U000e0101",
    "tag": "\U000e0067",
    "Hangul filler": "\u3164",
    "annotation": "\ufff9",
    "joiner": "\u200d",
    "non-joiner": "\u200c",
    "Mongolian vowel separator": "\u180e",
}


@pytest.mark.parametrize("invisible", LEFT_OUT.values(), ids=LEFT_OUT)
@pytest.mark.parametrize("name", ["Ada", "Müller", "王玉", "Иванов"])
def test_what_nobody_sees_is_left_out(invisible, name):
    for place in range(len(name) + 1):
        assert to_raw(name[:place] + invisible + name[place:]) == name
    assert to_raw(f"{invisible} {name} {invisible}") == name
    assert to_raw(invisible * 3) == ""


@pytest.mark.parametrize(
    "name",
    [
        "می\u200cخواهم",  # Persian: the letters must not join
        "श्री\u200cमान",
        "क्\u200dष",  # Devanagari: a half letter
        "র\u200d্যাব",  # Bengali: before the mark that takes the vowel
        "ක්\u200dෂ",  # Sinhala
        "മോഹന്\u200d",  # Malayalam: the last letter without its vowel
        "ᠬᠣᠨ\u180eᠠ",  # Mongolian: the last vowel stands apart
    ],
)
def test_a_joiner_stays_where_the_script_needs_it(name):
    assert to_raw(name) == unicodedata.normalize(COMPOSE, name)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("سلام\u200c", "سلام"),
        ("\u200cسلام", "سلام"),
        ("سلام\u200c سلام", "سلام سلام"),
        ("می\u200c\u200c\u200dخواهم", "می\u200cخواهم"),
        ("می\ufeff\u200c\u200bخواهم", "می\u200cخواهم"),
        ("Aس\u200cB", "AسB"),
        ("👩\u200d👧", "👩👧"),
    ],
)
def test_a_joiner_without_letters_to_join_is_left_out(written, read):
    assert to_raw(written) == read


@given(MIXED)
def test_what_is_visible_is_so_however_it_is_composed(text):
    read = to_raw(text)
    assert to_raw(read) == read
    assert {to_raw(unicodedata.normalize(form, text)) for form in (COMPOSE, TAKE_APART)} == {read}


def test_of_marks_of_format_only_visible_ones_and_joiners_stay():
    left = {
        letter
        for letter in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(letter) == "Cf" and visible(letter) == letter
    }
    names = {unicodedata.name(letter) for letter in left}
    assert left.isdisjoint(JOINERS)
    # Signs around Arabic, Syriac and Kaithi numbers are seen, and hieroglyphs are built with theirs.
    for name in names:
        assert name.startswith(("ARABIC", "SYRIAC", "KAITHI", "EGYPTIAN HIEROGLYPH")), name


def test_nothing_else_is_left_out():
    for letter in map(chr, range(sys.maxunicode + 1)):
        if visible(letter) != letter:
            seen = unicodedata.category(letter)
            assert seen in ("Cf", "Mn") or "FILLER" in unicodedata.name(letter), hex(ord(letter))


@pytest.mark.parametrize(
    "text",
    [
        "ب" * 500_000 + "\u200c",
        "ب\u200c" * 100_000,
        "\u094d" * 500_000,
        "\u200c" * 500_000,
        "\u0301" * 500_000 + "\u200d",
    ],
)
def test_a_long_text_takes_time_in_its_length(text):
    assert len(visible(text)) <= len(text)  # a rule that looked back each time would take hours
