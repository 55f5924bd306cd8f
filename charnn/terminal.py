"""The one way out: all that is printed is safe for a terminal, and nothing of it is lost silently.

`show` prints an answer on standard output, `tell` progress and warnings on standard error. Nothing
else in charnn prints, so what a file, a name, a label or a model brings cannot steer a terminal.
"""

import io
import json
import os
import sys
from contextlib import suppress
from typing import TextIO

from charnn.errors import CharnnError
from charnn.wording import SPACES, printable

LINES = "\n"  # what is printed as it is, beside printable characters
WRITTEN = "\n\t" + SPACES  # the same for generated text, which is written as it is


def show(text: str = "", end: str = "\n", *, keep: str = LINES, flush: bool = False) -> None:
    """Prints on standard output; control characters, those of `keep` aside, become escapes.

    Raises CharnnError where there is no standard output, and where it cannot be written to, so that
    no answer is lost with exit code 0; BrokenPipeError where its reader has had enough.
    """
    if _is_closed(sys.stdout):
        raise CharnnError("standard output is closed; redirect it to a file or to /dev/null")
    try:
        sys.stdout.write(printable(text, keep) + end)
        if flush:
            sys.stdout.flush()
    except BrokenPipeError:
        discard(sys.stdout)
        raise
    except OSError as error:
        discard(sys.stdout)
        raise CharnnError(
            f"standard output cannot be written ({error.strerror}); is its disk full?"
        ) from None


def tell(text: str = "", end: str = "\n", *, keep: str = LINES) -> None:
    """Prints on standard error, as `show` does; where nobody can read it, it is left out."""
    if _is_closed(sys.stderr):
        return
    try:
        sys.stderr.write(printable(text, keep) + end)
        sys.stderr.flush()
    except OSError:  # There is no place left to say so.
        discard(sys.stderr)


def finish() -> None:
    """Writes out what was shown. Raises as `show` does, as long as somebody can be told."""
    if not _is_closed(sys.stdout):
        show(end="", flush=True)


def to_json(value: object) -> str:
    """JSON on one line, in letters that standard output can write, and safe for a terminal.

    Its control characters and marks of direction are written as \\uXXXX: the same value.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    text = json.dumps(value, ensure_ascii=encoding.lower().replace("-", "") != "utf8")
    if text.isprintable():
        return text
    return "".join(
        letter if printable(letter) == letter else json.dumps(letter)[1:-1] for letter in text
    )


# ---------------------------------------------------------------- the streams


def prepare_streams() -> None:
    """Standard output and error as they are to be: UTF-8 but for a terminal, which has its own.

    A terminal that lacks a letter gets an escape for it.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not stream.closed:
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")
    for descriptor in (0, 1, 2):
        # The next file that is opened would take a closed one's place, and whoever writes to
        # standard error would write into that file.
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if _is_closed(sys.stderr):
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # until the end


def discard(stream: TextIO) -> None:
    """Lets what is still to be written to a broken stream go nowhere: Python flushes it at exit."""
    with suppress(io.UnsupportedOperation):  # of a stream within this process
        descriptor = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, descriptor)
        os.close(nowhere)


def _is_closed(stream: TextIO | None) -> bool:
    """Whether there is no such stream: `>&-`, or a program without a console on Windows."""
    return stream is None or stream.closed
