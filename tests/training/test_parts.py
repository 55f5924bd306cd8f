"""The sets that a training is made of, and what is left out of them."""

import numpy as np
import pytest
from helpers import tiny_names, write_folder

from charnn.errors import CharnnError
from charnn.presets import configure
from charnn.text.names import Names
from charnn.training.generate import read_text_parts, train_name_generator_on
from charnn.training.parts import encoding_of, read_parts

TEXTS = ["a a a b b .", "c a b b . .", ". , , c . .", "d ."]


def encoded_as(texts, **options):
    return encoding_of(Names(texts, np.zeros(len(texts), dtype=int), ["x"]), configure(**options))


@pytest.mark.parametrize("tokens", ["letters", "words"])
def test_so_many_symbols_are_known_the_unknown_one_included(tokens):
    texts = TEXTS if tokens == "words" else [text[::2] for text in TEXTS]
    for symbols in range(3, 6):
        vocabulary, _ = encoded_as(texts, tokens=tokens, symbols=symbols)
        assert len(vocabulary) == symbols
    for symbols in (1, 2):  # the full stop is the most frequent one
        with pytest.raises(CharnnError, match=f"--symbols {symbols} keeps nothing with a letter"):
            encoded_as(texts, tokens=tokens, symbols=symbols)
    with pytest.raises(CharnnError, match="no word occurs twice"):
        encoded_as(["a b c"], tokens="words", symbols=9)


def test_a_generator_counts_the_newline_too(folder, tmp_path):
    options = {"task": "generate", "symbols": 9, "hidden": 4, "epochs": 1}
    parts = read_parts(folder, None, configure(**options))
    generator = train_name_generator_on(parts, configure(**options), "cpu")
    assert len(generator.vocabulary) == 9
    assert set(generator.generate(count=9, seed=0)[0]) <= set(generator.vocabulary.symbols)
    (tmp_path / "text").write_text("all work and no play makes jack a dull boy\n" * 40)
    vocabulary, sets = read_text_parts(tmp_path / "text", None, configure(**options, text=True))
    assert len(vocabulary) == 9
    assert "\n" in vocabulary.symbols
    assert 0 in sets["train"]


@pytest.mark.parametrize(
    ("keep", "which"),
    [("first", "the first"), ("last", "the last"), ("both-ends", "the first and the last")],
)
def test_a_warning_says_which_words_of_longer_texts_are_read(keep, which):
    texts = ["one two three", "one two three four", "a b c d e f", "one"]
    message = f"2 of 4 texts .* more than 3 words, of which {which} are read; --max-length reads more, --keep others"
    with pytest.warns(UserWarning, match=message):
        encoded_as(texts, tokens="words", max_length=3, keep=keep)


def test_test_data_of_unknown_labels_is_left_out_if_asked(folder, tmp_path):
    names = {label: names[:5] for label, names in tiny_names(seed=1).items()}
    test = write_folder(tmp_path / "test", {**names, "Klingon": ["Worf", "Kor"], "Vulcan": ["Tu"]})
    with pytest.raises(
        CharnnError, match=r"'Klingon', 'Vulcan' is unknown to .*--skip-unknown-lab"
    ):
        read_parts(folder, test, configure())
    with pytest.warns(UserWarning, match="3 lines of 2 labels .* left out: Klingon .2., Vulcan"):
        parts = read_parts(folder, test, configure(), skip_unknown_labels=True)
    assert len(parts["test"]) == 15
    assert parts["test"].labels == parts["train"].labels == sorted(names)
    with pytest.raises(CharnnError, match="--skip-unknown-labels is for --test-data"):
        read_parts(folder, None, configure(), skip_unknown_labels=True)
