"""A network that reads C or C++ and generates code that looks like it, but means nothing.

    python examples/source_code.py my_project_folder

A bracket must be closed that was opened long ago: generating code takes a memory. So the generated
code is not only shown but counted: of the brackets that it closes, how many are of the kind that
was opened last? A network without a memory would be right in one of three.
"""

import sys
import tempfile
from pathlib import Path

from shakespeare import learn

from charnn import cli
from charnn.errors import CharnnError
from charnn.terminal import WRITTEN, show

KINDS = {".c", ".h", ".cc", ".cpp", ".cxx", ".hh", ".hpp"}
PAIRS = {")": "(", "]": "[", "}": "{"}


def gather(folder: str | Path) -> str:
    """All source files of a folder and those inside it, one after the other."""
    files = sorted(
        path for path in Path(folder).rglob("*") if path.suffix.lower() in KINDS and path.is_file()
    )
    return "".join(path.read_text(encoding="utf-8", errors="replace") for path in files)


def closed_rightly(code: str) -> float:
    """The share of closing brackets whose kind is that of the last one still open."""
    still_open: list[str] = []
    right: list[bool] = []
    for letter in code:
        if letter in PAIRS.values():
            still_open.append(letter)
        elif letter in PAIRS:
            right.append(bool(still_open) and still_open.pop() == PAIRS[letter])
    return sum(right) / max(len(right), 1)


def main(argv: list[str] | None = None) -> None:
    """Trains on a folder's source files, generates code, counts brackets."""
    options = cli.Parser(description=__doc__, allow_abbrev=False)
    options.add_argument("folder", metavar="FOLDER", help="a project in C or C++")
    arguments = options.parse_args(argv)
    code = gather(arguments.folder)
    if not code:
        raise CharnnError(
            f"{arguments.folder} holds no file that ends with "
            f"{', '.join(sorted(KINDS))}; give a folder of C or C++"
        )
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder, "code.txt")
        text.write_text(code, encoding="utf-8")
        generator = learn(text, "static ")
    generated = generator.generate(prefix="static ", temperature=0.8, length=20_000, seed=0)[0]
    show("\n".join(["=" * 80, generated[:1500], "=" * 80]), keep=WRITTEN)
    bits = generator.figures["test"]["bits_per_char"]
    show(f"{bits:.2f} bits per character of code that it never saw")
    show(
        f"brackets closed by the right kind: {closed_rightly(generated):.0%} in "
        f"{len(generated):,} characters of its own, {closed_rightly(code):.0%} in what it read"
    )


if __name__ == "__main__":
    sys.exit(cli.run(main))
