"""Text for people: numbers with their nouns, and what comes from files, safe and short to print."""

from collections.abc import Collection, Iterable

QUOTED = 200  # characters of a value that a message repeats, at most
MESSAGE = 1000  # characters of a message
LISTED = 20  # things of a list that a message names, at most
# Unicode's other spaces: no control characters, but not printable to Python.
SPACES = "\u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f\u3000"
JOINERS = "\u200c\u200d"  # of Persian, Hindi or emoji: they change a letter's shape and no more


def counted(number: int, noun: str) -> str:
    """A number with its noun, for a message: `1 line`, `2,000 lines`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def about_duration(seconds: float) -> str:
    """A duration, as roughly as it can be known beforehand: `about 40 seconds`, `about 2 hours`."""
    if seconds < 95:
        return f"about {counted(max(10, 10 * round(seconds / 10)), 'second')}"
    minutes = round(seconds / 60)
    if minutes < 91:
        return f"about {counted(minutes, 'minute')}"
    return f"about {counted(round(minutes / 60), 'hour')}"


def printable(text: object, keep: str = "") -> str:
    """The text on one line and harmless to a terminal.

    Control characters, line ends and marks that change the direction of writing become Python
    escapes, but for those of `keep`.
    """
    text, allowed = str(text), JOINERS + keep
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() or letter in allowed else repr(letter)[1:-1]
        for letter in text
    )


def shortened(text: object, most: int = MESSAGE) -> str:
    """A message on one line: of one longer than `most` characters the beginning and the end."""
    message, end = str(text), most // 3
    if len(message) > most:
        message = f"{message[: most - end - 3]} … {message[-end:]}"
    return printable(message)


def quoted(value: object, most: int = QUOTED) -> str:
    """A value as Python writes it, for a message: on one line, and not longer than `most`."""
    # Cut before it is written out and escaped: a file may bring a value of any length.
    if isinstance(value, str | bytes | list | tuple):
        value = value[: most + 1]
    # Python refuses to write out a whole number of more than 4,300 digits.
    huge = isinstance(value, int) and value.bit_length() > 10_000
    text = "a number of more than 3,000 digits" if huge else printable(repr(value))
    return text if len(text) <= most else f"{text[: most - 1]}…"


def listed(values: Iterable[object], most: int = LISTED) -> str:
    """The first values of a list, and how many more there are: `A, B, C and 480 more`."""
    texts = [printable(value)[:QUOTED] for value in values]
    more = len(texts) - most
    return ", ".join(texts[:most]) + (f" and {more:,} more" if more > 0 else "")


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """`did you mean lstm?` where a known word is like an unknown one, or else an empty text."""
    from difflib import get_close_matches

    folded = {name.casefold().lstrip("-"): name for name in known}
    asked = str(word)[:QUOTED].casefold().lstrip("-")  # comparing a long one takes long
    near = get_close_matches(asked, folded, n=1, cutoff=0.5)
    return f"did you mean {printable(folded[near[0]])[:QUOTED]}?" if near else ""


def choices(word: object, known: Collection[str]) -> str:
    """What to do about a word that is none of these: `choose from rnn, gru; did you mean gru?`."""
    near = did_you_mean(word, known)
    return f"choose from {listed(known)}" + (f"; {near}" if near else "")
