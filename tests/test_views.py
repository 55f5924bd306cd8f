"""Pictures of what happens inside: that they show what was computed, whole, whatever the name."""

import io
import warnings

import numpy as np
import pytest
from conftest import call, write_folder
from matplotlib.image import imread

import charnn
from charnn import drawing, inside, views


def whole(figure):
    """Asserts that nothing is cut off: the border of the picture is empty."""
    pixels = imread(io.BytesIO(drawing.as_bytes(figure)))[..., :3]  # (height, width, colours)
    for border in (pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:]):
        assert (border > 0.99).all()


def test_the_heat_map_shows_the_gates(classifier):
    figure = views.gates(classifier, "Rarosh")
    _, (forwards, backwards) = inside.steps(classifier, "Rarosh")
    panels = [axes for axes in figure.axes if axes.images]
    assert [axes.get_title() for axes in panels] == list(forwards.values) + list(backwards.values)
    for step, row, last in ((forwards, panels[:4], -1), (backwards, panels[4:], 0)):
        order = np.argsort(-step.values["hidden state"][last], kind="stable")
        for axes in row:
            np.testing.assert_array_equal(axes.images[0].get_array(), step.values[axes.get_title()].T[order])
            assert [label.get_text() for label in axes.get_xticklabels()] == list("rarosh")
    assert [axes.get_xlabel()[-1] for axes in panels] == ["→"] * 4 + ["←"] * 4
    whole(figure)


def test_beliefs_end_in_what_predict_says(classifier):
    said = []
    figure = views.beliefs(classifier, "Rarosh", said.append)
    (answer, p), *_ = classifier.predict("Rarosh")
    lines = figure.axes[0].get_lines()
    assert lines[0].get_label().split() == [answer, f"{p:.2f}"]
    assert lines[0].get_ydata()[-1] == pytest.approx(p)
    assert said[-1].split()[1:3] == [answer, f"{p:.2f},"]
    assert len(said) == len(lines[0].get_ydata()) == 6
    whole(figure)


def test_why_is_what_a_hidden_letter_costs(classifier):
    figure = views.why(classifier, "Rarosh")
    answer = classifier.predict("Rarosh")[0][0]
    column = classifier.labels.index(answer)
    full, hidden = classifier.log_proba(["rarosh", "ra?osh"])[:, column]
    height = {round(bar.get_x() + bar.get_width() / 2): bar.get_height() for bar in figure.axes[0].patches}
    assert height[2] == pytest.approx(full - hidden)
    assert sorted(height) == list(range(6))
    whole(figure)


def test_letters_that_the_font_lacks_and_formulas(tmp_path):
    folder = write_folder(tmp_path / "x", {"$a$": [x + y for x in "張李$" for y in "一二三四五六七八九十"],
                                           "b_{": [x + y for x in "$xy" for y in "abcdefghij"]})
    model = charnn.train_classifier(folder, hidden=4, epochs=1, raw=True, ngrams=0, device="cpu")
    for view in (views.gates, views.beliefs, views.why):
        whole(view(model, "張$三"))  # pytest makes an error of matplotlib's warning


def test_a_generator_has_beliefs_too_and_why():
    model = charnn.load("generator", device="cpu")
    said = []
    views.beliefs(model, "Hà", said.append)
    assert said[-1].split()[1] == model.predict("Hà")[0][0]
    assert model.occlusion("Hà").shape == (2, len(model.labels))


@pytest.mark.parametrize("network", ["classifier", "generator"])
def test_neurons_over_names(network, folder, classifier):
    model = classifier if network == "classifier" else charnn.load("generator", device="cpu")
    said = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of bundled names under several labels
        figure = views.neurons(model, folder if network == "classifier" else None, said.append)
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert 2 <= len(titles) <= 4
    correlations = [abs(float(title.split("r = ")[1])) for title in titles]
    assert correlations == sorted(correlations, reverse=True)
    assert correlations[0] > 0.5
    text = "\n".join(said)
    assert all(title.replace("\n", " ") in text for title in titles)
    whole(figure)


def test_neurons_over_running_text(tmp_path):
    text = tmp_path / "play.txt"
    text.write_text('He said: "well met".\nShe (who?) left 12 times.\n\n' * 60, encoding="utf-8")
    model = charnn.train_generator(text, text=True, hidden=12, epochs=1, batch_size=4, chunk=16, device="cpu")
    with pytest.raises(charnn.CharnnError, match="reads running text; say which with --data FILE"):
        views.neurons(model)
    figure = views.neurons(model, text)
    assert all(len(axes.texts) > 60 for axes in figure.axes if axes.get_title())
    whole(figure)


def test_a_summary_for_a_slide(classifier):
    figure = views.summary(classifier.network)
    assert [label.get_text().split("\n")[0] for label in figure.axes[0].get_yticklabels()] == [
        row.layer for row in inside.summary(classifier.network)]
    whole(figure)


def test_an_svg_on_request_and_nothing_overwritten(model, tmp_path):
    result = call("charnn.look", "beliefs", "Rarosh", "--model", model, "--out", tmp_path, "--svg")
    assert result.returncode == 0, result
    picture = tmp_path / "beliefs.svg"
    assert result.stderr == f"{picture}   the picture\n"
    assert picture.read_text(encoding="utf-8").startswith("<?xml")
    again = call("charnn.look", "beliefs", "Rarosh", "--model", model, "--out", tmp_path, "--svg")
    assert again.returncode == 2
    assert "already holds beliefs.svg" in again.stderr


def test_the_bundled_models_need_no_arguments_but_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for view in ("gates", "beliefs", "why"):
        result = call("charnn.look", view, "Satoshi")
        assert result.returncode == 0, result
        assert (tmp_path / "runs" / f"{view}-1" / f"{view}.png").read_bytes().startswith(b"\x89PNG")
