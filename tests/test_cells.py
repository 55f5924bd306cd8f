"""The hand-built cells against torch's: same weights, same numbers, same gradients."""

import pytest
import torch
from torch import nn

from charnn.cells import GRUCell, LSTMCell, RNNCell
from charnn.data import one_hot

PAIRS = [(RNNCell, nn.RNNCell), (LSTMCell, nn.LSTMCell), (GRUCell, nn.GRUCell)]
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
    for (name, left), (_, right) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        torch.testing.assert_close(left.grad, right.grad, **TOLERANCE[dtype],
                                   msg=lambda text, name=name: f"{name}: {text}")


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
