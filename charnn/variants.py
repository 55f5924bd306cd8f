"""The networks that the pictures of gradients and recall compare: cells with and without changes.

Knows nothing of torch or pictures, so it is cheap to import; the command line reads defaults and
names from here.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from charnn.config import Config, flag_of
from charnn.errors import CharnnError
from charnn.presets import GENERATES

CELLS_COMPARED = ("rnn", "lstm", "gru")
HIDDEN = 64  # units of each network
BATCHES = 200  # that a network learns to recall from
LEARNING_RATE = 0.003
LARGEST_SCALE = 10


class Change(NamedTuple):
    """Something that networks can be compared with and without."""

    legend: str  # how a legend names it: a format of its value
    cells: str = ""  # what the names of the cells that it fits have in common
    whose: str = ""  # the part of those cells that it changes, for a message

    def fits(self, cell: str) -> bool:
        """Whether a cell has what is changed."""
        return self.cells in cell


CHANGES = {  # in the order in which a legend names them
    "init": Change("{}"),
    "nonlinearity": Change("{}", "rnn", "the plain RNN"),
    "forget_bias": Change("forget bias {:g}", "lstm", "an LSTM's forget gate"),
    "scale": Change("weights × {:g}"),
    "clip": Change("clip {:g}"),
}
DEFAULTS = {
    "scale": 1.0,  # the one change that is no value of Config
    **{name: getattr(Config(), name) for name in CHANGES if name != "scale"},
}


class Variant(NamedTuple):
    """A network to initialise: its configuration, and what its recurrent weights are scaled by."""

    config: Config
    scale: float = 1.0


def variants(
    cells: Sequence[str] = CELLS_COMPARED, changed: Mapping[str, Any] | None = None, **always: Any
) -> dict[str, Variant]:
    """Each cell with its defaults and, beside it, as changed: {"lstm", "lstm, forget bias 1"}.

    `changed` maps any of CHANGES to a value, `always` are values of Config for all. A cell to
    which no change applies is there once. Raises CharnnError for a change that applies to none of
    them, and for values out of range.
    """
    changes = {name: value for name, value in (changed or {}).items() if value != DEFAULTS[name]}
    _check(cells, changes)
    found = {}
    for cell in cells:
        values = {
            **GENERATES,
            "dropout": 0.0,
            "weight_decay": 0.0,
            "learning_rate": LEARNING_RATE,
            "epochs": 1,
            "cell": cell,
            "hidden": HIDDEN,
            **always,
        }
        found[cell] = Variant(Config(**values))
        fitting = {
            name: changes[name]
            for name, change in CHANGES.items()
            if name in changes and change.fits(cell)
        }
        if fitting:
            parts = [CHANGES[name].legend.format(value) for name, value in fitting.items()]
            scale = fitting.pop("scale", 1.0)
            found[", ".join([cell, *parts])] = Variant(Config(**{**values, **fitting}), scale)
    return found


def _check(cells: Sequence[str], changes: Mapping[str, Any]) -> None:
    """Raises CharnnError for a scale out of range, and for a change that fits none of the cells."""
    scale = changes.get("scale", 1.0)
    if not 0 < scale <= LARGEST_SCALE:
        raise CharnnError(
            f"--scale {scale} is out of range; choose above 0 and up to {LARGEST_SCALE}"
        )
    for name, change in CHANGES.items():
        if name in changes and not any(map(change.fits, cells)):
            raise CharnnError(
                f"{flag_of(name)} {changes[name]} is for {change.whose}; leave it out with "
                f"--cell {' '.join(cells)}, or add {change.cells}"
            )
