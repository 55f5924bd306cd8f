"""examples/transforms.py, and windows of what is transformed: forecasts come back in the target's units."""

import forecast
import numpy as np
import pytest
import torch
from first_guesses import seasons_before
from helpers import call, error_of
from hypothesis import given
from hypothesis import strategies as st
from made_series import series_of, wave, write_series
from transforms import TRANSFORMS, inputs, levels
from windows import Forecast

from charnn.errors import CharnnError


def rising(rows=400):
    """A price that doubles every 100 rows, with noise."""
    return np.exp(np.arange(rows) * np.log(2) / 100 + wave(rows) / 10)


def test_each_transform_by_hand():
    series = series_of([1.0, np.e, np.e**3], [2.0, 5.0, 4.0])
    expected = {
        "none": [[1, 2], [np.e, 5], [np.e**3, 4]],
        "diff": [[0, 0], [np.e - 1, 3], [np.e**3 - np.e, -1]],
        "log": [[0, np.log(2)], [1, np.log(5)], [3, np.log(4)]],
        "logdiff": [[0, 0], [1, np.log(5 / 2)], [2, np.log(4 / 5)]],
    }
    for name, values in expected.items():
        transform = TRANSFORMS[name]
        np.testing.assert_allclose(inputs(levels(series, transform), transform), values, atol=1e-12)
    assert series.values[1, 1] == 5  # the series is as it was


@given(st.sampled_from(list(TRANSFORMS)), st.sampled_from(["path", "last"]), st.integers(0, 9))
def test_forecasts_come_back_in_the_targets_units(transform, ahead, seed):
    values = rising(120) + np.random.default_rng(seed).uniform(size=120)
    task = Forecast(series_of(values), 6, 2, 4, ahead=ahead, transform=transform)
    for origins in (task.training, task.validation, task.test):
        truth = values[origins.unsqueeze(1) + task.ahead]
        found = task.values(origins, task.truth(origins)).numpy()
        np.testing.assert_allclose(found, truth, rtol=1e-5)
        unchanged = task.values(origins, seasons_before(task, origins, 1)).numpy()
        np.testing.assert_allclose(
            unchanged, np.broadcast_to(values[origins][:, None], truth.shape)
        )


def test_differences_are_cumulated_over_the_rows_ahead():
    values = np.random.default_rng(0).normal(size=200).cumsum()
    task = Forecast(series_of(values), lookback=6, step=2, delay=6, transform="diff")
    changes = np.diff(values)
    origins = torch.tensor([10, 50])
    for row, origin in enumerate(origins):
        sums = [changes[origin : origin + ahead].sum() for ahead in (2, 4, 6)]
        assert (task.truth(origins)[row] * task.unit).tolist() == pytest.approx(sums, rel=1e-4)
    # A window holds differences, and none of a row that has no row above it.
    read = changes[: 140 - 1]
    assert task.past(origins)[0, :, 0].tolist() == pytest.approx(
        ((changes[[5, 7, 9]] - read.mean()) / read.std()).tolist(), rel=1e-4
    )
    assert int(task.training[0] + task.behind[0]) == 1


def test_a_target_without_a_logarithm_is_named_with_its_row_and_value():
    values = rising(100)
    values[41] = -3.5
    for transform in ("log", "logdiff"):
        with pytest.raises(
            CharnnError, match=r"row 42 of 2020-02-11: 'c0' is -3.5, .*--transform diff"
        ):
            Forecast(series_of(values), transform=transform)
    Forecast(series_of(values), transform="diff")


def test_another_column_without_logarithms_is_kept_as_it_is_with_a_warning():
    other = wave(100)
    with pytest.warns(
        UserWarning, match="row 1 of 2020-01-01: 'c1' is -?0.*none is taken of this column"
    ):
        found = levels(series_of(rising(100), other - other[0]), TRANSFORMS["log"])
    np.testing.assert_allclose(found[:, 0], np.log(rising(100)))
    assert np.array_equal(found[:, 1], other - other[0])


@pytest.mark.parametrize(
    ("transform", "what"), [("none", "is 7"), ("diff", "is 7"), ("logdiff", "is 7")]
)
def test_a_column_that_does_not_change_is_named(transform, what):
    with pytest.raises(
        CharnnError, match=f"'c1' {what} in all of the training set, the first 70 rows"
    ):
        Forecast(series_of(rising(100), np.full(100, 7.0)), transform=transform)


def test_a_target_that_rises_equally_needs_no_forecast_of_its_differences():
    with pytest.raises(
        CharnnError, match=r"'c0' rises equally .* choose another --target or --transform"
    ):
        Forecast(series_of(np.arange(100) / 10), transform="diff")


def test_the_command_shows_a_transformed_target_in_its_own_units(tmp_path):
    values = np.round(rising(300), 4)
    path = write_series(tmp_path / "s.csv", price=values, other=wave(300, seed=1) + 5)
    asked = (
        "--series",
        path,
        "--target",
        "price",
        "--season",
        25,
        "--networks",
        "gru-32",
        "--seeds",
        1,
    )
    quick = (*asked, "--epochs", 2, "--transform", "logdiff", "--lookback", 8)
    result = call(forecast.main, *quick, "--out", tmp_path / "out")
    assert result.returncode == 0, result
    lines = {line[:22].strip(): line[22:].split() for line in result.stdout.splitlines()}
    off = abs(np.diff(values)[239:])
    assert float(lines["no change"][0]) == pytest.approx(off.mean(), abs=5e-4)
    of_log = abs(np.diff(np.log(values))[239:]).mean()
    assert float(lines["no change"][3]) == pytest.approx(of_log, rel=1e-3)
    assert float(lines["linear autoregression"][0]) > 0
    bad = write_series(tmp_path / "bad.csv", price=values - 1.2, other=values)
    result = call(forecast.main, "--series", bad, *quick[2:], "--out", tmp_path / "out2")
    assert "has no logarithm; choose --transform diff or none" in error_of(result)
