"""A training that is stopped and goes on gives the same model as one that never was."""

import contextlib
import signal
import time

import pytest
import torch
from helpers import call, error_of, tiny_names, write_folder

import charnn
from charnn.signals import Stop, stopping
from charnn.training import loop
from charnn.training.begun import FILE
from charnn.training.jobs import prepare
from charnn.training.state import Checkpoints

SMALL = {"hidden": 6, "epochs": 3, "batch_size": 16, "learning_rate": 0.02}
ALL_PARTS = {  # every kind of training, each part of which draws random numbers or has a state
    "classifier": {"letter_dropout": 0.2, "dropout": 0.3, "recurrent_dropout": 0.2},
    "balanced, two layers": {"sampling": "balanced", "layers": 2, "optimizer": "rmsprop"},
    "torch's cell": {"cell": "torch-lstm", "optimizer": "sgd"},
    "names": {"task": "generate", "dropout": 0.2, "recurrent_dropout": 0.1, "optimizer": "adam"},
    "text": {"task": "generate", "text": True, "chunk": 8, "batch_size": 4, "cell": "lstm"},
    "text of words": {"task": "generate", "text": True, "tokens": "words", "embedding": 5},
    "words": {"tokens": "words", "ngrams": 0, "embedding": 5, "embedding_dropout": 0.3},
}


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """A running text."""
    path = tmp_path_factory.mktemp("text") / "text.txt"
    names = [name for names in tiny_names().values() for name in names]
    path.write_text("\n".join(names * 3), encoding="utf-8")
    return path


def job_of(values, folder, reviews, text):
    """What is to be trained, and its configuration."""
    values = {**SMALL, **values}
    is_text = values.pop("text", False)
    config = charnn.configure(**values, text=is_text) if is_text else charnn.configure(**values)
    data = text if is_text else reviews if config.tokens == "words" else folder
    return prepare(data, is_text, None, config, "cpu")


class StopAfter(Stop):
    """As if a signal came after so many batches."""

    def __init__(self, batches):
        super().__init__()
        self.left = batches

    def check(self):
        self.left -= 1
        if self.left == 0:
            self.ask(signal.SIGTERM)
        super().check()


@pytest.mark.parametrize("values", ALL_PARTS.values(), ids=ALL_PARTS)
@pytest.mark.parametrize(  # in the first epoch, which has no best weights yet, and in the second
    "batches",
    [pytest.param(1, marks=pytest.mark.slow), pytest.param(7, marks=pytest.mark.slow), 14],
)
def test_it_goes_on_to_the_same_bytes(values, batches, folder, reviews, text, tmp_path):
    job = job_of(values, folder, reviews, text)
    job.train().save(tmp_path / "unbroken.safetensors")
    with contextlib.suppress(KeyboardInterrupt):  # in the first epoch there is no model yet
        job.train(stop=StopAfter(batches), checkpoints=Checkpoints(tmp_path, {}))
    job.train(checkpoints=Checkpoints(tmp_path, {}, resumed=True)).save(
        tmp_path / "resumed.safetensors"
    )
    unbroken, resumed = (
        (tmp_path / f"{name}.safetensors").read_bytes() for name in ("unbroken", "resumed")
    )
    assert resumed == unbroken


def test_within_an_epoch_a_checkpoint_is_never_older_than_its_seconds(
    folder, reviews, text, tmp_path, monkeypatch
):
    saved = []
    now = iter(range(10_000))
    monkeypatch.setattr(time, "monotonic", lambda: 7 * next(now))  # each batch takes 7 s
    monkeypatch.setattr(
        Checkpoints, "save", lambda self, training: saved.append(training.batches), raising=True
    )
    checkpoints = Checkpoints(tmp_path, {})
    job_of({"epochs": 1}, folder, reviews, text).train(checkpoints=checkpoints)
    assert saved[0] == 0, "the first one before the first batch"
    assert saved[-1] == 0, "the last one at the end of the epoch"
    assert len(saved) > 2, "and some within it"


def test_a_checkpoint_that_cannot_be_written_ends_no_training(folder, reviews, text, tmp_path):
    (tmp_path / FILE).mkdir()
    job = job_of({"epochs": 1}, folder, reviews, text)
    with pytest.warns(UserWarning, match="no checkpoint: .* training goes on"):
        model = job.train(checkpoints=Checkpoints(tmp_path, {}))
    assert model.figures["test"]["n"] > 0


def test_a_signal_leaves_whole_batches(folder, reviews, text):
    """A handler only asks: no weight is half updated, whatever it interrupts."""
    with stopping() as stop:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
    assert stop.signal == signal.SIGINT
    assert stop.name == "Ctrl-C"


def test_signals_that_are_ignored_stay_ignored():
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with stopping(signals=(signal.SIGTERM,)) as stop:
            signal.raise_signal(signal.SIGTERM)
        assert stop.signal is None
    finally:
        signal.signal(signal.SIGTERM, before)


def test_dropout_draws_from_its_own_generator(folder, reviews, text, tmp_path):
    """So that a second training, in another thread, draws nothing from the first."""
    job = job_of(ALL_PARTS["classifier"], folder, reviews, text)
    job.train().save(tmp_path / "alone.safetensors")

    def draw(_):
        torch.rand(1)

    job.train(on_epoch=draw).save(tmp_path / "disturbed.safetensors")
    alone = (tmp_path / "alone.safetensors").read_bytes()
    assert (tmp_path / "disturbed.safetensors").read_bytes() == alone


# ---------------------------------------------------------------- the command


def train(*arguments):
    """The command, small and quick."""
    return call("charnn.train", *arguments)


@pytest.fixture(scope="module")
def stopped(folder, tmp_path_factory):
    """The folder of a training that was stopped in its third epoch."""
    out = tmp_path_factory.mktemp("stopped") / "run"
    original = loop.validate

    def interrupted(*arguments):
        interrupted.times += 1
        if interrupted.times == 3:
            signal.raise_signal(signal.SIGTERM)
        return original(*arguments)

    interrupted.times = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "validate", interrupted)
        options = ("--hidden", 6, "--epochs", 5, "--batch-size", 16, "--device", "cpu")
        result = train("--data", folder, "--out", out, *options)
    assert result.returncode == 128 + signal.SIGTERM
    assert "stopped by SIGTERM" in result.stdout
    assert f"go on with: python -m charnn.train --resume {out}" in result.stderr
    return out


def test_a_stopped_training_has_a_model_and_goes_on(stopped, folder):
    assert charnn.load(stopped / "model.safetensors").figures["best_epoch"] <= 2
    result = train("--resume", stopped, "--device", "cpu")
    assert result.returncode == 0, result
    assert result.stderr.count("names/s") == 3, "of five epochs two were done"
    unbroken = stopped.parent / "unbroken"
    options = ("--hidden", 6, "--epochs", 5, "--batch-size", 16, "--device", "cpu")
    train("--data", folder, "--out", unbroken, *options)
    assert (stopped / "model.safetensors").read_bytes() == (
        unbroken / "model.safetensors"
    ).read_bytes()

    finished = train("--resume", stopped)
    assert finished.returncode == 0
    assert "is finished (all epochs done); raise --epochs above 5" in finished.stdout
    more = train("--resume", stopped, "--epochs", 6)
    assert "epochs: 6 (all epochs done)" in more.stdout


@pytest.mark.parametrize("moment", ["the bar closes", "the model is built", "the model is saved"])
def test_a_signal_after_the_last_epoch_loses_nothing(moment, folder, tmp_path, monkeypatch):
    from charnn.inference.classifier import Classifier
    from charnn.training import classify
    from charnn.training.progress import Progress

    where, name = {
        "the bar closes": (Progress, "__exit__"),
        "the model is built": (classify, "ngrams_of"),
        "the model is saved": (Classifier, "save"),
    }[moment]
    original = getattr(where, name)

    def interrupted(*arguments, **options):
        signal.raise_signal(signal.SIGINT)
        return original(*arguments, **options)

    monkeypatch.setattr(where, name, interrupted)
    out = tmp_path / "out"
    options = ("--hidden", 6, "--epochs", 2, "--batch-size", 16, "--device", "cpu")
    result = train("--data", folder, "--out", out, *options)
    assert result.returncode == 0, result
    assert "epochs: 2 (all epochs done)" in result.stdout
    assert charnn.load(out / "model.safetensors").figures["test"]["n"] > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--hidden", 7], "--hidden 7: {run} was begun with 6; leave it out"),
        (["--out", "there"], "--out there does not go with --resume"),
        (["--preset", "fast"], "--preset fast does not go with --resume"),
        (["--from", "m"], "--from m does not go with --resume"),
        (["--epochs", 1], "--epochs 1: {run} has trained"),
    ],
)
def test_options_that_would_make_it_another_training(stopped, arguments, message):
    result = train("--resume", stopped, *arguments)
    assert message.format(run=stopped) in error_of(result)


def test_other_data_is_one_clear_line(stopped, tmp_path):
    other = write_folder(tmp_path / "other", tiny_names(seed=1))
    result = train("--resume", stopped, "--data", other, "--epochs", 9)
    assert f"{other} is not as it was when {stopped} was begun" in error_of(result)


def test_there_must_be_a_checkpoint(tmp_path, model):
    assert "there is no checkpoint.safetensors" in error_of(train("--resume", tmp_path))
    (tmp_path / FILE).write_bytes(model.read_bytes())
    assert "is a model, not a checkpoint" in error_of(train("--resume", tmp_path))


def test_a_checkpoint_of_another_network_is_refused(stopped, tmp_path, folder, reviews, text):
    (tmp_path / FILE).write_bytes((stopped / FILE).read_bytes())
    with pytest.raises(charnn.CharnnError, match="does not fit the training"):
        job_of({"hidden": 9}, folder, reviews, text).train(
            checkpoints=Checkpoints(tmp_path, {}, resumed=True)
        )


def test_a_checkpoint_is_not_a_model_to_answer_with(stopped):
    with pytest.raises(charnn.CharnnError, match="checkpoint of a training"):
        charnn.load(stopped / FILE)
