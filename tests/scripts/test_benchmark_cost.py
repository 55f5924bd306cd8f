"""scripts/benchmark_cost.py."""

import pytest
from helpers import call, load_script
from programs import SCRIPTS

COST = load_script(SCRIPTS / "benchmark_cost.py")


@pytest.mark.slow
def test_more_names_cost_a_row_each():
    result = call(COST.main, "--sizes", 500, 1000, "--epochs", 1)
    assert result.returncode == 0, result
    rows = [line.strip("| ").split(" | ") for line in result.stdout.splitlines()[4:]]
    assert [len(row) for row in rows] == [8, 8]
    names = [int(row[0].replace(",", "")) for row in rows]
    assert names == sorted(names)
