"""What a notebook shows of an evaluation: the same numbers as the report."""

import re

import numpy as np
import pytest
from helpers import write_folder
from panels import Panel
from random_models import random_classifier

from charnn.evaluation.html import SHOWN, evaluation_html, matrix_svg
from charnn.evaluation.measure import measure


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory):
    """Of a model that guesses."""
    model = random_classifier()
    names = {label: [f"a{label}b", f"{label}ba", "ab" + label] for label in model.labels}
    return measure(model, write_folder(tmp_path_factory.mktemp("measured") / "names", names))


def test_an_evaluation_shows_its_figures_and_its_matrix(evaluation):
    text = Panel(evaluation._repr_html_()).text
    for name in ("accuracy", "macro_f1", "nll", "calibration_error"):
        assert f"{evaluation.figures[name]:.3f}" in text
    for label in evaluation.data.labels:
        assert text.count(label) >= 2, "beside its row and above its column"
    assert "right label" in text
    assert "answer" in text


def test_a_cell_has_the_percent_of_its_row():
    size, svg = matrix_svg(np.array([[0.75, 0.25], [0.004, 0.996]]), ["x", "y"])
    cells = re.findall(r"<title>(.*?)</title>.*?>(\d+)</text></g>", svg)
    expected = {
        "x answered as x: 75%": "75",
        "x answered as y: 25%": "25",
        "y answered as y: 100%": "100",
    }
    assert dict(cells) == expected
    assert f'width="{size}"' in svg


def test_of_very_many_labels_the_most_confused_are_shown():
    matrix = np.eye(60, dtype=int) * 10
    matrix[:50, 0] += 5
    labels = [f"<b>{number}" for number in range(60)]
    panel = Panel(evaluation_html([("accuracy", 0.5, "<i>")], "of <b>", matrix, labels, "name"))
    assert panel.count("b") == 2, "the title and the figure"
    assert f"Of 60 labels, these are the {SHOWN}" in panel.text
    assert "<b>0" in panel.text
    assert "<b>59" not in panel.text
