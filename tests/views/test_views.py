"""Pictures of what happens inside: that they show what was computed, whole, whatever the name."""

import io
import re
import warnings

import numpy as np
import pytest
import torch
from helpers import call, write_folder
from matplotlib.image import imread

import charnn
from charnn import drawing, inside, views
from charnn.inference.classifier import Classifier
from charnn.model import build_network
from charnn.text.words import Words


def assert_whole(figure):
    """Asserts that nothing is cut off: the border of the picture is empty."""
    pixels = imread(io.BytesIO(drawing.as_bytes(figure)))[..., :3]  # (height, width, colours)
    for border in (pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:]):
        assert (border > 0.99).all()


def test_the_heat_map_shows_the_gates(classifier):
    figure = views.gates(classifier, "Rarosh")
    _, (forwards, backwards), _ = inside.steps(classifier, "Rarosh")
    panels = [axes for axes in figure.axes if axes.images]
    assert [axes.get_title() for axes in panels] == list(forwards.values) + list(backwards.values)
    for step, row, last in ((forwards, panels[:4], -1), (backwards, panels[4:], 0)):
        order = np.argsort(-step.values["hidden state"][last], kind="stable")
        for axes in row:
            np.testing.assert_array_equal(axes.images[0].get_array(), step.values[axes.get_title()].T[order])
            assert axes.images[0].norm.vmin == (0 if axes.get_title().endswith("gate") else -1)
            assert [label.get_text() for label in axes.get_xticklabels()] == list("rarosh")
    assert [int(label.get_text()) for label in panels[0].get_yticklabels()] == (
        1 + np.argsort(-forwards.values["hidden state"][-1], kind="stable")).tolist()
    assert [axes.get_xlabel()[-1] for axes in panels] == ["→"] * 4 + ["←"] * 4
    assert_whole(figure)


def test_beliefs_end_in_what_predict_says(classifier):
    said = []
    figure = views.beliefs(classifier, "Rarosh", said.append)
    (answer, p), *_ = classifier.predict("Rarosh")
    lines = figure.axes[0].get_lines()
    assert lines[0].get_label().split() == [answer, f"{p:.2f}"]
    assert lines[0].get_ydata()[-1] == pytest.approx(p)
    assert said[-1].split()[1:3] == [answer, f"{p:.2f},"]
    assert len(said) == len(lines[0].get_ydata()) == 6
    assert figure.axes[0].get_legend().get_texts()[0].get_text() == f"{answer}  {p:.2f}"
    assert_whole(figure)


def test_beliefs_of_more_labels_than_lines_leave_no_share_out():
    model = charnn.load(device="cpu")
    figure = views.beliefs(model, "Satoshi")
    lines = figure.axes[0].get_lines()
    assert len(lines) == views.LABELS
    others = figure.axes[0].collections[0].get_paths()[0].vertices[1:8, 1]  # the upper edge, or the lower one
    above = figure.axes[0].collections[0].get_datalim(figure.axes[0].transData).y1
    assert above == pytest.approx(1 - sum(line.get_ydata() for line in lines).min())
    assert len(others) == 7
    assert figure.axes[0].get_legend().get_texts()[-1].get_text().startswith("26 others together")


def test_why_is_what_a_hidden_letter_costs(classifier):
    """By hand: the logits of network and counts, of which the counts say nothing of the hidden letter."""
    figure = views.why(classifier, "Rarosh")
    (answer, _), (second, _) = classifier.predict("Rarosh", top=2)
    ids, lengths = classifier.vocabulary.encode(["ra?osh"])
    with torch.inference_mode():
        logits = classifier.network(ids, lengths) + classifier.ngrams(ids, lengths)
    neutral = classifier.ngrams.scale * classifier.ngrams.letter
    lost = (classifier.log_proba(["rarosh"]) - (logits - neutral).log_softmax(1).numpy())[0]
    axes, = figure.axes
    height = {round(bar.get_x() + bar.get_width() / 2): bar.get_height() for bar in axes.patches}
    diamonds = next(line for line in axes.get_lines() if line.get_marker() == "D").get_ydata()
    assert height[2] == pytest.approx(lost[classifier.labels.index(answer)], abs=1e-5)
    assert diamonds[2] == pytest.approx(lost[classifier.labels.index(second)], abs=1e-5)
    assert sorted(height) == list(range(6))
    np.testing.assert_allclose(classifier.occlusion("Rarosh")[2], lost, atol=1e-5)
    assert_whole(figure)


def test_a_hidden_letter_says_nothing_of_how_many_names_a_label_has(tmp_path):
    """Of two labels whose names are the same, one with a tenth of the names: no letter speaks for either."""
    names = [x + y + z for x in "abcdef" for y in "abcdef" for z in "abcdef"]
    folder = write_folder(tmp_path / "sizes", {"many": names, "few": names[::10]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = charnn.train_classifier(folder, hidden=4, epochs=1, ngrams=1, device="cpu")
    with torch.no_grad():
        for parameter in model.network.parameters():
            parameter.zero_()
    raw = model.log_proba(["abc"]) - model.log_proba(["?bc", "a?c", "ab?"])
    assert np.abs(model.occlusion("abc")).max() < 0.2 < 0.5 * np.abs(raw).max()


def test_letters_that_the_font_lacks_and_formulas(tmp_path):
    folder = write_folder(tmp_path / "x", {"$a$": [x + y for x in "張李$" for y in "一二三四五六七八九十"],
                                           "_b": [x + y for x in "$xy" for y in "abcdefghij"]})
    model = charnn.train_classifier(folder, hidden=4, epochs=1, raw=True, ngrams=0, device="cpu")
    for view in (views.gates, views.beliefs, views.why):
        figure = view(model, "張$三")
        assert_whole(figure)  # pytest makes an error of matplotlib's warning
        legend = figure.axes[0].get_legend()
        for label in ("$a$", "_b") if legend else ():
            assert any(label in text.get_text() for text in legend.get_texts())


def test_long_words_and_a_plain_cell_of_a_short_name():
    config = charnn.configure(tokens="words", ngrams=0, cell="rnn", hidden=3)
    words = Words(["film", "x" * 200])
    model = Classifier(build_network(config, len(words), 2), words, ["fine", "l" * 120], config, [1, 1], {})
    for name in ("film", "film " + "x" * 200 + " film" * 40):
        for view in (views.gates, views.beliefs, views.why):
            assert_whole(view(model, name))


def test_a_generator_has_beliefs_and_no_hidden_letters():
    model = charnn.load("generator", device="cpu")
    said = []
    views.beliefs(model, "Hà", said.append)
    assert said[-1].split()[1] == model.predict("Hà")[0][0]
    with pytest.raises(charnn.CharnnError, match="a generator has never read the unknown symbol"):
        views.why(model, "Hà")


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
    assert_whole(figure)


def test_neurons_over_running_text(tmp_path):
    text = tmp_path / "play.txt"
    text.write_text('He said: "well met".\nShe (who?) left 12 times.\n\n' * 60, encoding="utf-8")
    model = charnn.train_generator(text, text=True, hidden=12, epochs=1, batch_size=4, chunk=16, device="cpu")
    with pytest.raises(charnn.CharnnError, match="reads running text; say which with --data FILE"):
        views.neurons(model)
    said = []
    figure = views.neurons(model, text, said.append)
    hidden, where = inside.hidden_units(model, inside.real_texts(model, text)[0], None)
    content = text.read_text(encoding="utf-8")
    for axes, first in zip(figure.axes, (i for i, line in enumerate(said) if ", unit " in line), strict=False):
        layer, unit = re.match(r"\n?(.*), unit (\d+):", said[first]).groups()
        values = hidden[:, where.index((layer, int(unit)))]
        shown = ["".join(label.get_text() for label in axes.texts if round(label.get_position()[1]) == row)
                 for row in range(views.LINES)]
        assert "\n".join(shown) in content.replace("\n\n", "\n")  # lines that follow each other, as they are
        row = axes.images[0].get_array()[0].compressed()
        starts = [found.start() for found in re.finditer(re.escape(shown[0]), content)]
        assert any(np.array_equal(row, values[at:at + len(row)]) for at in starts if at >= len(content) // 2)
        assert said[first + 1].strip() == shown[0].strip()
        digits = said[first + 2].strip()
        assert [int(digit) for digit in digits] == [round(4.5 + 4.5 * float(value)) for value in row]
    assert_whole(figure)
    for short in ("", "a", "\n" * 50, "aaaa"):
        text.write_text(short, encoding="utf-8")
        with pytest.raises(charnn.CharnnError, match="what is read is too short, or all the same"):
            views.neurons(model, text)
    with pytest.raises(charnn.CharnnError, match="is a folder; this model reads running text"):
        views.neurons(model, tmp_path)


def test_running_text_is_read_as_it_is_written(tmp_path):
    text = tmp_path / "play.txt"
    text.write_text("He said so.\n She did not.\n" * 60, encoding="utf-8")
    model = charnn.train_generator(text, text=True, hidden=4, epochs=1, batch_size=4, chunk=16, device="cpu")
    assert inside.steps(model, " He said ")[0] == "\n He said "


def test_a_summary_for_a_slide(classifier):
    figure = views.summary(classifier.network)
    assert [label.get_text().split("\n")[0] for label in figure.axes[0].get_yticklabels()] == [
        row.layer for row in inside.summary(classifier.network)]
    for axes, field in zip(figure.axes, ("weights", "per_character"), strict=True):
        assert [bar.get_width() for bar in axes.patches] == [
            getattr(row, field) + (row.second_bias if field == "weights" else 0)
            for row in inside.summary(classifier.network)]
    assert_whole(figure)


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
