"""N-grams of words: what is found in a text, scores, the arrays of a model file."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charnn.errors import CharnnError
from charnn.text.letters import UNKNOWN_SYMBOL
from charnn.word_ngrams import OF_A_PIECE, TEXTS, WordNgrams, features, kept_at_most

texts = st.lists(
    st.lists(st.sampled_from(["a", "film", "films", "it's", "…ess", ".", "ß€", "好"]), max_size=6),
    max_size=5,
)


def expected(text, order):
    """The features of a text, spelled out: n-grams as tuples, pieces as strings; and their values."""
    words = [word for word in text if any(map(str.isalnum, word)) and word[0] != "…"]
    found = {
        tuple(words[start : start + length]): 1.0
        for length in range(1, order + 1)
        for start in range(len(words) - length + 1)
    }
    for word in words:
        marked = f"<{word}>"
        for length in (3, 4):
            for start in range(len(marked) - length + 1):
                found[marked[start : start + length]] = OF_A_PIECE
    return found


@given(texts, st.integers(1, 4))
def test_features_are_the_ngrams_and_pieces_of_each_text(some, order):
    row, code, value = features(some, order)
    code_of = {}
    for number, text in enumerate(some):
        wanted = expected(text, order)
        mine = row == number
        assert sorted(value[mine].tolist()) == sorted(map(np.float32, wanted.values()))
        assert len(set(code[mine].tolist())) == len(wanted)  # each feature has a code of its own
        code_of[number] = set(code[mine].tolist())
    for one, codes in code_of.items():  # and in every text the same one
        for other, others in code_of.items():
            shared = expected(some[one], order).keys() & expected(some[other], order).keys()
            assert len(codes & others) == len(shared)


def model(codes, labels=2):
    weights = np.arange(len(codes) * labels, dtype=np.float32).reshape(-1, labels)
    return WordNgrams(np.array(codes, np.int32), weights, np.ones(labels, np.float32), 2)


def test_a_score_is_the_sum_of_the_weights_over_the_length_and_the_bias():
    text = ("a", "film", "a", "film")
    _, code, value = features([text], 2)
    known = np.sort(code)[::2]
    ngrams = model(known)
    chosen = np.isin(code, known)
    length = np.sqrt((value[chosen] ** 2).sum())
    weights = ngrams.weights[np.searchsorted(known, code[chosen])]
    score = value[chosen] @ weights / length + 1
    np.testing.assert_allclose(ngrams([text]), [score], rtol=1e-6)
    ngrams.scale = 0.5
    np.testing.assert_allclose(ngrams([text]), [score / 2], rtol=1e-6)


def test_a_text_of_which_nothing_is_known_gets_the_bias():
    ngrams = model([1, 2, 3], labels=3)
    strange = [(), (".",), (UNKNOWN_SYMBOL,), ("zzz",)]
    assert ngrams(strange).tolist() == [[1.0] * 3] * 4
    assert ngrams([]).shape == (0, 3)


def test_the_number_of_texts_at_once_changes_nothing():
    some = [("film", f"word{number % 7}") for number in range(TEXTS + 5)]
    ngrams = model(np.unique(features(some, 2).code))
    together = ngrams(some)
    np.testing.assert_array_equal(together[-5:], ngrams(some[-5:]))


def test_what_a_model_file_keeps_is_read_back():
    ngrams = model([-(2**31), 1, 2**31 - 1])  # as far apart as hashes can be
    again = WordNgrams.from_arrays("m", ngrams.arrays(), 2, 2, 1.0)
    np.testing.assert_array_equal(again([("a", "film")]), ngrams([("a", "film")]))
    assert sum(array.nbytes for array in ngrams.arrays().values()) <= 3 * 12 + 8
    assert kept_at_most(2) == 1_000_000  # 12 bytes each


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("ngrams.codes", None),
        ("ngrams.codes", np.array([1, 2, 3])),
        ("ngrams.codes", np.array([3, 2, 1], np.int32)),
        ("ngrams.codes", np.array([2**31 - 1, 0, -(2**31)], np.int32)),
        ("ngrams.codes", np.array([[1, 2, 3]], np.int32)),
        ("ngrams.codes", np.zeros(0, np.int32)),
        ("ngrams.weights", np.zeros((3, 3), np.float32)),
        ("ngrams.weights", np.zeros((2, 2), np.float32)),
        ("ngrams.weights", np.full((3, 2), np.inf, np.float32)),
        ("ngrams.weights", np.full((3, 2), 3e38, np.float32)),
        ("ngrams.bias", np.zeros(3, np.float32)),
        ("ngrams.bias", np.full(2, np.nan, np.float32)),
    ],
)
def test_arrays_that_are_no_such_model_are_refused(name, array):
    arrays = {**model([1, 2, 3]).arrays(), name: array}
    with pytest.raises(CharnnError, match=r"m: tensors? .*ngrams.*train it again"):
        WordNgrams.from_arrays("m", arrays, 2, 2, 1.0)
