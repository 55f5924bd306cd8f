"""What a server is told when it starts: where it listens, what it serves, and its limits.

Cheap to import: the command reads the defaults here.
"""

import re
from pathlib import Path
from typing import NamedTuple

from charnn.errors import CharnnError
from charnn.wording import quoted

SHORTEST_TOKEN = 16  # characters


class Named(NamedTuple):
    """A model as it is asked for: its name, and its file (None: the bundled one of this name)."""

    name: str
    path: str | None


BUNDLED = (Named("classifier", None), Named("generator", None))


class Settings(NamedTuple):
    """One server's settings; the defaults are those of the command."""

    models: tuple[Named, ...] = BUNDLED
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    token: str | None = None
    cors: tuple[str, ...] = ()
    grace: int = 10  # seconds for what is being answered when the server is to end
    deadline: float = 10.0  # seconds for a request
    max_names: int = 1000  # names per request
    max_letters: int = 1000  # characters per name
    max_written: int = 20_000  # characters that one request may have generated
    max_body: int = 1_048_576  # bytes
    max_waiting: int = 256  # requests that are being answered
    log_names: bool = False


def token_of(path: str) -> str:
    """The bearer token in a file. Raises CharnnError for a file without one, or with a short one.

    A token is one line of at least 16 printable ASCII characters without a space.
    """
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise CharnnError(
            f"--token-file {path} cannot be read ({reason}); give a file with one line"
        ) from None
    if not text.isascii() or not text.isprintable() or " " in text or len(text) < SHORTEST_TOKEN:
        raise CharnnError(
            f"--token-file {quoted(path)} holds no token; give one line of at least "
            f"{SHORTEST_TOKEN} letters and digits, such as openssl rand -hex 32 prints"
        )
    return text


def named_of(text: str) -> Named:
    """`NAME=FILE`; a FILE alone is named after itself, a model.safetensors after its folder.

    Raises CharnnError for a name that could not stand in an address.
    """
    name, equals, path = text.partition("=")
    if not (equals and path):
        file = Path(text)
        name, path = (file.parent.name if file.stem == "model" else file.stem), text
    if not re.fullmatch(r"[\w.-]+", name, re.ASCII):
        raise CharnnError(
            f"--model {quoted(text)} has the name {quoted(name)}; choose one of ASCII letters, "
            "digits, . _ and -, as NAME=FILE"
        )
    return Named(name, path)
