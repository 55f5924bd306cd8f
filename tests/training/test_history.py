"""What a notebook shows of a training that is over."""

import re

import pytest
from panels import Panel

from charnn.training.history import Epoch, History


def history_of(*validation_losses):
    """A history with these validation losses."""
    history = History()
    for number, loss in enumerate(validation_losses, 1):
        history.add(Epoch(number, 1.0 / number, 0.5, loss, 0.25, 0.01, 100.0))
    return history


def test_both_curves_have_a_point_for_each_epoch_and_a_ring_at_the_kept_one():
    html = history_of(3.0, 1.0, 2.0)._repr_html_()
    text = Panel(html).text
    assert "3 epochs (all epochs done); kept the weights of epoch 2: validation loss 1.000" in text
    for label in ("epoch", "loss (nats, mean)", "accuracy (share right)"):
        assert label in text
    for chart in re.findall(r'<svg viewBox="0 0 400.*?</svg>', html):
        dots = re.findall(r'<circle class="first" cx="([\d.]+)" cy="([\d.]+)"', chart)
        assert len(dots) == 3
        assert re.findall(r'<circle class="ring" cx="([\d.]+)" cy="([\d.]+)"', chart) == [dots[1]]
        assert chart.count('circle class="second"') == 3


def test_planned_epochs_have_room():
    def across(html):
        return [
            float(x)
            for x in re.findall(r'<circle class="first" cx="([\d.]+)" cy="[\d.]+" r="2.5"/>', html)
        ]

    history = history_of(3.0, 2.0)
    done, planned = across(history.html("", 2)), across(history.html("", 10))
    assert max(planned) < max(done)


@pytest.mark.parametrize("losses", [(), (1.0,), (float("nan"), 1.0), tuple([1.0] * 60)])
def test_any_history_can_be_shown(losses):
    shown = Panel(history_of(*losses)._repr_html_()).text  # which asserts that it is whole
    assert f"{len(losses)} epoch" in shown
    assert "loss (nats, mean)" in shown


def test_why_it_ended_is_text():
    history = history_of(1.0)
    history.ending = "<b>"
    assert "<b>" in Panel(history._repr_html_()).text
