"""What a training goes on from is checked, and so is where it is to be written."""

import shutil
import tempfile

import numpy as np
import pytest
from helpers import call, error_of, tiny_names, write_folder

from charnn.errors import CharnnError
from charnn.inference import checkpoint
from charnn.training.begun import FILE

SMALL = ("--hidden", 4, "--epochs", 1, "--batch-size", 64, "--device", "cpu")


def train(*arguments):
    return call("charnn.train", *arguments)


@pytest.fixture(scope="module")
def runs(folder, tmp_path_factory):
    """The folders of two trainings that have ended: of names, and of a running text."""
    there = tmp_path_factory.mktemp("runs")
    text = there / "text.txt"
    text.write_text("a rolling stone gathers no moss\n" * 40, encoding="utf-8")
    kinds = {"names": ("--data", folder), "text": ("--task", "generate", "--text", text)}
    for name, options in kinds.items():
        assert train(*options, *SMALL, "--out", there / name).returncode == 0
    return there


@pytest.mark.parametrize(
    ("run", "arguments", "message"),
    [
        ("text", ("--data", "names"), "--data: {run} was begun with --text; leave it out"),
        ("text", ("--column", "name"), "--column: {run} was begun with --text; leave it out"),
        ("names", ("--text", "x.txt"), "--text: {run} was begun with --data; leave it out"),
    ],
)
def test_an_option_for_another_kind_of_data_is_not_left_out_silently(runs, run, arguments, message):
    result = train("--resume", runs / run, "--epochs", 2, *arguments)
    assert message.format(run=runs / run) in error_of(result)


def test_other_test_data_is_named(runs, folder, tmp_path):
    other = write_folder(tmp_path / "other", tiny_names(15, seed=7))
    result = train("--resume", runs / "names", "--epochs", 2, "--test-data", other)
    assert f"{folder} or {other} is not as it was" in error_of(result)


def test_a_folder_that_cannot_be_written_to_fails_before_the_training(runs, monkeypatch):
    def refuse(dir):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    result = train("--resume", runs / "names", "--epochs", 2)
    assert f"{runs / 'names'} cannot be written to (Permission denied)" in error_of(result)
    assert "epoch   2" not in result.stderr


def test_a_model_that_cannot_be_saved_can_be_later(runs, folder, tmp_path, monkeypatch):
    def full(model, out):
        raise CharnnError(
            f"{out} cannot be written (No space left on device); choose another place"
        )

    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr("charnn.train.save_all", full)
        result = train("--data", folder, *SMALL, "--out", out)
    assert "No space left on device" in error_of(result)
    assert f"go on with: python -m charnn.train --resume {out}" in result.stderr
    assert train("--resume", out).returncode == 0
    model = runs / "names" / "model.safetensors"
    assert (out / "model.safetensors").read_bytes() == model.read_bytes()


def changed(run, there, change):
    """A copy of a run whose checkpoint is another one, with the digest of that."""
    shutil.copytree(run, there)
    arrays, about = checkpoint.read(there / FILE)
    about.pop("ending")
    change(about, arrays)
    checkpoint.save(there / FILE, arrays, about)
    return there


@pytest.mark.parametrize(
    "change",
    [
        lambda about, _: about["source"].pop("data"),
        lambda about, _: about["source"].update(data=5),
        lambda about, _: about["source"].update(quote=[]),
        lambda about, _: about["training"].update(epoch="x"),
        lambda about, _: about["training"].update(epoch=7),
        lambda about, _: about["training"].update(batches=-1),
        lambda about, _: about["training"].update(batches=10**39),
        lambda about, _: about["training"].update(batches=1, seconds=0),
        lambda about, _: about["training"].update(best=2),
        lambda about, _: about["training"].update(tally=5),
        lambda about, _: about["training"].update(tally=[0.0, None, 1]),
        lambda about, _: about["training"].update(history=[["x"] * 7]),
        lambda about, _: about["training"].pop("carried"),
        lambda about, _: about["training"].pop("seconds"),
        lambda about, _: about.update(ending=5),
        lambda about, _: about.update(preset=5),
        lambda about, _: about.update(size=-1),
        lambda about, _: about.update(track="a stranger's"),
        lambda about, _: about.update(id="../names-1"),
        lambda _, arrays: arrays.pop("optimizer.0.exp_avg"),
        lambda _, arrays: arrays.update({"optimizer.0.exp_avg": np.zeros(2, np.float32)}),
        lambda _, arrays: arrays.update({"optimizer.0.step": np.zeros(2, np.float32)}),
        lambda _, arrays: arrays.pop("random.order"),
    ],
)
def test_what_no_training_writes_is_one_clear_line(runs, tmp_path, change):
    there = changed(runs / "names", tmp_path / "run", change)
    assert "train anew" in error_of(train("--resume", there, "--epochs", 2))


@pytest.mark.slow
def test_a_checkpoint_from_before_there_were_presets_in_it_goes_on(runs, tmp_path):
    def older(about, _):
        for name in ("preset", "size", "track", "id"):
            about.pop(name)

    there = changed(runs / "names", tmp_path / "run", older)
    assert train("--resume", there, "--epochs", 2).returncode == 0


def test_after_early_stopping_more_epochs_train_nothing_and_more_patience_does(folder, tmp_path):
    out = tmp_path / "run"
    options = ("--hidden", 4, "--batch-size", 64, "--device", "cpu", "--learning-rate", 1.0)
    early = train("--data", folder, "--out", out, *options, "--epochs", 60, "--patience", 1)
    assert "no better validation loss in 1 epoch" in early.stdout, early
    model = (out / "model.safetensors").read_bytes()
    for raised in (("--epochs", 70), ()):
        result = train("--resume", out, *raised)
        assert "(no better validation loss in 1 epoch); raise --patience above 1" in result.stdout
    assert (out / "model.safetensors").read_bytes() == model
    more = train("--resume", out, "--patience", 3)
    assert more.stderr.count("names/s") > 0, more
