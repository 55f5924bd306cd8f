"""scripts/benchmark_tune.py."""

import pytest
from helpers import call, load_script, tiny_names, write_folder
from programs import SCRIPTS

from charnn.training import tuning

SCRIPT = load_script(SCRIPTS / "benchmark_tune.py")


@pytest.mark.slow
def test_it_prints_the_default_beside_what_was_chosen(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(tuning, "MOST", 2)
    monkeypatch.setattr(tuning, "MOST_IN_FULL", 1)
    test = write_folder(tmp_path / "test", tiny_names(30, seed=1))
    result = call(SCRIPT.main, "--data", folder, "--test-data", test, "--tune", "1h", "--seeds", 2)
    assert result.returncode == 0, result
    rows = [line.strip("| ").split(" | ") for line in result.stdout.splitlines() if "|" in line]
    assert rows[0] == ["accuracy", "macro-F1", "NLL"]
    assert [row[0] for row in rows[2:]] == ["default", "tuned"]
    assert all("±" in figure for row in rows[2:] for figure in row[1:])
