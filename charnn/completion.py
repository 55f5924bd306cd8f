"""python -m charnn.completion SHELL: what lets a shell complete charnn's commands and options.

The script is made once and runs no Python, so neither the Tab key nor a command gets slower by it.
"""

import argparse
import sys
from importlib import import_module

from charnn import cli
from charnn.commands import COMMANDS
from charnn.errors import CharnnError
from charnn.parsing import PATHS
from charnn.terminal import WRITTEN, show

FOLDERS = ("DIR", "RUN")  # those of PATHS that only a folder can be
SHELLS = ("bash", "zsh", "fish", "powershell", "tcsh")


def build_parser() -> cli.Parser:
    """The options."""
    options = cli.parser(
        "completion",
        "Prints a script with which the Tab key completes charnn's commands, options, their\n"
        "values and paths. Put it where your shell looks, and again after each new version:\n\n"
        "  charnn completion bash > ~/.local/share/bash-completion/completions/charnn\n"
        "  charnn completion zsh > ~/.zfunc/_charnn    # with fpath+=~/.zfunc before compinit\n"
        "  charnn completion fish > ~/.config/fish/completions/charnn.fish",
    )
    options.add_argument("shell", choices=SHELLS, help="the shell that the script is for")
    return options


def main(argv: list[str] | None = None) -> None:
    """Parses, prints the script."""
    arguments = build_parser().parse_args(argv)
    try:
        import shtab
    except ImportError:
        raise CharnnError("completion needs shtab; pip install 'charnn[completion]'") from None
    show(shtab.complete(all_commands(), arguments.shell), keep=WRITTEN)


def all_commands() -> cli.Parser:
    """The command line of `charnn`, with what completes each value."""
    charnn = cli.Parser(prog="charnn", description="Character-level recurrent networks.")
    charnn.add_argument("-V", "--version", action="store_true", help="print charnn's version")
    commands = charnn.add_subparsers(metavar="COMMAND")
    for name, text in COMMANDS.items():
        own: cli.Parser = import_module(f"charnn.{name}").build_parser()
        say_what_completes(own)
        commands.add_parser(name, help=text, parents=[own], add_help=False)
    commands.add_parser("help", help="list a command's options").add_argument(
        "command", choices=list(COMMANDS), help="the command"
    )
    return charnn


def say_what_completes(options: argparse.ArgumentParser) -> None:
    """Gives each option that takes a path, or one of some values, what completes it."""
    import shtab

    for action in options._actions:
        if isinstance(action, argparse._SubParsersAction):
            for of_view in action.choices.values():
                say_what_completes(of_view)
        elif action.metavar in FOLDERS:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
        elif action.metavar in PATHS:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.choices is not None:
            action.choices = list(action.choices)  # shtab takes a dictionary for commands
        elif "|" in str(action.metavar):
            # Values that Config checks stand in --help as gru|lstm.
            action.choices = str(action.metavar).split("|")


if __name__ == "__main__":
    sys.exit(cli.run(main))
