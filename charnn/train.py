"""python -m charnn.train: from names or a text to a model file, curves and held-out figures."""

import argparse
import csv
import io
import shlex
import sys
from dataclasses import astuple, fields
from pathlib import Path
from typing import TYPE_CHECKING

from charnn import cli
from charnn.errors import CharnnError
from charnn.options import DATA, OUTPUT, TASK, TRAINING
from charnn.table_options import add_column_options, columns_of
from charnn.terminal import show, tell
from charnn.training.budget import add_tune
from charnn.training.history import Epoch
from charnn.training.progress import Progress, merged
from charnn.training.run import FILES, begun_run, new_run
from charnn.training.trackers import add_track, check

if TYPE_CHECKING:
    from charnn.inference.trained import Trained
    from charnn.signals import Stop
    from charnn.training.jobs import Job


def main(argv: list[str] | None = None) -> int:
    """Parses, trains, writes model.safetensors, history.csv and curves.png, prints the figures."""
    arguments = parse(argv)
    check(arguments.track)
    run = begun_run(arguments) if arguments.resume is not None else new_run(arguments)
    if run.finished is not None:
        show(run.finished)
        return 0

    from charnn.devices import pick_device
    from charnn.signals import ALL, stopping
    from charnn.training.state import Checkpoints
    from charnn.training.tuned import tuned

    pick_device(arguments.device)
    job = run.job(arguments.device)
    tell(f"{run.data}: {job.about}")
    run, job = tuned(run, job, arguments)
    # The tracker is left last, once the model is safe: it may wait for its servers.
    with (
        run.output(arguments.out) as out,
        run.tracking(out) as tracking,
        stopping(signals=ALL) as stop,
    ):
        checkpoints = Checkpoints(out, run.about(job), resumed=run.folder is not None)
        try:
            with Progress(run.config, job.size, job.sample, run.done(job)) as progress:
                callbacks = merged(progress.callbacks, tracking.callbacks)
                model = job.train(start=run.start, stop=stop, checkpoints=checkpoints, **callbacks)
        except KeyboardInterrupt:
            if stop.signal is None:
                raise
            return say_how_to_go_on(stop, out, "no epoch is complete, so there is no model yet")
        if run.folder is None:
            cli.check_free(out, FILES)  # another program may have written there
        try:
            save_all(model, out)
        except CharnnError:
            tell(f"charnn: the training is kept; once that is mended, go on with: {resuming(out)}")
            raise
        if not model.history.interrupted:
            checkpoints.finish(model.history.ending)
    print_results(job, model, out)
    if not model.history.interrupted:
        return 0
    code = say_how_to_go_on(stop, out, "the best model so far is saved")
    # Whoever presses Ctrl-C has what they want: a model.
    return 0 if stop.name == "Ctrl-C" else code


def build_parser() -> cli.Parser:
    """The options, in groups."""
    options = cli.parser(
        "train",
        "Trains a classifier on a folder of <label>.txt files, one name per line, or on two\n"
        "columns of a table; with --task generate a generator on such names, a list or a text.\n"
        "Writes model.safetensors, history.csv and curves.png, and while it runs\n"
        "checkpoint.safetensors, from which --resume goes on.",
    )
    options.group(TASK)  # what cli.add_config has for it comes first in --help
    data = options.group(DATA)
    data.add_argument(
        "--data",
        metavar="PATH",
        help="the folder, or a table with --column and --label-column; for a generator also a list "
        "of names, one a line (default: the surnames that come with charnn)",
    )
    data.add_argument(
        "--text", metavar="FILE", help="a running text to train a generator on, in place of --data"
    )
    data.add_argument(
        "--test-data",
        metavar="PATH",
        help="the same kind of data to measure on, in place of a held-out share of the other",
    )
    cli.add_skip_unknown_labels(data)
    add_column_options(data)
    cli.add_config(options)
    training, output = map(options.group, (TRAINING, OUTPUT))
    training.add_argument(
        "--from",
        dest="start",
        metavar="MODEL",
        help="start from the weights of a model, a file or hf://OWNER/NAME on the Hugging Face "
        "Hub, as far as symbols and labels are the same; its values take the place of the preset's",
    )
    add_tune(training)
    cli.add_device(training)
    output.add_argument(
        "--out", metavar="DIR", help="where the files go (default: the first free runs/<data>-N)"
    )
    output.add_argument(
        "--resume",
        metavar="RUN",
        help="go on with the training that was stopped in this folder, such as runs/names-1, to "
        "the model that it would have made; --epochs and --patience may be raised",
    )
    add_track(output)
    return options


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The options. Raises CharnnError for those that do not go together."""
    arguments = build_parser().parse_args(argv)
    if arguments.text is not None and columns_of(arguments).wanted:
        raise CharnnError("--column is for names, and --text is a running text; leave it out")
    if arguments.text is not None and arguments.data is not None:
        raise CharnnError("--text and --data were given; choose one of them to train on")
    return arguments


# ---------------------------------------------------------------- what it leaves


def say_how_to_go_on(stop: "Stop", out: Path, what: str) -> int:
    """One line for a training that a signal has ended; returns the signal's exit code."""
    tell(f"charnn: stopped by {stop.name}; {what}; go on with: {resuming(out)}")
    return 128 + (stop.signal or 0)


def resuming(out: Path) -> str:
    """The command that goes on with the training in a folder."""
    return f"python -m charnn.train --resume {shlex.quote(str(out))}"


def print_results(job: "Job", model: "Trained", out: Path) -> None:
    """Held-out figures, examples, where the files are, what to try next."""
    history = model.history
    epochs = f"epochs: {len(history.epochs)} ({history.ending})"
    show(f"{epochs}; kept the weights of epoch {history.best}")
    for line in job.results(model):
        show(line)
    path = out / "model.safetensors"
    show(f"\n{path}   the model")
    show(f"{out / 'history.csv'}   every epoch's figures")
    show(f"{out / 'curves.png'}   the same as a picture\n")
    show(f"Try it: python -m {job.next_command.format(shlex.quote(str(path)))}")


def save_all(model: "Trained", out: Path) -> None:
    """Writes model.safetensors, history.csv and curves.png into the folder."""
    from charnn.files import write

    model.save(out / "model.safetensors")
    history = model.history
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(column.name for column in fields(Epoch))
    rows.writerows(astuple(epoch) for epoch in history.epochs)
    write(out / "history.csv", table.getvalue().encode())
    # Once the model is safe: these import matplotlib, whose set-up can fail.
    from charnn.drawing import as_bytes
    from charnn.training.curves import curves

    write(out / "curves.png", as_bytes(curves(history.epochs, history.best, model.config.unit)))


if __name__ == "__main__":
    sys.exit(cli.run(main))
