"""Beam search: the most probable texts of a generator, where sampling draws texts by chance.

Knows an engine and ids, nothing of letters. Axis letters: B hypotheses, L labels, T time,
V symbols. A text of several possible labels has the probability of their mixture: each hypothesis
has a row of the batch for each label.
"""

import math
from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from charnn import checks
from charnn.errors import CharnnError
from charnn.inference.engine import Stepper
from charnn.inference.trained import Trained, check_finite

BEAM = 5  # hypotheses, if nothing is said
NUMBERS = 1 << 24  # of one kind, such as states, that the hypotheses have at most; bounds memory
Texts = dict[tuple[int, ...], float]  # ids without the newlines, and their log-probability


class Probable(NamedTuple):
    """One of the most probable texts: what it is, and what `score` says of it."""

    text: str
    label: str | None
    log_probability: float  # natural, of all its letters, the prefix and a name's end included
    bits_per_char: float
    proven: bool  # that no text which was not found is more probable


class Searching(Trained):
    """A trained model whose most probable texts can be searched for."""

    @abstractmethod
    def most_probable(
        self,
        label: str | None = None,
        prefix: str = "",
        count: int | None = None,
        *,
        beam: int | None = None,
        length: int | None = None,
        novel: bool = False,
    ) -> list[Probable]:
        """The most probable texts that start with a prefix, the best first; nothing is drawn.

        Names are of a label, or of the mixture of all labels, of up to `length` letters (the
        longest that it was trained on); with `novel` none of the training data. They are found by
        beam search with more and more hypotheses, until no other name can be more probable; where
        memory ends before that, they are not `proven`. Running text has `length` characters (500):
        too many texts to prove anything, so it is searched with `beam` hypotheses, rounded up to a
        power of two, and a wider beam never finds a less probable best text.

        Gives `count` of them (as many as `beam`; 5 if neither is given).

        Raises CharnnError for an unknown label, a prefix with a letter outside the vocabulary, and
        values of a wrong kind or out of range.
        """


class Search(NamedTuple):
    """What is searched for."""

    engine: Stepper
    start: np.ndarray  # (1 + P,) the newline and the prefix
    labels: np.ndarray | None  # (L,) of the mixture, or of one
    log_shares: np.ndarray  # (L,) of the labels in it; a single 0 where there is one or none
    length: int  # characters at most, the prefix included
    sizes: np.ndarray  # (V,) characters of each symbol
    end: int | None  # the symbol that ends a text; without one, it ends at `length`
    wanted: int  # texts
    # Which of the texts (B, T) may be among them, bool (B,); all of them, if absent.
    allowed: Callable[[Iterable[np.ndarray]], np.ndarray] | None = None

    def best(self, texts: Texts) -> Texts:
        """The wanted ones of some texts, the most probable first."""
        return dict(sorted(texts.items(), key=lambda item: -item[1])[: self.wanted])

    def worst(self, texts: Texts) -> float:
        """What a text must exceed to be one of the best, beside those that are there."""
        return min(texts.values()) if len(texts) == self.wanted else -math.inf


class Found(NamedTuple):
    """The best texts, the most probable first."""

    texts: Texts
    proven: bool  # that no other text is more probable than the last of them

    def probable(
        self, write: Callable[[list[np.ndarray]], list[str]], label: str | None, ends: bool
    ) -> list[Probable]:
        """Each text as `write` makes it from ids; where it `ends` with a symbol, that counts."""
        texts = write([np.array(ids, dtype=np.int64) for ids in self.texts])
        return [
            Probable(text, label, nats, -nats / (len(text) + ends) / math.log(2.0), self.proven)
            for text, nats in zip(texts, self.texts.values(), strict=True)
        ]


def check_beam(count: int | None, beam: int | None, most: int) -> tuple[int, int]:
    """How many texts are wanted, and how many hypotheses are kept for them: the same if None.

    Raises CharnnError for values that are no whole numbers, or out of range.
    """
    if beam is None:
        beam = BEAM if count is None else count
    kept = checks.whole("beam", beam)
    wanted = kept if count is None else checks.whole("count", count)
    if not 1 <= kept <= most:
        raise CharnnError(f"beam {kept:,} is out of range; choose from 1 to {most:,}")
    if not 1 <= wanted <= kept:
        raise CharnnError(
            f"count {wanted:,} is out of range; a beam of {kept:,} finds from 1 to {kept:,} texts"
        )
    return wanted, kept


def widest(symbols: int, hidden: int, labels: int) -> int:
    """How many hypotheses fit into memory: a power of two, at least 1."""
    fit = NUMBERS // (max(symbols, 4 * hidden) * labels)
    return 1 << max(fit.bit_length() - 1, 0)


def widening(search: Search, most: int) -> Found:
    """The best texts of beams of 1, 2, 4, ... hypotheses, until they are proven or `most` is kept.

    A single beam can do worse than a narrower one: what is probable now crowds out what would have
    been. The best of all of them cannot.
    """
    width, found = 1, of_width(search, 1, {})
    while width < most and not found.proven:
        width *= 2
        found = of_width(search, width, found.texts)
    return found


def of_width(search: Search, width: int, ended: Texts) -> Found:
    """Beam search with `width` hypotheses: of all their continuations the best are kept.

    Texts compete with those that have `ended` by their log-probabilities. A longer text is never
    more probable than its beginning: hypotheses below the worst of those wanted are given up.
    """
    engine, ways = search.engine, len(search.log_shares)
    ids = np.tile(search.start, (ways, 1))  # (B * L, 1 + P); B = 1
    so_far = search.log_shares[None]  # (B, L): log P(label), then with that of the letters
    written = search.start[None, 1:]  # (B, T)
    used = search.sizes[written].sum(1)  # (B,) characters
    missed, state = -math.inf, None  # the best that was left out: its log-probability
    while len(written):
        labels = None if search.labels is None else np.tile(search.labels, len(written))
        log_probs, state = engine.step(ids, labels, state)
        if ids.shape[1] == len(search.start) > 1:
            so_far = so_far + of_prefix(log_probs, search.start)
        last = check_finite(log_probs[:, -1]).astype(np.float64)
        after = so_far[:, :, None] + last.reshape(*so_far.shape, -1)  # (B, L, V)
        scores = np.logaddexp.reduce(after, axis=1)  # (B, V)
        if search.end is not None:
            if written.shape[1]:  # a name has at least one letter
                ended = with_ended(search, ended, written, scores[:, search.end])
            scores[:, search.end] = -np.inf
        scores[:, 0] = -np.inf  # the unknown symbol is never generated
        sizes = used[:, None] + search.sizes  # (B, V)
        scores[sizes > search.length] = -np.inf
        flat = scores.ravel()
        order = largest(flat, width + 1)
        order = order[flat[order] > search.worst(ended)]
        missed = max(missed, *flat[order[width:]].tolist(), -math.inf)
        rows, symbols = np.divmod(order[:width], scores.shape[1])  # (B,) each
        written = np.concatenate([written[rows], symbols[:, None]], axis=1)
        used = sizes[rows, symbols]
        if search.end is None and (used == search.length).any():
            full = used == search.length
            ended = with_ended(search, ended, written[full], flat[order[:width]][full])
            rows, symbols, written, used = (each[~full] for each in (rows, symbols, written, used))
        so_far = after[rows, :, symbols]
        ids = np.repeat(symbols, ways)[:, None]
        state = engine.select(state, (rows[:, None] * ways + np.arange(ways)).ravel())
    return Found(ended, missed <= search.worst(ended))


def of_prefix(log_probs: np.ndarray, start: np.ndarray) -> np.ndarray:
    """The log-probability (L,) of the prefix under each label: log_probs (L, 1 + P, V)."""
    prefix = start[1:]
    return log_probs[:, np.arange(len(prefix)), prefix].astype(np.float64).sum(1)


def with_ended(search: Search, ended: Texts, written: np.ndarray, scores: np.ndarray) -> Texts:
    """The best of the texts ended before and of those that end now: written (B, T), scores (B,)."""
    better = np.flatnonzero(scores > search.worst(ended))
    if search.allowed is not None and len(better):
        better = better[search.allowed(written[better])]
    better = better[largest(scores[better], search.wanted)]
    now = zip(map(tuple, written[better].tolist()), scores[better].tolist(), strict=True)
    return search.best({**ended, **dict(now)})


def largest(values: np.ndarray, count: int) -> np.ndarray:
    """The indices of the `count` largest of (N,) values, the largest first; of equals the first."""
    if count < len(values):
        # Those equal to the last of them included, so that it is the same choice on all machines.
        bound = np.partition(values, -count)[-count]
        chosen = np.flatnonzero(values >= bound)
    else:
        chosen = np.arange(len(values))
    return chosen[np.argsort(-values[chosen], kind="stable")][:count]
