"""What a run's folder says of a training: its data, its figures, and whether it came to its end.

Reads the folder of each run and trains nothing; what is damaged is said and not raised.
"""

import csv
import os
import warnings
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

from charnn.config import Config, flag_of
from charnn.errors import CharnnError
from charnn.inference import checkpoint
from charnn.inference.description import describe
from charnn.inference.load import kind_of
from charnn.presets import configure
from charnn.text.names import Names
from charnn.training import begun
from charnn.training.history import Epoch
from charnn.training.parts import data_fingerprint, read_parts
from charnn.training.run import ALL_FILES, Run
from charnn.wording import counted, shortened

MODEL = "model.safetensors"
FINISHED, INTERRUPTED, UNFINISHED, DAMAGED = "finished", "interrupted", "unfinished", "damaged"


class Recorded(NamedTuple):
    """What a run's folder says of a training; of what it does not say, None."""

    folder: Path
    state: str  # FINISHED; INTERRUPTED: with a model; UNFINISHED: without one; DAMAGED
    remark: str  # more of its state: how it ended, how far it is, what is damaged
    model: dict[str, Any] | None  # the model's description
    begun: dict[str, Any] | None  # the checkpoint's

    @property
    def task(self) -> str | None:
        """What it learns: "classify" or "generate"."""
        config = (self.model or self.begun or {}).get("config")
        return config and config.get("task")

    @property
    def run(self) -> Run | None:
        """Where its data is, and its configuration."""
        if self.begun is None:
            return None
        return Run(Config.from_dict(self.begun["config"]), self.begun["source"])

    @property
    def data(self) -> str | None:
        """The name of its data."""
        return self.run and self.run.data.name

    @property
    def preset(self) -> str | None:
        """The preset that it started from, and the options that change it."""
        if self.begun is None or self.begun.get("preset") is None:
            return None
        return " ".join(changes_of(self.begun))

    @property
    def figures(self) -> dict[str, Any] | None:
        """The figures on its test set."""
        return self.model and self.model["figures"].get("test")

    @property
    def epochs(self) -> list[Epoch]:
        """The figures of each epoch so far. Raises CharnnError where none are kept."""
        if self.begun is not None:
            return [Epoch(*row) for row in self.begun["training"]["history"]]
        return read_history(self.folder / "history.csv")

    @property
    def best(self) -> int:
        """The epoch whose weights were kept, counted from 1; 0 where there is none."""
        if self.begun is not None:
            return int(self.begun["training"]["best"])
        return int(self.model["figures"]["best_epoch"]) if self.model else 0

    @property
    def seconds(self) -> float | None:
        """How long it has learned, in all its epochs; reading and measuring are not counted."""
        size = (self.begun or {}).get("size")
        if size is None or not all(epoch.per_second for epoch in self.epochs):
            return None
        return sum(size / epoch.per_second for epoch in self.epochs)


def read_history(path: Path) -> list[Epoch]:
    """The epochs of a history.csv. Raises CharnnError for what no training has written."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [list(map(float, row)) for row in list(csv.reader(file))[1:]]
        return [Epoch(int(row[0]), *row[1:]) for row in rows]
    except OSError as error:
        raise CharnnError(f"{path} cannot be read ({error.strerror}); train anew") from None
    except (ValueError, TypeError, IndexError):
        raise CharnnError(f"{path} is not as charnn.train wrote it; train anew") from None


def recorded(folder: Path) -> Recorded:
    """What a run's folder says of it."""
    problems = []

    def read(name: str) -> dict[str, Any] | None:
        if not os.path.lexists(folder / name):
            return None
        try:
            return checkpoint_of(folder) if name == begun.FILE else model_of(folder / name)
        except CharnnError as error:
            problems.append(shortened(error, 120))
            return None

    model, started = read(MODEL), read(begun.FILE)
    if problems:
        return Recorded(folder, DAMAGED, problems[0], model, started)
    if started is None:
        if model is None:
            return Recorded(folder, UNFINISHED, "nothing to go on from", model, started)
        return Recorded(folder, FINISHED, "its checkpoint is gone", model, started)
    if "ending" in started and model is not None:
        return Recorded(folder, FINISHED, started["ending"], model, started)
    history, best = started["training"]["history"], started["training"]["best"]
    remark = f"{len(history)} of {counted(started['config']['epochs'], 'epoch')}"
    if best:
        remark += f", validation loss {Epoch(*history[best - 1]).validation_loss:.3f}"
    return Recorded(folder, UNFINISHED if model is None else INTERRUPTED, remark, model, started)


def model_of(path: Path) -> dict[str, Any]:
    """A model file's description. Raises CharnnError for a damaged one."""
    _, about = checkpoint.read(path)
    kind = kind_of(path, about)
    describe(path, about, kind.fewest_labels)
    kind.check_about(path, about)
    return about


def checkpoint_of(folder: Path) -> dict[str, Any]:
    """The description of a run's checkpoint. Raises CharnnError for a damaged one."""
    about = begun.read(folder)
    about["config"] = Config.from_dict(about["config"]).to_dict()
    if about.get("preset") is not None:
        changes_of(about)
    return about


def changes_of(about: dict[str, Any]) -> list[str]:
    """The preset that a checkpoint's configuration started from, and the options that change it."""
    config, text = Config.from_dict(about["config"]), about["source"]["text"] is not None
    base = configure(about["preset"], task=config.task, text=text, tokens=config.tokens)
    changed = [about["preset"]]
    for option in fields(Config):
        value, flag = getattr(config, option.name), flag_of(option.name)
        if value == getattr(base, option.name):
            continue
        if isinstance(value, bool):
            changed.append(flag if value else flag.replace("--", "--no-", 1))
        else:
            changed.append(f"{flag} {value}")
    return changed


def test_names(run: Recorded) -> Names:
    """The names of a run's test set, read again; a warning says if its data has changed.

    Raises CharnnError where the run does not say where its data is, or that is gone.
    """
    if run.run is None or run.model is None:
        raise CharnnError(
            f"{run.folder} has no {begun.FILE}, which says where its data is; give --data"
        )
    source = run.run.source
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they were given when it was trained
        try:
            parts = read_parts(
                run.run.data,
                source["test_data"],
                run.run.config,
                bool(source["skip_unknown_labels"]),
                run.run.columns._replace(say=lambda line: None),
            )
        except CharnnError as error:
            raise CharnnError(f"{error} (the data of {run.folder}), or give --data") from None
    if data_fingerprint(parts) != run.model["data"]:
        warnings.warn(
            f"{run.run.data} is not as it was when {run.folder} was trained; what it was trained "
            "on is left out all the same",
            stacklevel=2,
        )
    return parts["test"]


def runs_in(folder: Path) -> list[Recorded]:
    """The runs in a folder. Those on the same data stand together, the best first.

    Raises CharnnError where there is no such folder, and for one that is a run itself.
    """
    if not folder.is_dir():
        raise CharnnError(f"there is no folder {folder}; train first, or give the one of your runs")
    if is_run(folder):
        raise CharnnError(f"{folder} is a run itself; give the folder that it is in")
    found = [
        recorded(one)
        for one in sorted(folder.iterdir())
        # An empty one is of a training that was killed before there was anything to keep.
        if one.is_dir() and (is_run(one) or not any(one.glob("[!.]*")))
    ]
    return sorted(found, key=place)


def is_run(folder: Path) -> bool:
    """Whether a folder holds what a training writes."""
    return any(os.path.lexists(folder / name) for name in ALL_FILES)


def place(run: Recorded) -> tuple[Any, ...]:
    """Where a run stands in the list: those without figures last."""
    figures = run.figures
    if figures is None:
        return (1, run.data or "", 0.0)
    better = -figures["accuracy"] if "accuracy" in figures else figures["bits_per_char"]
    data = run.model["data"] if run.model else ""
    return (0, run.task, run.data or "", data, better)
