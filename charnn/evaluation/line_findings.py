"""What can be wrong with lines of names and their letters: a function for each kind of fault.

Knows lines; reads no file and computes no figure.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from charnn.config import Config
from charnn.evaluation.findings import LOOK, STOP, Finding, Line, all_of
from charnn.text.invisible import visible
from charnn.text.letters import UNKNOWN_SYMBOL, poor_script, to_raw, transliterate
from charnn.wording import counted, quoted

LONG = 50  # characters from which a line is hardly a name
WORDS = 3  # words from which a line is hardly a name


def of_suspicious_lines(lines: list[Line]) -> Iterator[Finding]:
    """Lines that are probably not names."""
    limit = Config().max_length
    too_long = (
        f"longer than {limit} characters, which training refuses; shorten them, raise --max-length "
        "or, for texts, train with --tokens words"
    )
    faults: tuple[tuple[str, str, Callable[[str], bool], str], ...] = (
        (STOP, "too long", lambda name: len(name) > limit, too_long),
        (LOOK, "long", lambda name: LONG <= len(name) <= limit, f"of {LONG} characters or more"),
        (LOOK, "digits", lambda name: any(map(str.isdigit, name)), "with a digit"),
        (LOOK, "several words", lambda n: len(n.split()) >= WORDS, f"of {WORDS} words or more"),
        (LOOK, "damaged", damaged, "with letters that a wrong encoding has damaged"),
    )
    for severity, kind, is_wrong, text in faults:
        wrong = [str(line) for line in lines if is_wrong(line.name)]
        yield from all_of(severity, kind, wrong, "line", text)


def damaged(name: str) -> bool:
    """A letter was lost, or UTF-8 was read as Windows-1252 or Latin-1: "MÃ¼ller"."""
    if "\N{REPLACEMENT CHARACTER}" in name:
        return True
    if name.isascii():
        return False
    # Text that was written as UTF-8 and read in another encoding becomes UTF-8 again when it is
    # written in that encoding; other text hardly ever does.
    return any(_is_utf8_read_as(encoding, name) for encoding in ("cp1252", "latin-1"))


def _is_utf8_read_as(encoding: str, name: str) -> bool:
    """Whether the name's bytes in an encoding are UTF-8."""
    try:
        name.encode(encoding).decode("utf-8")
    except UnicodeError:
        return False
    return True


def changed_letters(lines: list[Line]) -> dict[str, int]:
    """The letters that become others in ASCII, the most frequent first: {"é -> e": how often}."""
    changed: Counter[str] = Counter()
    for letter, n in _letters_of(lines).items():
        ascii_text = transliterate(letter)
        readable = UNKNOWN_SYMBOL not in ascii_text and not poor_script(letter)
        if readable and ascii_text != letter and not letter.isspace():
            changed[f"{letter} -> {ascii_text}"] = n
    return dict(changed.most_common())


def of_letters(lines: list[Line]) -> Iterator[Finding]:
    """Letters that ASCII cannot express, or not well, and lines without any that can be read."""
    unknown: Counter[str] = Counter()
    by_script = defaultdict(set)
    for letter, n in _letters_of(lines).items():
        script = poor_script(letter)
        if UNKNOWN_SYMBOL in transliterate(letter):
            unknown[letter] = n
        elif script:
            by_script[script].add(letter)
    shown = [f"{quoted(letter)} ({n:,})" for letter, n in unknown.most_common()]
    text = "without an ASCII form; all become the unknown symbol unless you train with --raw"
    yield from all_of(LOOK, "unknown letters", shown, "character", text)
    for script, letters in by_script.items():
        affected = [str(line) for line in lines if not letters.isdisjoint(to_raw(line.name))]
        text = (
            f"in {script} script, which transliterates poorly; give romanised names, or train "
            "with --raw"
        )
        yield from all_of(LOOK, "script", affected, "line", text)
    unreadable = [str(line) for line in lines if not any(map(str.isalnum, line.spelling))]
    text = "without a letter or digit that can be read"
    yield from all_of(LOOK, "no letter", unreadable, "line", text)


def of_invisible_characters(lines: list[Line]) -> Iterator[Finding]:
    """Characters that nobody sees, such as byte-order marks within a text and soft hyphens."""
    counts: Counter[str] = Counter()
    first: dict[str, Line] = {}
    affected = 0
    for line in lines:
        left_out = Counter(line.name) - Counter(visible(line.name))
        counts += left_out
        affected += bool(left_out)
        for character in left_out:
            first.setdefault(character, line)
    shown = [
        f"U+{ord(character):04X} {unicodedata.name(character, 'without a name')}, "
        f"{n:,} times, first in {first[character]}"
        for character, n in counts.most_common()
    ]
    text = (
        f"{counted(counts.total(), 'invisible character')} in {counted(affected, 'line')}; "
        "they are left out of what is read"
    )
    if counts:
        yield Finding(LOOK, "invisible", text, counts.total(), shown)


def _letters_of(lines: list[Line]) -> Counter[str]:
    """How often each character occurs."""
    return Counter("".join(to_raw(line.name) for line in lines))
