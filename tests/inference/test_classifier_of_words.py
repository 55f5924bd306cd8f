"""A classifier of texts that are read word by word, in Python and from the command line."""

import json
from dataclasses import replace

import numpy as np
import pytest
from helpers import call, error_of, write_folder

import charnn
from charnn.errors import CharnnError
from charnn.inference import checkpoint
from charnn.inference.classifier import Classifier
from charnn.text.words import Words


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


def test_a_text_has_an_end(critic):
    longest = critic.config.longest
    with pytest.raises(CharnnError, match=f"{longest + 1:,} characters"):
        critic.predict("a" * (longest + 1))


def test_it_learns_the_words_and_survives_its_file(critic, tmp_path):
    assert critic.figures["test"]["accuracy"] > 0.9
    critic.save(tmp_path / "model.safetensors")
    again = charnn.load(tmp_path / "model.safetensors", backend="torch")
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
        "--keep",
        "first",
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


@pytest.mark.parametrize(("keep", "decides"), [("first", 0), ("last", -1), ("both-ends", -1)])
def test_what_is_read_of_a_text_decides_everywhere(critic, keep, decides):
    config = replace(critic.config, max_length=2, keep=keep)
    fitted = (critic.engine, critic.vocabulary, critic.labels, config)
    reading = Classifier(*fitted, critic.counts, critic.fingerprints, critic.about)
    reading.ngrams = critic.ngrams
    text = ("lovely", *["film"] * 9, "awful")
    kept = {"first": text[:2], "last": text[-2:], "both-ends": (text[0], text[-1])}[keep]
    assert tuple(reading.read([" ".join(text)])[0]) == kept
    np.testing.assert_array_equal(
        reading.log_proba(" ".join(text)), critic.log_proba(" ".join(kept))
    )
    assert (
        reading.beliefs(" ".join(text)).shape == reading.occlusion(" ".join(text)).shape == (2, 2)
    )
    if keep != "both-ends":
        label = {"lovely": "good", "awful": "bad"}[text[decides]]
        assert reading.predict(" ".join(text))[0][0] == label


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


def test_a_tensor_that_is_neither_the_networks_nor_the_ngrams_is_refused(critic, tmp_path):
    path = tmp_path / "model.safetensors"
    critic.save(path)
    arrays, about = checkpoint.read(path)
    assert "ngrams.codes" in arrays
    checkpoint.save(path, {**arrays, "ngrams.entries": arrays["ngrams.codes"]}, about)
    with pytest.raises(CharnnError, match=r"ngrams\.entries: expected nothing"):
        charnn.load(path)
