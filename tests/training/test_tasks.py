"""The tasks: batches, loss and what counts as right."""

import numpy as np
import pytest
import torch
from torch import nn

from charnn.config import configure
from charnn.data import PAST_END, Batch, Letters, Names, as_letters, encoded, streams
from charnn.text.letters import to_ascii
from charnn.text.vocabulary import Vocabulary
from charnn.training.tasks import Classify, WriteNames, WriteText


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


# ---------------------------------------------------------------- to write


def test_a_newline_starts_a_name_and_ends_it():
    names = Batch(torch.tensor([[2, 3, 4], [5, 0, 0]]), torch.tensor([3, 1]), torch.tensor([1, 0]))
    batch = as_letters(names, newline=1, conditional=True)
    assert batch.ids.tolist() == [[1, 2, 3, 4], [1, 5, 0, 0]]
    assert batch.targets.tolist() == [[2, 3, 4, 1], [5, 1, PAST_END, PAST_END]]
    assert batch.labels.tolist() == [1, 0]
    assert not batch.carries
    assert as_letters(names, newline=1, conditional=False).labels is None


def test_the_loss_of_writing_is_nll_loss_over_real_letters():
    names = Names(["ab", "a", "abba"], np.array([0, 1, 0]), ["A", "B"])
    vocabulary = Vocabulary("\nab")
    names = encoded(names, vocabulary, to_ascii)
    writing = WriteNames(names, names, 1, True, configure(task="generate", batch_size=2))
    found = list(writing.training_batches(torch.Generator().manual_seed(0)))
    assert len(found) == writing.batches_per_epoch == 2
    assert sum(int((batch.targets != PAST_END).sum()) for batch in found) == 2 + 1 + 4 + 3
    batch = next(iter(writing.validation_batches()))
    output = torch.randn(*batch.targets.shape, 4).log_softmax(2)
    loss, n = writing.loss(output, batch)
    real = batch.targets != PAST_END
    torch.testing.assert_close(loss / n, nn.NLLLoss()(output[real], batch.targets[real]))
    assert writing.correct(output, batch) == (output.argmax(2)[real] == batch.targets[real]).sum()


def test_names_to_write_are_not_sorted_into_batches_by_length():
    names = Names(["a", "abbab"] * 64, np.zeros(128, dtype=np.int64), ["A"])
    names = encoded(names, Vocabulary("\nab"), to_ascii)
    writing = WriteNames(names, names, 1, False, configure(task="generate", batch_size=32))
    for batch in writing.training_batches(torch.Generator().manual_seed(0)):
        assert 0 < (batch.targets[:, 2] == PAST_END).sum() < 32  # those of one letter have ended


def test_streams_are_contiguous_and_miss_less_than_a_row_of_letters():
    text = torch.arange(103, dtype=torch.uint8)
    found = list(streams(text, rows=4, chunk=10))
    ids, targets = (torch.cat([getattr(batch, part) for batch in found], dim=1) for part in ("ids", "targets"))
    assert ids.shape == (4, 25)
    assert ids.flatten().tolist() == list(range(100))
    assert torch.equal(targets, ids + 1)
    assert [batch.ids.shape[1] for batch in found] == [10, 10, 5]
    assert all(batch.carries for batch in found)
    assert ids.dtype == torch.int64


def test_an_epoch_of_text_starts_elsewhere_each_time_and_never_reads_the_validation_part():
    text = torch.arange(2000, dtype=torch.int16)
    writing = WriteText(text[:1800], text[1800:], configure(task="generate", text=True, batch_size=4, chunk=4))
    assert writing.rows == 4
    generator = torch.Generator().manual_seed(0)
    starts = set()
    for _ in range(5):
        found = list(writing.training_batches(generator))
        assert len(found) <= writing.batches_per_epoch
        assert max(int(batch.targets.max()) for batch in found) < 1800
        starts.add(int(found[0].ids[0, 0]))
    assert len(starts) > 1
    assert sum(batch.targets.numel() for batch in writing.validation_batches()) >= 199 - 16


@pytest.mark.parametrize(("letters", "rows"), [(300, 1), (6400, 1), (6400 * 3, 3), (6400 * 500, 128)])
def test_a_short_text_is_cut_into_fewer_streams(letters, rows):
    text = torch.zeros(letters, dtype=torch.uint8)
    writing = WriteText(text, text, configure(task="generate", text=True, batch_size=128, chunk=64))
    assert writing.rows == rows
    if 1 < rows < 128:
        assert writing.batches_per_epoch == pytest.approx(100, abs=2)


def test_a_batch_of_letters_goes_to_a_device_whole():
    batch = Letters(torch.zeros(1, 2), torch.ones(1, 2), None, carries=True).to("meta")
    assert (batch.ids.device.type, batch.labels, batch.carries) == ("meta", None, True)
