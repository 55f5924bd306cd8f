"""Initialisation: each kind against what its formula says, gate by gate, in our cells and in torch's."""

import math

import pytest
import torch
from helpers import core_of

from charnn.config import CELLS, INITS
from charnn.init import ONE_HOT_STD, initialise
from charnn.model import Unrolled, build_classifier
from charnn.presets import configure

INPUTS, H = 18, 6


def drawn(cell, kind, forget_bias=0.0, one_hot=0, inputs=INPUTS, hidden=H):
    """A core's weights by name, without the path to them and torch's layer number."""
    torch.manual_seed(0)
    core = core_of(cell, inputs, hidden)
    initialise(core, kind, forget_bias, one_hot)
    return {
        name.split(".")[-1].removesuffix("_l0"): parameter.detach()
        for name, parameter in core.named_parameters()
    }


def gates(matrix, hidden=H):
    """The matrix (G*H, I) of a layer as that of each gate, (H, I)."""
    return matrix.split(hidden)


@pytest.mark.parametrize("cell", CELLS)
def test_xavier_is_uniform_within_its_bound(cell):
    weights = drawn(
        cell, "xavier"
    )  # by hand: sqrt(6 / (18 + 6)) = 0.5 for the input, sqrt(6 / 12) for the past
    for name, bound in (("weight_ih", 0.5), ("weight_hh", math.sqrt(0.5))):
        assert weights[name].abs().max() <= bound
        assert weights[name].abs().max() > 0.9 * bound
    assert not weights["bias_ih"].any()
    assert not weights["bias_hh"].any()


@pytest.mark.parametrize("cell", CELLS)
def test_he_has_the_deviation_that_a_relu_needs(cell):
    weights = drawn(
        cell, "he", inputs=200, hidden=50
    )  # by hand: sqrt(2 / 200) = 0.1 and sqrt(2 / 50) = 0.2
    for name, deviation in (("weight_ih", 0.1), ("weight_hh", 0.2)):
        assert weights[name].std().item() == pytest.approx(deviation, rel=0.05)
        assert abs(weights[name].mean().item()) < 0.05 * deviation + 3 * deviation / math.sqrt(
            weights[name].numel()
        )
    assert not weights["bias_ih"].any()


@pytest.mark.parametrize("cell", CELLS)
def test_orthogonal_keeps_every_length(cell):
    weights = drawn(cell, "orthogonal")
    for gate in gates(weights["weight_hh"]):
        torch.testing.assert_close(gate @ gate.T, torch.eye(H), rtol=0, atol=1e-5)
        vector = torch.randn(H)
        torch.testing.assert_close((gate @ vector).norm(), vector.norm())
    for gate in gates(weights["weight_ih"]):  # (6, 18): its rows are orthonormal
        torch.testing.assert_close(gate @ gate.T, torch.eye(H), rtol=0, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_identity_repeats_the_hidden_state(cell):
    weights = drawn(cell, "identity")
    assert all(torch.equal(gate, torch.eye(H)) for gate in gates(weights["weight_hh"]))
    assert torch.equal(
        weights["weight_ih"], drawn(cell, "uniform")["weight_ih"]
    )  # an input is not the past
    assert not weights["bias_hh"].any()


def test_an_identity_rnn_with_relu_adds_up_by_hand():
    """h' = relu(x + h): nothing is lost on the way, and the gradient of a sum is 1 at every step."""
    core = core_of("rnn", 2, 2, nonlinearity="relu")
    initialise(core, "identity", 0.0)
    with torch.no_grad():
        core.cell.weight_ih.copy_(torch.eye(2))
    x = torch.tensor([[[1.0, 0.0], [2.0, 3.0], [-0.5, 0.0]]], requires_grad=True)  # (1, 3, 2)
    hidden, _ = core(x)
    assert hidden[0].tolist() == [[1.0, 0.0], [3.0, 3.0], [2.5, 3.0]]
    hidden[0, -1].sum().backward()
    assert x.grad[0, 0, 0].item() == 1.0
    assert x.grad[0, 1].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("cell", CELLS)
def test_uniform_is_what_the_cell_has_drawn(cell):
    torch.manual_seed(0)
    fresh = core_of(cell, INPUTS, H)
    for ours, theirs in zip(drawn(cell, "uniform").values(), fresh.parameters(), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize("kind", INITS)
@pytest.mark.parametrize("cell", CELLS)
def test_letters_are_read_aloud_whatever_the_kind(cell, kind):
    weights = drawn(cell, kind, one_hot=100, inputs=100, hidden=32)
    assert weights["weight_ih"].std().item() == pytest.approx(ONE_HOT_STD, rel=0.05)


@pytest.mark.parametrize("kind", INITS)
def test_a_label_beside_an_embedding_is_read_aloud_too(kind):
    letters, numbers = drawn("gru", kind, one_hot=30, inputs=50, hidden=32)["weight_ih"].split(
        [20, 30], dim=1
    )[::-1]
    assert letters.std().item() == pytest.approx(ONE_HOT_STD, rel=0.1)
    assert numbers.std().item() < 0.8 * ONE_HOT_STD
    if kind == "orthogonal":
        torch.testing.assert_close(numbers[:32].T @ numbers[:32], torch.eye(20), rtol=0, atol=1e-5)


@pytest.mark.parametrize("cell", ["lstm", "lstm-peephole", "torch-lstm"])
def test_the_options_reach_every_layer_and_direction_of_a_network(cell):
    torch.manual_seed(0)
    network = build_classifier(
        configure(cell=cell, hidden=8, layers=2, init="orthogonal", forget_bias=2.0), 20, 3
    )
    weights = dict(network.core.named_parameters())
    matrices = [tensor for name, tensor in weights.items() if "weight_hh" in name]
    biases = [tensor for name, tensor in weights.items() if "bias_ih" in name]
    assert len(matrices) == len(biases) == 4
    for gate in (gate for matrix in matrices for gate in matrix.split(8)):
        torch.testing.assert_close(gate @ gate.T, torch.eye(8), rtol=0, atol=1e-5)
    for bias in biases:
        assert bias.tolist() == [0.0] * 8 + [2.0] * 8 + [0.0] * 16
    upper = [
        tensor for name, tensor in weights.items() if "cores.1" in name and "weight_ih" in name
    ]
    assert len(upper) == 2
    for gate in (gate for matrix in upper for gate in matrix.split(8)):  # (8, 16)
        torch.testing.assert_close(gate @ gate.T, torch.eye(8), rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", INITS)
def test_peepholes_stay_as_the_cell_drew_them(kind):
    torch.manual_seed(0)
    assert torch.equal(
        drawn("lstm-peephole", kind)["weight_ch"], drawn("lstm-peephole", "uniform")["weight_ch"]
    )


@pytest.mark.parametrize("kind", ["uniform", "orthogonal"])
@pytest.mark.parametrize("cell", [cell for cell in CELLS if "lstm" in cell])
def test_the_forget_bias_is_added_to_the_forget_gate_alone(cell, kind):
    without, with_ = drawn(cell, kind), drawn(cell, kind, forget_bias=1.5)
    added = with_["bias_ih"] - without["bias_ih"]
    torch.testing.assert_close(
        added, torch.tensor([0.0] * H + [1.5] * H + [0.0] * 2 * H)
    )  # gates i, f, g, o
    assert all(torch.equal(with_[name], without[name]) for name in without if name != "bias_ih")


def test_a_forget_bias_keeps_the_cell_state_by_hand():
    """All weights 0 but the forget bias 2: c' = sigmoid(2) * c, so after 10 steps sigmoid(2)^10 of it is left."""
    core = core_of("lstm", 3, 4)
    with torch.no_grad():
        for parameter in core.parameters():
            parameter.zero_()
    initialise(core, "uniform", 2.0)
    _, (_, c) = core(torch.zeros(1, 10, 3), (torch.zeros(1, 4), torch.ones(1, 4)))
    torch.testing.assert_close(c, torch.full((1, 4), (1 / (1 + math.exp(-2))) ** 10))


@pytest.mark.parametrize("cell", [cell for cell in CELLS if not cell.startswith("torch-")])
def test_weights_on_meta_are_left_alone(cell):
    with torch.device("meta"):
        core = core_of(cell, INPUTS, H)
        initialise(core, "orthogonal", 0.0, INPUTS)
    assert isinstance(core, Unrolled)
    assert all(parameter.is_meta for parameter in core.parameters())
