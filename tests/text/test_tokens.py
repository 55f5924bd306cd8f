"""Words for a writer: the tokens of a text, joined, are the text, whatever the words are."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charnn.errors import CharnnError
from charnn.text import reading, running
from charnn.text.tokens import TOKEN, Tokens

SOME = Tokens(sorted({*"\n ,.abcdeT't", " the", "The", " cat", "don't"}))
ALPHABET = "aTthe c'\u2019,.\n\u00e9\u0301\u200d\U0001f642_3"


@settings(max_examples=60)
@given(st.text(ALPHABET, max_size=30))
def test_the_tokens_of_a_text_joined_are_the_text(text):
    tokens = SOME.split(text)
    assert "".join(tokens) == text
    # What is longer than a letter is known; what is unknown is a letter.
    assert all(token in SOME.symbols or len(token) == 1 for token in tokens)
    ids = SOME.ids_of(text)
    assert [SOME.symbols[id_ - 1] if id_ else None for id_ in ids.tolist()] == [
        token if token in SOME.symbols else None for token in tokens
    ]
    assert SOME.sizes[ids].sum() == len(text)
    assert SOME.encode([tokens])[0][0, : len(tokens)].tolist() == ids.tolist()


def test_a_space_belongs_to_the_word_after_it_and_a_rare_word_is_spelled():
    assert SOME.split("The cat, the bat\n don't don't") == (
        *("The", " cat", ",", " the", " ", "b", "a", "t", "\n"),
        *(" ", "d", "o", "n", "'", "t", " ", "d", "o", "n", "'", "t"),  # " don't" is another word
    )
    assert TOKEN.findall("'Tis  so--one_2 can\u2019t!") == (
        ["'", "Tis", " ", " so", "-", "-", "one_2", " can\u2019t", "!"]
    )


def test_the_words_that_occur_twice_have_an_id_and_with_most_the_most_frequent():
    counts = Counter(TOKEN.findall("a cat a cat and a dog and the dog sat"))
    assert Tokens.from_counts(counts, "\nacdegnost").symbols == sorted(
        ["\n", *"acdegnost", " a", " cat", " and", " dog"]
    )
    assert Tokens.from_counts(counts, "\nac", most=6).symbols == ["\n", " a", " and", "a", "c"]
    with pytest.raises(CharnnError, match=r"--symbols 4 has no room .* the text's 3 letters"):
        Tokens.from_counts(counts, "\nac", most=4)
    with pytest.raises(CharnnError, match="no word occurs twice"):
        Tokens.from_counts(Counter(TOKEN.findall("one two, three,")), "\nac,")


def test_a_file_is_read_as_its_text_whatever_the_pieces(tmp_path, monkeypatch):
    text = "the cat, the cat\nthe  don't\n\n don't é cat " * 3
    (tmp_path / "t").write_text(text, encoding="utf-8")
    whole = None
    for piece in (10_000, 1, 2, 7):
        monkeypatch.setattr(reading, "PIECE", piece)
        vocabulary = running.read_tokens(tmp_path / "t", 0.0, 1.0)
        assert "".join(vocabulary.symbols[id_ - 1] for id_ in vocabulary.ids_of(text)) == text
        ids = running.read_text(tmp_path / "t", vocabulary)
        np.testing.assert_array_equal(ids, vocabulary.ids_of(text))
        whole = whole or vocabulary.symbols
        assert vocabulary.symbols == whole
    assert {" the", "the", " cat", " don't"} < set(whole)


@pytest.mark.parametrize("symbols", ["ab", ["a", "a"], ["a", ""], [1], None])
def test_symbols_that_are_no_tokens_are_refused(symbols):
    with pytest.raises(CharnnError, match="expected a list of different ones"):
        Tokens(symbols)
