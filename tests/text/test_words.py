"""Words in place of letters: what a word is, and its ids."""

import json
import pickle
import time
import unicodedata
from collections import Counter
from itertools import chain, product

import pytest
from helpers import call, write_folder
from hypothesis import given
from hypothesis import strategies as st

from charnn.config import KEEPS
from charnn.errors import CharnnError
from charnn.presets import configure
from charnn.text.words import Words, reader


def test_words_are_letters_with_what_is_inside_them_and_signs_are_alone():
    read = reader(configure(tokens="words", raw=True))
    assert read("It's a well-made film, isn’t it?! 'Yes', n°5") == (
        "it's",
        "a",
        "well-made",
        "film",
        ",",
        "isn’t",
        "it",
        "?",
        "!",
        "'",
        "yes",
        "'",
        ",",
        "n",
        "°",
        "5",
    )
    assert reader(configure(tokens="words"))("Élan’s – 7") == ("elan's", "-", "7")
    assert read("") == read(" \u00ad") == ()


@pytest.mark.parametrize("raw", [True, False])
def test_a_dash_between_words_parts_them_and_a_hyphen_joins(raw):
    read = reader(configure(tokens="words", raw=raw))
    assert [word for word in read("a film—moving – and well-made—stays") if len(word) > 1] == [
        "film",
        "moving",
        "and",
        "well-made",
        "stays",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("यह हिन्दी है", 3),
        ("สวัสดี ครับ", 2),
        ("İstanbul güzel", 2),
        ("soft\u00adhyphen", 1),
        ("e\u0301lan vital", 2),
    ],
)
def test_raw_words_keep_their_marks(text, words):
    assert len(reader(configure(tokens="words", raw=True))(text)) == words


@given(st.text(st.characters(exclude_categories=["M", "Cf", "Cs"])))
def test_nothing_is_lost_between_the_words(text):
    read = reader(configure(tokens="words", raw=True, lowercase=False, max_length=10_000))
    assert "".join(read(text)) == "".join(unicodedata.normalize("NFC", text).split())


@pytest.mark.parametrize("sign", ["<br />", "<br>", "<BR/>", "<br/>", "< br / >", "</br>"])
@pytest.mark.parametrize("raw", [True, False])
def test_a_line_break_of_html_is_no_word(sign, raw):
    read = reader(configure(tokens="words", raw=raw))
    assert read(f"fine.{sign}{sign}dull{sign}") == ("fine", ".", "dull")
    assert read("a <brand> of") != ("a", "of")


def test_invisible_characters_are_no_part_of_a_word():
    read = reader(configure(tokens="words", raw=True))
    assert read("\ufefffine\u200b dull\u200d می\u200cخواهم \u202e") == (
        "fine",
        "dull",
        "می\u200cخواهم",
    )


@given(
    st.text(st.sampled_from("ab'-.(  \u200c<br>İΣ\u0301\n\t")),
    st.integers(1, 5),
    st.integers(0, 20),
    st.booleans(),
)
def test_the_words_that_are_kept_of_a_long_text_are_those_of_the_whole(text, most, times, raw):
    def read(most, keep):
        return reader(configure(tokens="words", raw=raw, max_length=most, keep=keep))(text * times)

    whole = read(10_000, "first")
    half = most // 2
    ends = whole[: most - half] + whole[len(whole) - half :] if len(whole) > most else whole
    kept = {keep: read(most, keep) for keep in KEEPS}
    assert kept == {"first": whole[:most], "last": whole[-most:], "both-ends": ends}


def test_of_a_long_text_only_what_is_read_is_worked_on():
    text = "Ünlü bir film <br /> " * 500_000  # 10 million characters
    for raw, keep in ((True, "first"), (False, "first"), (True, "last"), (False, "both-ends")):
        read = reader(configure(tokens="words", raw=raw, keep=keep, max_length=100))
        start = time.perf_counter()
        assert len(read(text)) == 100
        assert time.perf_counter() - start < 2  # all of it takes more than ten seconds


def test_a_text_may_be_as_long_as_nobody_writes(reviews, tmp_path):
    long = "a lovely film " * 70_000  # a million characters on a line
    folder = write_folder(
        tmp_path / "long",
        {path.stem: [*path.read_text().split("\n"), long] for path in reviews.glob("*.txt")},
    )
    options = ["--tokens", "words", "--hidden", 4, "--epochs", 1, "--device", "cpu"]
    result = call("charnn.train", "--data", folder, *options, "--out", tmp_path / "out")
    assert result.returncode == 0, result.stderr[:1000]
    assert len(result.stderr) < 10_000  # that text is under both labels, and not quoted as a whole
    model = tmp_path / "out" / "model.safetensors"
    assert call("charnn.evaluate", "--model", model, "--data", folder).returncode == 0
    answer = call("charnn.predict", "--model", model, "--json", input=f"{long}\n")
    assert len(json.loads(answer.stdout)["predictions"]) == 2
    (tmp_path / "in.txt").write_text(f"{long}\n")
    files = ["--input", tmp_path / "in.txt", "--output", tmp_path / "out.csv"]
    assert "1 row" in call("charnn.predict", "--model", model, *files).stderr
    assert "unknown" not in (tmp_path / "out.csv").read_text()


@pytest.mark.parametrize(
    ("keep", "most", "words"),
    [
        ("first", 2, "one two"),
        ("last", 2, "four five"),
        ("both-ends", 3, "one two five"),
        ("both-ends", 1, "one"),
        ("both-ends", 5, "one two three four five"),
        ("last", 9, "one two three four five"),
    ],
)
def test_of_a_long_text_some_words_are_read(keep, most, words):
    read = reader(configure(tokens="words", max_length=most, keep=keep))
    assert " ".join(read("one two  three\tfour five ")) == words


@given(st.lists(st.lists(st.sampled_from("abcdefg"), max_size=9), max_size=9), st.integers(1, 9))
def test_no_word_that_is_left_out_is_more_frequent_than_one_that_is_kept(texts, most):
    counts = Counter(chain.from_iterable(texts))
    kept = Words.from_names(texts, most).symbols
    assert len(kept) == min(most - 1, sum(times >= 2 for times in counts.values()))
    left_out = counts.keys() - set(kept)
    pairs = product(kept, left_out)
    assert all((-counts[word], word) < (-counts[other], other) for word, other in pairs)
    assert Words.from_names(texts[::-1], most).symbols == kept == sorted(kept)


def test_the_most_frequent_words_are_kept():
    texts = [("b", "a", "film", "film"), ("b", "a", "film", "once")]
    assert Words.from_names(texts, 3).symbols == ["a", "film"]  # with the unknown word, 3
    assert len(Words.from_names(texts, 9)) == 4
    assert Words.from_names(texts, 1).symbols == []


def test_a_word_that_stands_once_is_unknown():
    words = Words.from_names([("a", "good", "film"), ("a", "film", "?", "?"), ("bad",)])
    assert words.symbols == ["a", "film"]
    ids, lengths = words.encode([("a", "good", "film"), (), ("film",)])
    assert ids.tolist() == [[1, 0, 2], [0, 0, 0], [2, 0, 0]]
    assert lengths.tolist() == [3, 1, 1]
    assert words.alphanumeric.tolist() == [False, True, True]
    assert Words(["!", "film"]).alphanumeric.tolist() == [False, False, True]


@given(
    st.lists(st.lists(st.sampled_from(["a", "b", "it's", ".", "never"]), max_size=6), max_size=8)
)
def test_encoding_looks_each_word_up(texts):
    words = Words(["a", "b", "it's", "."])
    ids, lengths = words.encode(texts)
    for row, length, text in zip(ids.tolist(), lengths.tolist(), texts, strict=True):
        expected = [
            words.symbols.index(word) + 1 if word in words.symbols else 0 for word in text
        ] or [0]
        assert row[:length] == expected
        assert not any(row[length:])


@pytest.mark.parametrize("symbols", ["ab", ["a", "a"], ["a", 1], [""], None])
def test_a_list_of_words_is_checked(symbols):
    with pytest.raises(CharnnError, match="expected a list of different ones"):
        Words(symbols)


def test_a_rare_word_is_read_as_its_ending():
    words = Words.from_names([("fearless", "hopeless", "sure", "pure", "a"), ("a", "film", "film")])
    assert words.symbols == [
        "a",
        "film",
        "…ess",
    ]  # of words that stand once; sure and pure are too short for an ending
    ids, _ = words.encode([("a", "tasteless", "cure", "fearless")])
    assert ids.tolist() == [[1, 3, 0, 3]]
    assert words.alphanumeric.tolist() == [
        False,
        True,
        True,
        False,
    ]  # nobody is answered for an ending alone


@pytest.mark.parametrize("tokens", ["letters", "words"])
@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize("lowercase", [True, False])
def test_what_reads_a_text_can_be_pickled(tokens, raw, lowercase):
    read = reader(configure(tokens=tokens, raw=raw, lowercase=lowercase))
    again = pickle.loads(pickle.dumps(read))
    assert again("Élan’s – 7") == read("Élan’s – 7")
