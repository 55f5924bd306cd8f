"""What through_time.py does alike for every cell: steps in both orders, products, masks.

In the equations ∂x is the gradient of the loss w.r.t. x, a what a gate's sigmoid or tanh is of,
U weight_hh, and m the mask of recurrent dropout, or of each step its own.

Axis letters: B batch, T time, H hidden, G gates of a cell.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

Steps = Iterator[tuple[Tensor, ...]]


def states_from(first: Tensor, steps: int) -> Tensor:
    """Room for the state (B, H) before each of T steps and after the last: (T + 1, B, H)."""
    states = first.new_empty(steps + 1, *first.shape)
    states[0] = first
    return states


def masked(h: Tensor, mask: Tensor | None) -> Tensor:
    """What the gates read of a hidden state (B, H), or of all (T, B, H)."""
    return h if mask is None else h * mask


def forwards(*sequences: Tensor) -> Steps:
    """What several sequences (T, ...) have at each step, from the first to the last."""
    return zip(*(sequence.unbind(0) for sequence in sequences), strict=True)


def backwards(*sequences: Tensor) -> Steps:
    """The same from the last step to the first."""
    return zip(*(reversed(sequence.unbind(0)) for sequence in sequences), strict=True)


def through_gates(carried: Tensor, d_a: Tensor, weight_hh: Tensor, mask: Tensor | None) -> Tensor:
    """∂h (B, H) = carried + m * (∂a U), from ∂a (B, G*H)."""
    if mask is None:
        return plus_product(carried, d_a, weight_hh)
    return torch.addcmul(carried, product(d_a, weight_hh), mask)


def of_weight(d_a: Tensor, hidden: Tensor, mask: Tensor | None, weight_hh: Tensor) -> Tensor:
    """∂U (G*H, H), from ∂a (T, B, G*H) and the hidden states (T, B, H) before each step."""
    read = masked(hidden, mask).flatten(0, 1).to(weight_hh.dtype)  # (T*B, H)
    return product(d_a.flatten(0, 1).t(), read)


def product(x: Tensor, weight: Tensor) -> Tensor:
    """x W, both as numbers of the weight's type: that may be a shorter one."""
    return x.to(weight.dtype) @ weight


def plus_product(total: Tensor, x: Tensor, weight: Tensor, out: Tensor | None = None) -> Tensor:
    """total + x W, the product as above and the sum as numbers of the total's type."""
    if total.dtype == weight.dtype:
        return torch.addmm(total, x, weight, out=out)
    return torch.add(total, product(x, weight), out=out)


def each(mask: Tensor | None, steps: int) -> tuple[Tensor | None, ...]:
    """The mask of each of T steps: of (T, B, H) one of its own, of (B, H) or none the same."""
    return mask.unbind(0) if mask is not None and mask.dim() == 3 else (mask,) * steps


def arriving(d_hidden: Tensor) -> Iterator[Tensor]:
    """∂hidden_(t-1) (B, H) of each step from the last: none arrives before the first step."""
    yield from reversed(d_hidden[:-1].unbind(0))
    yield torch.zeros_like(d_hidden[0])
