"""The confusion matrix as picture and CSV: what is drawn is what was counted."""

import csv
import io
from itertools import pairwise

import numpy as np
import pytest

from charnn.drawing import as_bytes
from charnn.evaluation.confusion import (
    confused_together,
    confusion_csv,
    confusion_picture,
    most_confused,
)


def test_labels_that_are_confused_are_side_by_side():
    matrix = np.diag([10] * 6)
    for one, other in ((0, 3), (1, 5), (2, 4)):  # three pairs, confused with each other
        matrix[one, other], matrix[other, one] = 8, 5
    place = np.argsort(confused_together(matrix))
    assert all(abs(place[one] - place[other]) == 1 for one, other in ((0, 3), (1, 5), (2, 4)))
    assert sorted(confused_together(np.array([[3, 0], [0, 0]]))) == [0, 1]  # a label without a name


def test_the_picture_shows_percent_of_each_row():
    matrix = np.array([[0, 0, 0], [1, 3, 1], [0, 0, 0]])
    figure = confusion_picture(matrix, ["b$", "$a", "other"], np.array([1, 0]), "What $x it is of")
    axes = figure.axes[0]
    assert axes.images[0].get_array().tolist() == [
        [0.6, 0.2],
        [0, 0],
    ]  # the row's other fifth is not shown
    assert [text.get_text() for text in axes.texts] == ["60", "20"]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["$a  (5)", "b$  (0)"]
    assert as_bytes(figure).startswith(b"\x89PNG")


@pytest.mark.parametrize("size", [2, 24])
def test_no_text_of_the_picture_touches_another_or_is_cut_off(size):
    labels = [f"Vietnamese-{i}" for i in range(size - 1)] + ["long" * 20]
    figure = confusion_picture(
        np.diag([100] * size), labels, np.arange(size), "model.safetensors on names: accuracy 0.7"
    )
    figure.draw_without_rendering()
    axes, border = figure.axes[0], figure.bbox
    for ticks in (axes.get_xticklabels(), axes.get_yticklabels()):
        boxes = [tick.get_window_extent() for tick in ticks]
        assert not any(one.overlaps(other) for one, other in pairwise(boxes))
        assert all(tick.get_fontsize() >= 9 for tick in ticks)
    for text in (
        *figure.texts,
        axes.title,
        axes.xaxis.label,
        axes.yaxis.label,
        *axes.get_xticklabels(),
        *axes.get_yticklabels(),
    ):
        box = text.get_window_extent()
        assert np.array_equal(np.clip(box.get_points(), border.p0, border.p1), box.get_points()), (
            text
        )


def test_the_csv_holds_the_counts():
    matrix = np.array([[0, 2], [1, 3]])
    rows = list(csv.reader(io.StringIO(confusion_csv(matrix, ['c"', "a,b"], np.array([1, 0])))))
    assert rows == [["right label", "a,b", 'c"'], ["a,b", "3", "1"], ['c"', "2", "0"]]


@pytest.mark.parametrize("label", ["=1+1", "+1", "-1", "@SUM(1)", "\tx", "\rx", "＝1"])
def test_no_label_of_the_csv_is_a_formula(label):
    text = confusion_csv(np.array([[1, 0], [0, 2]]), [label, "Irish-1=2"], np.array([0, 1]))
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [row[0] for row in rows] == ["right label", f"'{label}", "Irish-1=2"]
    assert rows[0][1:] == [f"'{label}", "Irish-1=2"]


def test_of_very_many_labels_the_most_confused_are_shown():
    matrix = np.diag([5] * 200)
    matrix[7, 150] = matrix[3, 7] = 2
    assert most_confused(matrix, 3).tolist() == [3, 7, 150]
    assert most_confused(matrix[:20, :20]).tolist() == list(range(20))
