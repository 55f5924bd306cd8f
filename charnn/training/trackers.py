"""A training's figures, epoch by epoch, for TensorBoard, Weights & Biases or Trackio.

Gives training callbacks and knows nothing else of it. Whatever fails here costs a warning, never
the training.
"""

import argparse
import importlib
import os
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol

from charnn.config import Config
from charnn.errors import CharnnError
from charnn.training.history import Epoch
from charnn.wording import choices, quoted, shortened

Figures = dict[str, float]  # an epoch's, by the names of the columns of history.csv


class Told(NamedTuple):
    """What a tracker is told of a training before its first epoch."""

    folder: Path  # the run's
    name: str  # of the run, different for each
    id: str  # eight hexadecimal digits, different for each and the same when it is resumed
    config: dict[str, Any]
    resumed: bool  # the tracker has had its earlier epochs


class Tracker(Protocol):
    """Shows a training. Each of the three raises what its library raises."""

    def init(self, run: Told) -> object:
        """Before the first epoch."""

    def log(self, step: int, figures: Figures) -> object:
        """After the epoch `step`."""

    def finish(self) -> object:
        """After the last one."""


class TensorBoard:
    """Writes an event file into the run's folder.

    With tensorboard's records but not with torch's SummaryWriter, whose thread prints a traceback
    where a disk is full, and which puts the host's name into the file's.
    """

    file: BinaryIO | None = None

    def init(self, run: Told) -> None:
        """Only imports: the file is made with the first epoch, so that none is left without one."""
        from tensorboard.compat.proto import event_pb2, summary_pb2
        from tensorboard.summary.writer import record_writer

        self.folder, self.events, self.summaries = run.folder, event_pb2, summary_pb2
        self.record_writer = record_writer.RecordWriter

    def log(self, step: int, figures: Figures) -> None:
        """Writes the figures as scalars, in 32 bits."""
        if self.file is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.file = (self.folder / f"events.out.tfevents.{time.time_ns()}").open("xb")
            self.records = self.record_writer(self.file)
            self._write(file_version="brain.Event:2")
            # A training that was killed may have written of this step before.
            start = self.events.SessionLog(status=self.events.SessionLog.START)
            self._write(step=step, session_log=start)
        value = self.summaries.Summary.Value
        scalars = [value(tag=name, simple_value=number) for name, number in figures.items()]
        self._write(step=step, summary=self.summaries.Summary(value=scalars))
        self.records.flush()

    def _write(self, **content: Any) -> None:
        event = self.events.Event(wall_time=time.time(), **content)
        self.records.write(event.SerializeToString())

    def finish(self) -> None:
        """Closes the file."""
        if self.file is not None:
            self.file.close()


class Logger:
    """Logs to a library with `init`, `log` and `finish`: wandb, and trackio, which has the same."""

    def __init__(self, library: str):
        self.library = library

    def init(self, run: Told) -> None:
        """Begins or resumes a run in the project "charnn", or what <LIBRARY>_PROJECT says."""
        self.module = importlib.import_module(self.library)
        options: dict[str, Any] = {}
        if self.library == "wandb":
            # It knows a run by its id. Its servers need not have what a training prints.
            options = {"id": run.id, "dir": str(run.folder), "settings": {"console": "off"}}
        self.module.init(
            project=os.environ.get(f"{self.library.upper()}_PROJECT") or "charnn",
            name=run.name,
            config=run.config,
            resume="allow" if run.resumed else "never",
            **options,
        )

    def log(self, step: int, figures: Figures) -> None:
        """Logs the figures."""
        self.module.log(figures, step=step)

    def finish(self) -> None:
        """Waits until all is logged."""
        self.module.finish()


TRACKERS: dict[str, Callable[[], Tracker]] = {
    "tensorboard": TensorBoard,
    "wandb": lambda: Logger("wandb"),
    "trackio": lambda: Logger("trackio"),
}


def add_track(to: argparse._ActionsContainer) -> None:
    """--track."""
    to.add_argument(
        "--track",
        choices=TRACKERS,
        help="log every epoch's figures to TensorBoard (a file beside the model), Weights & Biases "
        "or Trackio; --resume goes on with it",
    )


def maker_of(tracker: str) -> Callable[[], Tracker]:
    """What makes a tracker. Raises CharnnError for one that there is not."""
    if tracker not in TRACKERS:
        raise CharnnError(f"--track {quoted(tracker)} is unknown; {choices(tracker, TRACKERS)}")
    return TRACKERS[tracker]


def check(tracker: str | None) -> None:
    """Raises CharnnError for a tracker that there is not, or that is not installed."""
    if tracker is None:
        return
    maker_of(tracker)
    found = find_spec(tracker)
    if found is None or found.origin is None:  # a folder wandb/ is no package
        raise CharnnError(
            f"--track {tracker} needs the package {tracker}, which is not installed; "
            f"pip install 'charnn[{tracker}]'"
        )


def new_id() -> str:
    """Eight random hexadecimal digits, by which a tracker knows a run."""
    return os.urandom(4).hex()


class Tracking:
    """Tells a tracker of a training: a context, with `callbacks` for `fit`.

    `tracker` is one of TRACKERS, or None for no tracker; `folder` is the run's. Of a training that
    is resumed `done` are the epochs it has had already, and `resumed` says that the tracker has had
    them too; `id` is the one of then. Where a tracker fails, a warning says so, and it is told
    nothing more: the training goes on. Raises CharnnError as `check` does.
    """

    def __init__(
        self,
        tracker: str | None,
        folder: str | Path,
        config: Config | None = None,
        *,
        id: str | None = None,
        done: Sequence[Epoch] = (),
        resumed: bool = False,
    ):
        if not resumed:  # else it was installed where the run was begun
            check(tracker)
        self.name, self.tracker = tracker, None if tracker is None else maker_of(tracker)()
        folder, id = Path(folder), id or new_id()
        name = f"{folder.resolve().name}-{id}"
        self.told = Told(folder, name, id, config.to_dict() if config else {}, resumed)
        self.done = () if resumed else done
        self.failed = False

    def __enter__(self) -> "Tracking":
        if self.tracker is not None:
            self._call(self.tracker.init, self.told)
        for epoch in self.done:
            self.epoch(epoch)
        return self

    def __exit__(self, *_: object) -> None:
        if self.tracker is not None:
            self._call(self.tracker.finish)

    @property
    def callbacks(self) -> dict[str, Callable[[Epoch], None]]:
        """The callbacks of training, by the names of its arguments."""
        return {} if self.tracker is None else {"on_epoch": self.epoch}

    def epoch(self, epoch: Epoch) -> None:
        """After each epoch: its figures, under the names that history.csv has."""
        if self.tracker is not None and not self.failed:
            figures = asdict(epoch)
            self._call(self.tracker.log, figures.pop("epoch"), figures)

    def _call(self, function: Callable[..., object], *arguments: object) -> None:
        """Calls a tracker. Whatever it raises is a warning, the first time."""
        try:
            with redirect_stdout(sys.stderr):  # trackio prints, and standard output is for results
                function(*arguments)
        except Exception as error:
            if not self.failed:
                what = shortened(error, 300).rstrip(". ") or type(error).__name__
                warnings.warn(
                    f"--track {self.name}: {what}; the training goes on without it", stacklevel=3
                )
            self.failed = True
