"""What TensorBoard, wandb and trackio are told of a training, and that none of them can harm it."""

import csv
import json
import subprocess
import sys
from dataclasses import asdict

import numpy as np
import pytest
from helpers import ROOT, call, error_of, run

import charnn
from charnn.errors import CharnnError
from charnn.presets import configure
from charnn.training import trackers
from charnn.training.begun import read
from charnn.training.history import Epoch
from charnn.training.progress import merged
from charnn.training.trackers import Tracking

SMALL = ("--hidden", 4, "--batch-size", 64, "--device", "cpu", "--ngrams", 0)
EPOCHS = [Epoch(n, 2 / n, 1 - 1 / n, 3 / n, 1 - 2 / (n + 1), 0.1 / n, 1e3 + n) for n in range(1, 6)]
# A library with the three functions that wandb and trackio have in common; it notes every call.
LIBRARY = """
import json
def note(*call):
    with open({calls!r}, "a", encoding="utf-8") as file:
        print(json.dumps(call), file=file)
def init(**options):
    print("a line of the library's own")
    note("init", options)
def log(figures, step):
    {log}
    note("log", step, figures)
def finish():
    note("finish")
"""


@pytest.fixture
def library(tmp_path, monkeypatch):
    """Makes a library of that name; returns what reads the calls that it noted."""

    def make(name, log="pass"):
        calls, there = tmp_path / "calls.jsonl", tmp_path / "libraries"
        there.mkdir()
        text = LIBRARY.format(calls=str(calls), log=log)
        (there / f"{name}.py").write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(there)
        monkeypatch.delitem(sys.modules, name, raising=False)

        def noted():
            lines = calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []
            calls.unlink(missing_ok=True)
            return list(map(json.loads, lines))

        return noted

    yield make
    for name in ("wandb", "trackio"):
        sys.modules.pop(name, None)


def options(folder, out, epochs):
    """The options of a small training."""
    return ("--data", folder, "--out", out, "--epochs", epochs, *SMALL)


def train(folder, out, epochs, *arguments):
    """A small training, within this process."""
    return call("charnn.train", *options(folder, out, epochs), *arguments)


def history_of(out):
    """The epochs of a run's history.csv."""
    with open(out / "history.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [Epoch(int(row.pop("epoch")), *map(float, row.values())) for row in rows]


def scalars_of(folder):
    """What TensorBoard's own reader finds in the event files: {step: {name: number}}."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found, steps = EventAccumulator(str(folder)), {}
    found.Reload()
    for name in found.Tags()["scalars"]:
        for event in found.Scalars(name):
            assert name not in steps.setdefault(event.step, {}), "a figure stands there twice"
            steps[event.step][name] = event.value
    return steps


def in_32_bits(epochs):
    """The figures of epochs as an event file holds them."""
    return {
        row.pop("epoch"): {name: float(np.float32(number)) for name, number in row.items()}
        for row in map(asdict, epochs)
    }


def told(tracker, folder, epochs, **options):
    """What a training of these epochs tells a tracker."""
    with Tracking(tracker, folder, **options) as tracking:
        for epoch in epochs:
            tracking.callbacks["on_epoch"](epoch)


# ---------------------------------------------------------------- TensorBoard


def test_an_epoch_that_was_lost_with_a_killed_training_is_replaced(tmp_path):
    told("tensorboard", tmp_path, EPOCHS[:4])
    others = [Epoch(n, *[9.0] * 6) for n in (3, 4)]
    told("tensorboard", tmp_path, others, done=EPOCHS[:2], resumed=True)
    assert scalars_of(tmp_path) == in_32_bits([*EPOCHS[:2], *others])


def test_a_training_without_an_epoch_leaves_no_event_file(tmp_path):
    told("tensorboard", tmp_path / "run", [])
    assert not list(tmp_path.iterdir())


def test_its_callbacks_merge_with_others_in_python(folder, tmp_path):
    losses = []
    with Tracking("tensorboard", tmp_path) as tracking:
        callbacks = merged(tracking.callbacks, {"on_epoch": lambda e: losses.append(e.train_loss)})
        model = charnn.train_classifier(
            folder, hidden=4, epochs=2, batch_size=64, device="cpu", ngrams=0, callbacks=callbacks
        )
    assert losses == [epoch.train_loss for epoch in model.history.epochs]
    assert scalars_of(tmp_path) == in_32_bits(model.history.epochs)


@pytest.mark.slow
def test_tensorboard_reads_what_history_csv_says_also_of_a_training_that_was_resumed(
    folder, tmp_path
):
    out = tmp_path / "run"
    assert train(folder, out, 2, "--track", "tensorboard").returncode == 0
    assert call("charnn.train", "--resume", out, "--epochs", 3).returncode == 0
    assert len(list(out.glob("events.out.tfevents.*"))) == 2, "--resume goes on with the tracker"
    assert len(history_of(out)) == 3
    assert scalars_of(out) == in_32_bits(history_of(out))


@pytest.mark.slow
def test_a_full_disk_is_one_warning():
    program = """
import resource, tempfile
from charnn.training.history import Epoch
from charnn.training.trackers import Tracking
with tempfile.TemporaryDirectory() as folder, Tracking("tensorboard", folder) as tracking:
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
    for n in range(1, 9):
        tracking.epoch(Epoch(n, *[0.5] * 6))
print("the end")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "the end\n", done
    assert done.stderr.count("File too large; the training goes on without it") == 1
    assert "Traceback" not in done.stderr


# ---------------------------------------------------------------- wandb and trackio


@pytest.mark.parametrize("name", ["wandb", "trackio"])
def test_a_library_gets_each_epoch_once(name, library, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(f"{name.upper()}_PROJECT", "surnames")
    noted, config = library(name), configure("fast")
    told(name, tmp_path / "run", EPOCHS[:2], config=config, id="0123abcd")
    (_, options), *logged, last = noted()
    assert options["project"] == "surnames"
    assert options["config"] == config.to_dict()
    assert options["name"] == "run-0123abcd"
    assert options["resume"] == "never"
    assert options.get("id", "0123abcd") == "0123abcd"
    figures = [(epoch.pop("epoch"), epoch) for epoch in map(asdict, EPOCHS)]
    assert [tuple(call[1:]) for call in logged] == figures[:2]
    assert last == ["finish"]

    resumed = {"config": config, "id": "0123abcd", "done": EPOCHS[:2], "resumed": True}
    told(name, tmp_path / "run", EPOCHS[2:], **resumed)
    (_, again), *logged, _ = noted()
    assert again == {**options, "resume": "allow"}
    assert [tuple(call[1:]) for call in logged] == figures[2:]
    out, err = capsys.readouterr()
    assert "a line of the library's own" in err
    assert not out, "standard output is for results"


def test_a_tracker_that_comes_later_is_told_of_the_epochs_before(library, tmp_path):
    noted = library("trackio")
    told("trackio", tmp_path, EPOCHS[2:], id="0123abcd", done=EPOCHS[:2])
    assert [call[1] for call in noted() if call[0] == "log"] == [1, 2, 3, 4, 5]


def test_a_tracker_that_fails_is_one_warning(library, tmp_path):
    noted = library("wandb", log="raise OSError('no network.')")
    with pytest.warns(UserWarning, match="--track") as warned:
        told("wandb", tmp_path, EPOCHS)
    assert [str(one.message) for one in warned] == [
        "--track wandb: no network; the training goes on without it"
    ]
    assert [call[0] for call in noted()] == ["init", "finish"], "what was begun is closed"


def test_what_cannot_track_is_said_before_anything_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(trackers, "find_spec", lambda name: None)
    message = error_of(call("charnn.train", "--data", tmp_path / "nowhere", "--track", "wandb"))
    assert message.endswith("is not installed; pip install 'charnn[wandb]'")
    unknown = "--track 'tensorbord' is unknown; .* did you mean tensorboard"
    with pytest.raises(CharnnError, match=unknown):
        Tracking("tensorbord", tmp_path)


@pytest.mark.slow
def test_a_training_tells_a_library_and_outlives_it(library, folder, tmp_path):
    noted, out = library("trackio"), tmp_path / "run"
    assert train(folder, out, 1).returncode == 0
    later = call("charnn.train", "--resume", out, "--epochs", 2, "--track", "trackio")
    assert later.returncode == 0, later
    (_, options), *logged, _ = noted()
    assert options["name"] == f"run-{read(out)['id']}"
    assert options["config"] == read(out)["config"]
    assert [step for _, step, _ in logged] == [1, 2]
    sys.modules.pop("trackio")
    broken = "raise ImportError('trackio is broken')"
    (tmp_path / "libraries" / "trackio.py").write_text(broken, encoding="utf-8")
    last = call("charnn.train", "--resume", out, "--epochs", 3)
    assert last.returncode == 0, last
    assert "--track trackio: trackio is broken; the training goes on without it" in last.stderr
    assert len(history_of(out)) == 3


# ---------------------------------------------------------------- the libraries themselves


@pytest.mark.slow
def test_wandb_itself_keeps_a_run_without_its_servers(folder, tmp_path, monkeypatch):
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    out = tmp_path / "run"
    result = run("charnn.train", *options(folder, out, 2), "--track", "wandb")
    assert result.returncode == 0, result
    assert "warning" not in result.stderr
    assert list(out.glob(f"wandb/offline-run-*-{read(out)['id']}/*.wandb"))


@pytest.mark.slow
def test_trackio_itself_has_each_epoch_once(folder, tmp_path, monkeypatch):
    pytest.importorskip("trackio")
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    out = tmp_path / "run"
    assert run("charnn.train", *options(folder, out, 2), "--track", "trackio").returncode == 0
    assert run("charnn.train", "--resume", out, "--epochs", 3).returncode == 0
    name = f"run-{read(out)['id']}"
    arguments = (
        "get",
        "metric",
        "--project",
        "charnn",
        "--run",
        name,
        "--metric",
        "validation_loss",
    )
    answer = run("trackio.cli", *arguments, "--json")
    values = json.loads(answer.stdout)["values"]
    assert {row["step"]: row["value"] for row in values} == {
        epoch.epoch: epoch.validation_loss for epoch in history_of(out)
    }
    assert len(values) == 3
