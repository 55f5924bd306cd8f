"""Looking inside: the weights of each layer, by the arithmetic of a textbook."""

import json
import re

import pytest
import torch
from helpers import call, error_of

import charnn
from charnn.config import CELLS, configure
from charnn.inside import summary
from charnn.model import build_network, build_writer


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Pictures go to runs/ of the folder that one is in."""
    monkeypatch.chdir(tmp_path)


def rows_of(*arguments):
    """The layers that `charnn.look summary --json` prints."""
    result = call("charnn.look", "summary", "--json", *arguments)
    assert result.returncode == 0, result
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_notes_arithmetic():
    plain, _ = rows_of("--cell", "rnn", "--hidden", 32, "--symbols", 32, "--no-bidirectional")
    assert plain["weights"] == 32 * 32 + 32 * 32 + 32 == 2080
    lstm, readout = rows_of("--cell", "lstm", "--hidden", 32, "--symbols", 32, "--no-bidirectional", "--labels", 18,
                            "--readout", "last")
    assert lstm["weights"] == 4 * 2080 == 8320
    assert (plain["second_bias"], lstm["second_bias"]) == (32, 4 * 32)
    assert readout["weights"] == 32 * 18 + 18


@pytest.mark.parametrize("options", [{}, {"layers": 2}, {"embedding": 5, "bidirectional": False}])
@pytest.mark.parametrize("cell", CELLS)
def test_the_rows_add_up_to_the_network(cell, options):
    network = build_network(configure(cell=cell, hidden=6, **options), 20, 3)
    rows = list(summary(network))
    assert sum(row.weights + row.second_bias for row in rows) == sum(p.numel() for p in network.parameters())
    for row in rows:  # and the arithmetic that is shown gives the number beside it
        assert eval(row.arithmetic.replace("·", "*").replace("×", "*").replace(",", "")) == row.weights
    assert [row.outputs for row in rows][-1] == 3
    first = next(row for row in rows if row.layer.startswith("recurrent"))
    assert first.inputs == options.get("embedding", 20)


def test_a_writer_reads_letters_and_a_label():
    network = build_writer(configure(task="generate", layers=2, hidden=6), 20, 3)
    rows = list(summary(network))
    assert [(row.layer, row.inputs, row.outputs) for row in rows] == [
        ("recurrent 1", 23, 6), ("recurrent 2", 6, 6), ("readout", 6, 20)]


def test_a_writer_of_text_has_presets_of_its_own():
    best, = (row for row in rows_of("--task", "generate", "--text", "--preset", "best", "--symbols", 65)
             if row["layer"] == "recurrent 1")
    assert best["outputs"] == configure("best", task="generate", text=True).hidden


def test_a_table_of_a_model(model):
    result = call("charnn.look", "summary", "--model", model)
    assert re.search(r"Beside the network answer the counts of [\d,]+ runs of up to 5 letters\.\n$", result.stdout)
    assert result.returncode == 0, result
    weights = sum(p.numel() for p in charnn.load(model).network.parameters())
    assert f"{weights:,} weights in all, {4 * weights:,} bytes." in result.stdout
    assert "keep a second one" in result.stdout
    assert len({line.index("GRU") for line in result.stdout.splitlines()[1:3]}) == 1  # columns stand under each other
    assert call("charnn.look", "summary").returncode == 0  # the bundled one


def test_a_large_network_costs_nothing_to_look_at():
    layers = rows_of("--symbols", 100_000, "--hidden", 4096, "--layers", 16, "--cell", "lstm")
    assert sum(row["weights"] for row in layers) > 10**9
    assert torch.get_default_device().type == "cpu"


def test_what_fails_leaves_no_folder_and_a_bad_place_is_said_at_once(tmp_path):
    assert "nowhere does not exist" in error_of(call("charnn.look", "summary", "--model", "nowhere"))
    assert not list(tmp_path.glob("runs/*"))
    result = call("charnn.look", "summary", "--out", "/proc/nope")
    assert "cannot be made or written to" in error_of(result)
    assert result.stdout == ""


@pytest.mark.parametrize(("arguments", "message"), [
    ((), "the following arguments are required: VIEW; see python -m charnn.look --help"),
    (("weights",), "invalid choice: 'weights'"),
    (("summary", "--hidden", "3"), "--hidden would describe a network that is not trained yet; add --symbols"),
    (("summary", "--text"), "--text would describe a network"),
    (("summary", "m.safetensors"), "unrecognized arguments: m.safetensors; see python -m charnn.look summary --help"),
    (("summary", "--symbols", "0"), "--symbols 0 is out of range; choose from 1 to 1000000"),
    (("summary", "--symbols", "9", "--labels", "1"), "--labels 1 is out of range; choose from 2 to 1000000"),
    (("summary", "--symbols", "9", "--model", "x"), "--model and --symbols were given"),
    (("summary", "--model", "nowhere.safetensors"), "nowhere.safetensors does not exist"),
])
def test_what_cannot_be_looked_at_is_one_clear_line(arguments, message):
    assert message in error_of(call("charnn.look", *arguments))
