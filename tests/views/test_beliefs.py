"""The probabilities after each letter: the last are those of predict, and none is left out."""

import pytest
from helpers import assert_whole

import charnn
from charnn import views
from charnn.views.beliefs import LINES


def test_beliefs_end_in_what_predict_says(classifier):
    printed = []
    figure = views.beliefs(classifier, "Rarosh", printed.append)
    (label, p), *_ = classifier.predict("Rarosh")
    lines = figure.axes[0].get_lines()
    assert lines[0].get_label().split() == [label, f"{p:.2f}"]
    assert lines[0].get_ydata()[-1] == pytest.approx(p)
    assert printed[-1].split()[1:3] == [label, f"{p:.2f},"]
    assert len(printed) == len(lines[0].get_ydata()) == 6
    assert figure.axes[0].get_legend().get_texts()[0].get_text() == f"{label}  {p:.2f}"
    assert_whole(figure)


def test_beliefs_of_more_labels_than_lines_leave_no_share_out():
    model = charnn.load(device="cpu")
    figure = views.beliefs(model, "Satoshi")
    (axes,) = figure.axes
    lines = axes.get_lines()
    assert len(lines) == LINES
    (area,) = axes.collections
    others = area.get_paths()[0].vertices[1:8, 1]  # the upper edge, or the lower one
    above = area.get_datalim(axes.transData).y1
    assert above == pytest.approx(1 - sum(line.get_ydata() for line in lines).min())
    assert len(others) == 7
    assert axes.get_legend().get_texts()[-1].get_text().startswith("26 others together")


def test_a_generator_with_labels_has_beliefs():
    model = charnn.load("generator", device="cpu")
    printed = []
    views.beliefs(model, "Hà", printed.append)
    assert printed[-1].split()[1] == model.predict("Hà")[0][0]
