"""What the scripts that measure share."""

from argparse import ArgumentTypeError
from types import SimpleNamespace

import measuring
import numpy as np
import pytest

from charnn.data import Names
from charnn.errors import CharnnError


def test_a_table_is_markdown(capsys):
    measuring.print_header("", "accuracy", "names:")
    measuring.print_row("ours", "0.746", "1,000")
    assert capsys.readouterr().out == (
        "| | accuracy | names |\n|---|---|---:|\n| ours | 0.746 | 1,000 |\n"
    )


def test_a_spread_is_mean_and_standard_deviation():
    assert measuring.spread([0.5]) == "0.500"
    assert measuring.spread([1.0, 3.0], digits=1) == "2.0 ± 1.4"  # of two: their distance / sqrt(2)


@pytest.mark.parametrize("text", ["0", "-3", "1.5", "many", ""])
def test_a_positive_number_is_whole_and_at_least_1(text):
    assert measuring.positive("12") == 12
    with pytest.raises(ArgumentTypeError, match="not a whole number of at least 1"):
        measuring.positive(text)


def test_works_take_turns_after_a_warm_up():
    calls = []
    found = measuring.medians({name: lambda name=name: calls.append(name) for name in "ab"}, 2)
    assert calls == ["a", "b"] * 3
    assert set(found) == {"a", "b"}
    assert measuring.timed(lambda: 7)[0] == 7


def test_distinct_names_are_halves_of_real_ones_and_end_where_there_are_no_more():
    real = Names(["Hinton", "Bohr"], np.array([0, 1]), ["A", "B"])
    found = measuring.distinct_names(real, 4)
    assert set(found) == {"Hinton", "Bohr", "Hinhr", "Boton"}
    with pytest.raises(CharnnError, match="--names 5 is more than the 4 different names"):
        measuring.distinct_names(real, 5)


def test_a_training_that_was_stopped_has_no_row():
    done = SimpleNamespace(history=SimpleNamespace(interrupted=False))
    assert measuring.complete(done) is done
    with pytest.raises(KeyboardInterrupt):
        measuring.complete(SimpleNamespace(history=SimpleNamespace(interrupted=True)))


def test_a_process_that_fails_is_an_error_with_its_last_line():
    with pytest.raises(CharnnError, match=r"exit code 2 .--preset 'magic' is unknown"):
        measuring.measured("-m", "charnn.train", "--preset", "magic")


def test_a_process_has_a_time_and_a_memory():
    cost = measuring.measured("-c", "pass")
    assert cost.seconds > 0
    assert cost.megabytes > 1
    larger = measuring.measured("-c", "print(len(bytearray(200_000_000)))")
    assert larger.megabytes == pytest.approx(cost.megabytes + 200, abs=20), (
        "not that of this process"
    )
