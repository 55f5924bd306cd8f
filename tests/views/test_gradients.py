"""Gradients back in time: by paper, and by another way through autograd."""

import math
from importlib import import_module

import numpy as np
import pytest
import torch
from helpers import call, error_of
from torch.nn import functional as F

import charnn
from charnn import views
from charnn.config import CELLS, Config
from charnn.model import GeneratorNetwork, build_classifier, build_generator
from charnn.presets import configure
from charnn.variants import variants
from charnn.views.fresh_networks import random_letters
from charnn.views.gradients import Gradients, at_last_step, fresh_gradients, state_gradients

MODULE = import_module("charnn.views.gradients")  # views.gradients is the function
PLAIN = {
    "task": "generate",
    "bidirectional": False,
    "readout": "every",
    "dropout": 0.0,
    "ngrams": 0,
}


def states_of(state):
    """The parts of a state: h, or h and c."""
    return state if isinstance(state, tuple) else (state,)


# ---------------------------------------------------------------- the numbers


def test_a_gradient_of_two_steps_by_paper():
    """One unit, two symbols, h = tanh(u x + w h), logits a h and -a h: the chain rule by hand."""
    u, w, a, (first, second) = (0.3, -0.8), 1.7, 0.9, (0, 1)
    network = build_generator(Config(cell="rnn", hidden=1, **PLAIN), 2)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
        network.core.cell.weight_ih.copy_(torch.tensor([u]))
        network.core.cell.weight_hh.fill_(w)
        network.readout.linear.weight.copy_(torch.tensor([[a], [-a]]))
    ids, targets = torch.tensor([[first, second]]), torch.tensor([0])
    (found,) = state_gradients(at_last_step(network), ids, targets)

    h1 = math.tanh(u[first])
    h2 = math.tanh(u[second] + w * h1)
    p = math.exp(a * h2) / (math.exp(a * h2) + math.exp(-a * h2))  # of the target, symbol 0
    by_h2 = -2 * a * (1 - p)  # d -ln p / d h2, since the logits are a h and -a h
    by_h1 = by_h2 * (1 - h2**2) * w
    assert found.hidden == pytest.approx(np.abs([[by_h2, by_h1]]))
    assert found.cell is None
    # What each step's sum, and so its biases, get.
    by_sum2, by_sum1 = by_h2 * (1 - h2**2), by_h1 * (1 - h1**2)
    by_w, by_logit = by_sum2 * h1, 1 - p
    by_bias = by_sum1 + by_sum2
    weights = [by_sum1, by_sum2, by_w, by_bias, by_bias]  # u[0], u[1], w and both biases
    weights += [by_logit * h2, by_logit * h2, by_logit, by_logit]  # the readout's
    assert found.weights == pytest.approx([math.hypot(*weights)])


@pytest.mark.parametrize("cell", CELLS)
def test_gradients_are_those_of_the_core_started_from_that_state(cell):
    torch.manual_seed(1)
    network = build_generator(Config(cell=cell, hidden=4, **PLAIN), 6).double()
    ids, targets = torch.randint(6, (5, 7)), torch.randint(6, (5,))
    (found,) = state_gradients(at_last_step(network), ids, targets)
    assert found.hidden.shape == (1, 7)
    assert (found.cell is not None) == ("lstm" in cell)

    def norm(gradient):
        # Of 5 sequences the median is one of them.
        return gradient.flatten(1).norm(dim=1).median().item()

    for back in range(1, 7):
        _, state = network.core(ids[:, : 7 - back])
        leaves = [part.detach().requires_grad_() for part in states_of(state)]
        start = tuple(leaves) if isinstance(state, tuple) else leaves[0]
        hidden, _ = network.core(ids[:, 7 - back :], start)
        log_probs = network.readout(hidden[:, -1:])[:, 0]
        loss = F.nll_loss(log_probs, targets, reduction="sum")
        gradients = torch.autograd.grad(loss, leaves)
        assert found.hidden[0, back] == pytest.approx(norm(gradients[0]))
        if found.cell is not None:  # h = o tanh(c) passes c on too
            (h, c), (by_h, by_c) = leaves, gradients
            through_h = by_h * h / c.tanh() * (1 - c.tanh() ** 2)
            assert found.cell[0, back] == pytest.approx(norm(by_c + through_h))


@pytest.mark.parametrize("readout", ["last", "pooled"])
def test_the_norm_of_all_weights_is_what_clipping_gets(readout):
    torch.manual_seed(2)
    config = configure(hidden=4, readout=readout, layers=2, embedding=3)
    network = build_classifier(config, 6, 3).double().eval()
    ids, targets = torch.randint(6, (5, 7)), torch.randint(3, (5,))
    below, top = state_gradients(at_last_step(network), ids, targets)
    hidden, _ = network.core(network.embedding(ids))
    last = hidden[:, -1:]
    log_probs = network.readout(last, torch.ones(5, dtype=torch.int64))
    F.nll_loss(log_probs, targets).backward()
    norm = torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0).item()
    assert below.weights == top.weights == pytest.approx([norm])


def test_at_distance_0_a_gradient_is_that_of_the_readout(generator):
    random = torch.Generator().manual_seed(0)
    ids, labels = random_letters(generator, 5, 6, random)
    targets = torch.randint(len(generator.vocabulary), (5,), generator=random)
    network = generator.network
    _, top = state_gradients(at_last_step(network), ids, targets, labels)
    log_probs, _ = network(ids, labels)
    weights = network.readout.linear.weight  # (V, H)
    by_logits = log_probs[:, -1].exp() - F.one_hot(targets, weights.shape[0])  # (B, V)
    expected = (by_logits @ weights).norm(dim=1).median().item()
    assert top.hidden[0, 0] == pytest.approx(expected, rel=1e-4)
    assert isinstance(network, GeneratorNetwork)


def test_a_network_is_not_changed_by_being_measured(classifier):
    before = {name: value.clone() for name, value in classifier.network.state_dict().items()}
    expected = classifier.log_proba(["Rorara"])
    at_last_step(classifier.network)
    after = classifier.network.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert np.array_equal(classifier.log_proba(["Rorara"]), expected)


# ---------------------------------------------------------------- fresh networks


def test_large_weights_explode_and_clipping_tames_them():
    compared = variants(["rnn"], {"scale": 5.0}, hidden=16)
    vanishing, exploding = map(fresh_gradients, compared.values())
    assert (vanishing.hidden[:, 99] < 1e-9 * vanishing.hidden[:, 0]).all()
    assert np.median(exploding.hidden[:, 99] / exploding.hidden[:, 0]) > 100
    assert exploding.hidden.shape == (MODULE.SEEDS, MODULE.STEPS)
    (axes,) = views.gradients(compared, 1.0).axes
    (dotted,) = (line for line in axes.lines if line.get_linestyle() == ":")
    whole = next(
        line for line in axes.lines if line.get_linewidth() > 2 and line.get_linestyle() == "-"
    )
    kept = np.minimum(1, 1 / exploding.weights)[:, None]
    assert whole.get_ydata() == pytest.approx(np.median(exploding.hidden, axis=0))
    assert dotted.get_ydata() == pytest.approx(np.median(exploding.hidden * kept, axis=0))


def test_the_dashed_line_is_of_the_cell_state_and_the_band_of_all_networks():
    compared = variants(["lstm"], hidden=4)
    (fresh,) = map(fresh_gradients, compared.values())
    (axes,) = views.gradients(compared).axes
    whole, dashed = axes.lines
    assert whole.get_ydata() == pytest.approx(np.median(fresh.hidden, axis=0))
    assert dashed.get_ydata() == pytest.approx(np.median(fresh.cell, axis=0))
    corners = axes.collections[0].get_paths()[0].vertices[:, 1]
    expected = fresh.hidden.min(), fresh.hidden.max()
    assert (corners.min(), corners.max()) == pytest.approx(expected)


def test_a_forget_bias_keeps_the_gradient_of_the_cell_state():
    compared = variants(["lstm"], {"forget_bias": 3.0}, hidden=16)
    before, after = map(fresh_gradients, compared.values())
    assert (after.cell[:, 50] > 1000 * before.cell[:, 50]).all()


# ---------------------------------------------------------------- text and picture


def test_the_table_says_what_is_drawn(monkeypatch):
    values = np.full((3, 100), 0.5)
    found = Gradients(values, values / 10, np.array([4.0, 8.0, 6.0]))
    monkeypatch.setattr(MODULE, "fresh_gradients", lambda variant: found)
    lines = []
    views.gradients(variants(["lstm"]), clip=2.0, print_line=lines.append)
    assert "what clipping to 2 leaves" in " ".join(lines)
    header, hidden, cell = (line.split() for line in lines[-3:])
    assert header == ["1", "2", "5", "10", "20", "50", "99", "weights", "clipped"]
    assert hidden == ["lstm", *["5.0e-01"] * 7, "6", "2"]
    assert cell == ["cell", "state", *["5.0e-02"] * 7]


@pytest.fixture(scope="module")
def words(reviews):
    """A classifier of texts: torch's LSTM, in two layers, over embedded words."""
    options = {"tokens": "words", "ngrams": 0, "embedding": 4, "hidden": 4, "epochs": 1}
    return charnn.train_classifier(reviews, cell="torch-lstm", layers=2, device="cpu", **options)


@pytest.mark.parametrize(
    ("kind", "layers", "cell_states"),
    [("classifier", 1, False), ("generator", 2, False), ("words", 2, True)],
)
def test_every_kind_of_model_has_gradients(kind, layers, cell_states, request, monkeypatch):
    for name, value in (("SEEDS", 2), ("STEPS", 6), ("ROWS", 3), ("DISTANCES", (1, 5))):
        monkeypatch.setattr(MODULE, name, value)
    lines = []
    figure = views.gradients(request.getfixturevalue(kind), print_line=lines.append)
    (axes,) = figure.axes
    assert axes.get_yscale() == "log"
    assert "nats per unit" in axes.get_ylabel()
    names = [
        f"layer {layer}, {which}"
        for layer in range(1, layers + 1)
        for which in ("untrained", "trained")
    ]
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend[: 2 * layers] == names
    assert [line.split("  ")[0] for line in lines if line.startswith("layer")] == names
    assert sum("cell state" in line for line in lines) == (2 * layers if cell_states else 0)


# ---------------------------------------------------------------- from the command line


def test_the_command_prints_its_table(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(MODULE, "SEEDS", 1)
    monkeypatch.setattr(MODULE, "ROWS", 2)
    options = ("--cell", "rnn", "lstm", "--hidden", "3", "--forget-bias", "2")
    result = call("charnn.look", "gradients", *options)
    assert result.returncode == 0, result
    rows = [line for line in result.stdout.splitlines()[3:] if not line.startswith(" ")]
    assert [row.split("  ")[0] for row in rows] == ["rnn", "lstm", "lstm, forget bias 2"]
    assert (tmp_path / "runs" / "gradients-1" / "gradients.png").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--cell", "rnn", "gru", "--forget-bias", "1"),
            "--forget-bias 1.0 is for an LSTM's forget gate; leave it out with --cell rnn gru, or "
            "add lstm",
        ),
        (("--scale", "0"), "--scale 0.0 is out of range"),
        (("--scale", "nan"), "--scale nan is out of range"),
        (("--hidden", "0"), "--hidden 0 is out of range"),
        (("--clip", "0"), "--clip 0.0 is out of range"),
        (("--cell", "vanilla"), "invalid choice: 'vanilla'"),
        (("--batches", "3"), "unrecognized arguments: --batches 3"),
        (
            ("--model", "x", "--cell", "rnn", "--init", "he"),
            "--cell, --init would describe freshly initialised networks; leave that out",
        ),
        (("--model", "nowhere.safetensors"), "nowhere.safetensors does not exist"),
    ],
)
def test_what_cannot_be_compared_is_one_clear_line(arguments, message):
    assert message in error_of(call("charnn.look", "gradients", *arguments))
