"""What a letter is to charnn: Unicode to ASCII, or as it is written; and when two names are the same.

Knows nothing of files or numbers.
"""

import unicodedata
import warnings
from collections.abc import Callable

from anyascii import anyascii

UNKNOWN = "?"  # what to_ascii writes for anything it cannot keep; every "?" is encoded as id 0
KEPT = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,;'-")
APOSTROPHES = "\u2018\u2019\u201b\u02bb\u02bc\u02b9\u02bf\u02be\u2032\u00b4`"  # typed for ' all over the world
POOR_SCRIPTS = {"CJK": "Han", "HEBREW": "Hebrew", "ARABIC": "Arabic"}  # anyascii guesses or drops vowels here


def poor_script(character: str) -> str | None:
    """The script of a character that transliterates poorly to ASCII, such as Han; None of any other."""
    return POOR_SCRIPTS.get(unicodedata.name(character, "").split(" ")[0])


class _Transliteration(dict):
    """For str.translate: each character's ASCII, worked out when it is first met."""

    def __init__(self):
        super().__init__({ord(character): "'" for character in APOSTROPHES})
        self.poor = {}  # the script of each character met that transliterates poorly
        self.warned = set()

    def __missing__(self, code):
        self[code] = ascii_text = self._ascii(chr(code))
        return ascii_text

    def _ascii(self, character):
        if character in KEPT:
            return character
        kind = unicodedata.category(character)
        if kind == "Pd":  # every dash and hyphen
            return "-"
        if kind == "Zs" or character in "\t\n\r\v\f":
            return " "
        if kind == "Cf":  # zero-width joiners, direction marks, soft hyphens: not letters
            return ""
        if kind[0] not in "LM" and kind != "Nd":
            return UNKNOWN
        script = poor_script(character)
        if script:
            self.poor[character] = script
        text = "".join(letter if letter in KEPT else UNKNOWN for letter in anyascii(character))
        return text if text or kind[0] == "M" else UNKNOWN  # a mark may vanish, a letter may not

    def warn(self, text):
        """Warns once per script of the letters in the text that transliterate poorly."""
        for character in self.poor.keys() & set(text):
            script = self.poor[character]
            if script not in self.warned:
                self.warned.add(script)
                warnings.warn(f"{script} script ({character!r}) transliterates poorly to ASCII; "
                              "give romanised names, or train with --raw to keep the script", stacklevel=4)


_TRANSLITERATION = _Transliteration()


def to_ascii(text: str) -> str:
    """The text in ASCII letters, digits, space and .,;'- with "?" for what has no letter.

    Composes (NFC), then maps each letter with anyascii: ł to l, ß to ss, Я to Ya.
    No letter disappears; emoji and symbols become the unknown symbol "?".
    Idempotent. Han, Hebrew and Arabic script warn once, since they transliterate poorly.

    >>> to_ascii("Ślusàrski"), to_ascii("O’Néàl"), to_ascii("🙂")
    ('Slusarski', "O'Neal", '?')
    """
    plain = transliterate(text)
    if _TRANSLITERATION.poor and not text.isascii():
        _TRANSLITERATION.warn(text)
    return plain


def transliterate(text: str) -> str:
    """What `to_ascii` gives, without a warning."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return text.translate(_TRANSLITERATION).strip(" ")


def to_raw(text: str) -> str:
    """The text composed (NFC) and otherwise as it is written: what --raw trains on."""
    return unicodedata.normalize("NFC", text).strip()


def normaliser(raw: bool, lowercase: bool) -> Callable[[str], str]:
    """The function that makes a user's text what a network with this configuration reads."""
    base = to_raw if raw else to_ascii
    return (lambda text: base(text).lower()) if lowercase else base


def spelling(name: str) -> str:
    """What makes two names the same for a split: ASCII and without case. Warns of no script."""
    return transliterate(name).casefold()
