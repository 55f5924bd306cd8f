"""Hidden units that follow something simple: that they do, and that their values are shown."""

import re
import warnings

import numpy as np
import pytest
from helpers import assert_whole, tiny_names, untrained_classifier
from hypothesis import given
from hypothesis import strategies as st

import charnn
from charnn import views
from charnn.views.gates import steps
from charnn.views.neurons import LINES, hidden_units, real_texts
from charnn.views.traits import correlations, traits_of, units_that_follow

# ---------------------------------------------------------------- traits


def test_traits_of_a_text_by_hand():
    traits = traits_of('He "ran": 2\n(o!)')
    for trait, expected in {
        "inside quotes": "0001111000000000",
        "inside brackets": "0000000000001110",
        "a capital letter": "1000000000000000",
        "a digit": "0000000000100000",
    }.items():
        assert "".join("01"[int(value)] for value in traits[trait]) == expected, trait
    assert traits["position in the line"].tolist() == [*range(12), 0, 1, 2, 3]
    in_word = [1, 2, 0, 0, 1, 2, 3, 0, 0, 0, 1, 0, 0, 1, 0, 0]
    assert traits["position in the word"].tolist() == in_word
    closed_at_an_empty_line = [0, 0, 1, 1, 1, 0, 0]
    assert traits_of('a "b\n\nc')["inside quotes"].tolist() == closed_at_an_empty_line


@given(st.text())
def test_every_letter_has_every_trait(text):
    assert all(values.shape == (len(text),) for values in traits_of(text).values())


# ---------------------------------------------------------------- units


def test_correlations_are_pearsons():
    draw = np.random.default_rng(0)
    hidden, trait = draw.normal(size=(50, 3)), draw.normal(size=50)
    hidden[:, 1] = 0.5
    expected = [np.corrcoef(hidden[:, unit], trait)[0, 1] for unit in (0, 2)]
    np.testing.assert_allclose(correlations(hidden, trait)[[0, 2]], expected)
    assert correlations(hidden, trait)[1] == 0


def test_a_unit_that_follows_a_trait_is_found_and_judged_on_other_letters():
    draw = np.random.default_rng(0)
    hidden = draw.normal(size=(400, 5))
    followed, by_chance = draw.normal(size=(2, 400))
    hidden[:, 3] = -followed
    hidden[:200, 1] = by_chance[:200]  # unit 2 follows only where units are chosen
    where = [("recurrent 1", unit + 1) for unit in range(5)]
    traits = {"by chance": by_chance, "followed": followed, "never": np.zeros(400)}
    best, other = units_that_follow(hidden, where, traits, 9)
    assert (best.trait, best.layer, best.unit) == ("followed", "recurrent 1", 4)
    assert best.r == pytest.approx(-1)
    assert (other.trait, other.unit) == ("by chance", 2)
    assert abs(other.r) < 0.3


def test_more_traits_than_units_and_too_few_letters():
    traits = {str(i): np.random.default_rng(i).normal(size=40) for i in range(5)}
    where = [("recurrent 1", 1), ("recurrent 1", 2)]
    hidden = np.random.default_rng(9).normal(size=(40, 2))
    assert len(units_that_follow(hidden, where, traits, 9)) == 2
    assert units_that_follow(np.zeros((1, 2)), where, {"a": np.zeros(1)}, 9) == []


def test_hidden_units_are_in_the_order_of_the_letters():
    model = untrained_classifier("gru", layers=2)
    hidden, where = hidden_units(model, ["bad", "a", "cafe"], None)
    assert hidden.shape == (8, 24)
    assert where[0] == ("recurrent 1, forwards", 1)
    assert where[-1] == ("recurrent 2, backwards", 6)
    start = 0
    for name in ("bad", "a", "cafe"):  # each as if it were alone, in both directions
        _, found, _ = steps(model, name)
        alone = np.concatenate([step.values["hidden state"] for step in found], axis=1)
        np.testing.assert_allclose(hidden[start : start + len(name)], alone, atol=1e-6)
        start += len(name)


def test_real_texts_are_those_that_the_model_was_not_trained_on(classifier, folder):
    texts, labels = real_texts(classifier, folder)
    names = [name.lower() for names in tiny_names().values() for name in names]
    assert set(texts) <= set(names)
    assert len(texts) == len(labels) == len(names) - classifier.figures["train"]["n"]


# ---------------------------------------------------------------- the picture


@pytest.mark.parametrize("network", ["classifier", "generator"])
def test_neurons_over_names(network, folder, classifier):
    trained = network == "classifier"
    model = classifier if trained else charnn.load("generator", device="cpu")
    printed = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of bundled names under several labels
        figure = views.neurons(model, folder if trained else None, printed.append)
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert 2 <= len(titles) <= 4
    strength = [abs(float(title.split("r = ")[1])) for title in titles]
    assert strength == sorted(strength, reverse=True)
    assert strength[0] > 0.5
    text = "\n".join(printed)
    assert all(title.replace("\n", " ") in text for title in titles)
    assert_whole(figure)


@pytest.fixture(scope="module")
def play(tmp_path_factory):
    """A running text."""
    path = tmp_path_factory.mktemp("text") / "play.txt"
    lines = 'He said: "well met".\nShe (who?) left 12 times.\n\n'
    path.write_text(lines * 60, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def text_generator(play):
    """A generator of that text."""
    return charnn.train_generator(
        play, text=True, hidden=12, epochs=1, batch_size=4, chunk=16, device="cpu"
    )


def drawn_lines(axes):
    """The lines of text that a panel shows."""
    rows = [[] for _ in range(LINES)]
    for label in axes.texts:
        rows[round(label.get_position()[1])].append(label.get_text())
    return ["".join(row) for row in rows]


@pytest.mark.slow
def test_neurons_over_running_text(play, text_generator):
    printed = []
    figure = views.neurons(text_generator, play, printed.append)
    hidden, where = hidden_units(text_generator, real_texts(text_generator, play)[0], None)
    content = play.read_text(encoding="utf-8")
    titles = [place for place, line in enumerate(printed) if ", unit " in line]
    for axes, title in zip(figure.axes, titles, strict=False):
        layer, unit = re.match(r"\n?(.*), unit (\d+):", printed[title]).groups()
        values = hidden[:, where.index((layer, int(unit)))]
        shown = drawn_lines(axes)
        # Lines that follow each other, as they are.
        assert "\n".join(shown) in content.replace("\n\n", "\n")
        row = axes.images[0].get_array()[0].compressed()
        starts = [found.start() for found in re.finditer(re.escape(shown[0]), content)]
        in_second_half = [at for at in starts if at >= len(content) // 2]
        assert any(np.array_equal(row, values[at : at + len(row)]) for at in in_second_half)
        assert printed[title + 1].strip() == shown[0].strip()
        digits = [int(digit) for digit in printed[title + 2].strip()]
        assert digits == [round(4.5 + 4.5 * float(value)) for value in row]
    assert_whole(figure)


@pytest.mark.parametrize("text", ["", "a", "\n" * 50, "aaaa"])
def test_a_text_that_is_too_short_is_refused(text_generator, tmp_path, text):
    path = tmp_path / "short.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(charnn.CharnnError, match="what is read is too short, or all the same"):
        views.neurons(text_generator, path)


def test_a_model_of_running_text_needs_a_file_of_it(text_generator, tmp_path):
    with pytest.raises(charnn.CharnnError, match="reads running text; say which with --data FILE"):
        views.neurons(text_generator)
    with pytest.raises(charnn.CharnnError, match="is a folder; this model reads running text"):
        views.neurons(text_generator, tmp_path)
