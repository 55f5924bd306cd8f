"""Letters: Unicode to ASCII, or as they are written; and when two names are the same.

Knows nothing of files or numbers.
"""

import re
import unicodedata
import warnings
from collections.abc import Callable, Sequence
from functools import partial

from anyascii import anyascii

from charnn.text.invisible import visible
from charnn.wording import quoted

UNKNOWN_SYMBOL = "?"  # for anything that to_ascii cannot keep; every "?" is encoded as id 0
KEPT = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,;'-")
# Signs that are typed for an apostrophe all over the world.
APOSTROPHES = "\u2018\u2019\u201b\u02bb\u02bc\u02b9\u02bf\u02be\u2032\u00b4`"
SECOND_DOT = re.compile("i\u0307+")  # an i, and dots above it
# Scripts in which anyascii guesses or drops vowels, by the first word of their letters' names.
POOR_SCRIPTS = {"CJK": "Han", "HEBREW": "Hebrew", "ARABIC": "Arabic"}


def poor_script(character: str) -> str | None:
    """The script of a character that transliterates poorly to ASCII, such as Han; or None."""
    return POOR_SCRIPTS.get(unicodedata.name(character, "").split(" ")[0])


class PoorScript(UserWarning):
    """Warns of a script that transliterates poorly, and names a letter of it."""

    def __str__(self) -> str:
        script, character = self.args
        return (
            f"{script} script ({quoted(character)}) transliterates poorly to ASCII; give romanised "
            "names, or train with --raw to keep the script"
        )


class _Transliteration(dict[int, str]):
    """For str.translate: each character's ASCII, worked out the first time it occurs."""

    def __init__(self) -> None:
        super().__init__({ord(character): "'" for character in APOSTROPHES})
        self.poor: dict[str, str] = {}  # the script of each character that transliterates poorly
        self.warned: set[str] = set()

    def __missing__(self, code: int) -> str:
        self[code] = ascii_text = self._ascii(chr(code))
        return ascii_text

    def _ascii(self, character: str) -> str:
        if character in KEPT:
            return character
        category = unicodedata.category(character)
        if category == "Pd":  # dashes and hyphens
            return "-"
        if character.isspace():
            return " "
        if category == "Cf":  # zero-width joiners, direction marks, soft hyphens: not letters
            return ""
        if category[0] not in "LM" and category != "Nd":
            return UNKNOWN_SYMBOL
        script = poor_script(character)
        if script:
            self.poor[character] = script
        text = "".join(
            letter if letter in KEPT else UNKNOWN_SYMBOL for letter in anyascii(character)
        )
        # A combining mark may become nothing; a letter becomes the unknown symbol rather than
        # nothing, so that no letter of a name silently disappears.
        return text if text or category[0] == "M" else UNKNOWN_SYMBOL

    def warn(self, text: str) -> None:
        """Warns once for each script of the letters in the text that transliterate poorly."""
        if self.poor.keys().isdisjoint(text):
            return
        for character in filter(self.poor.__contains__, text):
            script = self.poor[character]
            if script not in self.warned:
                self.warned.add(script)
                warnings.warn(PoorScript(script, character), stacklevel=4)


class _Lines(dict[int, str]):
    """As _Transliteration, for several texts with line ends between them, which stay."""

    def __missing__(self, code: int) -> str:
        self[code] = ascii_text = _TRANSLITERATION[code]
        return ascii_text


_TRANSLITERATION = _Transliteration()
_LINES = _Lines({ord("\n"): "\n"})


def ascii_of(character: str) -> str:
    """What `to_ascii` makes of one character, composed (NFC); "?" where it has no letter.

    Not remembered, so that all of Unicode can be asked for.
    """
    known = _TRANSLITERATION.get(ord(character))
    return _TRANSLITERATION._ascii(character) if known is None else known


def to_ascii(text: str) -> str:
    """The text in ASCII letters, digits, space and .,;'- with "?" for what has no letter.

    Composes (NFC), then maps each letter with anyascii: ł to l, ß to ss, Я to Ya. No letter
    disappears; emoji and symbols become the unknown symbol "?". Idempotent. Han, Hebrew and Arabic
    script warn once, since they transliterate poorly.

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


def each_to_ascii(texts: Sequence[str], lowercase: bool) -> list[str]:
    """What `normaliser(raw=False, lowercase)` makes of each text, all of them at once.

    Of a name, calling it takes longer than looking at its letters.
    """
    joined = "\n".join(texts)
    if joined.count("\n") != len(texts) - 1:  # a text holds a line end
        return list(map(normaliser(False, lowercase), texts))
    if not joined.isascii():
        joined = unicodedata.normalize("NFC", joined)
    plain = joined.translate(_LINES)
    if _TRANSLITERATION.poor and not joined.isascii():
        _TRANSLITERATION.warn(joined)
    if lowercase:
        plain = plain.lower()
    return [text.strip(" ") for text in plain.split("\n")]


def to_raw(text: str) -> str:
    """The text as it is written, composed (NFC): what --raw trains on.

    Invisible characters are left out, and white space around it. Idempotent.
    """
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFC", visible(text)).strip()


def lowered(text: str) -> str:
    """The text in small letters, each letter one letter: İ becomes i, without a dot beside it.

    I becomes i too, as in most languages: in which I means ı, a name does not say. Idempotent.

    >>> lowered("İNAN"), lowered("Strauß"), lowered("ΟΔΟΣ")
    ('inan', 'strauß', 'οδος')
    """
    text = text.lower()
    if text.isascii():
        return text
    # Python lowers İ to an i and a dot above it (U+0307), which i has anyway. A capital with an
    # accent may be two characters where its small letter is one, such as J̌ and ǰ.
    return unicodedata.normalize("NFC", SECOND_DOT.sub("i", text))


def normaliser(raw: bool, lowercase: bool) -> Callable[[str], str]:
    """The function that turns a user's text into what a network with this configuration reads."""
    base = to_raw if raw else to_ascii
    # A partial of two functions and no lambda: a model is pickled with what it reads by.
    return partial(_lowered, base) if lowercase else base


def _lowered(base: Callable[[str], str], text: str) -> str:
    return lowered(base(text))


def spelling(name: str) -> str:
    """What makes two names the same for a split: ASCII without case. Warns of no script."""
    return transliterate(name).casefold()


def sameness(name: str, raw: bool) -> str:
    """What makes two names the same to a network that reads ASCII, or with --raw what is written.

    Case makes no difference. In ASCII 王 and 汪 are the same, Wang; as they are written they are
    two names.
    """
    return lowered(to_raw(name)).casefold() if raw else spelling(name)
