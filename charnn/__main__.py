"""The command `charnn`: `charnn train` is `python -m charnn.train`, and so on."""

import sys
from importlib import import_module

from charnn.cli import run
from charnn.version import __version__

COMMANDS = {
    "train": "train a classifier or a generator",
    "predict": "print the most probable labels of names",
    "generate": "generate names or text",
    "evaluate": "measure a model on names or on a text",
    "check": "report problems in a data folder",
    "look": "show what happens inside a network",
    "report": "write a classifier's confusion matrix as PNG, CSV and HTML",
}


def main(argv: list[str] | None = None) -> int:
    """Runs the command named first; returns the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments and arguments[0] in COMMANDS:
        return run(import_module(f"charnn.{arguments[0]}").main, arguments[1:])
    if arguments in (["--version"], ["-V"]):
        print(f"charnn {__version__}")
        return 0
    if arguments in (["--help"], ["-h"]):
        print("usage: charnn COMMAND [options]\n")
        print("\n".join(f"  {name:10} {text}" for name, text in COMMANDS.items()))
        print("\n`charnn COMMAND --help` lists a command's options.")
        return 0
    problem = f"{arguments[0]!r} is no command" if arguments else "no command given"
    print(f"charnn: error: {problem}; choose from {', '.join(COMMANDS)}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
