"""Texts become the same letters in JavaScript as in Python."""

import random
import sys
import unicodedata

import pytest

from charnn.text.invisible import JOINERS, VIRAMAS, visible
from charnn.text.letters import normaliser

pytestmark = pytest.mark.slow  # a browser
CHARACTERS = [  # of which texts are made: accents, cases, scripts, joiners, what is invisible
    *map(chr, range(0x250)),
    *map(chr, range(0x300, 0x370)),
    *map(chr, range(0x900, 0x980)),
    *map(chr, range(0x620, 0x660)),
    *"İIıßẞΣςσJ\u030cǰ" * 3,
    *JOINERS * 30,
    *VIRAMAS * 3,
    *"\ufeff\u200b\u2060\ufe0f\u00ad\u0344\u0345\u0f73\u3164🙂王𠮷한한𐀀𞤀",
]
READ = "([raw, lowercase, texts]) => texts.map(letters.reader({ raw, lowercase }, table)).map((read) => read.join(''))"


def texts(count):
    """Texts of random characters, many of them with joiners."""
    draw = random.Random(0)
    mixed = ["".join(draw.choices(CHARACTERS, k=draw.randrange(12))) for _ in range(count)]
    joining = [*JOINERS, *"نم", *"कम्a \u0301\u0345\u093f"]
    return mixed + ["".join(draw.choices(joining, k=draw.randrange(9))) for _ in range(count)]


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("lowercase", [False, True])
def test_what_is_read_of_a_text(javascript, raw, lowercase, scripts_warned_of):
    asked = texts(2000)
    normalise = normaliser(raw, lowercase)
    found = javascript(READ, [raw, lowercase, asked])
    wrong = {
        ascii(text): (read, normalise(text))
        for text, read in zip(asked, found, strict=True)
        if read != normalise(text)
    }
    assert not wrong


def test_what_is_invisible(javascript):
    asked = texts(2000)
    assert javascript("(texts) => texts.map(letters.visible)", asked) == [*map(visible, asked)]


def test_every_character(javascript, scripts_warned_of):
    normalise = normaliser(raw=False, lowercase=True)
    known = [
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) not in ("Cn", "Co", "Cs")
    ]
    found = javascript(READ, [False, True, known])
    wrong = {
        ascii(letter): (read, normalise(letter))
        for letter, read in zip(known, found, strict=True)
        if read != normalise(letter)
    }
    assert not wrong
