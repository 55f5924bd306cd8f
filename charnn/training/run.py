"""A training that is to be run: a new one, as the options ask, or one that was begun and stopped.

Says where its data is and where its files go; trains nothing.
"""

import argparse
import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from charnn import cli
from charnn.config import Config, flag_of
from charnn.errors import CharnnError
from charnn.files import remove_leftovers
from charnn.presets import STANDARD
from charnn.table_options import COLUMN_OPTIONS, Columns, columns_of
from charnn.training.budget import check_tune
from charnn.training.history import Epoch
from charnn.training.trackers import Tracking, new_id

if TYPE_CHECKING:
    from charnn.inference.trained import Trained
    from charnn.training.jobs import Job

FILES = ("model.safetensors", "history.csv", "curves.png")
ALL_FILES = (*FILES, "checkpoint.safetensors")
SOURCE = ("data", "text", "test_data")  # the options that say what is learned from
READING = ("skip_unknown_labels", *COLUMN_OPTIONS)  # and those that say how it is read
EXTENDED = ("epochs", "patience")  # the values that may be raised when a training goes on


class Run(NamedTuple):
    """What is to be trained: the configuration and where the data is."""

    config: Config
    source: dict[str, Any]  # the options SOURCE and READING
    start: "Trained | None" = None  # the model whose weights it starts from
    folder: Path | None = None  # of a training that was begun
    begun: dict[str, Any] | None = None  # its checkpoint's description
    finished: str | None = None  # one line, where there is nothing left to do
    preset: str | None = None  # that the configuration started from
    track: str | None = None  # the tracker that is told of it
    id: str = ""  # by which the tracker knows it

    @property
    def data(self) -> Path:
        """Where the data is: the surnames that come with charnn, if nothing was said."""
        from charnn.text.names import bundled_names

        return Path(self.source["text"] or self.source["data"] or bundled_names())

    @property
    def columns(self) -> Columns:
        """Where the names and labels of a table are."""
        return columns_of(argparse.Namespace(**self.source))

    def output(self, out: str | None) -> AbstractContextManager[Path]:
        """The folder of a training that was begun; else `out`, or the first free runs/<data>-N."""
        if self.folder is not None:
            cli.check_writable(self.folder, "make room, or change its permissions")
            remove_leftovers(self.folder, ALL_FILES)
            return nullcontext(self.folder)
        data = self.data.resolve()
        return cli.output_folder(out, data.stem if data.is_file() else data.name, ALL_FILES)

    def about(self, job: "Job") -> dict[str, Any]:
        """What a checkpoint says of it, beside how far it is."""
        # Absolute, so that the data is found from another folder too.
        paths = {name: self.source[name] and os.path.abspath(self.source[name]) for name in SOURCE}
        return {
            "config": self.config.to_dict(),
            "source": {**self.source, **paths},
            "fingerprint": job.fingerprint,
            "preset": self.preset,
            "size": job.size,
            "track": self.track,
            "id": self.id,
        }

    def tracking(self, out: Path) -> Tracking:
        """What tells the tracker of it: of all its epochs, also if it was begun without one."""
        begun = self.begun or {"training": {"history": []}}
        done = [Epoch(*row) for row in begun["training"]["history"]]
        resumed = begun.get("track") == self.track
        return Tracking(self.track, out, self.config, id=self.id, done=done, resumed=resumed)

    def job(self, device: str) -> "Job":
        """What there is to train, its data read.

        Raises CharnnError for data that cannot be read, or that is not as it was.
        """
        from charnn.training.jobs import prepare

        text, test_data = self.source["text"] is not None, self.source["test_data"]
        skip = bool(self.source["skip_unknown_labels"])
        job = prepare(self.data, text, test_data, self.config, device, skip, self.columns)
        self.check_data(job)
        return job

    def check_data(self, job: "Job") -> None:
        """Raises CharnnError for other data than a training was begun with."""
        if self.begun is not None and self.begun["fingerprint"] != job.fingerprint:
            test = f" or {self.source['test_data']}" if self.source["test_data"] else ""
            raise CharnnError(
                f"{self.data}{test} is not as it was when {self.folder} was begun; give the data "
                f"of then with {'--text' if self.source['text'] else '--data'}, or train anew"
            )

    def done(self, job: "Job") -> int:
        """How many names or characters have been learned from already."""
        if self.begun is None:
            return 0
        training = self.begun["training"]
        return int((training["epoch"] - 1) * job.size + training["tally"][-1])


def new_run(arguments: argparse.Namespace) -> Run:
    """The training that the options ask for."""
    check_tune(arguments)
    start = base = None
    if arguments.start is not None:
        from charnn.inference.load import load

        start = load(arguments.start, "cpu")
        # The model's, and a preset is chosen by them.
        arguments.task = arguments.task or start.config.task
        arguments.tokens = arguments.tokens or start.config.tokens
        base = start.config if arguments.preset is None else None
    if arguments.text is not None and arguments.task != "generate":
        raise CharnnError("--text is for generators; add --task generate")
    config = cli.config_of(arguments, base)
    if arguments.out is not None:
        # Reading the data may take a while; an error that is certain should not wait for it.
        cli.check_free(Path(arguments.out), ALL_FILES)
    preset = arguments.preset or (STANDARD if base is None else None)
    run = Run(config, source_of(arguments), start, preset=preset)
    return run._replace(track=arguments.track, id=new_id())


def source_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """Where the data is, and how it is read."""
    return {name: getattr(arguments, name) for name in (*SOURCE, *READING)}


def begun_run(arguments: argparse.Namespace) -> Run:
    """The training that --resume goes on with.

    Raises CharnnError for options that would make it another one.
    """
    from charnn.training.begun import finished, read

    check_tune(arguments)
    for flag, name in (("--out", "out"), ("--from", "start"), ("--preset", "preset")):
        if (value := getattr(arguments, name)) is not None:
            raise CharnnError(f"{flag} {value} does not go with --resume; leave it out")
    folder = Path(arguments.resume)
    begun = read(folder)
    for name in ("data", *COLUMN_OPTIONS) if begun["source"]["text"] else ("text",):
        if getattr(arguments, name) is not None:
            kind = "--data" if name == "text" else "--text"
            raise CharnnError(f"{flag_of(name)}: {folder} was begun with {kind}; leave it out")
    before = Config.from_dict(begun["config"])
    given = {option.name: getattr(arguments, option.name) for option in fields(Config)}
    given = {name: value for name, value in given.items() if value is not None}
    for name, value in given.items():
        if name not in EXTENDED and value != getattr(before, name):
            raise CharnnError(
                f"{flag_of(name)} {value}: {folder} was begun with {getattr(before, name)}; leave "
                "it out, or train anew (--from its model keeps what was learned)"
            )
    config = Config.from_dict({**begun["config"], **given})
    done = len(begun["training"]["history"])
    if config.epochs < done:
        raise CharnnError(
            f"--epochs {config.epochs}: {folder} has trained {done} already; choose more"
        )
    source = {**begun["source"], **{k: v for k, v in source_of(arguments).items() if v is not None}}
    run = Run(config, source, None, folder, begun, finished(folder, begun, config))
    # Older checkpoints have none of the three.
    track, id = arguments.track or begun.get("track"), begun.get("id") or new_id()
    return run._replace(preset=begun.get("preset"), track=track, id=id)
