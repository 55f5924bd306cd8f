"""--tune: how long values are looked for, and the command that trains with what was found.

Light: knows neither networks nor data.
"""

import argparse
import re
import shlex
import time
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, NamedTuple

from charnn.config import Config, flag_of
from charnn.errors import CharnnError
from charnn.wording import quoted

SECONDS = {"s": 1, "m": 60, "h": 3600}
LONGEST = 100 * 24 * 3600  # seconds


class Budget(NamedTuple):
    """A time to tune in, and when it is over: its clock runs from the start of the command."""

    text: str
    seconds: float
    end: float  # of time.monotonic

    @property
    def left(self) -> float:
        """Seconds."""
        return self.end - time.monotonic()


def budget(text: str) -> Budget:
    """The value of --tune: 90s, 30m, 2h or 1.5h. Raises ArgumentTypeError for others."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([smh])", text, re.ASCII)
    seconds = float(found[1]) * SECONDS[found[2]] if found else 0.0
    if not 1 <= seconds <= LONGEST:
        raise argparse.ArgumentTypeError(
            f"{quoted(text)} is no time from a second to a hundred days; give one such as 90s, "
            "30m or 2h"
        )
    return Budget(text, seconds, time.monotonic() + seconds)


def add_tune(to: argparse._ActionsContainer) -> None:
    """--tune."""
    to.add_argument(
        "--tune",
        type=budget,
        metavar="TIME",
        help="of a classifier: look for better values than the preset's by the validation set, "
        "then train with them, all within about this time: 90s, 30m, 2h; values that are given "
        "stay as they are",
    )


def check_tune(arguments: argparse.Namespace) -> None:
    """Raises CharnnError for options that do not go with --tune."""
    if arguments.tune is None:
        return
    tune = f"--tune {arguments.tune.text}"
    for flag, value, remedy in (
        ("--resume", arguments.resume, "only a new training is tuned; leave one of them out"),
        ("--from", arguments.start, "its values are the model's; leave one of them out"),
    ):
        if value is not None:
            raise CharnnError(f"{tune} does not go with {flag} {value}: {remedy}")
    if arguments.task == "generate" or arguments.text is not None:
        raise CharnnError(f"{tune} is for classifiers; leave it out for a generator")


def given(arguments: argparse.Namespace) -> set[str]:
    """The values of Config that the options say."""
    names = (option.name for option in fields(Config))
    return {name for name in names if getattr(arguments, name) is not None}


def options(values: Mapping[str, Any]) -> list[str]:
    """Options with their values, as they are typed: {"hidden": 96} -> ["--hidden", "96"]."""
    words: list[str] = []
    for name, value in values.items():
        if value is False:
            words.append(flag_of(f"no_{name}"))
        else:
            words += [flag_of(name)] if value is True else [flag_of(name), str(value)]
    return words


def command(arguments: argparse.Namespace) -> str:
    """What trains the same without --tune, wherever its files go."""
    values = {
        name: value
        for name, value in vars(arguments).items()
        if value is not None and name not in ("tune", "out") and (name, value) != ("device", "auto")
    }
    return shlex.join(["python", "-m", "charnn.train", *options(values)])
