"""Words in place of letters: what a word is, its ids, and a classifier of texts from the command line."""

import json
import pickle
import time
import unicodedata

import numpy as np
import pytest
from helpers import call, error_of, write_folder
from hypothesis import given
from hypothesis import strategies as st

import charnn
from charnn.errors import CharnnError
from charnn.inference import checkpoint
from charnn.presets import configure
from charnn.text.words import Words, reader


@pytest.fixture(scope="module")
def critic(reviews):
    """A classifier of those texts."""
    return charnn.train_classifier(
        reviews,
        tokens="words",
        embedding=8,
        hidden=8,
        epochs=15,
        batch_size=16,
        learning_rate=0.02,
        dropout=0.1,
        letter_dropout=0.0,
        device="cpu",
    )


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


@given(st.text(st.sampled_from("ab'-.  \u200c<br>İΣ\u0301")), st.integers(1, 4))
def test_the_first_words_of_a_long_text_are_those_of_the_whole(text, most):
    whole = reader(configure(tokens="words", raw=True, max_length=10_000))
    first = reader(configure(tokens="words", raw=True, max_length=most))
    assert first(text * 20) == whole(text * 20)[:most]


def test_of_a_long_text_only_the_first_words_are_worked_on():
    text = "Ünlü bir film <br /> " * 500_000  # 10 million characters
    for raw in (True, False):
        read = reader(configure(tokens="words", raw=raw))
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


def test_a_text_has_an_end(critic):
    longest = critic.config.longest
    with pytest.raises(CharnnError, match=f"{longest + 1:,} characters"):
        critic.predict("a" * (longest + 1))


def test_only_the_first_words_are_read():
    assert reader(configure(tokens="words", max_length=2))("one two three") == ("one", "two")


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


def test_it_learns_the_words_and_survives_its_file(critic, tmp_path):
    assert critic.figures["test"]["accuracy"] > 0.9
    critic.save(tmp_path / "model.safetensors")
    again = charnn.load(tmp_path / "model.safetensors")
    texts = ["the plot a LOVELY story.", "awful film", "", "zzz unheard", "..."]
    np.testing.assert_array_equal(again.log_proba(texts), critic.log_proba(texts))
    assert [critic.predict(text)[0][0] for text in texts[:2]] == ["good", "bad"]
    assert again.known(texts).tolist() == [True, True, False, False, False]
    again.vocabulary = Words(["!", "film"])
    assert again.known(["! !", "a film", "!film"]).tolist() == [False, True, True]
    np.testing.assert_allclose(
        critic.predict_proba(texts[2:])[0],
        (critic.counts + 1) / (critic.counts + 1).sum(),
        atol=1e-6,
    )


def test_beliefs_are_a_row_per_word(critic):
    beliefs = critic.beliefs("the film , awful")
    assert beliefs.shape == (4, 2)
    np.testing.assert_allclose(
        beliefs[-1], critic.predict_proba(["the film , awful"])[0], atol=1e-5
    )
    bad = critic.labels.index("bad")
    assert beliefs[-1, bad] > beliefs[-2, bad]  # that word was awful


def test_train_and_predict_as_a_user_does(reviews, tmp_path):
    result = call(
        "charnn.train",
        "--data",
        reviews,
        "--tokens",
        "words",
        "--embedding",
        4,
        "--hidden",
        4,
        "--epochs",
        2,
        "--max-length",
        4,
        "--device",
        "cpu",
        "--out",
        tmp_path / "out",
    )
    assert result.returncode == 0, result
    assert (
        "texts in the training set have more than 4 words, of which the first are read"
        in result.stderr
    )
    fits = call(
        "charnn.train",
        "--data",
        reviews,
        "--tokens",
        "words",
        "--hidden",
        4,
        "--epochs",
        1,
        "--max-length",
        6,
        "--device",
        "cpu",
        "--out",
        tmp_path / "fits",
    )  # five words and a full stop
    assert "more than" not in fits.stderr
    model = tmp_path / "out" / "model.safetensors"
    answer = call("charnn.predict", "--model", model, "--json", "a lovely film", "!!")
    rows = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [len(row["predictions"]) for row in rows] == [2, 0]
    assert call("charnn.evaluate", "--model", model, "--data", reviews).returncode == 0
    embedding = charnn.load(model).network.embedding.weight
    assert embedding.shape == (1 + len(charnn.load(model).vocabulary.symbols), 4)


def test_long_texts_are_no_error_as_long_names_are(tmp_path):
    folder = write_folder(
        tmp_path / "long",
        {
            label: [f"{word} " * 60 + str(i) for i in range(30)]
            for label, word in (("x", "ab"), ("y", "cd"))
        },
    )
    options = ["--data", folder, "--epochs", 1, "--hidden", 4, "--device", "cpu"]
    message = error_of(call("charnn.train", *options))
    assert (
        "more than 100; shorten it, raise --max-length or, for texts, train with --tokens words"
        in message
    )
    assert (
        call("charnn.train", *options, "--tokens", "words", "--out", tmp_path / "out").returncode
        == 0
    )


def test_texts_that_share_no_word_are_one_clear_line(tmp_path):
    folder = write_folder(
        tmp_path / "own", {label: [f"{label}{i}" for i in range(40)] for label in "xy"}
    )
    message = error_of(call("charnn.train", "--data", folder, "--tokens", "words", "--epochs", 1))
    assert (
        "no word occurs twice in the training set; give more texts, or leave --tokens words out"
        in message
    )


@pytest.mark.parametrize("symbols", [["a", "a"], "ab", None])
def test_a_file_whose_words_are_wrong_is_refused(critic, symbols, tmp_path):
    checkpoint.save(
        tmp_path / "m.safetensors",
        critic.arrays(),
        {
            **critic.about,
            "task": "classify",
            "config": critic.config.to_dict(),
            "symbols": symbols,
            "labels": critic.labels,
            "counts": critic.counts.tolist(),
        },
    )
    assert "m.safetensors" in error_of(
        call("charnn.predict", "--model", tmp_path / "m.safetensors", "x")
    )


@pytest.mark.parametrize("tokens", ["letters", "words"])
@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize("lowercase", [True, False])
def test_what_reads_a_text_can_be_pickled(tokens, raw, lowercase):
    read = reader(configure(tokens=tokens, raw=raw, lowercase=lowercase))
    again = pickle.loads(pickle.dumps(read))
    assert again("Élan’s – 7") == read("Élan’s – 7")
