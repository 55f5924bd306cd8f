"""Characters that leave no mark on paper, and so are no letters: left out of what a network reads.

Byte-order marks, zero-width spaces, soft hyphens, marks of direction, variation selectors: what
Unicode calls default-ignorable. Joiners stay within words of the scripts that need them. Knows
characters and nothing else.
"""

import re
import unicodedata
from functools import cache

ZERO_WIDTH_JOINER = "\u200d"
# A zero-width joiner or non-joiner, or Mongolian's vowel separator, decides the shape of the
# letters around it, and sometimes the word: Persian, the scripts of India.
JOINERS = f"\u180e\u200c{ZERO_WIDTH_JOINER}"
# Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties.txt, as far as it is assigned,
# and the marks around an annotation (U+FFF9 to U+FFFB).
OTHERS = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f\U000e0100-\U000e01ef"
)
# Scripts with joiners: from Arabic to Sinhala, Khmer, Mongolian, Phags-pa, further Devanagari and
# Arabic, Rohingya, from Brahmi to Kawi, Adlam.
JOINING = (
    "\u0600-\u0dff\u1780-\u180d\u180f-\u18af\ua840-\ua87f\ua8e0-\ua8ff\ufb50-\ufdff\ufe70-\ufefc"
    "\U00010d00-\U00010d3f\U00011000-\U00011fff\U0001e900-\U0001e95f"
)
# The signs that take a letter's vowel: with a joiner after it, also at the end of a word, such a
# letter has a shape of its own (Malayalam's chillu letters).
VIRAMAS = "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca"

_INVISIBLE = re.compile(f"[{OTHERS}{JOINERS}]")
_OTHERS = re.compile(f"[{OTHERS}]+")
_OF_JOINING_SCRIPT = re.compile(f"[{JOINING}]")


def visible(text: str) -> str:
    """The text without invisible characters; a joiner stays between letters that it joins.

    Canonically equivalent texts (NFC, NFD) remain so. Idempotent, also when composed (NFC) after.

    >>> visible("\\ufeffA\\u200bda"), visible("A\\u200cda"), visible("می\\u200cخواهم")
    ('Ada', 'Ada', 'می\\u200cخواهم')
    """
    if text.isascii() or not _INVISIBLE.search(text):
        return text
    text = _OTHERS.sub("", text)
    return _joiners().sub(_where_it_joins, text)


@cache
def _marks() -> str:
    """All marks that Unicode orders canonically: between a letter and a joiner in either order."""
    return "".join(filter(unicodedata.combining, map(chr, range(0x300, 0x1E94B))))


@cache
def _joiners() -> re.Pattern[str]:
    """Joiners, with the letters and marks right before them, and the letter that comes next.

    Made when the first joiner is met, since that takes 20 ms.
    """
    marks = re.escape(_marks())
    # From the start of a run of letters on, and never given back: linear in the text's length.
    return re.compile(
        f"(?<![{JOINING}{marks}])([{JOINING}{marks}]*+)([{JOINERS}]++)"
        f"(?=(?:(?![{JOINING}])[{marks}{JOINERS}])*+([{JOINING}])?)"
    )


def _where_it_joins(found: re.Match[str]) -> str:
    """Letters with the first of the joiners after them, or without where there is none to join."""
    letters, joiners, following = found.groups()
    joins = following and _OF_JOINING_SCRIPT.search(letters)
    if not joins and joiners[0] == ZERO_WIDTH_JOINER:
        last_marks = letters[len(letters.rstrip(_marks())) :]
        joins = any(virama in last_marks for virama in VIRAMAS)
    return letters + joiners[0] if joins else letters
