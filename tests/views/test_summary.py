"""The weights and the work of each layer: by the arithmetic of a textbook, and as torch counts."""

import json
import re

import pytest
import torch
from helpers import assert_whole, call, untrained_classifier
from torch.utils.flop_counter import FlopCounterMode

import charnn
from charnn import views
from charnn.config import CELLS
from charnn.model import build_classifier, build_generator
from charnn.presets import configure
from charnn.views.summary import layers
from charnn.views.watch import run

OURS = [cell for cell in CELLS if not cell.startswith("torch-")]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Pictures go to runs/ of the folder that one is in."""
    monkeypatch.chdir(tmp_path)


def rows_of(*arguments):
    """The layers that `charnn.look summary --json` prints."""
    result = call("charnn.look", "summary", "--json", *arguments)
    assert result.returncode == 0, result
    return [json.loads(line) for line in result.stdout.splitlines()]


# ---------------------------------------------------------------- weights


def test_the_notes_arithmetic():
    options = ("--hidden", 32, "--symbols", 32, "--no-bidirectional")
    plain, _ = rows_of("--cell", "rnn", *options)
    assert plain["weights"] == 32 * 32 + 32 * 32 + 32 == 2080
    lstm, readout = rows_of("--cell", "lstm", "--labels", 18, "--readout", "last", *options)
    assert lstm["weights"] == 4 * 2080 == 8320
    assert (plain["second_bias"], lstm["second_bias"]) == (32, 4 * 32)
    assert readout["weights"] == 32 * 18 + 18


def test_keras_counts_of_the_notes_two_networks_of_reviews():
    notes = ("--tokens", "words", "--symbols", 10_000, "--embedding", 32, "--hidden", 32)
    notes += ("--no-bidirectional", "--readout", "last")
    for cell, weights, gates in (("rnn", 322_113, 1), ("lstm", 328_353, 4)):
        rows = rows_of("--cell", cell, *notes)
        assert [row["weights"] for row in rows] == [320_000, weights - 320_033, 33]
        assert [row["second_bias"] for row in rows] == [0, gates * 32, 0]
        assert [row["second_logit"] for row in rows] == [0, 0, 33]
        table = call("charnn.look", "summary", "--cell", cell, *notes).stdout
        total = weights + gates * 32 + 33
        assert re.search(rf"total +{weights:,} +{gates * 32} +33 ", table)
        assert f"{total:,} weights in all" in table
        assert "one logit and a sigmoid" in table
        more = call("charnn.look", "summary", "--cell", cell, *notes, "--labels", 3).stdout
        assert "logit" not in more
        assert "32·3 + 3" in more


@pytest.mark.parametrize("labels", [2, 3])
@pytest.mark.parametrize("options", [{}, {"layers": 2}, {"embedding": 5, "bidirectional": False}])
@pytest.mark.parametrize("cell", CELLS)
def test_the_rows_add_up_to_the_network(cell, options, labels):
    network = build_classifier(configure(cell=cell, hidden=6, **options), 20, labels)
    rows = list(layers(network))
    weights = sum(row.all_weights for row in rows)
    assert weights == sum(p.numel() for p in network.parameters())
    for row in rows:  # and the arithmetic that is shown gives the number beside it
        arithmetic = row.arithmetic.replace("·", "*").replace("×", "*").replace(",", "")
        assert eval(arithmetic) == row.weights
    assert rows[-1].outputs == labels
    first = next(row for row in rows if row.layer.startswith("recurrent"))
    assert first.inputs == options.get("embedding", 20)


def test_a_generator_reads_letters_and_a_label():
    network = build_generator(configure(task="generate", layers=2, hidden=6), 20, 3)
    assert [(row.layer, row.inputs, row.outputs) for row in layers(network)] == [
        ("recurrent 1", 23, 6),
        ("recurrent 2", 6, 6),
        ("readout", 6, 20),
    ]


def test_a_generator_of_text_has_presets_of_its_own():
    rows = rows_of("--task", "generate", "--text", "--preset", "best", "--symbols", 65)
    (best,) = (row for row in rows if row["layer"] == "recurrent 1")
    assert best["outputs"] == configure("best", task="generate", text=True).hidden


def test_a_large_network_costs_nothing_to_look_at():
    rows = rows_of("--symbols", 100_000, "--hidden", 4096, "--layers", 16, "--cell", "lstm")
    assert sum(row["weights"] for row in rows) > 10**9
    assert torch.get_default_device().type == "cpu"


# ---------------------------------------------------------------- work


@pytest.mark.parametrize(
    "options", [{}, {"readout": "last", "layers": 2}, {"embedding": 5, "bidirectional": False}]
)
@pytest.mark.parametrize("cell", OURS)
def test_multiply_adds_are_those_that_torch_counts(cell, options):
    model = untrained_classifier(cell, **options)
    rows = list(layers(model.network))
    with FlopCounterMode(display=False) as counter:  # counts a multiply-add as two
        run(model, ["badge"])
    expected = 2 * sum(5 * row.per_character + row.per_text for row in rows)
    assert counter.get_total_flops() == expected


def test_multiply_adds_of_a_generator():
    network = build_generator(configure(task="generate", hidden=6), 9, 2)
    ids, labels = torch.zeros(1, 5, dtype=torch.int64), torch.zeros(1, dtype=torch.int64)
    with FlopCounterMode(display=False) as counter:
        network(ids, labels)
    expected = 2 * sum(5 * row.per_character for row in layers(network))
    assert counter.get_total_flops() == expected


def test_torchs_cells_multiply_the_one_hot_vectors_too():
    ours = next(layers(untrained_classifier("gru").network)).per_character
    torchs = next(layers(untrained_classifier("torch-gru").network)).per_character
    gates, hidden, symbols = 3, 6, len("abcdefgh") + 1
    assert torchs - ours == gates * hidden * symbols


# ---------------------------------------------------------------- the text version, the picture


def test_a_table_of_a_model(model):
    result = call("charnn.look", "summary", "--model", model)
    assert result.returncode == 0, result
    last = r"Beside the network, an n-gram model: [\d,]+ n-grams of up to 5 letters\.\n$"
    assert re.search(last, result.stdout)
    weights = sum(p.numel() for p in charnn.load(model).network.parameters())
    assert f"{weights:,} weights in all, {4 * weights:,} bytes." in result.stdout
    assert "keep a second one" in result.stdout
    columns = {line.index("GRU") for line in result.stdout.splitlines()[1:3]}
    assert len(columns) == 1, "the cells of a column are below each other"
    assert call("charnn.look", "summary").returncode == 0  # the bundled one


def test_a_summary_for_a_slide(classifier):
    figure = views.summary(classifier.network)
    rows = list(layers(classifier.network))
    names = [label.get_text().split("\n")[0] for label in figure.axes[0].get_yticklabels()]
    assert names == [row.layer for row in rows]
    weights, work = ([bar.get_width() for bar in axes.patches] for axes in figure.axes)
    assert weights == [row.weights + row.second_bias for row in rows]
    assert work == [row.per_character for row in rows]
    assert_whole(figure)


def test_a_model_brings_its_ngrams_and_a_bare_network_may_be_given_some(classifier):
    of_model, of_network, of_both = [], [], []
    views.summary(classifier, print_line=of_model.append)
    views.summary(classifier.network, print_line=of_network.append)
    views.summary(classifier.network, classifier.ngrams, of_both.append)
    assert of_model == of_both
    assert of_model[:-1] == of_network
    assert f"{len(classifier.ngrams.codes):,} n-grams" in of_model[-1]
