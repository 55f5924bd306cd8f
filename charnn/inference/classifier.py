"""A trained classifier: names in, labels and probabilities out. Axis letters: N names, L labels."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from charnn.config import Config
from charnn.inference.description import check_figures, check_mixture
from charnn.inference.doubts import LONGER, Counted, Odd
from charnn.inference.trained import (
    Trained,
    check_finite,
    log_shares,
    longest_first,
)
from charnn.ngrams import Ngrams
from charnn.text.letters import UNKNOWN_SYMBOL
from charnn.word_ngrams import WordNgrams


class Classifier(Trained):
    """A trained network that says which label a name has, with n-gram models of its labels."""

    kind: ClassVar = {"task": "classify"}
    measured = ("n", "accuracy", "macro_f1", "nll")
    fewest_labels = 2
    ngrams: Ngrams | WordNgrams | None = None

    @classmethod
    def check_about(cls, path: str | Path, about: dict[str, Any]) -> None:
        """Raises CharnnError for figures that lack something, or an impossible temperature."""
        check_figures(path, about.get("figures"), cls.measured)
        check_mixture(path, about)

    def log_proba_of_symbols(self, symbols: Sequence[Sequence[str]]) -> np.ndarray:
        """Log-probabilities (N, L) of the labels for names as `read` gives them.

        Raises CharnnError for a model whose results are not finite.
        """
        log_probs = np.empty((len(symbols), len(self.labels)))
        lengths = np.array([max(len(text), 1) for text in symbols], dtype=np.int64)
        for chosen in longest_first(lengths, self.engine.steps_at_once):
            batch = [symbols[i] for i in chosen.tolist()]
            ids, sizes = self.vocabulary.encode(batch)
            scores = ngram_scores(self.ngrams, batch, ids, sizes) if self.ngrams else None
            rows = check_finite(self.engine.classify(ids, sizes, scores))  # (B, L)
            without_letter = ~self.vocabulary.alphanumeric[ids].any(1)
            rows[without_letter] = self.log_prior()
            log_probs[chosen] = rows
        return log_probs

    # ------------------------------------------------------------ what speaks against an answer

    @cached_property
    def counted(self) -> Counted | None:
        """What the n-grams of letters say of the training names; None without them."""
        return Counted(self.ngrams) if isinstance(self.ngrams, Ngrams) else None

    @property
    def longest(self) -> float:
        """Letters that a training name can have had, or hardly any had."""
        if self.counted is None:
            return super().longest
        return min(super().longest, LONGER * self.counted.mean_length)

    def odd(self, symbols: Sequence[Sequence[str]]) -> Odd:
        """As in `Doubting`; with n-grams, under the label that fits each name best."""
        if self.counted is None:
            return super().odd(symbols)
        surprising = self.counted.surprising(*self.vocabulary.encode(symbols))
        return Odd(surprising, self.several_words(symbols))

    def several_words(self, symbols: Sequence[Sequence[str]]) -> np.ndarray:
        """As in `Doubting`; with n-grams, names with a space where no training name has one, too.

        It takes less than `odd`, which has to know how probable the names are.
        """
        several = super().odd(symbols).several_words
        if self.counted is not None and self.config.tokens == "letters":
            several |= self.counted.new_spaces(*self.vocabulary.encode(symbols), self.space)
        return several

    def occlusion(self, name: str) -> np.ndarray:
        """What each letter (or word) adds to each label's log-probability (letters, L), in nats.

        That is what the log-probability loses when the letter becomes the unknown symbol, one
        letter at a time: Li, Monroe and Jurafsky (2016), "Understanding neural networks through
        representation erasure". The network has met that symbol in training only if its letter
        dropout is above 0. The n-gram model ignores a hidden letter: it would otherwise favour the
        labels with few names. Raises CharnnError as `log_proba` does.
        """
        (symbols,) = self.read([name])
        hidden = [without(symbols, place) for place in range(len(symbols))]
        log_probs = self.log_proba_of_symbols([symbols, *hidden])
        if isinstance(self.ngrams, Ngrams):
            # A name without any known letter gets the prior, in which the n-gram model has no part.
            rows = np.flatnonzero(self.known_symbols(hidden)) + 1
            log_probs[rows] -= self.ngrams.scale * self.ngrams.letter.astype(np.float64)
            log_probs[rows] -= np.logaddexp.reduce(log_probs[rows], axis=1, keepdims=True)
        return log_probs[0] - log_probs[1:]


def without(symbols: Sequence[str], place: int) -> Sequence[str]:
    """A name's letters (a string) or words (a tuple) with one made the unknown symbol."""
    if isinstance(symbols, str):
        return symbols[:place] + UNKNOWN_SYMBOL + symbols[place + 1 :]
    return (*symbols[:place], UNKNOWN_SYMBOL, *symbols[place + 1 :])


def ngram_scores(
    ngrams: Ngrams | WordNgrams,
    symbols: Sequence[Sequence[str]],
    ids: np.ndarray,
    lengths: np.ndarray,
) -> np.ndarray:
    """The n-grams' scores (N, L) of names: those of words read words, those of letters ids (N, T).

    A word that the network does not know says something to the n-grams, beside others that it
    knows: a text of which the network knows no word gets the prior.
    """
    return ngrams(symbols) if isinstance(ngrams, WordNgrams) else ngrams(ids, lengths)


def ngram_prior(counts: np.ndarray, config: Config) -> np.ndarray:
    """The n-gram models' log-probabilities of the labels before a letter is read (L,).

    The labels' shares, or all the same where training draws every label equally often.
    """
    prior = log_shares(counts).astype(np.float32)
    return prior if config.sampling == "natural" else np.zeros_like(prior)
