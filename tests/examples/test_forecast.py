"""examples/forecast.py: its options, and what it writes."""

import csv
import math
import re
from itertools import pairwise

import comparison
import forecast
import numpy as np
import pytest
from helpers import call, error_of
from made_series import wave, write_series

from charnn.training.history import History

QUICK = ("--hidden", 4, "--epochs", 2, "--seeds", 2)


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
        name: [float(cell) for cell in cells]
        for line in result.stdout.split("\n\n")[1].splitlines()[1:]
        for name, *cells in [re.split("  +", line)]
    }
    for column, name in (("no change", "no change"), ("forecast", "recurrent network (gru)")):
        off = np.array([float(row[column]) - float(row["truth"]) for row in rows])
        expected = [
            abs(off).mean(),
            abs(off).mean() / values[:210].std(),
            math.sqrt((off**2).mean()),
        ]
        assert lines[name] == pytest.approx(expected, abs=2e-4)
    better = 100 * abs(lines["recurrent network (gru)"][0] / lines["no change"][0] - 1)
    assert f"{better:.0f}" in result.stdout
    again = call(forecast.main, *asked)
    assert "already holds forecast.csv, forecast.png, curves.png" in error_of(again)


@pytest.mark.slow
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
    monkeypatch.setattr(comparison, "fit", lambda *_, **__: History(interrupted=True))
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
