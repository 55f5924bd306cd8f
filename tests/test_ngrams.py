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
from charnn.errors import CharnnError
from charnn.ngram_arrays import LENGTHS, SMOOTHING
from charnn.ngram_counts import find
from charnn.ngram_weights import KNESER_NEY, OCCURRENCES
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


def read_again(model, *absent):
    """The models of the file that has these ones, but for some of its arrays."""
    arrays = {name: array for name, array in model.arrays().items() if name not in absent}
    return Ngrams.from_arrays("file", arrays, model.names, model.prior, SYMBOLS, model.order, 1.0)


def of_old_file(model):
    """The same counts as a file of format 3 has them."""
    return read_again(model, SMOOTHING, LENGTHS)


def by_hand(names, order, asked, a, d):
    """The formula of the module's docstring, read from left to right: log P(asked | these names).

    With a discount of 0 all lengths have raw counts.
    """
    ends = ["end"] * (order - 1)
    padded = [[*ends, *name, "end"] for name in names]
    raw = {
        n: Counter(
            tuple(name[at - n + 1 : at + 1])
            for name in padded
            for at in range(order - 1, len(name))
        )
        for n in range(1, order + 1)
    }
    counts = {
        n: Counter(longer[1:] for longer in raw[n + 1]) if d and n < order else raw[n] for n in raw
    }
    asked, total = [*ends, *asked, "end"], 0.0
    for at in range(order - 1, len(asked)):
        p = 1 / (SYMBOLS + 1)
        for n in range(1, order + 1):
            run = tuple(asked[at - n + 1 : at + 1])
            following = [count for other, count in counts[n].items() if other[:-1] == run[:-1]]
            rest = a + d * len(following)
            p = (max(counts[n][run] - d, 0) + rest * p) / (sum(following) + a)
        total += math.log(p)
    return total


@pytest.mark.parametrize("smoothing", [KNESER_NEY, OCCURRENCES])
@settings(max_examples=25)
@given(NAMES, NAMES, st.integers(1, 5))
def test_the_table_gives_what_the_formula_gives_in_both_directions(smoothing, known, asked, order):
    asked, model = batch(asked), counted(known, order)
    model = of_old_file(model) if smoothing == OCCURRENCES else model
    assert model.smoothing == smoothing
    found = model.log_likelihood(asked.ids, asked.lengths)
    for row, ids, length in zip(
        found.tolist(), asked.ids.tolist(), asked.lengths.tolist(), strict=True
    ):
        for label in range(LABELS):
            names, name = [ids for ids, other in known if other == label], ids[:length]
            there = by_hand(names, order, name, *smoothing[:2])
            back = by_hand([one[::-1] for one in names], order, name[::-1], *smoothing[:2])
            assert row[label] == pytest.approx((there + back) / 2, abs=1e-4)


def test_the_probabilities_of_all_names_that_can_be_sum_to_less_than_one():
    model = counted([([1, 2], 0), ([1], 1), ([2, 2, 1], 2)], order=3)
    shares = 0.0
    for length in range(1, 6):
        ids = np.array(list(product(range(SYMBOLS), repeat=length)))
        shares += np.exp(model.log_likelihood(ids, np.full(len(ids), length))).sum(0)
    assert (shares > 0.5).all()
    assert (shares < 1).all()


def test_the_answer_has_the_prior_the_length_and_the_scale():
    known = [([1, 2, 3], 0), ([2, 1], 1), ([3, 3], 2), ([3], 2)]
    prior = np.array([-1.0, -2.0, -3.0], np.float32)
    model = Ngrams.count(*batch(known), SYMBOLS, prior, 2)
    asked = batch([*known, ([1] * 6, 0)])
    plain = model.log_likelihood(asked.ids, asked.lengths) + prior
    # By hand: of names of 0 to 3 letters, and of more, there are 0, 1, 2, 1 and 0.
    shares = np.array([0.5, 1.5, 2.5, 1.5, 0.5]) / 6.5
    of_label = [[0, 0, 0, 1, 0], [0, 0, 1, 0, 0], [0, 1, 1, 0, 0]]
    of_length = np.array(
        [[np.log((n[t] + 20 * shares[t]) / (sum(n) + 20)) for n in of_label] for t in range(5)]
    )
    model.scale = 0.25
    expected = (plain + of_length[[3, 2, 2, 1, 4]]) / 4
    np.testing.assert_allclose(model(asked.ids, asked.lengths), expected, rtol=1e-12)
    np.testing.assert_allclose(np.exp(model.of_length).sum(0), 1, rtol=1e-12)
    old = of_old_file(model)
    plain = old.log_likelihood(asked.ids, asked.lengths) + prior
    np.testing.assert_allclose(old(asked.ids, asked.lengths), plain, rtol=1e-12)


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


def test_what_occurred_once_and_was_left_out_counts_as_a_neighbour(monkeypatch):
    draw = np.random.default_rng(0)
    known = [(draw.integers(0, SYMBOLS, 4).tolist(), int(draw.integers(LABELS))) for _ in range(40)]
    whole = counted(known, 4)
    monkeypatch.setattr(ngrams, "MOST", len(whole.codes) // 4)
    part = counted(known, 4)
    assert part.smoothing.fewest == 2
    assert len(part.codes) < len(whole.codes)
    for length in (1, 2, 3):
        codes = part.codes[(part.codes >= 7 ** (length - 1)) & (part.codes < 7**length)]
        found = []
        for model in (part, whole):
            counts = model.counts_of(find(codes, model.codes))
            place = np.full((len(codes), LABELS), len(counts.n))
            place[counts.row, counts.label] = np.arange(len(counts.n))
            fewest = model.smoothing.fewest
            found.append(model.neighbours(codes, place, counts.n, length, fewest))
        for of_part, of_whole in list(zip(*found, strict=True))[: 3 if length < 3 else 2]:
            np.testing.assert_array_equal(of_part, of_whole)
    for of_part, of_whole in (
        (part._pairs, whole._pairs),
        (part._first, whole._first),
        (part._last, whole._last),
    ):
        np.testing.assert_array_equal(of_part, of_whole)


def test_a_model_file_gives_it_back():
    known = [([1, 2, 3], 0), ([2, 1, 0], 1), ([3, 3], 2), ([4], 2)]
    model, names = counted(known), batch(known)
    for one in (model, of_old_file(model)):
        again = read_again(one)
        assert again.smoothing == one.smoothing
        np.testing.assert_array_equal(
            one(names.ids, names.lengths), again(names.ids, names.lengths)
        )


@pytest.mark.parametrize(
    ("absent", "changed", "expected"),
    [
        (SMOOTHING, {}, "no concentration, discount and fewest"),
        (LENGTHS, {}, "no counts for 3 labels"),
        ("", {SMOOTHING: np.array([0.0, 0.5, 1])}, "no concentration"),
        ("", {SMOOTHING: np.array([2.0, 1.0, 1])}, "no concentration"),
        ("", {SMOOTHING: np.array([np.nan, 0.5, 1])}, "no concentration"),
        ("", {SMOOTHING: np.array([2, 0, 1])}, "no concentration"),
        ("", {SMOOTHING: np.array([2.0, 0.5, 1.5])}, "no concentration"),
        ("", {SMOOTHING: np.array([2.0, 0.5])}, "no concentration"),
        ("", {LENGTHS: np.ones((4, 2), np.int32)}, "no counts for 3 labels"),
        ("", {LENGTHS: np.full((4, 3), -1, np.int32)}, "no counts for 3 labels"),
        ("", {LENGTHS: np.ones((0, 3), np.int32)}, "no counts for 3 labels"),
    ],
)
def test_a_model_file_with_other_arrays_is_refused(absent, changed, expected):
    model = counted([([1, 2, 3], 0), ([2, 1, 0], 1), ([3, 3], 2)])
    arrays = {**model.arrays(), **changed}
    arrays.pop(absent, None)
    with pytest.raises(CharnnError, match=f"file: tensor ngrams.*{expected}"):
        Ngrams.from_arrays("file", arrays, model.names, model.prior, SYMBOLS, 5, 1.0)


def other_smoothing(model):
    """The models of the same counts, with the smoothing that they do not have."""
    smoothing = OCCURRENCES if model.smoothing == KNESER_NEY else KNESER_NEY
    parts = model.codes, model.entries, model.counts, model.names, model.prior, model.base - 2
    return Ngrams(*parts, model.order, smoothing=smoothing)


def test_a_few_names_have_the_numbers_that_they_have_among_many():
    """Of few names only their own n-grams are worked out; in the bundled model, too."""
    bundled = charnn.load().ngrams
    for model, names in (
        (counted([([1, 2, 3, 1], 0), ([2, 2], 1), ([4, 1, 2], 2)]), [[1, 2, 3], [4], [0, 0, 0]]),
        (bundled, [[1, 2, 3, 4, 5], [9, 9, 9, 9, 9, 9], [0]]),
        (other_smoothing(bundled), [[1, 2, 3, 4, 5], [9, 9, 9, 9, 9, 9], [0]]),
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
