"""The example that forecasts a series: what it reads, its windows, its baselines, and what it says it is worth."""

import csv
import math
import sys
from itertools import pairwise

import numpy as np
import pytest
import torch
from helpers import ROOT, call, error_of, load_script

from charnn.config import configure
from charnn.errors import CharnnError
from charnn.training.history import History
from charnn.training.loop import fit, validate

sys.path.append(str(ROOT / "examples"))  # as for a program that is started there: its series.py stands beside it
forecast = load_script(ROOT / "examples" / "forecast.py")
QUICK = ("--hidden", 4, "--epochs", 2, "--seeds", 2)


def write_series(path, start="2020-01-01", unit="D", **columns):
    """A CSV file of columns of equal length, a row for each unit of time from the start."""
    rows = len(next(iter(columns.values())))
    dates = np.datetime64(start) + np.arange(rows).astype(f"timedelta64[{unit}]")
    lines = [",".join(["date", *columns])] + [f"{date},{','.join(map(str, values))}" for date, values in
                                              zip(dates, zip(*columns.values(), strict=True), strict=True)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def series_of(*columns):
    """A Series of those columns, a row for each day; the first one is the target."""
    values = np.array(columns, dtype=float).T
    dates = np.datetime64("2020-01-01") + np.arange(len(values))
    return forecast.Series("series.csv", dates, [f"c{i}" for i in range(len(columns))], values)


def wave(rows=400, noise=0.1, seed=0):
    """A sine of 25 rows and noise."""
    return np.sin(np.arange(rows) * 2 * np.pi / 25) + noise * np.random.default_rng(seed).normal(size=rows)


def autoregressive(rows=2000, seed=0):
    """x' = 3 + 0.6 x - 0.3 x of the row before + noise of standard deviation 1."""
    noise, x = np.random.default_rng(seed).normal(size=rows), [4.0, 4.0]
    for each in noise[2:]:
        x.append(3 + 0.6 * x[-1] - 0.3 * x[-2] + each)
    return np.array(x)


def config(**values):
    return configure(**{"bidirectional": False, "weight_decay": 0.0, "dropout": 0.0, "cell": "gru", "hidden": 8,
                        "epochs": 15, "batch_size": 32, "learning_rate": 0.02, **values})


# ---------------------------------------------------------------- windows

def test_a_window_is_every_step_th_row_up_to_its_origin_and_its_truth_the_target_after_it():
    rows = np.arange(60.0)
    task = forecast.Forecast(series_of(rows, rows**2), lookback=6, step=2, delay=4)
    assert (task.x[:, 0].numpy() * task.unit + task.mean).tolist() == pytest.approx(rows.tolist(), abs=1e-4)
    past, truth, _ = next(task.batches(torch.tensor([10, 17])))
    assert torch.equal(past[0], task.x[[6, 8, 10]])
    assert torch.equal(past[1], task.x[[13, 15, 17]])
    assert torch.equal(truth, task.x[:, 0][torch.tensor([[12, 14], [19, 21]])])


def test_only_the_series_is_held():
    task = forecast.Forecast(series_of(wave(2000)), lookback=500)
    held = sum(value.numel() for value in vars(task).values() if isinstance(value, torch.Tensor))
    assert held < 2 * 2000 + 500 + 10
    assert len(next(iter(task.training_batches(torch.Generator())))[0]) == task.batch_size


@pytest.mark.parametrize(("step", "delay"), [(1, 1), (1, 3), (2, 6)])
def test_no_part_forecasts_a_row_of_another(step, delay):
    task = forecast.Forecast(series_of(wave(100)), lookback=10, step=step, delay=delay, season=7)
    for origins, first, end in ((task.training, 0, 70), (task.validation, 70, 80), (task.test, 80, 100)):
        rows = origins.unsqueeze(1) + task.ahead
        assert rows.min() >= first
        assert rows.max() == end - 1  # and none is left out at the end
        assert (origins.unsqueeze(1) + task.behind).min() >= 0
    assert (task.validation[0] + task.ahead[0], task.test[0] + task.ahead[0]) == (70, 80)


def test_every_test_window_has_a_season_before_it():
    task = forecast.Forecast(series_of(np.arange(100.0)), lookback=10, season=95, delay=3)
    assert task.test.tolist() == [94, 95, 96]
    values = forecast.seasons_before(task, task.test, 95)[:, 0].numpy() * task.unit + task.mean
    assert values.tolist() == pytest.approx([0, 1, 2], abs=1e-4)


def test_every_epoch_has_every_training_window_once():
    task = forecast.Forecast(series_of(np.arange(100.0)), lookback=5, batch_size=16)
    batches = list(task.training_batches(torch.Generator().manual_seed(0)))
    assert len(batches) == task.batches_per_epoch
    newest = torch.cat([batch.past[:, -1, 0] for batch in batches])
    assert not torch.equal(newest, newest.sort().values)
    assert torch.equal(newest.sort().values, task.x[task.training, 0])


def test_nothing_that_is_trained_knows_the_test_part():
    values, other = wave(200), wave(200)
    other[160:] = other[160:] * 9 + 5
    states = []
    for series in (series_of(values), series_of(other)):
        task = forecast.Forecast(series, lookback=6)
        _, network = forecast.compare(task, config(epochs=2), seeds=1)
        states.append((network.state_dict(), task.mean, task.unit,
                       forecast.autoregression(task, task.training)(task.past(torch.tensor([20])))))
    torch.testing.assert_close(*states, rtol=0, atol=0)


def test_the_scale_is_that_of_the_training_part():
    values = wave(200)
    task = forecast.Forecast(series_of(values), lookback=6)
    assert (task.mean, task.unit) == (values[:140].mean(), values[:140].std())
    assert task.x[:140].mean().item() == pytest.approx(0, abs=1e-6)
    assert task.x[:140].std(correction=0).item() == pytest.approx(1)


# ---------------------------------------------------------------- baselines

def test_no_change_and_the_same_season_by_hand():
    task = forecast.Forecast(series_of(np.arange(100.0)), lookback=5, delay=6, season=4)
    no_change, season = (forecast.seasons_before(task, torch.tensor([50, 60]), rows) for rows in (1, 4))
    assert torch.equal(no_change, task.x[[50, 60]].expand(2, 6))
    assert torch.equal(season[0], task.x[[47, 48, 49, 50, 47, 48], 0])  # rows 51 to 56; 51 and 52 are not known yet


def test_autoregression_is_least_squares_and_finds_the_coefficients():
    values = autoregressive()
    task = forecast.Forecast(series_of(values), lookback=2)
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
    task = forecast.Forecast(series_of(wave(), wave()), lookback=3)
    alone = forecast.Forecast(series_of(wave()), lookback=3)
    answers = [forecast.answers(forecast.autoregression(t, t.training), t, t.test) for t in (task, alone)]
    torch.testing.assert_close(*answers, atol=1e-4, rtol=1e-4)


def test_errors_by_hand_in_the_targets_units():
    task = forecast.Forecast(series_of(np.arange(100.0)), lookback=5, delay=2)
    truth = task.truth(task.test)
    off = torch.tensor([1.0, -3.0]) / task.unit
    assert forecast.errors(truth + off, task) == pytest.approx([2, math.sqrt(5), 1, 3], rel=1e-4)
    change = forecast.errors(forecast.seasons_before(task, task.test, 1), task)
    assert change == pytest.approx([1.5, math.sqrt(2.5), 1, 2], rel=1e-4)


# ---------------------------------------------------------------- networks and training

@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru", "torch-gru"])
@pytest.mark.parametrize("layers", [1, 2])
def test_every_cell_reads_several_columns_and_says_no_change_before_it_has_learned(cell, layers):
    task = forecast.Forecast(series_of(wave(), wave(seed=1), wave(seed=2)), lookback=6, step=2, delay=4)
    for build in (forecast.recurrent, forecast.dense):
        chosen = config(cell=cell, layers=layers, epochs=2)
        network = forecast.Ahead(build(task, chosen), chosen.hidden, len(task.ahead))
        assert torch.equal(network(task.past(task.test)), forecast.seasons_before(task, task.test, 1))
        history = fit(network, task, chosen, torch.device("cpu"), torch.Generator().manual_seed(0))
        assert history.epochs[-1].validation_loss < validate_no_change(task)
        assert network(task.past(task.test)).shape == (len(task.test), 2)


def test_a_forecast_is_a_step_from_the_newest_value_by_the_hidden_state_after_the_newest_row():
    task, chosen = forecast.Forecast(series_of(wave(), wave(seed=1)), lookback=6), config()
    network = forecast.Ahead(forecast.recurrent(task, chosen), chosen.hidden, 1)
    torch.nn.init.ones_(network.linear.weight)
    past = task.past(task.test)
    hidden, _ = network.body(past)
    torch.testing.assert_close(network(past), past[:, 5, :1] + hidden[:, 5].sum(1, keepdim=True))


def validate_no_change(task):
    return (forecast.seasons_before(task, task.validation, 1) - task.truth(task.validation)).abs().mean().item()


def test_fit_keeps_the_best_weights_and_its_accuracy_is_the_share_nearer_than_no_change():
    torch.manual_seed(0)
    task, chosen = forecast.Forecast(series_of(wave(120, noise=1.0)), lookback=10), config(epochs=60, patience=4)
    network = forecast.Ahead(forecast.recurrent(task, chosen), chosen.hidden, 1)
    history = fit(network, task, chosen, torch.device("cpu"), torch.Generator().manual_seed(0))
    losses = [epoch.validation_loss for epoch in history.epochs]
    assert len(losses) == history.best + 4 < 60
    answers, truth = forecast.answers(network, task, task.validation), task.truth(task.validation)
    nearer = (answers - truth).abs() < (forecast.seasons_before(task, task.validation, 1) - truth).abs()
    loss, accuracy = validate(network, task, torch.device("cpu"))
    assert loss == min(losses) == pytest.approx((answers - truth).abs().mean().item())
    assert accuracy == pytest.approx(nearer.float().mean().item())


def test_the_loss_may_be_the_squared_error():
    series = series_of(wave())
    absolute, squared = (forecast.Forecast(series, loss=loss) for loss in ("mae", "mse"))
    batch = next(absolute.validation_batches())
    off = (batch.past[:, -1, :1] - batch.truth).mean(1)
    assert absolute.loss(batch.past[:, -1, :1], batch)[0] == pytest.approx(off.abs().sum().item())
    assert squared.loss(batch.past[:, -1, :1], batch)[0] == pytest.approx(off.square().sum().item())


def test_a_network_beats_no_change_on_a_wave_and_autoregression_is_near_the_best_on_its_own_kind():
    figures, _ = forecast.compare(forecast.Forecast(series_of(wave()), lookback=8, season=25), config(), seeds=2)
    name = list(figures)[-1]
    assert [len(seeds) for seeds in figures.values()] == [1, 1, 1, 2, 2]
    assert max(mae for mae, *_ in figures[name]) < figures["no change"][0][0]
    figures, _ = forecast.compare(forecast.Forecast(series_of(autoregressive()), lookback=2), config(epochs=3), seeds=1)
    least = math.sqrt(2 / math.pi)  # the mean absolute value of its noise
    assert figures["linear autoregression"][0][0] == pytest.approx(least, rel=0.1)
    assert figures["no change"][0][0] > figures["linear autoregression"][0][0]


def test_the_comparison_learns_from_all_that_is_not_the_test_and_returns_the_network_best_on_validation(capsys):
    task = forecast.Forecast(series_of(wave(200)), lookback=6)
    figures, network = forecast.compare(task, config(epochs=2), seeds=3)
    losses = [float(line.split("validation loss ")[1].split(",")[0]) for line in capsys.readouterr().err.splitlines()
              if line.startswith("recurrent")]
    assert len(set(losses)) == 3
    assert validate(network, task, torch.device("cpu"))[0] == pytest.approx(min(losses), abs=1e-4)
    linear = forecast.autoregression(task, torch.arange(5, 159))
    assert figures["linear autoregression"] == [forecast.errors(forecast.answers(linear, task, task.test), task)]


def figures_of(*maes, no_change=2.0, linear=1.0):
    return {"no change": [[no_change] * 4], "linear autoregression": [[linear] * 4],
            "recurrent network (gru)": [[mae] * 4 for mae in maes]}


@pytest.mark.parametrize(("maes", "said", "not_worth"), [
    ((0.9, 0.9), ["55.0% better than no change, more", "10.0% better than linear autoregression, more"], None),
    ((0.7, 1.2), ["52.5% better than no change, more", "5.0% better than linear autoregression, no more"], None),
    ((1.5, 1.5), ["25.0% better than no change, more", "50.0% worse than linear autoregression"], forecast.LINEAR),
    ((2.5,), ["25.0% worse than no change", "150.0% worse than linear autoregression"], forecast.LINEAR)])
def test_the_verdict_says_better_or_worse_and_whether_the_seeds_differ_by_as_much(maes, said, not_worth):
    verdict = forecast.verdict(figures_of(*maes), 100)
    assert all(words in verdict for words in said), verdict
    assert ("not worth its trouble" in verdict) == (not_worth is not None)
    assert not_worth is None or f"here: {not_worth} is simpler" in verdict


def test_the_verdict_names_the_better_of_two_that_beat_the_network():
    few = forecast.verdict(figures_of(3.0, 3.1, no_change=1.0, linear=2.0), 7)
    assert "here: no change is simpler" in few
    assert "few, 7: other years may say otherwise" in few
    assert "better than no change" not in forecast.verdict(figures_of(1.0, no_change=0.0), 30)  # no 0 below


# ---------------------------------------------------------------- files

@pytest.mark.parametrize(("unit", "start", "season", "following"), [
    ("h", "2020-01-01T00", 24, "2020-01-03T02:00:00"), ("D", "2020-01-01", 365, "2020-02-20"),
    ("W", "2020-01-01", 52, "2020-12-16")])
def test_the_spacing_of_the_dates_tells_the_season_and_the_dates_to_come(tmp_path, unit, start, season, following):
    series = forecast.read_series(write_series(tmp_path / "s.csv", start, unit, x=range(50)), "x")
    rows, dates = forecast.calendar(series, None, 1)
    assert (rows, str(dates[-1])) == (season, following)
    assert forecast.calendar(series, 9, 1)[0] == 9


@pytest.mark.parametrize(("months", "day", "season", "to_come"), [
    (1, "15", 12, ["2022-01-15", "2022-02-15"]), (1, None, 12, ["2022-01-31", "2022-02-28"]),
    (3, "01", 4, ["2022-01-01", "2022-04-01"])])
def test_months_are_no_gaps_and_go_on_by_the_calendar(tmp_path, months, day, season, to_come):
    firsts = np.arange("2019-01" if months == 1 else "2018-04", "2022-01", months, dtype="datetime64[M]")
    dates = [f"{month}-{day}" if day else str((month + 1).astype("datetime64[D]") - 1) for month in firsts]
    (tmp_path / "s.csv").write_text("date,x\n" + "".join(f"{date},1\n" for date in dates), encoding="utf-8")
    rows, dates = forecast.calendar(forecast.read_series(tmp_path / "s.csv", "x"), None, 2)
    assert (rows, list(map(str, dates[-2:]))) == (season, to_come)


def test_what_a_file_may_look_like(tmp_path):
    (tmp_path / "s.csv").write_bytes(b'\xef\xbb\xbf"When", "a","word","b"\r\n"2020-01-01T09:00+01:00",1,x,2\r\n\r\n'
                                     b'"2020-01-01 09:00",3,,4e2\r\n')
    with pytest.warns(UserWarning, match="no numbers in word"):
        series = forecast.read_series(tmp_path / "s.csv", "b")
    assert series.columns == ["b", "a"]
    assert series.values.tolist() == [[2, 1], [400, 3]]
    assert list(map(str, series.dates)) == ["2020-01-01T08:00:00", "2020-01-01T09:00:00"]
    (tmp_path / "s.csv").write_text("month,x\n1987-05,1\n1987-06,2\n", encoding="utf-8")
    assert list(map(str, forecast.read_series(tmp_path / "s.csv", "x").dates)) == ["1987-05-01", "1987-06-01"]


def test_a_gap_is_a_warning_with_its_place(tmp_path):
    path = write_series(tmp_path / "s.csv", x=wave(100))
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:10] + lines[12:30] + lines[31:]))
    result = call(forecast.main, "--series", path, "--target", "x", "--season", 7, "--out", tmp_path / "out", *QUICK)
    assert result.returncode == 0, result
    assert "warning: " + str(path) in result.stderr
    assert "2 gaps in the dates, the first between 2020-01-09 and 2020-01-12" in result.stderr


GOOD = "date,x,y\n" + "".join(f"2020-01-{day:02},{day % 5},{day % 3}\n" for day in range(1, 31))


@pytest.mark.parametrize(("text", "message"), [
    ("", "has no column 'x'"), ("date,Temp,y\n2020-01-01,1,2\n", "choose --target from ['Temp', 'y']"),
    ("date,x,x\n2020-01-01,1,2\n", "or several"), ("date,x\n", "holds 0 rows"),
    ("date;x\n2020-01-01;3\n", "has no column 'x'"), ("\0\xff", "is not CSV in UTF-8"),
    (GOOD.replace("2020-01-05", "05.01.2020"), "s.csv, line 6: '05.01.2020' is no date; write it as"),
    (GOOD.replace("2020-01-05", "2020-01-04"), "line 6: '2020-01-04' repeats the date above"),
    (GOOD.replace("2020-01-05", "2019-01-04"), "line 6: '2019-01-04' is before the date above"),
    (GOOD.replace("05,0,2", "05,,2"), "line 6: 'x' is ''; give a number"),
    (GOOD.replace("05,0,2", "05,0,nan"), "line 6: 'y' is 'nan'; give a number"),
    (GOOD.replace("05,0,2", "05,-inf,2"), "line 6: 'x' is '-inf'"),
    (GOOD.replace("05,0,2", "05,?0.2,2"), "line 6: 'x' is '?0.2'"),
    (GOOD.replace("01,1,1", "01,,1"), "line 2: 'x' is ''"), (GOOD.replace("01,1,1", "01,1,"), "line 2: 'y' is ''"),
    (GOOD.replace("05,0,2", "05,0"), "line 6: 2 values under 3 names"),
    (GOOD, "holds 30 rows; --lookback 14, --delay 1 and --season 365 need 366"),
    ("date,x,y\n" + "".join(f"20{year}-{month:02}-01,{month},{int(year > 95)}\n" for year in range(60, 100)
                            for month in range(1, 13)), "'y' is 0 in all of the training part, the first 336 rows"),
    ("date,x\n" + "".join(f"2020-01-01 00:{minute:02},{minute}\n" for minute in range(60)),
     "rows 60 seconds apart no season is known; give --season")])
def test_each_file_that_cannot_be_used_is_one_line(tmp_path, text, message):
    (tmp_path / "s.csv").write_bytes(text.encode("latin-1"))
    result = call(forecast.main, "--series", tmp_path / "s.csv", "--target", "x", "--out", tmp_path / "out")
    assert message in error_of(result)
    assert "s.csv" in error_of(result)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("options", "message"), [
    (("--lookback", 0), "--lookback 0 is out of range"), (("--step", -1), "--step -1 is out of range"),
    (("--delay", 0), "--delay 0 is out of range"), (("--season", 0), "--season 0 is out of range"),
    (("--seeds", 0), "--seeds 0 is out of range"), (("--hidden", 0), "--hidden 0 is out of range"),
    (("--step", 2, "--delay", 3), "--delay 3 is no multiple of --step 2"),
    (("--step", 3, "--delay", 3), "--lookback 14 is no multiple of --step 3"),
    (("--cell", "magic"), "--cell 'magic' is unknown"), (("--loss", "mape"), "invalid choice: 'mape'"),
    (("--lookback", "many"), "invalid int value: 'many'"), (("--series", "nowhere.csv"), "nowhere.csv: No such file"),
    (("--lookback", 10**12), "need 1,428,571,428,573")])
def test_each_option_that_cannot_work_is_one_line(tmp_path, options, message):
    path = write_series(tmp_path / "s.csv", "1990-01-01", x=wave(400))
    result = call(forecast.main, "--series", path, "--target", "x", "--out", tmp_path / "out", *options)
    assert message in error_of(result)
    assert not (tmp_path / "out").exists()


def test_the_files_and_the_table_say_the_same(tmp_path):
    values = np.round(wave(300), 3)
    path = write_series(tmp_path / "waves.csv", level=values, other=wave(300, seed=1))
    result = call(forecast.main, "--series", path, "--target", "level", "--season", 25, "--out", tmp_path / "out",
                  "--seeds", 1, "--epochs", 3, "--hidden", 4)
    assert result.returncode == 0, result
    assert (tmp_path / "out" / "forecast.png").read_bytes().startswith(b"\x89PNG")
    with (tmp_path / "out" / "forecast.csv").open() as file:
        *rows, beyond = csv.DictReader(file)
    assert [float(row["truth"]) for row in rows] == values[240:].tolist()
    assert [float(row["no change"]) for row in rows] == values[239:-1].tolist()
    assert (beyond["date"], beyond["truth"], float(beyond["no change"])) == ("2020-10-27", "", values[-1])
    lines = {line[:36].strip(): [float(cell) for cell in line[36:].split()] for line in
             result.stdout.split("\n\n")[1].splitlines()[1:]}
    for column, name in (("no change", "no change"), ("forecast", "recurrent network (gru)")):
        off = np.array([float(row[column]) - float(row["truth"]) for row in rows])
        assert lines[name] == pytest.approx([abs(off).mean(), math.sqrt((off**2).mean())], abs=2e-4)
    assert f"{100 * abs(lines['recurrent network (gru)'][0] / lines['no change'][0] - 1):.0f}" in result.stdout
    again = call(forecast.main, "--series", path, "--target", "level", "--season", 25, "--out", tmp_path / "out")
    assert "already holds forecast.csv, forecast.png" in error_of(again)


def test_several_rows_ahead_are_paths_that_meet_and_a_last_one_beyond_the_end(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_series(tmp_path / "s.csv", x=wave(200))
    for number in (1, 2):
        result = call(forecast.main, "--series", "s.csv", "--target", "x", "--lookback", 8, "--step", 2, "--delay", 6,
                      "--season", 25, "--loss", "mse", "--cell", "lstm", *QUICK)
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


def test_the_picture_has_what_was_what_was_forecast_and_what_lies_beyond():
    for ahead in (np.array([1]), np.array([1, 2, 3])):
        series, delay = series_of(wave(300)), ahead[-1]
        _, dates = forecast.calendar(series, 25, delay)
        origins = np.arange(299, 238, -delay)[::-1]
        made = np.ones((len(origins), len(ahead)))
        axes, = forecast.picture("price ($)", series.values[:, 0], dates, origins, ahead, made).axes
        past, truth, *made, beyond = axes.get_lines()
        assert past.get_xdata()[-1] == truth.get_xdata()[0] == dates[origins[0]]
        assert truth.get_xdata()[-1] == beyond.get_xdata()[0] == dates[299]
        assert beyond.get_xdata()[-1] == dates[-1] > series.dates[-1]
        assert len(made) == (1 if len(ahead) == 1 else len(origins) - 1)
        assert axes.get_ylabel() == "price ($)"


def test_a_network_that_was_cut_short_is_no_figure(tmp_path, monkeypatch):
    path = write_series(tmp_path / "s.csv", x=wave(200))
    monkeypatch.setattr(forecast, "fit", lambda *_: History(interrupted=True))
    result = call(forecast.main, "--series", path, "--target", "x", "--season", 7, "--out", tmp_path / "out")
    assert (result.returncode, result.stderr.splitlines()[-1]) == (130, "charnn: interrupted")
    assert not (tmp_path / "out").exists()


def test_a_series_that_is_too_short_needs_as_many_rows_as_it_says():
    for options in ({"lookback": 14}, {"lookback": 6, "delay": 4, "step": 2}, {"lookback": 2, "season": 50}):
        with pytest.raises(CharnnError, match=r"need \d+:") as error:
            forecast.Forecast(series_of(wave(5)), **options)
        needed = int(str(error.value).split(" need ")[1].split(":")[0])
        task = forecast.Forecast(series_of(wave(needed)), **options)
        assert min(map(len, (task.training, task.validation, task.test))) > 0


def test_help_says_what_it_is_for():
    result = call(forecast.main, "--help")
    assert result.returncode == 0
    assert "examples/forecast.py" in result.stdout
    assert "--lookback" in result.stdout
