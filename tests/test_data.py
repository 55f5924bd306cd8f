"""Vocabulary, folders, splits and batches."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from charnn import data
from charnn.data import (
    Batch,
    NextStepBatch,
    batches,
    next_step_batch,
    one_hot,
    streams,
)
from charnn.text.vocabulary import IGNORED, Vocabulary

pytestmark = pytest.mark.usefixtures("scripts_warned_of")
any_text = st.text(max_size=30)


def test_one_hot_of_a_letter_a_name_and_a_batch():
    vocabulary = Vocabulary("abc")
    ids, lengths = vocabulary.encode(["ab", "c"])
    letter, name, batch = one_hot(ids[0, 1], 4), one_hot(ids[0], 4), one_hot(ids, 4, lengths)
    assert letter.tolist() == [0, 0, 1, 0]
    assert name.tolist() == [[0, 1, 0, 0], [0, 0, 1, 0]]
    assert batch.shape == (2, 2, 4)
    assert batch[1].tolist() == [[0, 0, 0, 1], [0, 0, 0, 0]]  # padding is no letter


@given(st.lists(st.integers(1, 12), min_size=1, max_size=60), st.integers(1, 9), st.booleans())
def test_batches_hold_every_name_once_and_pad_little(sizes, batch_size, shuffled):
    lengths = torch.tensor(sizes)
    ids = torch.arange(1, 13).repeat(len(sizes), 1) * data.real_steps(lengths, 12)
    generator = torch.Generator().manual_seed(0) if shuffled else None
    found = list(batches(Batch(ids, lengths, torch.arange(len(sizes))), batch_size, generator))
    assert sorted(torch.cat([batch.targets for batch in found]).tolist()) == list(range(len(sizes)))
    for batch in found:
        assert len(batch.lengths) <= batch_size
        assert batch.ids.shape == (len(batch.lengths), batch.lengths.max())
        assert torch.equal(batch.ids, ids[batch.targets, : batch.ids.shape[1]])
    spans = sorted((int(batch.lengths.min()), int(batch.lengths.max())) for batch in found)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))  # like with like


def test_a_newline_starts_a_name_and_ends_it():
    names = Batch(torch.tensor([[2, 3, 4], [5, 0, 0]]), torch.tensor([3, 1]), torch.tensor([1, 0]))
    batch = next_step_batch(names, newline=1, conditional=True)
    assert batch.ids.tolist() == [[1, 2, 3, 4], [1, 5, 0, 0]]
    assert batch.targets.tolist() == [[2, 3, 4, 1], [5, 1, IGNORED, IGNORED]]
    assert batch.labels.tolist() == [1, 0]
    assert not batch.carries
    assert next_step_batch(names, newline=1, conditional=False).labels is None


def test_streams_are_contiguous_and_miss_less_than_a_row_of_letters():
    text = np.arange(103, dtype=np.uint8)
    found = list(streams(text, rows=4, chunk=10))
    ids, targets = (
        torch.cat([getattr(batch, part) for batch in found], dim=1) for part in ("ids", "targets")
    )
    assert ids.shape == (4, 25)
    assert ids.flatten().tolist() == list(range(100))
    assert torch.equal(targets, ids + 1)
    assert [batch.ids.shape[1] for batch in found] == [10, 10, 5]
    assert all(batch.carries for batch in found)
    assert ids.dtype == torch.int64


def test_a_batch_of_letters_goes_to_a_device_whole():
    batch = NextStepBatch(torch.zeros(1, 2), torch.ones(1, 2), None, carries=True).to("meta")
    assert (batch.ids.device.type, batch.labels, batch.carries) == ("meta", None, True)
