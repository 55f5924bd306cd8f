"""The surname in a person's full name: without titles, suffixes and given names.

What is a title, a suffix or a particle is known by nameparser, the extra "people"; which part of a
name is the surname is said by the name's format. Knows nothing of models.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from charnn.config import MAX_CHARACTERS
from charnn.errors import CharnnError
from charnn.wording import choices, quoted

if TYPE_CHECKING:
    from nameparser import Lexicon, Parser

FORMATS = ("surname", "full", "last-first", "auto")
WORDS = re.compile(r"[^\s,]+")
# First words of surnames that nameparser does not list, or takes for given names.
PARTICLES = ("an", "dalla", "el", "giolla", "in", "lo", "mag", "nic", "nig", "o", "ten")
REMEMBERED = 16_384  # names: a table often holds the same ones again


def surnames(names: Sequence[str], name_format: str = "surname") -> Sequence[str]:
    """`surname_of` each name. Raises CharnnError for an unknown format or without nameparser."""
    check_format(name_format)
    if name_format == "surname":
        return names
    return [surname_of(name, name_format) for name in names]


def surname_of(name: str, name_format: str) -> str:
    """The surname in a name that is written in a format.

    "surname": the name is one, and comes back as it is. "full": given names first. "last-first":
    the surname first, up to the comma if there is one. "auto": up to a comma if there is one;
    otherwise words that are all particles but the last (van der Berg) are a surname, and other
    words begin with given names. Particles stay with their surname, and a single word is one.
    Of two surnames without a comma, as Spanish and Portuguese names have, only the last is found.

    Raises CharnnError for another format, and without nameparser for all but "surname".
    """
    check_format(name_format)
    if name_format == "surname" or not isinstance(name, str) or len(name) > MAX_CHARACTERS:
        return name  # what is no name is left to the model to refuse
    return _surname(name, name_format)


def check_format(name_format: str) -> None:
    """Raises CharnnError for a format that there is not, and for one whose library is missing."""
    if name_format not in FORMATS:
        raise CharnnError(
            f"name format {quoted(name_format)} is unknown; {choices(name_format, FORMATS)}"
        )
    if name_format != "surname":
        _lexicon()


@lru_cache(REMEMBERED)
def _surname(name: str, name_format: str) -> str:
    """`surname_of` for the formats that need a parser."""
    words = WORDS.findall(name)
    if len(words) < 2:
        return " ".join(words)
    if "," in name:
        return _parser(False).parse(name).family
    parsed = _parser(name_format == "last-first").parse(name)
    if name_format == "last-first":
        # Of a title and one word, or a word and a suffix, that word is the surname.
        return parsed.family or parsed.given or name
    without_titles = f"{parsed.given} {parsed.middle} {parsed.family}".split()
    if _is_surname(without_titles, name_format):
        return " ".join(without_titles)
    return parsed.family or parsed.given or name


def _is_surname(words: list[str], name_format: str) -> bool:
    """Whether all words but the last are particles; a full name of two has a given name."""
    fewest = 3 if name_format == "full" else 2
    particles = _lexicon().particles
    return len(words) >= fewest and all(word.casefold() in particles for word in words[:-1])


@cache
def _parser(family_first: bool) -> "Parser":
    """nameparser's parser. Raises CharnnError where nameparser is not installed."""
    lexicon = _lexicon()
    from nameparser import FAMILY_FIRST, Parser, Policy

    if not family_first:
        return Parser(lexicon=lexicon)
    # A surname that comes first begins with its particles: van is no given name there.
    lexicon = lexicon.remove(
        particles_ambiguous=lexicon.particles_ambiguous,
        bound_given_names=lexicon.bound_given_names & lexicon.particles,
    )
    return Parser(lexicon=lexicon, policy=Policy(name_order=FAMILY_FIRST))


@cache
def _lexicon() -> "Lexicon":
    """What nameparser knows of titles, suffixes and particles, and PARTICLES."""
    try:
        from nameparser import Lexicon
    except ImportError:
        raise CharnnError(
            "names are taken apart with nameparser (2.6 or newer), which is not installed; "
            "pip install 'charnn[people]', or give surnames alone"
        ) from None
    return Lexicon.default().add(particles=PARTICLES)
