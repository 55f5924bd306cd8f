"""A value of the configuration: what the command line and the checks need to know of it.

Knows no value; they stand in config.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import Field, field
from typing import Any

from charnn import checks
from charnn.errors import CharnnError
from charnn.wording import choices as choose
from charnn.wording import quoted

# What --help lists options under.
TASK, DATA, NETWORK, TRAINING, OUTPUT = "task", "data", "network", "training", "output"
KINDS: dict[Any, Callable[[str, object], Any]] = {  # what checks a value of that type
    int: checks.whole,
    float: checks.number,
    bool: checks.flag,
    str: checks.text,
}


def option(
    group: str,
    default: Any,
    text: str,
    choices: Sequence[str] | dict[str, Any] | None = None,
    low: float | None = None,
    high: float | None = None,
) -> Any:
    """A dataclass's field with its default, its help, and which values are possible."""
    names = None if choices is None else tuple(choices)
    about = {"group": group, "help": text, "choices": names, "low": low, "high": high}
    return field(default=default, metadata=about)


def flag_of(name: str) -> str:
    """The command-line flag of a configuration value: learning_rate -> --learning-rate."""
    return "--" + name.replace("_", "-")


def checked(option: "Field[Any]", value: Any) -> Any:
    """The value as Python's own.

    Raises CharnnError for one of the wrong type, not among the choices or out of range.
    """
    limits, flag = option.metadata, flag_of(option.name)
    kind: Any = option.type
    value = KINDS[kind](flag, value)
    if limits["choices"] and value not in limits["choices"]:
        raise CharnnError(f"{flag} {quoted(value)} is unknown; {choose(value, limits['choices'])}")
    if limits["low"] is not None and not limits["low"] <= value <= limits["high"]:
        within = f"choose from {limits['low']} to {limits['high']}"
        raise CharnnError(f"{flag} {quoted(value)} is out of range; {within}")
    return value
