"""Fine-tuning: what fits of a model's weights is taken over, the rest is freshly initialised."""

import re
import warnings

import numpy as np
import pytest
import torch
from helpers import call, error_of, tiny_names, write_folder

import charnn
from charnn.model import build_network
from charnn.text.vocabulary import Vocabulary
from charnn.training.transfer import plain, take_over

SMALL = {"hidden": 6, "epochs": 2, "batch_size": 16, "device": "cpu"}


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """A folder with one label of the tiny one, one of its own, and letters that are new."""
    names = tiny_names(seed=2)
    shared = {"Hissing": names["Hissing"], "Buzzing": [f"Bz{name}m" for name in names["Rolling"]]}
    return write_folder(tmp_path_factory.mktemp("other") / "other", shared)


def network_of(config, symbols, labels):
    """A network with fresh weights, and a copy of these."""
    torch.manual_seed(3)
    network = build_network(config, len(symbols) + 1, len(labels))
    return network, {name: weight.clone() for name, weight in network.state_dict().items()}


@pytest.mark.parametrize("cell", ["gru", "lstm", "rnn"])
def test_rows_and_columns_of_what_both_know_are_taken_over(folder, cell):
    start = charnn.train_classifier(folder, cell=cell, **SMALL)
    symbols = start.vocabulary.symbols[::2] + "#"
    labels = ["Buzzing", "Hissing"]
    config = start.config
    network, fresh = network_of(config, symbols, labels)
    with pytest.warns(UserWarning, match="freshly initialised: symbols '#'; labels Buzzing"):
        take_over(network, config, Vocabulary(symbols), labels, start)
    now = network.state_dict()
    old = {name: torch.from_numpy(array) for name, array in start.engine.arrays().items()}
    for direction in ("forwards", "backwards"):
        name = f"core.{direction}.cell.weight_ih"
        for symbol in symbols[:-1]:
            there = start.vocabulary.symbols.index(symbol) + 1
            assert torch.equal(now[name][:, symbols.index(symbol) + 1], old[name][:, there])
        assert torch.equal(now[name][:, 0], old[name][:, 0]), "the unknown symbol is one too"
        assert torch.equal(now[name][:, len(symbols)], fresh[name][:, len(symbols)])
        hidden = f"core.{direction}.cell.weight_hh"
        assert torch.equal(now[hidden], old[hidden])
    # The readout as it was before the temperature and the n-grams' share were folded in.
    divisor = start.temperature / (1 - start.ngram_share)
    row = start.labels.index("Hissing")
    torch.testing.assert_close(
        now["readout.linear.weight"][1], old["readout.linear.weight"][row] * divisor
    )
    assert torch.equal(now["readout.linear.weight"][0], fresh["readout.linear.weight"][0])


def test_with_the_same_symbols_and_labels_all_is_taken_over(folder):
    start = charnn.train_generator(folder, ngrams=0, **SMALL)
    network, _ = network_of(start.config, start.vocabulary.symbols, start.labels)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        take_over(network, start.config, start.vocabulary, start.labels, start)
    for name, weight in network.state_dict().items():
        assert np.array_equal(weight.numpy(), start.engine.arrays()[name]), name


def test_a_generators_columns_for_labels_go_by_label(folder):
    start = charnn.train_generator(folder, embedding=4, **SMALL)
    labels = [*reversed(start.labels)]
    network, _ = network_of(start.config, start.vocabulary.symbols, labels)
    take_over(network, start.config, start.vocabulary, labels, start)
    name = "core.cores.0.cell.weight_ih"
    now, old = network.state_dict()[name].numpy(), start.engine.arrays()[name]
    assert np.array_equal(now[:, :4], old[:, :4])
    assert np.array_equal(now[:, 4:], old[:, 4:][:, ::-1])


def test_torchs_cells_have_the_same_weights_under_other_names(folder):
    start = charnn.train_classifier(folder, cell="torch-lstm", **SMALL)
    names = {plain(name) for name in start.engine.arrays()}
    network, _ = network_of(
        charnn.configure(cell="lstm", hidden=6), start.vocabulary.symbols, "abc"
    )
    assert set(map(plain, network.state_dict())) == names


def test_nothing_that_fits_is_an_error(folder, model):
    with pytest.raises(charnn.CharnnError, match="no weights of the model fit: it has --cell gru"):
        charnn.train_classifier(folder, start=charnn.load(model), cell="lstm", **SMALL)


def test_the_command_starts_where_a_model_ended(folder, other, model, tmp_path):
    quick = ("--epochs", 1, "--batch-size", 16, "--device", "cpu")
    same = call("charnn.train", "--data", folder, "--out", tmp_path / "a", "--from", model, *quick)
    assert same.returncode == 0, same
    assert "freshly initialised" not in same.stderr
    loss = float(re.search(r"epoch   1: loss (\S+)", same.stderr)[1])
    fresh = call("charnn.train", "--data", folder, "--out", tmp_path / "b", "--hidden", 16, *quick)
    assert loss < float(re.search(r"epoch   1: loss (\S+)", fresh.stderr)[1]) / 2
    assert charnn.load(tmp_path / "a" / "model.safetensors").config.hidden == 16, "as the model's"

    moved = call("charnn.train", "--data", other, "--out", tmp_path / "c", "--from", model, *quick)
    assert moved.returncode == 0, moved
    assert "labels Buzzing" in moved.stderr
    assert "'b'" in moved.stderr


def test_a_preset_is_one_for_what_the_model_reads(reviews, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    charnn.train_classifier(reviews, tokens="words", **SMALL).save(tmp_path / "m.safetensors")
    start = ("--from", tmp_path / "m.safetensors", "--hidden", SMALL["hidden"], "--epochs", 1)
    again = call("charnn.train", "--data", reviews, *start, "--preset", "standard")
    assert again.returncode == 0, again
    made = re.search(r"^(\S+model\.safetensors) ", again.stdout, re.MULTILINE)[1]
    assert charnn.load(made).config.tokens == "words"
    reads = ("--preset", "standard", "--tokens", "letters")
    letters = call("charnn.train", "--data", folder, *start, *reads)
    assert "reads words, not letters; give --tokens words" in error_of(letters)


def test_a_model_that_does_not_exist_is_one_line(folder, tmp_path):
    result = call("charnn.train", "--data", folder, "--from", "none", "--out", tmp_path / "out")
    assert "none does not exist" in error_of(result)
    assert not (tmp_path / "out").exists()
