"""scripts/profile_epoch.py."""

import re

import pytest
from helpers import call, load_script
from programs import SCRIPTS

import charnn
from charnn.model import build_classifier

PROFILE = load_script(SCRIPTS / "profile_epoch.py")


def test_an_epoch_is_shared_out_to_the_last_percent(folder, monkeypatch):
    monkeypatch.setattr(
        PROFILE,
        "configure",
        lambda *preset, **values: charnn.configure(*preset, **{**values, "hidden": 8}),
    )
    result = call(PROFILE.main, "--data", folder, "--threads", 1)
    assert result.returncode == 0, result
    assert float(re.search(r"([\d.]+) times the floor", result.stdout).group(1)) > 1
    shares = [int(share) for share in re.findall(r"\| (\d+)% \|", result.stdout)]
    assert 95 <= sum(shares) <= 105
    assert "matrix products" in result.stdout


def test_multiply_adds_are_those_of_the_recurrent_products_and_the_readout():
    gru = build_classifier(charnn.configure(hidden=8), 30, 5)
    # Two directions of three gates; the readout sees mean and maximum of both directions.
    assert PROFILE.products(gru) == (2 * 3 * 8 * 8, 5 * 4 * 8)
    config = charnn.configure(hidden=8, layers=2, cell="lstm", bidirectional=False)
    lstm = build_classifier(config, 30, 5)
    # Four gates: recurrent twice, and the second layer's input.
    assert PROFILE.products(lstm) == (3 * 4 * 8 * 8, 5 * 2 * 8)


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("aten::addmm", "matrix products"),
        ("aten::_foreach_norm", "the optimizer and clipping"),
        ("aten::sigmoid_", "gates: sigmoid, tanh and what joins them"),
        ("aten::index_select", "gathers, copies, sums"),
        ("aten::uniform_", "other operations"),
    ],
)
def test_an_operation_is_of_the_first_kind_that_fits(operation, kind):
    assert PROFILE.kind_of(operation) == kind
