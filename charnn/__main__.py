"""The command `charnn`: `charnn train` is `python -m charnn.train`, and so on."""

import sys
from importlib import import_module

from charnn.cli import run
from charnn.version import __version__

COMMANDS = {
    "train": "train a classifier or a generator",
    "predict": "say which label a name has",
    "generate": "write names or text",
    "evaluate": "measure a model on names or on a text",
    "look": "show what is inside a network",
    "check": "say what is wrong with a data folder",
}


def main(argv: list[str] | None = None) -> int:
    """Hands over to the command named first; returns the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments and arguments[0] in COMMANDS:
        return run(import_module(f"charnn.{arguments[0]}").main, arguments[1:])
    if arguments in (["--version"], ["-V"]):
        print(f"charnn {__version__}")
        return 0
    if arguments in (["--help"], ["-h"]):
        print("usage: charnn COMMAND [options]\n")
        print("\n".join(f"  {name:10} {text}" for name, text in COMMANDS.items()))
        print("\n`charnn COMMAND --help` says more.")
        return 0
    given = f"{arguments[0]!r} is no command" if arguments else "no command given"
    print(f"charnn: error: {given}; choose from {', '.join(COMMANDS)}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
