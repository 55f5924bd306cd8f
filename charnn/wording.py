"""Text for people: numbers with their nouns, and letters that are safe to print."""



def printable(text: object) -> str:
    """The text on one line and harmless to a terminal: control characters as Python writes them."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in str(text))


def count(number: int, noun: str) -> str:
    """How many, for a message: `1 line`, `2,000 lines`."""
    return f"{number:,} {noun}" + ("s" if number != 1 else "")
