"""A prompt on a terminal: each line that is typed is answered, until Ctrl-D or Ctrl-C.

The prompt is written on standard error, so that standard output holds the answers alone. Knows
nothing of what is asked or answered, and keeps no history on the disk: names are personal data.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from charnn.errors import CharnnError
from charnn.terminal import finish, tell
from charnn.wording import shortened


def can_ask() -> bool:
    """Whether somebody sits at a terminal: standard input is neither a file, a pipe nor closed."""
    return sys.stdin is not None and sys.stdin.isatty()


def answer_each(lines: Iterable[str], answer: Callable[[str], object]) -> None:
    """Calls `answer` with each line; a CharnnError is told on standard error, and the next follows.

    With `typed_lines("name: ")` for every line that is typed; with `takewhile(bool, typed_lines(
    "name: "))` until an empty one.
    """
    for line in lines:
        try:
            answer(line)
        except CharnnError as error:
            tell(f"charnn: error: {shortened(error)}")


def typed_lines(prompt: str) -> Iterator[str]:
    """The lines typed at a prompt, without the spaces around them, until Ctrl-D or Ctrl-C.

    Where Python has readline, a line can be edited and earlier ones come back with the arrow keys.
    A byte that is no letter in the terminal's encoding becomes a lone surrogate, as in arguments.
    """
    sys.stdin.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]
    ask = _asker()
    while True:
        finish()  # the last answer is read before the next line is typed
        try:
            line = ask(prompt)
        except (EOFError, KeyboardInterrupt):
            tell()  # so that the shell's prompt starts a line of its own
            return
        yield line.strip()


def _asker() -> Callable[[str], str]:
    """What asks for a line: readline on a terminal, else what the terminal itself can do."""
    try:
        import readline  # noqa: F401  # `input` edits lines with it once it is imported
    except ImportError:  # Windows, whose console edits lines and keeps a history
        return _plain
    return _with_readline if sys.stderr.isatty() else _plain


def _with_readline(prompt: str) -> str:
    """`input`, with its prompt and what is typed on standard error."""
    with _output_on_standard_error():
        return input(prompt)


def _plain(prompt: str) -> str:
    """A line as the terminal brings it. Raises EOFError at the end."""
    tell(prompt, end="")
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


@contextmanager
def _output_on_standard_error() -> Iterator[None]:
    """Within it standard output is standard error: readline writes on standard output alone."""
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
