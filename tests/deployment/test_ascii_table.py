"""The table of the JavaScript engine and `to_ascii` say the same of every character."""

import re
import sys
import unicodedata

import pytest
from build_ascii_table import TABLE

from charnn.text.letters import UNKNOWN_SYMBOL, ascii_of

TEXT = TABLE.read_text(encoding="utf-8")
TYPED = range(0x3000)  # the alphabets of Europe and India, and others beside them
OTHERS = range(0x3000, sys.maxunicode + 1)


def table():
    """The ASCII of each character of the file."""
    found = {}
    for line in TEXT.splitlines()[1:]:
        first, texts = line.split("=")
        for place, text in enumerate(texts.split("|")):
            found[int(first, 16) + place] = text
    return found


def number(version):
    """A version of Unicode, to compare."""
    return tuple(map(int, version.split(".")))


@pytest.mark.parametrize("codes", [TYPED, pytest.param(OTHERS, marks=pytest.mark.slow)])
def test_the_table_has_every_character(codes):
    made_from = re.match(r"# .* anyascii [\d.]+, Unicode ([\d.]+)$", TEXT.splitlines()[0])[1]
    is_newer = number(unicodedata.unidata_version) > number(made_from)
    found, wrong = table(), {}
    for code in codes:
        letter = chr(code)
        text = found.get(code, UNKNOWN_SYMBOL)
        if unicodedata.category(letter) in ("Cn", "Cs") or text == ascii_of(letter):
            continue
        if not (is_newer and code not in found):  # a letter that Unicode has had since
            wrong[letter] = text, ascii_of(letter)
    assert not wrong, "run scripts/build_ascii_table.py"


def test_the_table_is_small_enough_for_a_page():
    assert len(TEXT) < 500_000
    assert TEXT.isascii()
