"""Text for people: numbers with their nouns, and letters that are safe to print."""


def counted(number: int, noun: str) -> str:
    """A number with its noun, for a message: `1 line`, `2,000 lines`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def printable(text: object) -> str:
    """The text on one line and harmless to a terminal: control characters as Python escapes."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in str(text))
