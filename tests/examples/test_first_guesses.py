"""examples/first_guesses.py: no change, the same season and autoregression, by hand."""

import math

import numpy as np
import pytest
import torch
from comparison import forecasts_of
from first_guesses import autoregression, seasons_before
from made_series import autoregressive, series_of, wave
from windows import Forecast


def test_no_change_and_the_same_season_by_hand():
    task = Forecast(series_of(np.arange(100.0)), lookback=5, delay=6, season=4)
    origins = torch.tensor([50, 60])
    no_change, season = (seasons_before(task, origins, rows) for rows in (1, 4))
    assert task.values(origins, no_change).tolist() == [
        pytest.approx([50] * 6),
        pytest.approx([60] * 6),
    ]
    # Rows 51 to 56; a season before the last two are 51 and 52, which are not known yet.
    assert task.values(origins, season)[0].tolist() == pytest.approx([47, 48, 49, 50, 47, 48])


def test_autoregression_is_least_squares_and_finds_the_coefficients():
    values = autoregressive()
    task = Forecast(series_of(values), lookback=2)
    forecaster = autoregression(task, 1, 1398)
    mean, spread = values[:1400].mean(), values[:1400].std()

    def ahead(older, newer):
        window = (torch.tensor([[[older], [newer]]]) - mean) / spread
        return forecaster(window.float()).item() * task.unit + newer

    constant = ahead(0.0, 0.0)
    found = [constant, ahead(0.0, 1.0) - constant, ahead(1.0, 0.0) - constant]
    design = np.stack([np.ones(1398), values[1:1399], values[:1398]], axis=1)
    expected = np.linalg.lstsq(design, values[2:1400], rcond=None)[0]
    assert found == pytest.approx(expected.tolist(), abs=1e-4)
    assert found == pytest.approx([3, 0.6, -0.3], abs=5 * 3 / math.sqrt(1398))


def test_autoregression_is_least_squares_of_several_columns_steps_and_rows_ahead():
    columns = wave(), wave(seed=1), wave(seed=2)
    for ahead, rows in (("path", 3), ("last", 1)):
        task = Forecast(series_of(*columns), lookback=12, step=3, delay=9, ahead=ahead)
        origins = torch.arange(20, 250)
        windows = torch.cat([task.past(origins).flatten(1), torch.ones(230, 1)], dim=1)
        weights = np.linalg.lstsq(
            windows.double().numpy(), task.truth(origins).double().numpy(), rcond=None
        )[0]
        found = autoregression(task, 20, 249)(task.past(task.test))
        assert found.shape == (len(task.test), rows)
        expected = task.past(task.test).flatten(1).double().numpy() @ weights[:-1] + weights[-1]
        np.testing.assert_allclose(found.numpy(), expected, atol=1e-5)


def test_autoregression_takes_columns_that_are_the_same():
    task = Forecast(series_of(wave(), wave()), lookback=3)
    alone = Forecast(series_of(wave()), lookback=3)
    twice, once = (forecasts_of(autoregression(t, 2, 278), t, t.test) for t in (task, alone))
    torch.testing.assert_close(twice, once, atol=1e-4, rtol=1e-4)
