"""Backpropagation through time against the loop it replaces, finite differences and torch's modules."""

import pytest
import torch
from helpers import core_of, same_weights
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from charnn.cells import GRUCell, LSTMCell, PeepholeLSTMCell, RNNCell
from charnn.cores import STEPS, Dropout, Unrolled
from charnn.multiplicative import MultiplicativeGRUCell
from charnn.through_time import is_written_out

KINDS = {
    "rnn": RNNCell,
    "relu": lambda inputs, hidden: RNNCell(inputs, hidden, torch.relu),
    "lstm": LSTMCell,
    "gru": GRUCell,
    "gru-multiplicative": MultiplicativeGRUCell,
}
B, T, INPUTS, H = 3, 5, 4, 6


def pair(kind, dtype=torch.float64, dropout=0.0, inputs=INPUTS, hidden=H):
    """Two cores of the same weights: as it is, and one whose cell is a subclass, which keeps the loop."""
    torch.manual_seed(0)
    written, visible = (Unrolled(KINDS[kind](inputs, hidden).to(dtype), dropout) for _ in range(2))
    if kind == "gru-multiplicative":
        nn.init.normal_(written.cell.weight_sx)
    visible.load_state_dict(written.state_dict())
    visible.cell.__class__ = type("Subclass", (type(visible.cell),), {})
    return written, visible


def a_state(kind, rows, hidden=H, dtype=torch.float64):
    """A state from which a gradient is wanted."""
    h, c = torch.randn(2, rows, hidden, dtype=dtype)
    return (h.requires_grad_(), c.requires_grad_()) if kind == "lstm" else h.requires_grad_()


def parts(state):
    return state if isinstance(state, tuple) else (state,)


def gradients(core, x, state, weigh):
    """What a core returns, and the gradients of a loss that `weigh` makes of it w.r.t. all it read."""
    torch.manual_seed(1)  # the mask of recurrent dropout
    hidden, after = core(x, state)
    read = [x, *core.parameters(), *(parts(state) if state is not None else ())]
    slopes = torch.autograd.grad(weigh(hidden, after), read, materialize_grads=True)
    return [hidden, *parts(after)], slopes


def everything(hidden, after):
    """A loss of every hidden state, and of the state at the end, each with a factor of its own."""
    torch.manual_seed(2)
    return sum((part * torch.randn(part.shape)).sum() for part in (hidden, *parts(after)))


LOSSES = {
    "every step and the state": everything,
    "hidden states alone": lambda hidden, after: (hidden * torch.randn(hidden.shape)).sum(),
    "one gradient for all steps": lambda hidden, after: hidden.sum(),
    "last step": lambda hidden, after: hidden[:, -1].square().sum(),
    "state alone": lambda hidden, after: sum(part.square().sum() for part in parts(after)),
    "in another order": lambda hidden, after: (
        (hidden.permute(2, 1, 0) * torch.arange(B)).square().sum()
    ),
}


@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("kind", KINDS)
def test_values_are_the_loops_and_gradients_too(kind, loss, dropout):
    written, visible = pair(kind, dropout=dropout)
    x, state = torch.randn(B, T, INPUTS, dtype=torch.float64, requires_grad=True), a_state(kind, B)
    found = [gradients(core, x, state, LOSSES[loss]) for core in (written, visible)]
    torch.testing.assert_close(*found)


@given(
    kind=st.sampled_from(list(KINDS)),
    shape=st.tuples(*[st.integers(1, 7)] * 4),
    dropout=st.sampled_from([0.0, 0.3]),
    started=st.booleans(),
    dtype=st.sampled_from([torch.float32, torch.float64]),
)
def test_so_they_are_in_every_shape(kind, shape, dropout, started, dtype):
    rows, steps, inputs, hidden = shape
    written, visible = pair(kind, dtype, dropout, inputs, hidden)
    x = torch.randn(rows, steps, inputs, dtype=dtype, requires_grad=True)
    state = a_state(kind, rows, hidden, dtype) if started else None
    found = [gradients(core, x, state, everything) for core in (written, visible)]
    torch.testing.assert_close(*found, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("steps", [1, 4])
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_those_of_finite_differences(kind, steps, dropout):
    core, _ = pair(kind, dropout=dropout)
    x, state = (
        torch.randn(B, steps, INPUTS, dtype=torch.float64, requires_grad=True),
        a_state(kind, B),
    )
    names = [name for name, _ in core.named_parameters()]

    def outputs(x, *rest):
        torch.manual_seed(3)
        weights, start = rest[: len(names)], rest[len(names) :]
        start = start if kind == "lstm" else start[0]
        hidden, after = torch.func.functional_call(
            core, dict(zip(names, weights, strict=True)), (x, start)
        )
        return hidden, *parts(after)

    weights = [weight.detach().requires_grad_() for weight in core.parameters()]
    assert torch.autograd.gradcheck(outputs, (x, *weights, *parts(state)))


@pytest.mark.parametrize(
    ("kind", "module"),
    [
        ("rnn", nn.RNN),
        ("relu", lambda *sizes, **options: nn.RNN(*sizes, nonlinearity="relu", **options)),
        ("lstm", nn.LSTM),
        ("gru", nn.GRU),
    ],
)
def test_torchs_modules_give_the_same(kind, module):
    core, _ = pair(kind)
    module = module(INPUTS, H, batch_first=True, dtype=torch.float64)
    same_weights(core, module, "0")
    x, state = torch.randn(B, T, INPUTS, dtype=torch.float64, requires_grad=True), a_state(kind, B)

    theirs, after = module(
        x, tuple(part[None] for part in state) if kind == "lstm" else state[None]
    )
    after = tuple(part[0] for part in after) if kind == "lstm" else after[0]
    read = [x, *module.parameters(), *parts(state)]
    expected = torch.autograd.grad(everything(theirs, after), read)

    values, found = gradients(core, x, state, everything)
    torch.testing.assert_close(values, [theirs, *parts(after)])
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize(("precision", "tolerance"), [(torch.float32, 1e-5), (torch.bfloat16, 0.1)])
@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("kind", KINDS)
def test_products_of_shorter_numbers_give_nearly_the_same(kind, dropout, precision, tolerance):
    core, _ = pair(kind, dropout=dropout)
    x, state = torch.randn(B, T, INPUTS, dtype=torch.float64, requires_grad=True), a_state(kind, B)
    expected = gradients(core, x, state, everything)
    core.precision = precision
    for found, exact in zip(gradients(core, x, state, everything), expected, strict=True):
        for ours, theirs in zip(found, exact, strict=True):
            assert ours.dtype == torch.float64
            assert (ours - theirs).norm() <= tolerance * theirs.norm()
            assert ours.equal(theirs) == (not theirs.any())


# ---------------------------------------------------------------- when it is used


def function_of(core):
    """The name of the operation that made a core's hidden states, before they are transposed."""
    hidden, _ = core(torch.randn(B, T, INPUTS, requires_grad=True))
    return hidden.grad_fn.next_functions[0][0].next_functions[0][0].name()


@pytest.mark.parametrize(
    ("kind", "function"),
    [
        ("rnn", "RNNThroughTimeBackward"),
        ("relu", "RNNThroughTimeBackward"),
        ("lstm", "LSTMThroughTimeBackward"),
        ("gru", "GRUThroughTimeBackward"),
        ("gru-multiplicative", "GRUThroughTimeBackward"),
    ],
)
def test_a_subclass_keeps_the_loop(kind, function):
    written, visible = pair(kind, torch.float32)
    assert is_written_out(written.cell)
    assert function_of(written) == function
    assert not is_written_out(visible.cell)
    assert "ThroughTime" not in function_of(visible)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_of_several_pieces_has_the_same_gradient(kind):
    written, visible = pair(kind)
    x = torch.randn(B, 2 * STEPS + 3, INPUTS, dtype=torch.float64, requires_grad=True)
    state = a_state(kind, B)
    values = [gradients(core, x, state, everything) for core in (written, visible)]
    torch.testing.assert_close(*values)


def test_other_cells_and_nonlinearities_keep_the_loop():
    assert not is_written_out(PeepholeLSTMCell(INPUTS, H))
    assert not is_written_out(RNNCell(INPUTS, H, torch.sigmoid))
    assert not is_written_out(RNNCell(INPUTS, H, torch.nn.functional.gelu))


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_gradient_every_step_is_the_cells_own(kind, monkeypatch):
    core, _ = pair(kind, torch.float32)
    step, steps = type(core.cell).step, []
    monkeypatch.setattr(
        type(core.cell), "step", lambda *arguments: steps.append(1) or step(*arguments)
    )
    x = torch.randn(B, T, INPUTS)
    with torch.no_grad():
        alone = core(x)[0]
    assert len(steps) == T
    torch.testing.assert_close(alone, core(x)[0])
    assert len(steps) == T


@pytest.mark.parametrize("kind", KINDS)
def test_frozen_weights_leave_the_others_gradients_as_they_are(kind):
    core, _ = pair(kind)
    x = torch.randn(B, T, INPUTS, dtype=torch.float64, requires_grad=True)
    core(x)[0].square().sum().backward()
    expected = [x.grad.clone(), core.cell.weight_ih.grad.clone()]
    x.grad = None
    core.zero_grad()
    core.cell.weight_hh.requires_grad_(False)
    core(x)[0].square().sum().backward()
    torch.testing.assert_close([x.grad, core.cell.weight_ih.grad], expected)
    assert core.cell.weight_hh.grad is None


# ---------------------------------------------------------------- what autograd may do with it


@pytest.mark.parametrize("kind", KINDS)
def test_a_graph_that_is_kept_gives_the_same_gradient_again(kind):
    core, _ = pair(kind)
    loss = core(torch.randn(B, T, INPUTS, dtype=torch.float64))[0].square().sum()
    weights = list(core.parameters())
    first = torch.autograd.grad(loss, weights, retain_graph=True)
    assert all(map(torch.equal, first, torch.autograd.grad(loss, weights)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_derivative_is_refused(kind):
    core, _ = pair(kind)
    x = torch.randn(B, T, INPUTS, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(core(x)[0].square().sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        slope.sum().backward()


@pytest.mark.parametrize("kind", KINDS)
def test_hidden_states_may_be_overwritten(kind):
    core, _ = pair(kind)
    x = torch.randn(B, T, INPUTS, dtype=torch.float64)
    weights = list(core.parameters())
    expected = torch.autograd.grad((2 * core(x)[0]).square().sum(), weights)
    hidden, _ = core(x)
    torch.testing.assert_close(
        torch.autograd.grad(hidden.mul_(2).square().sum(), weights), expected
    )


def test_the_mask_is_that_of_the_loop():
    core = core_of("gru", INPUTS, H, 0.5)
    torch.manual_seed(4)
    hidden = core(torch.zeros(B, T, INPUTS))[0]
    torch.manual_seed(4)
    mask = Dropout(0.5)(torch.ones(B, H))
    state = torch.zeros(B, H)
    for step in range(T):
        state = core.cell.step(core.cell.project(torch.zeros(B, INPUTS)), state, mask)
        torch.testing.assert_close(hidden[:, step], state)
