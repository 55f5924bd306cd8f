"""Vocabulary: each character looked up, fast, the unknown symbol left out."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charnn.errors import CharnnError
from charnn.text.letters import to_ascii
from charnn.text.vocabulary import Vocabulary

pytestmark = pytest.mark.usefixtures("scripts_warned_of")
any_text = st.text(max_size=30)


@given(st.lists(any_text, min_size=1, max_size=8), any_text)
def test_encoding_is_a_look_up_of_each_character(names, known):
    vocabulary = Vocabulary("".join(sorted(set(known))))
    ids, lengths = vocabulary.encode(names)
    assert ids.shape == (len(names), max(lengths))
    for row, size, name in zip(ids.tolist(), lengths.tolist(), names, strict=True):
        assert size == max(len(name), 1)
        assert row[: len(name)] == [vocabulary.symbols.find(character) + 1 for character in name]
        assert not any(row[len(name) :])


def test_vocabulary_leaves_the_unknown_symbol_out():
    vocabulary = Vocabulary.from_names(["ba?", "ab "])
    assert vocabulary.symbols == " ab"
    assert len(vocabulary) == 4
    assert vocabulary.alphanumeric.tolist() == [False, False, True, True]
    with pytest.raises(CharnnError, match="repeats"):
        Vocabulary("aa")


def test_encoding_keeps_up_with_a_million_letters_a_second():
    names = ["Featherstonehaugh"] * 20_000
    vocabulary = Vocabulary.from_names(names)
    best = min(
        _seconds(lambda: vocabulary.encode([to_ascii(name) for name in names])) for _ in range(3)
    )
    assert sum(map(len, names)) / best > 1e6


def _seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def test_the_most_frequent_letters_are_kept():
    assert Vocabulary.from_names(["abba", "acc?"], 3).symbols == "ab"  # with the unknown one, 3
    assert Vocabulary.from_names(["abba", "acc?"], 9).symbols == "abc"
