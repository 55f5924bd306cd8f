"""The command `charnn`: `charnn train` is `python -m charnn.train`, and so on."""

import sys
from importlib import import_module

from charnn import cli
from charnn.errors import CharnnError
from charnn.terminal import show
from charnn.version import __version__
from charnn.wording import choices, quoted

COMMANDS = {
    "train": "train a classifier or a generator",
    "predict": "print the most probable labels of names",
    "generate": "generate names or text",
    "evaluate": "measure a model on names or on a text",
    "check": "report problems in a data folder",
    "look": "show what happens inside a network",
    "report": "write a classifier's confusion matrix as PNG, CSV and HTML",
    "serve": "serve a page for people and a JSON API for programs",
    "export": "write a model as one file that needs no charnn: ONNX, or a web page",
}
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
