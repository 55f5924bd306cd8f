"""What is compared: cells with and without changes."""

import subprocess
import sys

import pytest
from helpers import ROOT

from charnn.config import CELLS, Config
from charnn.errors import CharnnError
from charnn.variants import CHANGES, DEFAULTS, variants


def test_each_cell_is_there_as_it_is_and_as_changed():
    changed = {"init": "identity", "nonlinearity": "relu", "forget_bias": 0.0, "scale": 1.5}
    found = variants(["rnn", "lstm", "gru"], changed, hidden=7, seed=3)
    assert list(found) == [
        "rnn",
        "rnn, identity, relu, weights × 1.5",
        "lstm",
        "lstm, identity, weights × 1.5",
        "gru",
        "gru, identity, weights × 1.5",
    ]
    configs = [variant.config for variant in found.values()]
    assert all(config.hidden == 7 and config.seed == 3 for config in configs)
    assert [variant.scale for variant in found.values()] == [1, 1.5] * 3
    assert found["rnn, identity, relu, weights × 1.5"].config.nonlinearity == "relu"
    assert found["lstm"].config.init == Config.init


def test_a_cell_that_no_change_fits_is_there_once():
    assert list(variants(["lstm", "gru"], {"forget_bias": 1.0})) == [
        "lstm",
        "lstm, forget bias 1",
        "gru",
    ]
    assert list(variants(["gru", "gru"], {"clip": 1e6})) == ["gru", "gru, clip 1e+06"]


def test_the_defaults_are_no_changes():
    assert list(variants(list(CELLS), DEFAULTS)) == list(CELLS)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", [name for name in CHANGES if name != "scale"])
def test_a_change_fits_the_cells_whose_configuration_takes_it(name, cell):
    value = {"init": "he", "nonlinearity": "relu", "forget_bias": 1.0, "clip": 5.0}[name]
    try:
        Config(cell=cell, **{name: value})
        taken = True
    except CharnnError:
        taken = False
    assert CHANGES[name].fits(cell) == taken


@pytest.mark.parametrize(
    ("cells", "changed", "message"),
    [
        (
            ["rnn", "gru"],
            {"forget_bias": 1.0},
            "--forget-bias 1.0 is for an LSTM's forget gate; leave it out with --cell rnn gru, or "
            "add lstm",
        ),
        (["lstm"], {"nonlinearity": "relu"}, "--nonlinearity relu is for the plain RNN"),
        (["gru"], {"scale": 0.0}, "--scale 0.0 is out of range; choose above 0 and up to 10"),
    ],
)
def test_what_cannot_be_compared_is_an_error(cells, changed, message):
    with pytest.raises(CharnnError) as error:
        variants(cells, changed)
    assert message in str(error.value)


def test_it_imports_no_torch():
    program = "import sys, charnn.variants; print('torch' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout == "False\n", "charnn.variants must not import torch"
