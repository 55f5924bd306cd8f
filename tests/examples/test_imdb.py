"""examples/imdb.py: the notes' networks of film reviews, and the one that only counts words."""

import imdb
import numpy as np
import pytest
import torch
from helpers import assert_whole, call, error_of, tiny_names, write_folder
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency
from sklearn.feature_extraction.text import CountVectorizer

from charnn.presets import configure
from charnn.training.history import Epoch


@pytest.fixture
def example(monkeypatch):
    """The example, with networks small enough for a test."""
    small = {"hidden": 8, "embedding": 8, "batch_size": 32, "max_length": 5}
    monkeypatch.setattr(imdb, "NOTES", {**imdb.NOTES, **small})
    return imdb


def trained(example, accuracy):
    """What became of a network with that accuracy on the test set."""
    epochs = [Epoch(n, 0.7 / n, 0.5 + 0.1 * n, 0.5, 0.6, 0.001, 100.0) for n in (1, 2, 3)]
    return example.Trained(epochs, epochs[-1], accuracy, 1.0)


# ---------------------------------------------------------------- the networks


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("SimpleRNN", "320,000 + 2,080 + 33 = 322,113 (and 32 of a second bias, 33 of a second"),
        ("LSTM", "320,000 + 8,320 + 33 = 328,353 (and 128 of a second bias, 33 of a second"),
        ("GRU", "320,000 + 6,240 + 33 = 326,273 (and 96 of a second bias, 33 of a second"),
        ("bag of words", "160,016 + 272 + 17 = 160,305"),
    ],
)
def test_weights_are_counted_as_keras_counts_them(name, count):
    network, _ = imdb.built(name, configure(**imdb.NOTES), 10_000)
    assert imdb.arithmetic(network).startswith(count)


def test_counting_words_sees_which_occur_and_nothing_else(example):
    network = example.BagOfWords(6)
    ids = torch.tensor([[3, 1, 3, 0], [1, 3, 0, 0], [2, 2, 4, 5]])
    lengths = torch.tensor([3, 2, 4])
    once, twice, other = network(ids, lengths).exp()
    torch.testing.assert_close(once, twice)  # in another order, and not as often
    assert not torch.allclose(once, other)
    torch.testing.assert_close(once.sum(), torch.tensor(1.0))
    unknown = network(ids, torch.tensor([4, 2, 4]))[0].exp()
    assert not torch.allclose(once, unknown)  # the unknown word occurs, where padding does not

    # scikit-learn's rows of zeros and ones, through the same layers.
    texts = [
        " ".join(f"w{id_}" for id_ in row[:n])
        for row, n in zip(ids.tolist(), (4, 2, 4), strict=True)
    ]
    binary = CountVectorizer(binary=True, vocabulary=[f"w{id_}" for id_ in range(6)])
    rows = torch.tensor(binary.transform(texts).toarray(), dtype=torch.float32)
    logit = network.logit(network.dense(rows))[:, 0]
    expected = torch.stack([1 - logit.sigmoid(), logit.sigmoid()], dim=1)
    torch.testing.assert_close(network(ids, torch.tensor([4, 2, 4])).exp(), expected)


def test_counting_words_sees_the_whole_text_and_each_word_once(example):
    config = configure(**example.NOTES, keep="last")
    text = "a film and a plot<br />and a film, and so on"
    assert len(text.split()) > config.max_length
    assert example.which_words(config)(text) == ("a", "film", "and", "plot", ",", "so", "on")


# ---------------------------------------------------------------- words and picture


def test_the_verdict_is_of_each_network(example):
    accuracies = {"SimpleRNN": 0.80, "LSTM": 0.88, "GRU": 0.95, example.COUNTING: 0.875}
    found = {name: trained(example, accuracy) for name, accuracy in accuracies.items()}
    said = "Counting words does better than the SimpleRNN, {} the LSTM and worse than the GRU."
    assert example.verdict(found, 1000) == said.format("as well as")
    assert example.verdict(found, 1_000_000) == said.format("worse than")


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_difference_is_beyond_chance_where_its_interval_leaves_0_out(one, other):
    said = imdb.beside(one / 500, other / 500, 500)
    opposite = {
        "as well as": "as well as",
        "better than": "worse than",
        "worse than": "better than",
    }
    assert imdb.beside(other / 500, one / 500, 500) == opposite[said]
    pooled = (one + other) / 1000
    if said != "as well as":
        assert (one > other) == (said == "better than")
    if 0 < pooled < 1:
        chi2 = chi2_contingency([[one, 500 - one], [other, 500 - other]], correction=False)
        if not 0.03 < chi2.pvalue < 0.07:  # the two formulas differ a little at the border
            assert (said != "as well as") == (chi2.pvalue < 0.05)


def test_the_picture_has_dots_for_training_and_a_line_for_validation(example):
    found = {name: trained(example, 0.5) for name in [*example.CELLS, example.COUNTING]}
    figure = example.picture(found)
    assert [axes.get_title(loc="left") for axes in figure.axes[::2]] == list(found)
    for axes, what in zip(figure.axes, ["accuracy", "loss"] * len(found), strict=True):
        dots, line = axes.lines
        assert (dots.get_linestyle(), line.get_linestyle()) == ("None", "-")
        for drawn, part in ((dots, "train"), (line, "validation")):
            epochs = found["LSTM"].epochs
            expected = [getattr(epoch, f"{part}_{what}") for epoch in epochs]
            np.testing.assert_allclose(drawn.get_ydata(), expected)
    assert_whole(figure)


# ---------------------------------------------------------------- the command


def test_it_trains_all_of_them_side_by_side(example, reviews, tmp_path):
    held_out = write_folder(
        tmp_path / "test",
        {"good": ["so lovely it was", "fine and moving"], "bad": ["so awful it was", "dull"]},
    )
    options = ("--epochs", 2, "--learning-rate", 0.01, "--keep", "both-ends")
    result = call(example.main, reviews, held_out, *options, "--out", tmp_path / "i.png")
    assert result.returncode == 0, result
    assert "more than 5 words, of which the first" in result.stderr
    rows = [line.split() for line in result.stdout.splitlines() if " of 2 " in line]
    assert [row[0] for row in rows] == ["SimpleRNN", "LSTM", "GRU", "bag"]
    assert all(0 <= float(share) <= 1 for row in rows for share in row[-4:-1])
    assert "4 test" in result.stdout
    assert "Counting words does " in result.stdout.splitlines()[-2]
    assert (tmp_path / "i.png").read_bytes().startswith(b"\x89PNG")
    for name in [*example.CELLS, example.COUNTING]:
        assert f"{name}, epoch 2: accuracy" in result.stderr
    assert "is there already" in error_of(
        call(example.main, reviews, held_out, "--out", tmp_path / "i.png")
    )


def test_it_is_for_two_labels(example, folder, tmp_path):
    test = write_folder(
        tmp_path / "test", {label: names[:3] for label, names in tiny_names(seed=1).items()}
    )
    message = error_of(call(example.main, folder, test, "--out", tmp_path / "i.png"))
    assert "has 3 labels; the notes' networks tell two apart" in message
