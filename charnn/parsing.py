"""argparse as all commands have it: errors of one line, hints at what was meant, nothing lost.

Knows no option of any command.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any, NoReturn

from charnn.terminal import show, tell
from charnn.wording import choices, did_you_mean, quoted, shortened

PATHS = ("PATH", "FILE", "DIR", "MODEL", "RUN")  # what --help shows for a path


class HelpFormatter(argparse.HelpFormatter):
    """argparse's, which leaves a text as it is that has lines of its own."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" not in text:
            return super()._fill_text(text, width, indent)
        return "".join(indent + line for line in text.splitlines(keepends=True))


class Parser(argparse.ArgumentParser):
    """argparse with errors like all others, one line and exit code 2, and a hint at what was meant.

    A path is given once: of two, one would be left out silently. Of other values the last one
    counts, so that a script can add to what it always gives.
    """

    def __init__(self, **options: Any):
        super().__init__(**{"formatter_class": HelpFormatter, **options})

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse's; a misspelt option is an error, and so is an empty or repeated path."""
        self.check_options(sys.argv[1:] if args is None else args)
        found, rest = super().parse_known_args(args, namespace)
        for action in self._actions:
            if action.metavar in PATHS and getattr(found, action.dest, None) == "":
                self.fail(f"{name_of(action)} is empty; give a path")
        return found, rest

    def parse_known_intermixed_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse's, of a parser with one list of arguments beside its options.

        What follows `--` is never an option; argparse of Python 3.11 forgets that.
        """
        arguments = list(sys.argv[1:] if args is None else args)
        end = arguments.index("--") if "--" in arguments else len(arguments)
        self.check_options(arguments[:end])
        found, rest = super().parse_known_intermixed_args(arguments[:end], namespace)
        (values,) = self._get_positional_actions()
        setattr(found, values.dest, [*getattr(found, values.dest), *arguments[end + 1 :]])
        return found, rest

    def group(self, title: str) -> argparse._ArgumentGroup:
        """The options under a title of --help, in the order in which titles are asked for first."""
        for group in self._action_groups:
            if group.title == title:
                return group
        return self.add_argument_group(title)

    def check_options(self, arguments: Sequence[str]) -> None:
        """Exits with an error for an option that is like a known one, and for a repeated path."""
        if self._subparsers is not None:
            return  # The options after the command's name are its own parser's.
        known = self._option_string_actions
        given = set()
        for flag in flags_among(arguments):
            action = known.get(flag)
            if action is None:
                near = did_you_mean(flag, known)
                if near:
                    self.fail(f"unrecognized arguments: {shown(flag, arguments)}; {near}")
            elif action.metavar in PATHS and flag in given:
                self.fail(f"{flag} was given twice; leave one of them out")
            given.add(flag)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """As argparse's, with the nearest of the choices."""
        if action.choices is not None and value not in action.choices:
            hint = choices(value, list(map(str, action.choices)))
            self.fail(f"argument {name_of(action)}: invalid choice: {quoted(value)}; {hint}")

    def _print_message(self, message: str, file: Any = None) -> None:
        """Prints help, which argparse asks for here, where every answer goes."""
        show(message, end="")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Exits; a message goes where errors go."""
        if message:
            tell(message.rstrip("\n"))
        raise SystemExit(status)

    def error(self, message: str) -> NoReturn:
        """Prints `charnn: error: ...` and exits with 2."""
        self.fail(f"{message}; see {self.prog} --help")

    def fail(self, problem: str) -> NoReturn:
        """Prints a problem, with what to do about it, and exits with 2."""
        self.exit(2, f"charnn: error: {shortened(problem)}")


def name_of(action: argparse.Action) -> str:
    """An option or argument as a message names it."""
    return "/".join(action.option_strings) or str(action.metavar or action.dest)


def shown(flag: str, arguments: Sequence[str]) -> str:
    """An option as it was given: with the value after it, if it has one."""
    place = next(i for i, argument in enumerate(arguments) if argument.split("=", 1)[0] == flag)
    value = "".join(arguments[place + 1 : place + 2])
    if not value or value.startswith("-"):
        return shortened(arguments[place])
    return shortened(f"{flag} {value}")


def flags_among(arguments: Sequence[str]) -> Iterator[str]:
    """The arguments that argparse takes for options, without their `=value`."""
    for argument in takewhile(lambda argument: argument != "--", arguments):
        if re.match(r"--?[^\W\d]", argument) and " " not in argument:
            yield argument.split("=", 1)[0]
