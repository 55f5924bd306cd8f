"""The next symbol from a generator's log-probabilities: temperature, top-k, nucleus (top-p).

Knows nothing of text or networks. B rows, V symbols.
"""

from typing import NamedTuple

import numpy as np

from charnn import checks
from charnn.errors import CharnnError
from charnn.wording import quoted

COLDEST = 1e-30  # a lower temperature is as 0: divided by it, log-probabilities overflow
TINY = np.finfo(np.float32).tiny  # in place of 0, of which there is no logarithm


class Noise:
    """Random numbers from a seed, whatever computes the log-probabilities; unseeded if None."""

    def __init__(self, seed: int | None):
        self.generator = np.random.default_rng(seed)

    def exponential(self, shape: tuple[int, ...]) -> np.ndarray:
        """Exponentially distributed float32 numbers with mean 1, none of them 0."""
        return np.maximum(self.generator.standard_exponential(shape), TINY).astype(np.float32)

    def choice(self, shares: np.ndarray, count: int) -> np.ndarray:
        """Indices (count,) of shares (L,), each drawn in proportion to its share."""
        return self.generator.choice(len(shares), count, p=shares / shares.sum())


class Options(NamedTuple):
    """How letters are drawn, and how many, after all checks."""

    temperature: float
    top_k: int | None
    top_p: float | None
    length: int | None
    seed: int | None


class Sampler(NamedTuple):
    """How the next symbol is chosen, and the random numbers for it."""

    temperature: float
    top_k: int | None
    top_p: float | None
    noise: Noise

    def choose(self, log_probs: np.ndarray) -> np.ndarray:
        """The next symbol of each row: log-probabilities (B, V) -> ids (B,)."""
        return draw(narrow(log_probs, self.temperature, self.top_k, self.top_p), self.noise)


def check_options(
    temperature: float,
    top_k: int | None = None,
    top_p: float | None = None,
    length: int | None = None,
    seed: int | None = None,
) -> Options:
    """The options as Python's own numbers.

    Raises CharnnError for an option of a wrong kind or out of range, and for one that has no effect
    beside another.
    """
    for name, value, fits, remedy in (
        ("temperature", temperature, lambda x: 0 <= x <= 100, "choose from 0 to 100"),
        ("top-k", top_k, lambda x: x >= 1, "choose 1 or more"),
        ("top-p", top_p, lambda x: 0 < x <= 1, "choose above 0 and up to 1"),
        ("length", length, lambda x: x >= 1, "choose 1 or more"),
        ("seed", seed, lambda x: 0 <= x < 2**63, f"choose from 0 to {2**63 - 1}"),
    ):
        plain = checks.plain(value)
        if isinstance(plain, int | float) and not fits(plain):
            raise CharnnError(f"{name} {quoted(plain)} is out of range; {remedy}")
    options = Options(
        checks.number("temperature", temperature),
        None if top_k is None else checks.whole("top-k", top_k),
        None if top_p is None else checks.number("top-p", top_p),
        None if length is None else checks.whole("length", length),
        None if seed is None else checks.whole("seed", seed),
    )
    if options.temperature == 0 and not (options.top_k is None and options.top_p is None):
        raise CharnnError("temperature 0 takes the most probable letter; leave top-k and top-p out")
    return options


def narrow(
    log_probs: np.ndarray,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> np.ndarray:
    """Logits (B, V) to draw from; -inf for what is left out.

    `temperature` divides the log-probabilities first: below 1 sharpens the distribution, 0
    leaves only the most probable (the first of equals). Then `top_k` keeps the k most probable, and
    `top_p` the fewest that together have at least that probability: Fan et al. (2018), Holtzman et
    al. (2020), "The curious case of neural text degeneration".
    """
    if temperature < COLDEST:
        best = log_probs.argmax(1)[:, None]  # (B, 1)
        logits = np.full_like(log_probs, -np.inf)
        np.put_along_axis(logits, best, 0.0, axis=1)
        return logits
    logits = log_probs if temperature == 1 else log_probs / temperature
    if top_k is None and top_p is None:
        return logits
    order = np.argsort(-logits, axis=1, kind="stable")  # (B, V), the most probable first
    ordered = np.take_along_axis(logits, order, axis=1)
    if top_k is not None:
        ordered[:, top_k:] = -np.inf
    if top_p is not None:
        probabilities = softmax(ordered)
        # A symbol stays while the more probable ones together have less than top_p.
        before = probabilities.cumsum(1) - probabilities
        left_out = before >= top_p
        left_out[:, 0] = False  # the most probable one always stays
        ordered[left_out] = -np.inf
    narrowed = np.full_like(logits, -np.inf)
    np.put_along_axis(narrowed, order, ordered, axis=1)
    return narrowed


def draw(logits: np.ndarray, noise: Noise) -> np.ndarray:
    """One symbol of each row, with the probabilities of its softmax: logits (B, V) -> ids (B,).

    The largest of the logits with Gumbel noise: Gumbel (1954); Maddison et al. (2014).
    """
    return (logits - np.log(noise.exponential(logits.shape))).argmax(1)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities of logits, both (B, V)."""
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)
