"""Letter n-gram models: the table against the formula worked out letter by letter, what is kept, the file."""

import math
from collections import Counter
from itertools import product
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import charnn
from charnn import ngrams
from charnn.ngram_weights import SMOOTHING
from charnn.ngrams import Ngrams, longest_order, ngram_codes

SYMBOLS, LABELS = 5, 3
NAMES = st.lists(
    st.tuples(
        st.lists(st.integers(0, SYMBOLS - 1), min_size=1, max_size=6), st.integers(0, LABELS - 1)
    ),
    min_size=1,
    max_size=20,
)


class Encoded(NamedTuple):
    """Names as ids (N, T), lengths (N,) and labels (N,)."""

    ids: np.ndarray
    lengths: np.ndarray
    targets: np.ndarray


def batch(names):
    """Names as lists of ids, with their labels, as one batch."""
    longest = max(len(ids) for ids, _ in names)
    return Encoded(
        np.array([ids + [0] * (longest - len(ids)) for ids, _ in names]),
        np.array([len(ids) for ids, _ in names]),
        np.array([label for _, label in names]),
    )


def counted(names, order=5):
    """The models of such names, without a prior."""
    return Ngrams.count(*batch(names), SYMBOLS, np.zeros(LABELS, np.float32), order)


def by_hand(names, order, asked):
    """The formula of the module's docstring, read from left to right: log P(asked | these names)."""
    ends = ["end"] * (order - 1)
    padded = [[*ends, *name, "end"] for name in names]
    told = [
        tuple(name[at - length + 1 : at + 1])
        for name in padded
        for at in range(order - 1, len(name))
        for length in range(1, order + 1)
    ]
    seen, before = Counter(told), Counter(run[:-1] for run in told)
    asked, total = [*ends, *asked, "end"], 0.0
    for at in range(order - 1, len(asked)):
        p = 1 / (SYMBOLS + 1)
        for length in range(1, order + 1):
            run = tuple(asked[at - length + 1 : at + 1])
            p = (seen[run] + SMOOTHING * p) / (before[run[:-1]] + SMOOTHING)
        total += math.log(p)
    return total


@settings(max_examples=40)
@given(NAMES, NAMES, st.integers(1, 5))
def test_the_table_gives_what_the_formula_gives_in_both_directions(known, asked, order):
    asked = batch(asked)
    found = counted(known, order).log_likelihood(asked.ids, asked.lengths)
    for row, ids, length in zip(
        found.tolist(), asked.ids.tolist(), asked.lengths.tolist(), strict=True
    ):
        for label in range(LABELS):
            names, name = [ids for ids, other in known if other == label], ids[:length]
            there = by_hand(names, order, name)
            back = by_hand([one[::-1] for one in names], order, name[::-1])
            assert row[label] == pytest.approx((there + back) / 2, abs=1e-4)


def test_the_probabilities_of_all_names_that_can_be_sum_to_less_than_one():
    model = counted([([1, 2], 0), ([1], 1), ([2, 2, 1], 2)], order=3)
    shares = 0.0
    for length in range(1, 6):
        ids = np.array(list(product(range(SYMBOLS), repeat=length)))
        shares += np.exp(model.log_likelihood(ids, np.full(len(ids), length))).sum(0)
    assert (shares > 0.5).all()
    assert (shares < 1).all()


def test_the_answer_has_the_prior_and_the_scale():
    known = [([1, 2, 3], 0), ([2, 1], 1), ([3, 3], 2)]
    prior = np.array([-1.0, -2.0, -3.0], np.float32)
    model, names = Ngrams.count(*batch(known), SYMBOLS, prior, 2), batch(known)
    plain = model.log_likelihood(names.ids, names.lengths)
    model.scale = 0.25
    np.testing.assert_allclose(model(names.ids, names.lengths), (plain + prior) / 4, rtol=1e-6)


def test_an_n_gram_has_a_letter_and_longer_ones_have_larger_codes():
    names = batch([([0, 4], 0), ([3], 0)])
    found = [
        codes[real].tolist() for codes, real in ngram_codes(names.ids, names.lengths, SYMBOLS, 3)
    ]
    end = 6  # base 7: ids from 1, the end last
    assert found == [
        [1, 5, 4],
        [end * 7 + 1, 7 + 5, 5 * 7 + end, end * 7 + 4, 4 * 7 + end],
        [
            6 * 49 + 6 * 7 + 1,
            6 * 49 + 7 + 5,
            49 + 5 * 7 + 6,
            5 * 49 + 6 * 7 + 6,
            6 * 49 + 6 * 7 + 4,
            6 * 49 + 4 * 7 + 6,
            4 * 49 + 6 * 7 + 6,
        ],
    ]
    assert [longest_order(5, 50), longest_order(5, 5000), longest_order(5, 100_000)] == [5, 5, 3]
    assert (5000 + 2) ** 5 < 2**62


def test_of_too_many_n_grams_the_frequent_ones_stay_and_none_lacks_its_shorter_ones(monkeypatch):
    draw = np.random.default_rng(0)
    known = [
        (draw.integers(0, SYMBOLS, draw.integers(1, 7)).tolist(), int(draw.integers(LABELS)))
        for _ in range(200)
    ]
    whole = counted(known)
    monkeypatch.setattr(ngrams, "MOST", 60)
    part = counted(known)
    assert 0 < len(part.codes) < len(whole.codes)
    assert set(part.codes.tolist()) < set(whole.codes.tolist())
    assert all(((part.codes >= 7**n) & (part.codes < 7 ** (n + 1))).sum() <= 60 for n in range(5))

    def totals(model):
        return {
            int(code): int(model.counts[model.entries // LABELS == row].sum())
            for row, code in enumerate(model.codes)
        }

    every, kept = totals(whole), totals(part)
    assert all(every[code] == count for code, count in kept.items())
    assert min(kept.values()) > max(count for code, count in every.items() if code not in kept)
    names = batch(known)
    assert np.isfinite(part(names.ids, names.lengths)).all()


def test_a_model_file_gives_it_back():
    known = [([1, 2, 3], 0), ([2, 1, 0], 1), ([3, 3], 2), ([4], 2)]
    model, names = counted(known), batch(known)
    again = Ngrams.from_arrays(
        "file", model.arrays(), np.array([1, 1, 2]), np.zeros(LABELS, np.float32), SYMBOLS, 5, 1.0
    )
    np.testing.assert_array_equal(model(names.ids, names.lengths), again(names.ids, names.lengths))


def test_a_few_names_have_the_numbers_that_they_have_among_many():
    """Of few names only their own n-grams are worked out; in the bundled model, too."""
    for model, names in (
        (counted([([1, 2, 3, 1], 0), ([2, 2], 1), ([4, 1, 2], 2)]), [[1, 2, 3], [4], [0, 0, 0]]),
        (charnn.load().ngrams, [[1, 2, 3, 4, 5], [9, 9, 9, 9, 9, 9], [0]]),
    ):
        ids, lengths, _ = batch([(ids, 0) for ids in names])
        few = model.log_likelihood(ids, lengths)
        assert model._sums is None, "all n-grams were worked out"
        assert len(model.sums) == len(model.codes) + 1
        np.testing.assert_array_equal(model.log_likelihood(ids, lengths), few)


def test_from_some_names_on_all_n_grams_are_worked_out_once():
    model = counted([([1, 2, 3, 1], 0), ([2, 2], 1)])
    ids, lengths, _ = batch([([1, 2, 3], 0)] * 10)
    once = model.log_likelihood(ids, lengths)
    for _ in range(ngrams.FEW // 10 + 1):
        np.testing.assert_array_equal(model.log_likelihood(ids, lengths), once)
    assert model._sums is not None


def test_n_grams_are_found_with_little_memory_too(monkeypatch):
    """Of a script of thousands of letters the table of what follows each n-gram is too large."""
    names = [([1, 2, 3, 1], 0), ([2, 2], 1), ([4, 1, 2], 2)]
    ids, lengths, _ = batch([*names, ([3, 3, 1, 2, 3], 0), ([0], 0)] * 20)
    model, again = counted(names), counted(names)
    known = model.log_likelihood(ids, lengths)
    monkeypatch.setattr(ngrams, "ENTRIES", 0)
    np.testing.assert_array_equal(again.log_likelihood(ids, lengths), known)
    assert again._children == [None] * again.order


@given(NAMES, st.data())
@settings(max_examples=15)
def test_a_name_of_weight_2_counts_twice(names, data):
    times = data.draw(st.lists(st.integers(1, 3), min_size=len(names), max_size=len(names)))
    prior = np.zeros(LABELS)
    weighed = Ngrams.count(*batch(names), SYMBOLS, prior, 3, np.array(times, dtype=float))
    repeated = [name for name, n in zip(names, times, strict=True) for _ in range(n)]
    counted = Ngrams.count(*batch(repeated), SYMBOLS, prior, 3)
    for name, array in counted.arrays().items():
        assert np.array_equal(weighed.arrays()[name], array), name
    assert np.array_equal(weighed.names, counted.names)


@given(NAMES, st.data())
@settings(max_examples=15)
def test_whatever_a_name_weighs_the_parts_of_an_ngram_occur_as_often(names, data):
    weight = st.floats(1e-3, 10)
    weights = data.draw(st.lists(weight, min_size=len(names), max_size=len(names)))
    plain = Ngrams.count(*batch(names), SYMBOLS, np.zeros(LABELS), 3)
    weighed = Ngrams.count(*batch(names), SYMBOLS, np.zeros(LABELS), 3, np.array(weights))
    assert np.array_equal(weighed.codes, plain.codes)
    assert np.array_equal(weighed.entries, plain.entries)
    assert weighed.counts.min() >= 1
