"""Backpropagation through time, written out: a whole sequence of a cell, and its gradient.

Autograd differentiates the loop in cores.py by itself, but records each operation of each step for
that. Here the loop is one function that keeps the gates and states of all steps, and its gradient
is the chain rule by hand, from the last step to the first: the same but for rounding, and sooner.
Its loops run in inference mode, since nothing in them is to be recorded: what is kept or returned
is made before a loop, or copied after it.

In the equations ∂x is the gradient of the loss w.r.t. x, a gate's `a` is what its sigmoid or tanh
is of, U is weight_hh, m the mask of recurrent dropout, and h' = h_t is the state after h = h_(t-1).
Every hidden state affects the loss by itself, as what the core returns, and through the gates that
read it, and so, for all cells,

    ∂h = ∂hidden_(t-1) + m * (∂a U) + what else the cell carries over
    ∂U = sum over t of ∂aᵀ (m * h)

with the GRU's ∂q in place of ∂a, since its candidate scales what U gives.

Werbos (1990), "Backpropagation through time: what it does and how to do it".

Axis letters: B batch, T time, H hidden, G gates of a cell.
"""

from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from charnn.cells import Cell, GRUCell, LSTMCell, RNNCell, State
from charnn.multiplicative import MultiplicativeGRUCell
from charnn.through_steps import (
    arriving,
    backwards,
    each,
    forwards,
    masked,
    of_weight,
    plus_product,
    product,
    states_from,
    through_gates,
)

# f(∂y, y, grad_input=room) is ∂x, written into room, which may be ∂y itself:
# ∂y * y * (1 - y) where y = sigmoid(x), ∂y * (1 - y²) where y = tanh(x).
through_sigmoid = torch.ops.aten.sigmoid_backward.grad_input
through_tanh = torch.ops.aten.tanh_backward.grad_input
# f(∂y, y, 0, grad_input=room) where y = relu(x): ∂y where y > 0.
through_relu = torch.ops.aten.threshold_backward.grad_input


def is_written_out(cell: Cell) -> bool:
    """Whether this file has the gradient of a cell: of the four classes, not of subclasses.

    The plain cell's nonlinearity has to be torch.tanh or torch.relu.
    """
    if type(cell) is RNNCell:
        return cell.nonlinearity in (torch.tanh, torch.relu)
    return type(cell) in (LSTMCell, GRUCell, MultiplicativeGRUCell)


def through_time(
    cell: Cell,
    projected: Tensor,
    state: State,
    mask: Tensor | None,
    precision: torch.dtype | None = None,
) -> tuple[Tensor, State]:
    """All steps of a cell that `is_written_out`: projected (T, B, G*H), a state, a mask (B, H).

    Returns hidden (T, B, H) and the state after the last step, as cell.step does step by step.
    `projected` is overwritten: a cell that has gates keeps them there, since that is the largest
    tensor of all, and nothing else reads it. The gradient cannot be differentiated once more.

    `precision` is the type of the numbers that the recurrent products multiply, where it is not the
    weights' own: sums, states and gates keep theirs.
    """
    weight_hh = cell.weight_hh if precision is None else cell.weight_hh.to(precision)
    if isinstance(cell, LSTMCell):
        hidden, c = LSTMThroughTime.apply(projected, weight_hh, mask, *state)
        return hidden, (hidden[-1], c)
    if isinstance(cell, MultiplicativeGRUCell):
        # Of each step its own mask: s * m. A copy, since what it is beside is overwritten.
        s = projected[..., 3 * cell.hidden_size :].clone()  # (T, B, H)
        projected, mask = projected[..., : 3 * cell.hidden_size], masked(s, mask)  # (T, B, 3H)
    if isinstance(cell, GRUCell):
        hidden = GRUThroughTime.apply(projected, weight_hh, cell.bias_hh, mask, state)
    else:
        relu = cast(RNNCell, cell).nonlinearity is torch.relu
        hidden = RNNThroughTime.apply(projected, weight_hh, mask, state, relu)
    return hidden, hidden[-1]


# ---------------------------------------------------------------- the plain cell


class RNNThroughTime(Function):
    """h' = tanh(a) or relu(a), with a = p + U (m * h).

    ∂a = ∂h' * (1 - h'²) for tanh; for relu ∂h' where h' > 0, and 0 elsewhere
    """

    @staticmethod
    def forward(
        ctx: Any, projected: Tensor, weight_hh: Tensor, mask: Tensor | None, h: Tensor, relu: bool
    ) -> Tensor:
        """p (T, B, H), U (H, H), m (B, H), h (B, H) -> hidden (T, B, H)."""
        hidden = states_from(h, len(projected))
        with torch.inference_mode():
            for p, h, new_h in forwards(projected, hidden[:-1], hidden[1:]):
                plus_product(p, masked(h, mask), weight_hh.t(), out=new_h)
                new_h.relu_() if relu else new_h.tanh_()
        ctx.save_for_backward(hidden, weight_hh, mask)
        ctx.relu = relu
        return hidden[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_hidden: Tensor) -> tuple[Tensor | None, ...]:
        """∂hidden (T, B, H) -> ∂p, ∂U, none, ∂h, none."""
        hidden, weight_hh, mask = ctx.saved_tensors
        d_as = torch.empty_like(hidden[1:])
        d_h = d_hidden[-1]
        steps = backwards(hidden[1:], d_as)
        with torch.inference_mode():
            for (new_h, d_a), d_before in zip(steps, arriving(d_hidden), strict=True):
                if ctx.relu:
                    through_relu(d_h, new_h, 0, grad_input=d_a)
                else:
                    through_tanh(d_h, new_h, grad_input=d_a)
                d_h = through_gates(d_before, d_a, weight_hh, mask)
        return d_as, of_weight(d_as, hidden[:-1], mask, weight_hh), None, d_h.clone(), None


# ---------------------------------------------------------------- the LSTM


class LSTMThroughTime(Function):
    """i, f, o = sigmoid(a) and g = tanh(a), each of its own a = p + U (m * h).

        c' = f * c + i * g                    h' = o * tanh(c')

    h' depends on c', and c' is carried on, so ∂c' has two parts:

        ∂c' = what step t + 1 passes on + ∂h' * o * (1 - tanh²(c'))
        ∂i = ∂c' * g     ∂f = ∂c' * c     ∂g = ∂c' * i     ∂o = ∂h' * tanh(c')
        ∂a = ∂i * i * (1 - i), as for f and o;     ∂g * (1 - g²) for g
        ∂c = ∂c' * f
    """

    @staticmethod
    def forward(
        ctx: Any, projected: Tensor, weight_hh: Tensor, mask: Tensor | None, h: Tensor, c: Tensor
    ) -> tuple[Tensor, Tensor]:
        """p (T, B, 4H), U (4H, H), m, h and c (B, H) -> hidden (T, B, H) and the last c (B, H)."""
        hidden, cs = (states_from(state, len(projected)) for state in (h, c))
        gates = projected
        states = hidden[:-1], cs[:-1], hidden[1:], cs[1:]
        steps = forwards(gates, *gates.chunk(4, dim=2), *states)
        with torch.inference_mode():
            for a, i, f, g, o, h, c, new_h, new_c in steps:
                plus_product(a, masked(h, mask), weight_hh.t(), out=a)
                i.sigmoid_(), f.sigmoid_(), g.tanh_(), o.sigmoid_()
                torch.mul(f, c, out=new_c).addcmul_(i, g)
                torch.mul(o, new_c.tanh(), out=new_h)
        ctx.save_for_backward(gates, hidden, cs, weight_hh, mask)
        return hidden[1:], cs[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_hidden: Tensor, d_c: Tensor) -> tuple[Tensor | None, ...]:
        """∂hidden (T, B, H) and ∂ of the last c (B, H) -> ∂p, ∂U, none, ∂h, ∂c."""
        gates, hidden, cs, weight_hh, mask = ctx.saved_tensors
        d_as = torch.empty_like(gates)
        d_h, d_c = d_hidden[-1], d_c.clone()
        states = backwards(*gates.chunk(4, dim=2), cs[:-1], cs[1:])
        slopes = backwards(d_as, *d_as.chunk(4, dim=2))
        with torch.inference_mode():
            for (i, f, g, o, c, new_c), (d_a, d_i, d_f, d_g, d_o), d_before in zip(
                states, slopes, arriving(d_hidden), strict=True
            ):
                tanh_c = new_c.tanh()
                through_h = d_h * o
                d_c += through_tanh(through_h, tanh_c, grad_input=through_h)
                through_sigmoid(torch.mul(d_c, g, out=d_i), i, grad_input=d_i)
                through_sigmoid(torch.mul(d_c, c, out=d_f), f, grad_input=d_f)
                through_tanh(torch.mul(d_c, i, out=d_g), g, grad_input=d_g)
                through_sigmoid(torch.mul(d_h, tanh_c, out=d_o), o, grad_input=d_o)
                d_c *= f
                d_h = through_gates(d_before, d_a, weight_hh, mask)
        return d_as, of_weight(d_as, hidden[:-1], mask, weight_hh), None, d_h.clone(), d_c


# ---------------------------------------------------------------- the GRU


class GRUThroughTime(Function):
    """r, z = sigmoid(p + q), each its own, with q = U (m * h) + b_hh, and b_hh is not in p.

        n = tanh(p + r * q)                   h' = (1 - z) * n + z * h

    The candidate's q is scaled by r, so its gradient is another than that of its p:

        ∂n = ∂h' * (1 - z)                    ∂z = ∂h' * (h - n)
        ∂p = ∂n * (1 - n²) for n              ∂r = ∂p * q, both of n
        ∂q = ∂p * r for n;    for r and z ∂q = ∂p = ∂r * r * (1 - r), as for z
        ∂h = ... + ∂h' * z

    Where each step has its own mask, as in a multiplicative GRU, ∂m = (∂q U) * h.
    """

    @staticmethod
    def forward(
        ctx: Any,
        projected: Tensor,
        weight_hh: Tensor,
        bias_hh: Tensor,
        mask: Tensor | None,
        h: Tensor,
    ) -> Tensor:
        """p (T, B, 3H), U (3H, H), b_hh (3H,), m (B, H) or (T, B, H), h (B, H) -> hidden."""
        size = weight_hh.shape[1]
        hidden = states_from(h, len(projected))
        q, q_ns = torch.empty_like(projected[0]), torch.empty_like(hidden[1:])
        q_r_z, last_q_n = q.split([2 * size, size], dim=1)
        gates = projected
        parts = gates[..., : 2 * size], *gates.chunk(3, dim=2), q_ns
        steps, masks = forwards(*parts, hidden[:-1], hidden[1:]), each(mask, len(hidden) - 1)
        with torch.inference_mode():
            for (r_z, r, z, n, q_n, h, new_h), m in zip(steps, masks, strict=True):
                plus_product(bias_hh, masked(h, m), weight_hh.t(), out=q)
                r_z.add_(q_r_z).sigmoid_()
                n.addcmul_(r, q_n.copy_(last_q_n)).tanh_()
                torch.lerp(n, h, z, out=new_h)
        ctx.save_for_backward(gates, q_ns, hidden, weight_hh, mask)
        return hidden[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_hidden: Tensor) -> tuple[Tensor | None, ...]:
        """∂hidden (T, B, H) -> ∂p, ∂U, ∂b_hh, ∂m of masks (T, B, H), ∂h."""
        gates, q_ns, hidden, weight_hh, mask = ctx.saved_tensors
        size = weight_hh.shape[1]
        d_ps, d_qs = torch.empty_like(gates), torch.empty_like(gates, dtype=weight_hh.dtype)
        d_h, d_ms = d_hidden[-1], torch.empty_like(q_ns) if ctx.needs_input_grad[3] else None
        masks = zip(*(reversed(each(m, len(q_ns))) for m in (mask, d_ms)), strict=True)
        states = backwards(gates[..., : 2 * size], *gates.chunk(3, dim=2), q_ns, hidden[:-1])
        slopes = backwards(d_ps[..., : 2 * size], *d_ps.chunk(3, dim=2), d_qs)
        with torch.inference_mode():
            for (r_z, r, z, n, q_n, h), (d_r_z, d_r, d_z, d_n, d_q), d_before, (m, d_m) in zip(
                states, slopes, arriving(d_hidden), masks, strict=True
            ):
                carried = d_h * z
                through_tanh(torch.sub(d_h, carried, out=d_n), n, grad_input=d_n)
                torch.mul(d_n, q_n, out=d_r)
                torch.sub(h, n, out=d_z).mul_(d_h)
                through_sigmoid(d_r_z, r_z, grad_input=d_r_z)
                d_q[:, : 2 * size] = d_r_z
                torch.mul(d_n, r, out=d_q[:, 2 * size :])
                carried += d_before
                if d_m is None:
                    d_h = through_gates(carried, d_q, weight_hh, m)
                else:
                    d_read = product(d_q, weight_hh)
                    d_h = torch.addcmul(carried, d_read, m)
                    torch.mul(d_read, h, out=d_m)
        d_weight = of_weight(d_qs, hidden[:-1], mask, weight_hh)
        d_bias = d_qs.sum((0, 1), dtype=gates.dtype)
        return d_ps, d_weight, d_bias, d_ms, d_h.clone()
