"""Recall: measured with answers that are known, by networks that learn and by trained ones."""

import math
from importlib import import_module

import numpy as np
import pytest
import torch
from helpers import call, error_of
from torch.nn import functional as F

import charnn
from charnn import views
from charnn.config import Config
from charnn.errors import CharnnError
from charnn.presets import GENERATES
from charnn.variants import Variant, variants
from charnn.views import probe
from charnn.views.recall import Recall, learned_recall

MODULE = import_module("charnn.views.recall")  # views.recall is the function


# ---------------------------------------------------------------- the task


def test_the_symbol_is_first_and_is_asked_for_at_every_step():
    task = Recall(3, torch.Generator().manual_seed(0))
    batches = list(task.training_batches(torch.Generator().manual_seed(1)))
    half = MODULE.SYMBOLS // 2
    assert len(batches) == task.batches_per_epoch == 3
    assert not torch.equal(batches[0].ids, batches[1].ids)
    for batch in batches:
        assert (batch.ids[:, 0] < half).all()
        assert (batch.ids[:, 1:] >= half).all()
        assert batch.ids.shape == batch.targets.shape == (MODULE.ROWS, 1 + MODULE.STEPS)
        assert (batch.targets == batch.ids[:, :1]).all()
    batch = batches[0]
    certain = F.one_hot(batch.targets, half).double().clamp(1e-9).log()
    assert task.loss(certain, batch)[0].item() == 0
    assert task.correct(certain, batch) == batch.targets.numel()
    uniform = torch.full(certain.shape, -math.log(half))
    loss, count = task.loss(uniform, batch)
    assert loss.item() / count == pytest.approx(math.log(half))


def test_a_network_learns_to_recall(monkeypatch):
    monkeypatch.setattr(MODULE, "STEPS", 4)
    monkeypatch.setattr(MODULE, "NETWORKS", 2)
    variant = variants(["gru"], hidden=16, learning_rate=0.03)["gru"]
    found = learned_recall(variant, 80)
    assert found.shape == (2, 5)
    assert (found[:, 0] > 0.9).all()
    assert (found.mean(1) > 0.5).all()  # chance is an eighth
    assert np.array_equal(found, learned_recall(variant, 80))
    untrained = learned_recall(variant, 1)
    assert (untrained.mean(1) < found.mean(1)).all()


def test_a_loss_that_is_not_finite_is_one_clear_line(monkeypatch):
    monkeypatch.setattr(MODULE, "NETWORKS", 1)
    options = {**GENERATES, "cell": "rnn", "hidden": 8, "dropout": 0.0, "epochs": 1}
    variant = Variant(Config(nonlinearity="relu", init="he", **options), 10.0)
    message = r"\(rnn, seed 0\) was not finite while it learned to recall; choose a smaller --scale"
    with pytest.raises(CharnnError, match=message):
        learned_recall(variant, 1)


# ---------------------------------------------------------------- text and picture


def test_the_table_says_what_is_drawn(monkeypatch):
    ramp = np.linspace(1, 0, 101)
    monkeypatch.setattr(MODULE, "learned_recall", lambda variant, batches: np.stack([ramp, ramp]))
    lines, notes = [], []
    figure = views.recall(variants(["rnn", "gru"]), 7, lines.append, notes.append)
    assert notes == ["rnn: 2 networks trained", "gru: 2 networks trained"]
    shares = ["0.99", "0.98", "0.95", "0.90", "0.80", "0.50", "0.00"]
    assert [line.split() for line in lines[1:]] == [
        ["N", "1", "2", "5", "10", "20", "50", "100"],
        ["rnn", *shares],
        ["gru", *shares],
    ]
    (axes,) = figure.axes
    assert axes.lines[0].get_xdata()[[0, -1]].tolist() == [1, 100]
    assert "chance (0.125)" in [line.get_label() for line in axes.lines]
    assert "7 batches" in axes.get_title()


@pytest.fixture(scope="module")
def words(reviews):
    """A classifier of texts: torch's LSTM, in two layers, over embedded words."""
    options = {"tokens": "words", "ngrams": 0, "embedding": 4, "hidden": 4, "epochs": 1}
    return charnn.train_classifier(reviews, cell="torch-lstm", layers=2, device="cpu", **options)


@pytest.mark.parametrize(
    ("kind", "layers", "thing"),
    [("classifier", 1, "letter"), ("generator", 2, "letter"), ("words", 2, "word")],
)
def test_every_kind_of_model_is_probed(kind, layers, thing, request, monkeypatch):
    for name, value in (("PROBES", 300), ("BACK", 5), ("STEPS", 8)):
        monkeypatch.setattr(probe, name, value)
    monkeypatch.setattr(MODULE, "BACK", 5)
    lines = []
    (axes,) = views.recall(request.getfixturevalue(kind), print_line=lines.append).axes
    names = [
        f"layer {layer}, {which}"
        for layer in range(1, layers + 1)
        for which in ("untrained", "trained")
    ]
    assert [line.split("  ")[0] for line in lines if line.startswith("layer")] == names
    assert lines[0].startswith(f"accuracy at recalling the {thing} seen N steps ago")
    assert axes.get_xlabel() == f"steps since the {thing} was seen"
    assert axes.get_ylim()[0] == 0
    assert axes.get_xlim() == (-0.5, 5.5)


# ---------------------------------------------------------------- from the command line


def test_the_command_prints_its_table(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name, value in (("ROWS", 2), ("NETWORKS", 1), ("HELD_OUT", 10)):
        monkeypatch.setattr(MODULE, name, value)
    options = ("--cell", "rnn", "--hidden", "3", "--batches", "1", "--clip", "5")
    result = call("charnn.look", "recall", *options)
    assert result.returncode == 0, result
    rows = result.stdout.splitlines()[2:]
    assert [row.split("  ")[0] for row in rows] == ["rnn", "rnn, clip 5"]
    assert "rnn, clip 5: 1 network trained" in result.stderr
    assert (tmp_path / "runs" / "recall-1" / "recall.png").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--cell", "lstm", "--nonlinearity", "relu"),
            "--nonlinearity relu is for the plain RNN; leave it out",
        ),
        (("--batches", "0"), "--batches 0 is out of range"),
        (
            ("--model", "x", "--batches", "3"),
            "--batches would describe freshly initialised networks",
        ),
        (("--model", "nowhere.safetensors"), "nowhere.safetensors does not exist"),
    ],
)
def test_what_cannot_be_compared_is_one_clear_line(arguments, message):
    assert message in error_of(call("charnn.look", "recall", *arguments))
