"""examples/sentiment.py: words beside letter n-grams, and the picture of a mind that changes."""

import pytest
from helpers import call, error_of, load_script
from programs import EXAMPLES

from charnn import configure
from charnn.evaluation.calibration import best_temperature
from charnn.evaluation.metrics import figures, tempered


@pytest.fixture(scope="module")
def example():
    """The example, with a network small enough for a test."""
    script = load_script(EXAMPLES / "sentiment.py")
    small = {"hidden": 8, "epochs": 6, "batch_size": 32, "learning_rate": 0.02}
    script.configure = lambda **values: configure(**{**small, **values})
    return script


def test_it_prints_both_and_draws(example, reviews, tmp_path):
    result = call(example.main, reviews, reviews, "--seeds", 2, "--out", tmp_path / "s.png")
    assert result.returncode == 2  # all of the training texts are in the test folder
    assert "are they all in the test data" in error_of(result)
    held_out = tmp_path / "test"
    held_out.mkdir()
    for label, words in {"good": ("fine lovely", "warm"), "bad": ("dull awful", "cold")}.items():
        texts = [f"so it was the plot and a film of {word}\n" for word in words]
        (held_out / f"{label}.txt").write_text("".join(texts))
    result = call(example.main, reviews, held_out, "--seeds", 2, "--out", tmp_path / "s.png")
    assert result.returncode == 0, result
    title, n_grams, words, network = [
        line for line in result.stdout.splitlines() if line[38:].startswith("  ")
    ]
    assert title.split()[:2] == ["accuracy", "macro-F1"]
    assert "±" not in n_grams
    assert words.startswith("GRU and n-grams of words, mean of 2  ")
    assert network.startswith("GRU alone, mean of 2  ")
    assert words.count("±") == network.count("±") == 3
    assert len(words) == len(title)  # with the seconds, of which the network has none of its own
    assert len(network) == len(title) - 12
    assert float(words.split("of 2")[1].split()[0]) > 0.5
    assert (tmp_path / "s.png").read_bytes().startswith(b"\x89PNG")
    for label in ("good", "bad"):
        (held_out / f"{label}.txt").write_text("too short\n")
    assert "has no text of 8 to 14 words, so there is no picture" in error_of(
        call(example.main, reviews, held_out, "--seeds", 1, "--out", tmp_path / "none.png")
    )
    again = call(example.main, reviews, held_out, "--out", tmp_path / "s.png")
    assert "is there already" in error_of(again)


def test_the_picture_has_a_panel_for_each_text(example, critic_and_texts):
    critic, texts = critic_and_texts
    rows = example.chosen(critic, texts)
    assert 2 <= len(rows) <= 3
    assert len(set(rows)) == len(rows)
    figure = example.picture(critic, texts, rows)
    for axes, index in zip(figure.axes, rows, strict=True):
        words = [tick.get_text() for tick in axes.get_xticklabels()]
        assert words == list(critic.normalise(texts.names[index]))
        drawn = axes.lines[0].get_ydata()[-1]
        label = texts.labels[texts.targets[index]]
        expected = dict(critic.predict(texts.names[index], top=2))[label]
        assert drawn == pytest.approx(expected, abs=1e-5)


def test_the_network_alone_is_without_the_n_grams_and_the_classifier_keeps_them(
    example, critic_and_texts
):
    critic, texts = critic_and_texts
    ngrams, whole = critic.ngrams, critic.log_proba(texts.names)
    assert ngrams is not None
    found = example.alone(critic, texts, texts)
    assert critic.ngrams is ngrams
    assert (critic.log_proba(texts.names) == whole).all()
    ids, sizes = critic.vocabulary.encode(critic.read(texts.names))
    by_network = critic.engine.classify(ids, sizes)  # no n-grams' scores
    temperature = best_temperature(by_network, texts.targets)
    expected = figures(tempered(by_network, temperature), texts.targets)
    for name in example.MEASURES:
        assert found[name] == pytest.approx(expected[name], abs=1e-5)
    assert found["nll"] != pytest.approx(figures(whole, texts.targets)["nll"], abs=1e-4)


@pytest.fixture(scope="module")
def critic_and_texts(example, reviews):
    """A small network, and the texts that it was measured on, made long enough to be drawn."""
    parts = example.read_parts(reviews, None, configure(tokens="words"))
    critic = example.train_classifier_on(parts, example.configure(tokens="words"), "cpu")
    test = parts["test"]
    return critic, type(test)([f"a film: {text}" for text in test.names], test.targets, test.labels)
