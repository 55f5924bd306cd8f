"""The classification task: batches, loss and what counts as right."""

import numpy as np
import pytest
import torch
from torch import nn

from charnn.config import configure
from charnn.data import Batch, Names, Vocabulary, to_ascii
from charnn.tasks import Classify


def task(**overrides):
    names = Names([f"a{i}" for i in range(90)] + [f"b{i}" for i in range(10)], np.repeat([0, 1], [90, 10]), ["A", "B"])
    return Classify(names, names, Vocabulary.from_names(names.names), to_ascii, configure(batch_size=16, **overrides))


def test_an_epoch_visits_every_name_once():
    found = list(task().training_batches(torch.Generator().manual_seed(0)))
    assert len(found) == task().batches_per_epoch
    targets = torch.cat([batch.targets for batch in found])
    assert targets.bincount().tolist() == [90, 10]


def test_balanced_sampling_draws_the_labels_equally_often():
    balanced, generator = task(sampling="balanced"), torch.Generator().manual_seed(0)
    counts = sum(batch.targets.bincount(minlength=2)
                 for _ in range(50) for batch in balanced.training_batches(generator))
    assert counts.sum() == 50 * 100
    assert (counts / counts.sum()).tolist() == pytest.approx([0.5, 0.5], abs=0.02)


def test_loss_is_nll_loss_summed_and_correct_counts_the_most_probable():
    output = torch.randn(5, 3).log_softmax(1)
    batch = Batch(None, None, torch.tensor([0, 1, 2, 0, 1]))
    loss, count = task().loss(output, batch)
    torch.testing.assert_close(loss / count, nn.NLLLoss()(output, batch.targets))
    right = [row.argmax() == target for row, target in zip(output, batch.targets, strict=True)]
    assert task().correct(output, batch) == sum(right)


def test_the_same_generator_gives_the_same_batches():
    first, second = ([batch.ids for batch in task().training_batches(torch.Generator().manual_seed(5))]
                     for _ in range(2))
    assert all(map(torch.equal, first, second))
