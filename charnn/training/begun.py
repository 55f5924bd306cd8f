"""What the checkpoint of a training that was begun says, checked before anything goes on from it.

The file's digest finds damage; who means harm can compute one too. Trains nothing.
"""

import re
from pathlib import Path
from typing import Any

from charnn.config import Config
from charnn.errors import CharnnError
from charnn.inference import checkpoint
from charnn.inference.description import CHECKPOINT_TASK
from charnn.table_options import COLUMN_OPTIONS
from charnn.training.history import ALL_DONE, Epoch, History
from charnn.training.trackers import TRACKERS
from charnn.wording import quoted

FILE = "checkpoint.safetensors"
MOST = 1 << 40  # batches or epochs
FLAGS = ("skip_unknown_labels", "header")  # of the source: yes or no; all else is text
COUNTS = ("epoch", "batches", "steps", "best")
FIGURES = 7  # of an epoch in the history


def read(folder: Path) -> dict[str, Any]:
    """The description of the checkpoint in a folder.

    "config", "source" (where the data is), "fingerprint" (of the data), "training" (how far it is),
    and "ending" where the model has been saved; "preset", "size" (of an epoch), "track" (the
    tracker) and "id" (by which it knows the run), which older checkpoints lack. Raises CharnnError
    where there is no checkpoint, and for values that no training writes.
    """
    path = folder / FILE
    if not path.exists():
        raise CharnnError(
            f"--resume {folder}: there is no {FILE}; give the folder of a training, such as "
            "runs/names-1"
        )
    _, about = checkpoint.read(path)
    if about.get("task") != CHECKPOINT_TASK:
        raise CharnnError(f"{path} is a model, not a checkpoint of a training; give another folder")
    for name, fits in (
        ("config", isinstance(about.get("config"), dict)),
        ("source", is_source(about.get("source"))),
        ("training", is_training(about.get("training"))),
        ("fingerprint", isinstance(about.get("fingerprint"), str)),
        ("ending", isinstance(about.get("ending", ""), str)),
        # Older checkpoints lack these.
        ("preset", isinstance(about.get("preset"), str | None)),
        ("size", is_row([about.get("size", 0)], 1)),
        ("track", about.get("track") in (None, *TRACKERS)),
        ("id", re.fullmatch("[0-9a-f]{8}", str(about.get("id", "0" * 8)))),
    ):
        if not fits:
            raise CharnnError(f"{path} has {quoted(about.get(name))} as {name}; train anew")
    return about


def finished(folder: Path, begun: dict[str, Any], config: Config) -> str | None:
    """One line for a training with nothing left to do under a configuration; None for others."""
    training = begun["training"]
    history = History([Epoch(*row) for row in training["history"]], training["best"])
    over = history.is_over(config.epochs, config.patience)
    if "ending" not in begun or not (over or config.to_dict() == begun["config"]):
        return None
    if not over:  # the loss was not finite, and would not be once more
        return f"{folder} is finished ({begun['ending']}); train anew, --from its model"
    option = f"--epochs above {config.epochs}"
    if history.ending != ALL_DONE:
        option = f"--patience above {config.patience}"
    return f"{folder} is finished ({history.ending}); raise {option} to go on"


def is_source(source: Any) -> bool:
    """Whether it says where data is and how it is read."""
    return (
        isinstance(source, dict)
        and source.keys() >= {"data", "text", "test_data", "skip_unknown_labels", *COLUMN_OPTIONS}
        and all(
            value is None or type(value) is (bool if name in FLAGS else str)
            for name, value in source.items()
        )
    )


def is_training(training: Any) -> bool:
    """Whether it says how far a training is."""
    if not isinstance(training, dict):
        return False
    if not training.keys() >= {*COUNTS, "tally", "seconds", "history", "carried"}:
        return False
    tally, seconds, history = training["tally"], training["seconds"], training["history"]
    if not all(type(training[name]) is int and 0 <= training[name] <= MOST for name in COUNTS):
        return False
    if not is_row([seconds], 1) or not is_row(tally, 3) or not isinstance(history, list):
        return False
    begun = seconds > 0 and tally[-1] > 0  # An epoch's speed is its count by its seconds.
    return (
        all(is_row(row, FIGURES) for row in history)
        and training["best"] <= len(history) == training["epoch"] - 1
        and (begun if training["batches"] else tally == [0, 0, 0])
    )


def is_row(row: Any, size: int) -> bool:
    """Whether it is a list of so many numbers, all of them 0 or more."""
    return (
        isinstance(row, list)
        and len(row) == size
        and all(type(number) in (int, float) and 0 <= number <= 1e30 for number in row)
    )
