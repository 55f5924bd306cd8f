"""examples/forecast.py: its baselines, its networks, and what it writes."""

import csv
import math
from itertools import pairwise

import forecast
import numpy as np
import pytest
import torch
from forecast import Forecast
from helpers import call, error_of
from made_series import autoregressive, config, series_of, wave, write_series

from charnn.training.history import History
from charnn.training.loop import fit, validate

QUICK = ("--hidden", 4, "--epochs", 2, "--seeds", 2)


# ---------------------------------------------------------------- baselines


def test_no_change_and_the_same_season_by_hand():
    task = Forecast(series_of(np.arange(100.0)), lookback=5, delay=6, season=4)
    origins = torch.tensor([50, 60])
    no_change, season = (forecast.seasons_before(task, origins, rows) for rows in (1, 4))
    assert torch.equal(no_change, task.x[[50, 60]].expand(2, 6))
    # Rows 51 to 56; a season before the last two are 51 and 52, which are not known yet.
    assert torch.equal(season[0], task.x[[47, 48, 49, 50, 47, 48], 0])


def test_autoregression_is_least_squares_and_finds_the_coefficients():
    values = autoregressive()
    task = Forecast(series_of(values), lookback=2)
    forecaster = forecast.autoregression(task, task.training)
    unit, mean = task.unit, task.mean

    def ahead(older, newer):
        window = (torch.tensor([[[older], [newer]]]) - mean) / unit
        return forecaster(window.float()).item() * unit + mean

    constant = ahead(0.0, 0.0)
    found = [constant, ahead(0.0, 1.0) - constant, ahead(1.0, 0.0) - constant]
    design = np.stack([np.ones(1398), values[1:1399], values[:1398]], axis=1)
    expected = np.linalg.lstsq(design, values[2:1400], rcond=None)[0]
    assert found == pytest.approx(expected.tolist(), abs=1e-4)
    assert found == pytest.approx([3, 0.6, -0.3], abs=5 * 3 / math.sqrt(1398))


def test_autoregression_takes_columns_that_are_the_same():
    task = Forecast(series_of(wave(), wave()), lookback=3)
    alone = Forecast(series_of(wave()), lookback=3)
    twice, once = (
        forecast.forecasts_of(forecast.autoregression(t, t.training), t, t.test)
        for t in (task, alone)
    )
    torch.testing.assert_close(twice, once, atol=1e-4, rtol=1e-4)


def test_errors_by_hand_in_the_targets_units():
    task = Forecast(series_of(np.arange(100.0)), lookback=5, delay=2)
    truth = task.truth(task.test)
    off = torch.tensor([1.0, -3.0]) / task.unit
    assert forecast.errors(truth + off, task) == pytest.approx([2, math.sqrt(5), 1, 3], rel=1e-4)
    change = forecast.errors(forecast.seasons_before(task, task.test, 1), task)
    assert change == pytest.approx([1.5, math.sqrt(2.5), 1, 2], rel=1e-4)


# ---------------------------------------------------------------- networks and training


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru", "torch-gru"])
@pytest.mark.parametrize("layers", [1, 2])
def test_every_cell_reads_several_columns_and_says_no_change_before_it_has_learned(cell, layers):
    task = Forecast(series_of(wave(), wave(seed=1), wave(seed=2)), lookback=6, step=2, delay=4)
    for build in (forecast.recurrent, forecast.dense):
        chosen = config(cell=cell, layers=layers, epochs=2)
        network = forecast.Ahead(build(task, chosen), chosen.hidden, len(task.ahead))
        no_change = forecast.seasons_before(task, task.test, 1)
        assert torch.equal(network(task.past(task.test)), no_change)
        history = fit(network, task, chosen, torch.device("cpu"), torch.Generator().manual_seed(0))
        assert history.epochs[-1].validation_loss < validate_no_change(task)
        assert network(task.past(task.test)).shape == (len(task.test), 2)


def test_a_forecast_is_a_step_from_the_newest_value_by_the_hidden_state_after_the_newest_row():
    task, chosen = Forecast(series_of(wave(), wave(seed=1)), lookback=6), config()
    network = forecast.Ahead(forecast.recurrent(task, chosen), chosen.hidden, 1)
    torch.nn.init.ones_(network.linear.weight)
    past = task.past(task.test)
    hidden, _ = network.body(past)
    torch.testing.assert_close(network(past), past[:, 5, :1] + hidden[:, 5].sum(1, keepdim=True))


def validate_no_change(task):
    """The validation loss of the forecast that nothing changes."""
    no_change = forecast.seasons_before(task, task.validation, 1)
    return (no_change - task.truth(task.validation)).abs().mean().item()


def test_fit_keeps_the_best_weights_and_its_accuracy_is_the_share_nearer_than_no_change():
    torch.manual_seed(0)
    task = Forecast(series_of(wave(120, noise=1.0)), lookback=10)
    chosen = config(epochs=60, patience=4)
    network = forecast.Ahead(forecast.recurrent(task, chosen), chosen.hidden, 1)
    history = fit(network, task, chosen, torch.device("cpu"), torch.Generator().manual_seed(0))
    losses = [epoch.validation_loss for epoch in history.epochs]
    assert len(losses) == history.best + 4 < 60
    answers = forecast.forecasts_of(network, task, task.validation)
    truth, unchanged = (
        task.truth(task.validation),
        forecast.seasons_before(task, task.validation, 1),
    )
    nearer = (answers - truth).abs() < (unchanged - truth).abs()
    loss, accuracy = validate(network, task, torch.device("cpu"))
    assert loss == min(losses) == pytest.approx((answers - truth).abs().mean().item())
    assert accuracy == pytest.approx(nearer.float().mean().item())


def test_a_network_beats_no_change_on_a_wave_and_autoregression_is_near_the_best_on_its_own_kind():
    task = Forecast(series_of(wave()), lookback=8, season=25)
    figures, _ = forecast.compare(task, config(), seeds=2)
    name = list(figures)[-1]
    assert [len(seeds) for seeds in figures.values()] == [1, 1, 1, 2, 2]
    assert max(mae for mae, *_ in figures[name]) < figures["no change"][0][0]
    task = Forecast(series_of(autoregressive()), lookback=2)
    figures, _ = forecast.compare(task, config(epochs=3), seeds=1)
    least = math.sqrt(2 / math.pi)  # the mean absolute value of its noise
    assert figures["linear autoregression"][0][0] == pytest.approx(least, rel=0.1)
    assert figures["no change"][0][0] > figures["linear autoregression"][0][0]


def test_the_comparison_returns_the_network_best_on_validation(capsys):
    task = Forecast(series_of(wave(200)), lookback=6)
    figures, network = forecast.compare(task, config(epochs=2), seeds=3)
    lines = capsys.readouterr().err.splitlines()
    losses = [
        float(line.split("validation loss ")[1].split(",")[0])
        for line in lines
        if line.startswith("recurrent")
    ]
    assert len(set(losses)) == 3
    assert validate(network, task, torch.device("cpu"))[0] == pytest.approx(min(losses), abs=1e-4)
    # Autoregression learns from all that is not the test.
    linear = forecast.autoregression(task, torch.arange(5, 159))
    forecasts = forecast.forecasts_of(linear, task, task.test)
    assert figures["linear autoregression"] == [forecast.errors(forecasts, task)]


def test_nothing_that_is_trained_knows_the_test_part():
    values, other = wave(200), wave(200)
    other[160:] = other[160:] * 9 + 5
    states = []
    for series in (series_of(values), series_of(other)):
        task = Forecast(series, lookback=6)
        _, network = forecast.compare(task, config(epochs=2), seeds=1)
        states.append(
            (
                network.state_dict(),
                task.mean,
                task.unit,
                forecast.autoregression(task, task.training)(task.past(torch.tensor([20]))),
            )
        )
    torch.testing.assert_close(*states, rtol=0, atol=0)


# ---------------------------------------------------------------- the command


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--lookback", 0), "--lookback 0 is out of range"),
        (("--step", -1), "--step -1 is out of range"),
        (("--delay", 0), "--delay 0 is out of range"),
        (("--season", 0), "--season 0 is out of range"),
        (("--seeds", 0), "--seeds 0 is out of range"),
        (("--hidden", 0), "--hidden 0 is out of range"),
        (("--step", 2, "--delay", 3), "--delay 3 is no multiple of --step 2"),
        (("--step", 3, "--delay", 3), "--lookback 14 is no multiple of --step 3"),
        (("--cell", "magic"), "--cell 'magic' is unknown"),
        (("--loss", "mape"), "invalid choice: 'mape'"),
        (("--lookback", "many"), "invalid int value: 'many'"),
        (("--series", "nowhere.csv"), "nowhere.csv: No such file"),
        (("--lookback", 10**12), "need 1,428,571,428,573"),
    ],
)
def test_each_option_that_cannot_work_is_one_line(tmp_path, options, message):
    path = write_series(tmp_path / "s.csv", "1990-01-01", x=wave(400))
    out = ("--out", tmp_path / "out")
    if "--series" not in options:
        options = ("--series", path, *options)
    result = call(forecast.main, "--target", "x", *out, *options)
    assert message in error_of(result)
    assert not (tmp_path / "out").exists()


def test_the_files_and_the_table_say_the_same(tmp_path):
    values = np.round(wave(300), 3)
    path = write_series(tmp_path / "waves.csv", level=values, other=wave(300, seed=1))
    asked = ("--series", path, "--target", "level", "--season", 25, "--out", tmp_path / "out")
    result = call(forecast.main, *asked, "--seeds", 1, "--epochs", 3, "--hidden", 4)
    assert result.returncode == 0, result
    assert (tmp_path / "out" / "forecast.png").read_bytes().startswith(b"\x89PNG")
    with (tmp_path / "out" / "forecast.csv").open() as file:
        *rows, beyond = csv.DictReader(file)
    assert [float(row["truth"]) for row in rows] == values[240:].tolist()
    assert [float(row["no change"]) for row in rows] == values[239:-1].tolist()
    assert (beyond["date"], beyond["truth"]) == ("2020-10-27", "")
    assert float(beyond["no change"]) == values[-1]
    lines = {
        line[:36].strip(): [float(cell) for cell in line[36:].split()]
        for line in result.stdout.split("\n\n")[1].splitlines()[1:]
    }
    for column, name in (("no change", "no change"), ("forecast", "recurrent network (gru)")):
        off = np.array([float(row[column]) - float(row["truth"]) for row in rows])
        assert lines[name] == pytest.approx([abs(off).mean(), math.sqrt((off**2).mean())], abs=2e-4)
    better = 100 * abs(lines["recurrent network (gru)"][0] / lines["no change"][0] - 1)
    assert f"{better:.0f}" in result.stdout
    again = call(forecast.main, *asked)
    assert "already holds forecast.csv, forecast.png" in error_of(again)


def test_several_rows_ahead_are_paths_that_meet_and_one_beyond_the_end(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_series(tmp_path / "s.csv", x=wave(200))
    for number in (1, 2):
        result = call(
            forecast.main,
            "--series",
            "s.csv",
            "--target",
            "x",
            "--lookback",
            8,
            "--step",
            2,
            "--delay",
            6,
            "--season",
            25,
            "--loss",
            "mse",
            "--cell",
            "lstm",
            *QUICK,
        )
        assert result.returncode == 0, result
        assert (tmp_path / "runs" / f"s-{number}" / "forecast.png").exists()
    assert "x, 6 rows ahead, 36 windows never seen, of which 6 do not overlap" in result.stdout
    assert "MAE at +2" in result.stdout
    assert "MAE at +6" in result.stdout
    with (tmp_path / "runs" / "s-1" / "forecast.csv").open() as file:
        rows = list(csv.DictReader(file))
    days = [np.datetime64(row["date"]) for row in rows]
    assert {int((after - before).astype(int)) for before, after in pairwise(days)} == {2}
    assert [row["truth"] == "" for row in rows] == [False] * (len(rows) - 3) + [True] * 3


def test_a_network_that_was_cut_short_is_no_figure(tmp_path, monkeypatch):
    path = write_series(tmp_path / "s.csv", x=wave(200))
    monkeypatch.setattr(forecast, "fit", lambda *_: History(interrupted=True))
    result = call(
        forecast.main, "--series", path, "--target", "x", "--season", 7, "--out", tmp_path / "out"
    )
    assert (result.returncode, result.stderr.splitlines()[-1]) == (130, "charnn: interrupted")
    assert not (tmp_path / "out").exists()


def test_help_says_what_it_is_for():
    result = call(forecast.main, "--help")
    assert result.returncode == 0
    assert "examples/forecast.py" in result.stdout
    assert "--lookback" in result.stdout


def test_a_gap_is_a_warning_with_its_place(tmp_path):
    path = write_series(tmp_path / "s.csv", x=wave(100))
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:10] + lines[12:30] + lines[31:]))
    result = call(
        forecast.main,
        "--series",
        path,
        "--target",
        "x",
        "--season",
        7,
        "--out",
        tmp_path / "out",
        *QUICK,
    )
    assert result.returncode == 0, result
    assert "warning: " + str(path) in result.stderr
    assert "2 gaps in the dates, the first between 2020-01-09 and 2020-01-12" in result.stderr
