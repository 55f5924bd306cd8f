"""The command `charnn`: `charnn train` is `python -m charnn.train`, and so on."""

import sys
from importlib import import_module

from charnn import cli
from charnn.commands import COMMANDS
from charnn.errors import CharnnError
from charnn.terminal import show
from charnn.version import __version__
from charnn.wording import choices, quoted

HELP = ("help", "--help", "-h")


def main(argv: list[str] | None = None) -> int:
    """Runs the command named first; returns the exit code."""
    return cli.run(dispatch, sys.argv[1:] if argv is None else argv)


def dispatch(argv: list[str] | None) -> int | None:
    """Runs the command named first. Raises CharnnError where there is no such command."""
    first, *rest = argv or [""]
    if first in HELP and rest:
        first, rest = rest[0], ["--help"]  # `charnn help predict`
    if first in COMMANDS:
        return import_module(f"charnn.{first}").main(rest)
    if first in HELP:
        show("usage: charnn COMMAND [options]\n")
        show("\n".join(f"  {name:10} {text}" for name, text in COMMANDS.items()))
        show("\n`charnn help COMMAND` lists a command's options.")
        return 0
    if first in ("--version", "-V"):
        show(f"charnn {__version__}")
        return 0
    problem = f"{quoted(first)} is no command" if first else "no command given"
    raise CharnnError(f"{problem}; {choices(first, [*COMMANDS, 'help', '--version'])}")


if __name__ == "__main__":
    sys.exit(main())
