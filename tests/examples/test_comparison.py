"""examples/comparison.py: errors, and which network is the best, without the test set."""

import math

import comparison
import numpy as np
import pytest
import torch
from comparison import compare, errors, forecasts_of
from first_guesses import autoregression, seasons_before
from forecast_shown import verdict
from made_series import autoregressive, config, series_of, wave
from windows import Forecast

from charnn.training.loop import validate

NETWORKS = ("dense", "recurrent")


def test_errors_by_hand_in_the_targets_units():
    task = Forecast(series_of(np.arange(100.0)), lookback=5, delay=2)
    truth, spread = task.truth(task.test), np.arange(70.0).std()
    off = torch.tensor([1.0, -3.0]) / task.unit
    assert errors(truth + off, task) == pytest.approx(
        [2, 2 / spread, math.sqrt(5), 2, 1, 3], rel=1e-4
    )
    change = errors(seasons_before(task, task.test, 1), task)
    assert change == pytest.approx([1.5, 1.5 / spread, math.sqrt(2.5), 1.5, 1, 2], rel=1e-4)


def test_a_network_beats_no_change_on_a_wave_and_autoregression_is_near_the_best_on_its_own_kind():
    task = Forecast(series_of(wave()), lookback=8, season=25)
    figures = compare(task, config(), NETWORKS, seeds=2).found
    name = list(figures)[-1]
    assert [len(seeds) for seeds in figures.values()] == [1, 1, 1, 2, 2]
    assert max(mae for mae, *_ in figures[name]) < figures["no change"][0][0]
    task = Forecast(series_of(autoregressive()), lookback=2)
    figures = compare(task, config(epochs=3), NETWORKS, seeds=1).found
    least = math.sqrt(2 / math.pi)  # the mean absolute value of its noise
    assert figures["linear autoregression"][0][0] == pytest.approx(least, rel=0.1)
    assert figures["no change"][0][0] > figures["linear autoregression"][0][0]


def test_the_comparison_returns_the_network_best_on_validation(capsys):
    task = Forecast(series_of(wave(200)), lookback=6)
    compared = compare(task, config(epochs=2), NETWORKS, seeds=3)
    lines = capsys.readouterr().err.splitlines()
    losses = [
        float(line.split("validation loss ")[1].split(",")[0])
        for line in lines
        if line.startswith("recurrent")
    ]
    assert len(set(losses)) == 3
    assert validate(compared.best.network, task, torch.device("cpu"))[0] == pytest.approx(
        min(losses), abs=1e-4
    )
    # Autoregression learns from all that is not the test.
    linear = autoregression(task, 5, 158)
    forecasts = forecasts_of(linear, task, task.test)
    assert compared.found["linear autoregression"] == [errors(forecasts, task)]


def test_an_autoregression_of_too_many_weights_is_left_out_with_a_line(capsys, monkeypatch):
    task = Forecast(series_of(wave(200), wave(200, seed=1)), lookback=6)
    weights = 6 * 2 + 1
    for most, there in ((weights, True), (weights - 1, False)):
        monkeypatch.setattr(comparison, "MOST_WEIGHTS", most)
        found = compare(task, config(epochs=1), ["recurrent"], seeds=1).found
        assert ("linear autoregression" in found) == there
        lines = [line for line in capsys.readouterr().err.splitlines() if "left out" in line]
        assert len(lines) == (not there)
    assert lines[0].startswith("linear autoregression left out: 13 weights for each row forecast")
    assert "same season" in verdict(found, "recurrent network (gru)", 40)


def test_nothing_that_is_trained_knows_the_test_part():
    values, other = wave(200), wave(200)
    other[160:] = other[160:] * 9 + 5
    states = []
    for series in (series_of(values), series_of(other)):
        task = Forecast(series, lookback=6)
        network = compare(task, config(epochs=2), NETWORKS, seeds=1).best.network
        states.append(
            (
                network.state_dict(),
                task.unit,
                autoregression(task, 5, 138)(task.past(torch.tensor([20]))),
            )
        )
    torch.testing.assert_close(*states, rtol=0, atol=0)
