"""The line chart: ticks that reach around the values, points where the numbers say."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charnn.line_chart import BOTTOM, LEFT, RIGHT, TOP, Line, line_chart, nice_ticks, whole_ticks

numbers = st.floats(-1e9, 1e9)


def points(svg, style="first"):
    """The dots of a line."""
    found = re.findall(rf'<circle class="{style}" cx="([\d.]+)" cy="([\d.-]+)"', svg)
    return [tuple(map(float, pair)) for pair in found]


@settings(max_examples=40)
@given(numbers, numbers)
def test_ticks_reach_around_the_values_and_are_evenly_spaced(one, other):
    low, high = sorted((one, other))
    ticks = nice_ticks(low, high)
    slack = 1e-9 * max(1, abs(low), abs(high))
    assert ticks[0] <= low + slack
    assert ticks[-1] >= high - slack
    assert 2 <= len(ticks) <= 7
    steps = [after - before for before, after in pairwise(ticks)]
    assert steps == pytest.approx([steps[0]] * len(steps), rel=1e-6, abs=slack)


@settings(max_examples=40)
@given(st.integers(1, 1_000_000))
def test_whole_ticks_are_few_and_begin_at_1(last):
    ticks = whole_ticks(last)
    assert ticks[0] == 1
    assert ticks == sorted(set(ticks))
    assert ticks[-1] <= last
    assert len(ticks) <= 9


def test_a_point_is_where_its_number_is_on_the_axes():
    svg = line_chart([Line("first", [0.0, 1.0, 0.5])], 2, ("epoch", "accuracy"), 3)
    (x1, y1), (x2, y2), (x3, y3) = points(svg)
    assert (y1, y2, y3) == (BOTTOM, TOP, (TOP + BOTTOM) / 2)
    assert LEFT < x1 < x2 < x3 < RIGHT
    assert x2 - x1 == pytest.approx(x3 - x2)
    assert points(svg, "ring") == [(x2, y2)]


def test_lines_differ_in_more_than_their_colour():
    svg = line_chart([Line("first", [1, 2]), Line("second", [2, 3])], 0, ("x", "y"), 2)
    solid, dashed = re.findall(r'<path class="(?:first|second)"[^>]*>', svg)
    assert "dasharray" not in solid
    assert "dasharray" in dashed
    assert not points(svg, "ring")


@pytest.mark.parametrize(
    "values", [[], [1.5], [float("nan")], [1.0, float("inf"), 2.0], [2.0, 2.0]]
)
def test_few_equal_and_infinite_values_can_be_drawn(values):
    svg = line_chart([Line("first", values)], 0, ("x", "y"), max(len(values), 1))
    assert "nan" not in svg
    assert "inf" not in svg.replace("infer", "")
    assert len(points(svg)) == sum(abs(value) < 9 for value in values)


def test_labels_are_text():
    assert "<b>" not in line_chart([Line("first", [1])], 0, ("<b>", "<b>"), 1)
