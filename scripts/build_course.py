#!/usr/bin/env python3
"""What do the commands on the course's pages print and draw? Runs them and updates the pages.

    python scripts/build_course.py [PAGE ...]

A console block holds one command, `$ python ...`, and below it what it printed to standard output.
The commands of a page run in their order in one temporary folder, in which data/, scripts/ and
examples/ are the project's. A link to a picture beside the page, before the next command, is the
picture that the command wrote; no other command may have one. A page of docs/tr runs nothing: it
takes over the outputs of the page of docs/course that has its name.

Knows what a command wrote, not what it means.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from charnn import cli
from charnn.errors import CharnnError

ROOT = Path(__file__).resolve().parents[1]
ENGLISH, TURKISH = ROOT / "docs" / "course", ROOT / "docs" / "tr"
PAGES = "[0-9][0-9]-*.md"
LINKS = ("data", "scripts", "examples")  # what of the project a command finds in its folder

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)/\s]+\.(?:png|svg))\)")  # beside the page: no folder


class Block(NamedTuple):
    """A command of a page and where its output is."""

    command: str
    start: int  # of the output in the page's text
    end: int
    picture: str | None  # the file name that the page shows it by


class Ran(NamedTuple):
    """What a command wrote."""

    output: str
    pictures: list[Path]  # those that were not there before


def main(argv: list[str] | None = None) -> None:
    """Parses, runs the English pages, then fills the Turkish ones."""
    options = cli.Parser(description=__doc__, allow_abbrev=False)
    options.add_argument(
        "pages",
        metavar="PAGE",
        nargs="*",
        type=Path,
        help="files of docs/course or docs/tr (default: all)",
    )
    arguments = options.parse_args(argv)
    pages = [page.resolve() for page in arguments.pages]
    pages = pages or [*ENGLISH.glob(PAGES), *TURKISH.glob(PAGES)]
    for page in sorted(pages, key=lambda page: (page.parent == TURKISH, page)):
        if page.parent == TURKISH:
            translate(page, ENGLISH / page.name)
        else:
            build(page)


def build(page: Path) -> None:
    """Runs the commands of a page and writes it and its pictures, where they changed.

    Raises CharnnError for a page that cannot be read, and for a command that fails or did not write
    its picture.
    """
    text = read(page)
    outputs: list[str] = []
    pictures: dict[str, bytes] = {}
    with workshop() as folder:
        for block in blocks(text, page):
            print(f"{page.name}: $ {block.command}", file=sys.stderr)
            ran = run(block.command, folder)
            outputs.append(ran.output)
            if block.picture is not None:
                pictures[block.picture] = the_picture(block, ran).read_bytes()
    for name, content in pictures.items():
        replace(page.parent / name, content)
    replace(page, fill(text, outputs, page).encode())


def translate(page: Path, original: Path) -> None:
    """Writes the outputs of the page of the other language under the same commands.

    Raises CharnnError where the two pages have not the same commands in the same order.
    """
    text, source = read(page), read(original)
    mine, theirs = blocks(text, page), blocks(source, original)
    commands = ([block.command for block in of] for of in (mine, theirs))
    for here, there in zip_longest(*commands):
        if here != there:
            raise CharnnError(
                f"{page} has {here or 'no command'} where {original} has "
                f"{there or 'none'}; give both pages the same commands in the "
                "same order"
            )
    outputs = [source[block.start : block.end] for block in theirs]
    replace(page, fill(text, outputs, page).encode())


def blocks(text: str, page: Path) -> list[Block]:
    """The console blocks of a page's text. Raises CharnnError for one that has not one command."""
    found = list(BLOCK.finditer(text))
    ends = [*(match.start() for match in found[1:]), len(text)]
    result = []
    for match, end in zip(found, ends, strict=True):
        first, _, output = match.group(1).partition("\n")
        start = match.start(1) + len(first) + 1
        if not re.match(r"\$ +\S", first) or re.search(r"^\$ ", output, re.MULTILINE):
            line = text.count("\n", 0, match.start()) + 1
            raise CharnnError(
                f"{page}: the console block of line {line} must hold one command; "
                "let it begin with `$ ` and give each command a block of its own"
            )
        command = first.removeprefix("$ ").strip()
        picture = PICTURE.search(text, match.end(), end)
        shown = None if picture is None else picture.group(1)
        result.append(Block(command, start, match.end(1), shown))
    return result


def fill(text: str, outputs: Sequence[str], page: Path) -> str:
    """The page's text with these outputs under its commands.

    Raises CharnnError for an output that would end its block.
    """
    parts: list[str] = []
    done = 0
    before = blocks(text, page)
    for block, output in zip(before, outputs, strict=True):
        parts += [text[done : block.start], output]
        done = block.end
    filled = "".join([*parts, text[done:]])
    after = blocks(filled, page)
    for one, other, output in zip(before, after, outputs, strict=False):
        if one.command != other.command or filled[other.start : other.end] != output:
            raise CharnnError(
                f"{page}: the output of `{one.command}` has a line that ends its "
                "block; choose a command that prints none"
            )
    return filled


@contextmanager
def workshop() -> Iterator[Path]:
    """A temporary folder that looks like the project's to a command."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for link in LINKS:
            (folder / link).symlink_to(ROOT / link)
        yield folder


def run(command: str, folder: Path) -> Ran:
    """Runs one command, without a shell, in the folder; `python` is this one.

    Raises CharnnError when it fails; what it wrote to standard error is then printed.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise CharnnError(
            f"`{command}` cannot be read ({error}); close its quotation marks"
        ) from None
    if words[0] == "python":
        words[0] = sys.executable
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    before = set(pictures_in(folder))
    ended = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    if ended.returncode:
        print(ended.stderr, file=sys.stderr, end="")
        last = (ended.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise CharnnError(
            f"`{command}` ended with exit code {ended.returncode} ({last}); run it by hand"
        )
    output = "".join(f"{line.rstrip()}\n" for line in ended.stdout.splitlines())
    return Ran(output, sorted(set(pictures_in(folder)) - before))


def pictures_in(folder: Path) -> Iterator[Path]:
    """The pictures that commands wrote in the folder.

    Not the project's own: they are behind links, which `rglob` does not follow.
    """
    return (path for path in folder.rglob("*") if path.suffix in (".png", ".svg"))


def the_picture(block: Block, ran: Ran) -> Path:
    """The one picture that a command wrote. Raises CharnnError for none or several."""
    if len(ran.pictures) != 1:
        names = ", ".join(path.name for path in ran.pictures) or "none"
        raise CharnnError(
            f"`{block.command}` should have written one picture for {block.picture}, "
            f"but wrote {names}; show a picture after the command that draws it, and "
            "nothing beside it"
        )
    (written,) = ran.pictures
    if block.picture is not None and written.suffix != Path(block.picture).suffix:
        raise CharnnError(
            f"`{block.command}` wrote {written.name}, the page shows "
            f"{block.picture}; give both the same ending"
        )
    return written


def read(page: Path) -> str:
    """A page's text."""
    if not page.is_file():
        raise CharnnError(f"{page} is not a file; give a file of docs/course or docs/tr")
    return page.read_text(encoding="utf-8")


def replace(path: Path, content: bytes) -> None:
    """Writes a file whole, and only if it changed; says so."""
    from charnn.files import write

    if not path.exists() or path.read_bytes() != content:
        write(path, content)
        print(path)


if __name__ == "__main__":
    sys.exit(cli.run(main))
