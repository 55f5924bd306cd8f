"""The hand-built cells against torch's: same weights, same numbers, same gradients."""

from functools import partial
from math import exp, tanh

import pytest
import torch
from torch import nn

from charnn.cells import GRUCell, LSTMCell, PeepholeLSTMCell, RNNCell
from charnn.data import one_hot
from charnn.multiplicative import MultiplicativeGRUCell

PAIRS = [
    (RNNCell, nn.RNNCell),
    (LSTMCell, nn.LSTMCell),
    (GRUCell, nn.GRUCell),
    (partial(RNNCell, nonlinearity=torch.relu), partial(nn.RNNCell, nonlinearity="relu")),
]
TOLERANCE = {torch.float64: {"rtol": 1e-6, "atol": 1e-6}, torch.float32: {}}
B, V, H = 5, 7, 11


def pair(ours, theirs, dtype):
    """Our cell and torch's with the same weights: load_state_dict is all it takes."""
    torch.manual_seed(0)
    theirs = theirs(V, H, dtype=dtype)
    ours = ours(V, H).to(dtype)
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def hidden(state):
    return state[0] if isinstance(state, tuple) else state


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_cells_agree_with_torch_in_outputs_and_gradients(ours, theirs, dtype):
    ours, theirs = pair(ours, theirs, dtype)
    x = torch.randn(4, B, V, dtype=dtype)
    states = [None, None]
    for step in x:
        states = [cell(step, state) for cell, state in zip((ours, theirs), states, strict=True)]
        torch.testing.assert_close(states[0], states[1], **TOLERANCE[dtype])
    for state in states:
        (hidden(state) ** 2).sum().backward()
    for (name, left), (_, right) in zip(
        ours.named_parameters(), theirs.named_parameters(), strict=True
    ):
        torch.testing.assert_close(
            left.grad, right.grad, **TOLERANCE[dtype], msg=lambda text, name=name: f"{name}: {text}"
        )


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_an_id_is_its_one_hot_vector(ours, theirs):
    ours, _ = pair(ours, theirs, torch.float64)
    ids = torch.randint(0, V, (3, 20))
    gradients = []
    for x in (ids, one_hot(ids, V).double()):
        ours.zero_grad()
        ours.project(x).square().sum().backward()
        gradients.append([None if p.grad is None else p.grad.clone() for p in ours.parameters()])
    torch.testing.assert_close(ours.project(ids), ours.project(one_hot(ids, V).double()))
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_gates_are_what_step_computes(ours, theirs):
    ours, _ = pair(ours, theirs, torch.float64)
    projected = ours.project(torch.randn(B, V, dtype=torch.float64))
    state = ours.step(projected, ours.start(projected))
    gates, after = ours.gates(projected, state), ours.step(projected, state)
    assert all(gate.shape == (B, H) for gate in gates)
    if ours.gate_count == 4:
        c = gates.forget * state[1] + gates.input * gates.candidate
        expected = gates.output * torch.tanh(c)
    elif ours.gate_count == 3:
        expected = (1 - gates.update) * gates.candidate + gates.update * state
    else:
        expected = gates.candidate
    torch.testing.assert_close(ours.hidden(after), expected)


def test_the_plain_cell_by_hand():
    cell = RNNCell(1, 1)
    with torch.no_grad():
        for parameter, value in zip(cell.parameters(), (0.5, -1.0, 0.1, 0.2), strict=True):
            parameter.fill_(value)
    first = cell(torch.tensor([[2.0]]))
    second = cell(torch.tensor([[0.0]]), first)
    assert first.item() == pytest.approx(torch.tensor(0.5 * 2 + 0.1 + 0.2).tanh().item())
    assert second.item() == pytest.approx(torch.tensor(0.1 - first.item() + 0.2).tanh().item())


def sigmoid(x):
    return 1 / (1 + exp(-x))


def test_peepholes_by_hand():
    """Two steps of one unit in plain arithmetic: i and f see the old cell state, o the new one."""
    cell = PeepholeLSTMCell(1, 1).double()
    weights = {
        "weight_ih": [0.5, -0.3, 0.8, 0.2],
        "weight_hh": [0.1, 0.4, -0.6, 0.7],
        "bias_ih": [0.0, 1.0, 0.1, -0.2],
        "bias_hh": [0.2, 0.0, 0.0, 0.1],
        "weight_ch": [2.0, -1.5, 3.0],
    }
    cell.load_state_dict(
        {
            name: torch.tensor(values, dtype=torch.float64).view_as(getattr(cell, name))
            for name, values in weights.items()
        }
    )
    h = c = 0.0
    state = None
    for x in (1.0, -2.0):
        i, f, g, o = (
            w * x + u * h + b + b2 for w, u, b, b2 in zip(*list(weights.values())[:4], strict=True)
        )
        new = sigmoid(f - 1.5 * c) * c + sigmoid(i + 2.0 * c) * tanh(g)
        h, c = sigmoid(o + 3.0 * new) * tanh(new), new
        state = cell(torch.tensor([[x]]).double(), state)
        assert (state[0].item(), state[1].item()) == pytest.approx((h, c), abs=1e-12)


def test_without_peepholes_it_is_the_lstm():
    plain, peeping = LSTMCell(V, H), PeepholeLSTMCell(V, H)
    peeping.load_state_dict({**plain.state_dict(), "weight_ch": torch.zeros(3, H)})
    x = torch.randn(B, V)
    torch.testing.assert_close(peeping(x, peeping(x)), plain(x, plain(x)))


def test_the_gates_of_a_peephole_cell_are_what_the_step_computes():
    cell = PeepholeLSTMCell(V, H).double()
    projected = cell.project(torch.randn(B, V).double())
    state = cell.step(projected, cell.start(projected))
    gates, (h, c) = cell.gates(projected, state), cell.step(projected, state)
    torch.testing.assert_close(c, gates.forget * state[1] + gates.input * gates.candidate)
    torch.testing.assert_close(h, gates.output * c.tanh())
    h.sum().backward()
    assert cell.weight_ch.grad.abs().min() > 0  # all three are learned


def multiplicative():
    """A multiplicative cell whose letters do scale, in float64."""
    cell = MultiplicativeGRUCell(V, H)
    nn.init.normal_(cell.weight_sx)
    return cell.double()


def test_a_fresh_multiplicative_cell_is_the_gru():
    plain, fresh = GRUCell(V, H), MultiplicativeGRUCell(V, H)
    fresh.load_state_dict({**plain.state_dict(), "weight_sx": fresh.weight_sx})
    x = torch.randn(B, V)
    torch.testing.assert_close(fresh(x, fresh(x)), plain(x, plain(x)))


def test_each_letter_has_a_recurrent_matrix_of_its_own():
    """U diag(1 + S x) in place of U is the GRU's step for that letter."""
    cell, h = multiplicative(), torch.randn(1, H, dtype=torch.float64)
    for letter in range(V):
        scales = 1 + cell.weight_sx[:, letter]
        plain = GRUCell(V, H).double()
        weights = {name: value for name, value in cell.state_dict().items() if name != "weight_sx"}
        plain.load_state_dict({**weights, "weight_hh": cell.weight_hh * scales})
        ids = torch.tensor([letter])
        torch.testing.assert_close(cell(ids, h), plain(ids, h))


def test_a_letter_of_a_multiplicative_cell_is_its_one_hot_vector():
    cell, ids = multiplicative(), torch.randint(0, V, (3, 20))
    torch.testing.assert_close(cell.project(ids), cell.project(one_hot(ids, V).double()))


def test_the_gates_of_a_multiplicative_cell_are_what_the_step_computes():
    cell, h = multiplicative(), torch.randn(B, H, dtype=torch.float64)
    projected = cell.project(torch.randn(B, V, dtype=torch.float64))
    gates = cell.gates(projected, h)
    assert all(gate.shape == (B, H) for gate in gates)
    expected = (1 - gates.update) * gates.candidate + gates.update * h
    torch.testing.assert_close(cell.step(projected, h), expected)
