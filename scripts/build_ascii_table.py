#!/usr/bin/env python3
"""What does `to_ascii` make of each character? Writes the answer to charnn/deployment/ascii.txt.

    python scripts/build_ascii_table.py

For the JavaScript engine, which has no anyascii. All of Unicode is in it, Han beyond its first
plane too (people are called 𠮷田), so that there is no character of which the two engines think
differently. Run it again when anyascii, or Python's Unicode, is a newer one.
"""

import sys
import unicodedata
from importlib.metadata import version
from pathlib import Path

from charnn import cli
from charnn.files import write
from charnn.terminal import show
from charnn.text.letters import UNKNOWN_SYMBOL, ascii_of

TABLE = Path(__file__).resolve().parents[1] / "charnn" / "deployment" / "ascii.txt"
SURROGATES = range(0xD800, 0xE000)  # halves of characters, which no text has
BRIDGED = 3  # characters without ASCII that do not end a run: shorter than a new run


def main(argv: list[str] | None = None) -> None:
    """Writes the table and says how large it is."""
    cli.Parser(description=__doc__, allow_abbrev=False).parse_args(argv)
    text = table()
    write(TABLE, text.encode())
    show(f"{TABLE.name}: {len(text):,} bytes")


def table() -> str:
    """The lines of the file: for each run of characters the first one's code point and the ASCII.

    `c0=A|A|A` says that U+00C0 to U+00C2 are all A. A comment says what it was made from.
    """
    about = f"anyascii {version('anyascii')}, Unicode {unicodedata.unidata_version}"
    lines = [f"# Made by scripts/build_ascii_table.py from {about}"]
    lines += [f"{first:x}={'|'.join(texts)}" for first, texts in runs().items()]
    return "\n".join(lines) + "\n"


def runs() -> dict[int, list[str]]:
    """The ASCII of all characters that have some, by the code point that starts each run."""
    found: dict[int, list[str]] = {}
    first = 0
    for code in range(sys.maxunicode + 1):
        text = UNKNOWN_SYMBOL if code in SURROGATES else ascii_of(chr(code))
        if text == UNKNOWN_SYMBOL:
            continue
        gap = code - first - len(found.get(first, []))
        if not found or gap > BRIDGED:
            first, gap, found[code] = code, 0, []
        found[first] += [UNKNOWN_SYMBOL] * gap + [text]
    return found


if __name__ == "__main__":
    sys.exit(cli.run(main))
