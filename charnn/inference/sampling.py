"""The next letter from the network's log-probabilities: temperature, top-k, nucleus.

Knows nothing of text or networks. B rows, V symbols.
"""

import torch
from torch import Tensor


def narrow(log_probs: Tensor, temperature: float = 1.0, top_k: int | None = None, top_p: float | None = None) -> Tensor:
    """Log-probabilities (B, V) to draw from, up to a constant; -inf for what is left out.

    `temperature` divides them first: below 1 the probable becomes more so, 0 leaves only the most probable (the first
    of equals). Then `top_k` keeps the k most probable, and `top_p` the fewest that together have at least that
    probability: Fan et al. (2018), Holtzman et al. (2020), "The curious case of neural text degeneration".
    """
    if temperature == 0:
        best = log_probs.argmax(1, keepdim=True)
        return torch.full_like(log_probs, -torch.inf).scatter(1, best, 0.0)
    logits = log_probs if temperature == 1 else log_probs / temperature
    if top_k is None and top_p is None:
        return logits
    ordered, order = logits.sort(dim=1, descending=True, stable=True)
    if top_k is not None:
        ordered[:, top_k:] = -torch.inf
    if top_p is not None:
        probabilities = ordered.softmax(1)
        before = probabilities.cumsum(1) - probabilities  # what the more probable ones have together
        before[:, 0] = 0.0                                # the most probable one always stays
        ordered[before >= top_p] = -torch.inf
    return torch.full_like(logits, -torch.inf).scatter(1, order, ordered)


def draw(logits: Tensor, generator: torch.Generator) -> Tensor:
    """One symbol of each row: logits (B, V) -> ids (B,), each as often as its softmax says.

    The largest of the logits with Gumbel noise: Gumbel (1954); Maddison et al. (2014).
    """
    exponential = torch.empty_like(logits).exponential_(generator=generator)
    return (logits - exponential.log()).argmax(1)
