"""examples/forecast.py on a file of the lecture notes' shape, with their options; at full size if slow."""

import os
import subprocess
import sys

import forecast
import pytest
from helpers import ROOT, call
from made_series import write_weather
from programs import EXAMPLES

NOTES = ("--target", "T (degC)", "--ahead", "last", "--step", 6, "--seeds", 1, "--epochs", 1)
SIZE = 420_551  # rows of the notes' file


def test_the_notes_networks_are_one_table_and_one_picture(tmp_path):
    path = write_weather(tmp_path / "jena.csv", 1_500)
    small = ("--lookback", 24, "--delay", 10, "--batches", 2, "--batch-size", 16, "--season", 144)
    result = call(
        forecast.main, "--series", path, *NOTES, *small, "--networks", "all", "--out", tmp_path
    )
    assert result.returncode == 0, result
    lines = result.stdout.split("\n\n")[1].splitlines()
    assert [line.split("  ")[0].strip() for line in lines[1:]] == [
        "no change",
        "same season (144 rows)",
        "linear autoregression",
        "dense-32",
        "gru-32",
        "gru-32-dropout",
        "gru-32-64",
        "bidirectional-lstm-32",
        "bidirectional-gru-32",
    ]
    assert "10 rows ahead, 300 windows never seen" in result.stdout
    assert all((tmp_path / name).exists() for name in forecast.FILES)


# What it takes, told by the process itself.
MEASURED = """
import resource, sys
import forecast

forecast.main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in kB on Linux alone")
def test_the_notes_file_in_its_full_size_takes_little_memory(tmp_path):
    path = write_weather(tmp_path / "jena.csv", SIZE)
    size = ("--lookback", 1440, "--delay", 144, "--batches", 10, "--batch-size", 128)
    options = ("--series", path, *NOTES, *size, "--networks", "gru-32", "--out", tmp_path)
    result = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, options)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(EXAMPLES), str(ROOT)])},
    )
    assert result.returncode == 0, result
    assert "420,551 rows of T (degC), p (mbar)" in result.stderr
    assert int(result.stdout.splitlines()[-1]) * 1024 < 1.5e9
