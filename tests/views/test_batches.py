"""The padding of batches: counted in the batches that training makes."""

import pytest
import torch
from helpers import call, error_of

from charnn import views
from charnn.config import Config
from charnn.data import encoded, read_folder, split
from charnn.drawing import as_bytes
from charnn.training.parts import encoding_of
from charnn.training.tasks import ClassifyNames
from charnn.views.batches import padding_of


def test_padding_is_counted_in_the_batches_that_training_makes(folder):
    config, lines = Config(batch_size=16), []
    sets = split(read_folder(folder))
    vocabulary, normalise = encoding_of(sets["train"], config)
    train, validation = (
        encoded(sets[name], vocabulary, normalise) for name in ("train", "validation")
    )
    task = ClassifyNames(train, validation, config)
    epoch = list(task.training_batches(torch.Generator().manual_seed(0)))
    # No letter of the training set is unknown, so each 0 is padding.
    zeros = sum(int((batch.ids == 0).sum()) for batch in epoch)
    letters = sum(batch.ids.numel() for batch in epoch) - zeros
    assert padding_of(epoch) == (letters, zeros)

    figure = views.batches(folder, lines.append, batch_size=16)
    size = len(sets["train"])
    assert lines[0] == f"{size} names of the training set in batches of 16"
    rows = {line[:27].strip(): line[27:].split() for line in lines[2:]}
    share = f"{zeros / (letters + zeros):.1%}"
    assert rows["in buckets of like length"] == [str(letters), str(zeros), share]
    before = rows["as they come"]
    assert int(before[0]) == letters == sum(map(len, map(normalise, sets["train"].names)))
    assert int(before[1]) > zeros
    titles = [axes.get_title().split("\n")[1].split()[0] for axes in figure.axes]
    assert titles == [before[2], share]


def test_one_name_per_batch_has_no_padding(folder):
    lines = []
    views.batches(folder, lines.append, batch_size=1)
    assert [line.split()[-2:] for line in lines[2:]] == [["0", "0.0%"]] * 2


@pytest.mark.slow
def test_the_command_prints_what_the_function_prints(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = []
    figure = views.batches(folder, lines.append, 8)
    result = call("charnn.look", "batches", "--data", folder, "--batch-size", 8)
    assert result.returncode == 0, result
    assert result.stdout.splitlines() == lines
    path = tmp_path / "runs" / "batches-1" / "batches.png"
    assert path.read_bytes() == as_bytes(figure)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--batch-size", 0), "--batch-size 0 is out of range"),
        (("--data", "nowhere"), "nowhere does not exist"),
    ],
)
def test_what_cannot_be_shown_is_one_clear_line(arguments, message):
    assert message in error_of(call("charnn.look", "batches", *arguments))
