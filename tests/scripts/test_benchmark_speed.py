"""scripts/benchmark_speed.py."""

from helpers import call, load_script
from programs import SCRIPTS

import charnn


def test_it_labels_a_file_of_distinct_names(folder, model, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)  # no fastText
    script = load_script(SCRIPTS / "benchmark_speed.py")
    result = call(script.main, "--data", folder, "--threads", 1, "--predict", model, "--names", 50)
    assert result.returncode == 0, result
    assert result.stdout.startswith("50 distinct names, 1 threads")
    assert f"| {model} | " in result.stdout
    assert result.stderr.count("50 rows in") == 4, "a warm-up and three rounds"


def test_it_compares_cells_and_loops(folder, monkeypatch):
    script = load_script(SCRIPTS / "benchmark_speed.py")
    monkeypatch.setattr(
        script, "configure", lambda **values: charnn.configure(**{**values, "hidden": 4})
    )
    monkeypatch.setattr(script, "B", 2)
    monkeypatch.setattr(script, "H", 4)
    monkeypatch.setattr(script, "STEPS", 5)
    result = call(script.main, "--data", folder, "--threads", 1)
    assert result.returncode == 0, result
    rows = [line.strip("| ").split(" | ") for line in result.stdout.splitlines() if "|" in line]
    assert [row[0] for row in rows if len(row) == 4] == ["cell", "rnn", "gru", "lstm"]
    loops = [row for row in rows if len(row) == 3][1:]
    assert [row[0] for row in loops] == [
        "examples/lecture.py",
        "--cell rnn --hidden 128",
        "--cell rnn --hidden 128 --preset lecture",
        "the default",
    ]
    assert loops[0][2] == "1"
