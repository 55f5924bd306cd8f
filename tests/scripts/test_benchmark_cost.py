"""scripts/benchmark_cost.py."""

import pytest
from helpers import call, load_script
from programs import SCRIPTS

from charnn.errors import CharnnError

COST = load_script(SCRIPTS / "benchmark_cost.py")


@pytest.mark.slow
def test_more_names_cost_a_row_each():
    result = call(COST.main, "--sizes", 500, 1000, "--epochs", 1)
    assert result.returncode == 0, result
    rows = [line.strip("| ").split(" | ") for line in result.stdout.splitlines()[4:]]
    assert [len(row) for row in rows] == [8, 8]
    names = [int(row[0].replace(",", "")) for row in rows]
    assert names == sorted(names)


def test_a_process_that_fails_is_an_error_with_its_last_line():
    with pytest.raises(CharnnError, match=r"exit code 2 .--preset 'magic' is unknown"):
        COST.measured("charnn.train", "--preset", "magic")


def test_a_process_has_a_time_and_a_memory():
    cost = COST.measured("this")
    assert cost.seconds > 0
    assert cost.megabytes > 1
