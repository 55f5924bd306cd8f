"""The tasks: batches, loss and what counts as right."""

import numpy as np
import pytest
import torch
from torch import nn

from charnn.data import Batch, Names, encoded, next_step_batch
from charnn.model import build_generator
from charnn.presets import configure
from charnn.text.letters import to_ascii
from charnn.text.vocabulary import IGNORED, Vocabulary
from charnn.training.tasks import ClassifyNames, GenerateNames, GenerateText


def task(**overrides):
    names = Names(
        [f"a{i}" for i in range(90)] + [f"b{i}" for i in range(10)],
        np.repeat([0, 1], [90, 10]),
        ["A", "B"],
    )
    batch = encoded(names, Vocabulary.from_names(names.names), to_ascii)
    return ClassifyNames(batch, batch, configure(batch_size=16, **overrides))


def test_an_epoch_visits_every_name_once():
    found = list(task().training_batches(torch.Generator().manual_seed(0)))
    assert len(found) == task().batches_per_epoch
    targets = torch.cat([batch.targets for batch in found])
    assert targets.bincount().tolist() == [90, 10]


def test_balanced_sampling_draws_the_labels_equally_often():
    balanced, generator = task(sampling="balanced"), torch.Generator().manual_seed(0)
    counts = sum(
        batch.targets.bincount(minlength=2)
        for _ in range(50)
        for batch in balanced.training_batches(generator)
    )
    assert counts.sum() == 50 * 100
    assert (counts / counts.sum()).tolist() == pytest.approx([0.5, 0.5], abs=0.02)


def test_loss_is_nll_loss_summed_and_correct_counts_the_most_probable():
    output = torch.randn(5, 3).log_softmax(1)
    batch = Batch(None, None, torch.tensor([0, 1, 2, 0, 1]))
    loss, count = task().loss(output, batch)
    torch.testing.assert_close(loss / count, nn.NLLLoss()(output, batch.targets))
    right = [row.argmax() == target for row, target in zip(output, batch.targets, strict=True)]
    assert task().correct(output, batch) == sum(right)


def test_a_name_of_weight_2_adds_its_loss_twice():
    names, weights = ["ab", "ba", "aa", "bb"], np.array([1.0, 2.0, 3.0, 2.0])
    data = Names(names, np.array([0, 1, 0, 1]), ["A", "B"], weights)
    batch = encoded(data, Vocabulary.from_names(names), to_ascii)
    weighed = ClassifyNames(batch, batch, configure(batch_size=16))
    (found,) = weighed.training_batches(torch.Generator().manual_seed(0))
    output = torch.randn(4, 2).log_softmax(1)
    loss, count = weighed.loss(output, found)
    assert found.to("cpu").weights.mean() == 1
    times = torch.repeat_interleave(torch.arange(4), (2 * found.weights).long())
    repeated = found._replace(targets=found.targets[times], weights=None)
    expected, twice = weighed.loss(output[times], repeated)
    torch.testing.assert_close(loss / count, expected / twice)


def test_the_same_generator_gives_the_same_batches():
    first, second = (
        [batch.ids for batch in task().training_batches(torch.Generator().manual_seed(5))]
        for _ in range(2)
    )
    assert all(map(torch.equal, first, second))


# ---------------------------------------------------------------- to generate


def test_the_loss_of_generating_is_nll_loss_over_real_letters():
    names = Names(["ab", "a", "abba"], np.array([0, 1, 0]), ["A", "B"])
    vocabulary = Vocabulary("\nab")
    names = encoded(names, vocabulary, to_ascii)
    generating = GenerateNames(names, names, 1, True, configure(task="generate", batch_size=2))
    found = list(generating.training_batches(torch.Generator().manual_seed(0)))
    assert len(found) == generating.batches_per_epoch == 2
    assert sum(int((batch.targets != IGNORED).sum()) for batch in found) == 2 + 1 + 4 + 3
    batch = next(iter(generating.validation_batches()))
    output = torch.randn(*batch.targets.shape, 4).log_softmax(2)
    loss, n = generating.loss(output, batch)
    real = batch.targets != IGNORED
    torch.testing.assert_close(loss / n, nn.NLLLoss()(output[real], batch.targets[real]))
    assert (
        generating.correct(output, batch) == (output.argmax(2)[real] == batch.targets[real]).sum()
    )


def test_names_to_generate_are_not_sorted_into_batches_by_length():
    names = Names(["a", "abbab"] * 64, np.zeros(128, dtype=np.int64), ["A"])
    names = encoded(names, Vocabulary("\nab"), to_ascii)
    generating = GenerateNames(names, names, 1, False, configure(task="generate", batch_size=32))
    for batch in generating.training_batches(torch.Generator().manual_seed(0)):
        assert 0 < (batch.targets[:, 2] == IGNORED).sum() < 32  # those of one letter have ended


def test_an_epoch_of_text_starts_elsewhere_each_time_and_never_reads_the_validation_set():
    text = np.arange(2000, dtype=np.int16)
    generating = GenerateText(
        text[:1800], text[1800:], configure(task="generate", text=True, batch_size=4, chunk=4)
    )
    assert generating.rows == 4
    generator = torch.Generator().manual_seed(0)
    starts = set()
    for _ in range(5):
        found = list(generating.training_batches(generator))
        assert len(found) <= generating.batches_per_epoch
        assert max(int(batch.targets.max()) for batch in found) < 1800
        starts.add(int(found[0].ids[0, 0]))
    assert len(starts) > 1
    assert sum(batch.targets.numel() for batch in generating.validation_batches()) >= 199 - 16


@pytest.mark.parametrize(
    ("letters", "rows"), [(300, 1), (6400, 1), (6400 * 3, 3), (6400 * 500, 128)]
)
def test_a_short_text_is_cut_into_fewer_streams(letters, rows):
    text = np.zeros(letters, dtype=np.uint8)
    generating = GenerateText(
        text, text, configure(task="generate", text=True, batch_size=128, chunk=64)
    )
    assert generating.rows == rows
    if 1 < rows < 128:
        assert generating.batches_per_epoch == pytest.approx(100, abs=2)


def test_names_read_in_pieces_have_the_same_loss_and_gradient(monkeypatch):
    config = configure(task="generate", hidden=5, dropout=0.0, recurrent_dropout=0.0)
    network = build_generator(config, 6, 2).double()
    names = Batch(
        torch.tensor([[1, 2, 3, 4], [2, 0, 0, 0], [3, 3, 0, 0], [4, 1, 2, 0], [5, 0, 0, 0]]),
        torch.tensor([4, 1, 2, 3, 1]),
        torch.tensor([0, 1, 1, 0, 0]),
    )
    batch = next_step_batch(names, 5, True)
    task = GenerateNames(names, names, 5, True, config)
    found = []
    for pieces in (1, 3):
        monkeypatch.setattr(task, "PIECES", pieces, raising=False)
        loss, size = task.loss(task.output(network, batch, None)[0], batch)
        gradients = torch.autograd.grad(loss, tuple(network.parameters()))
        found.append([loss, torch.tensor(size), *gradients])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other)
