"""What every trained model has: its symbols, its labels, its configuration, and predictions.

Asks an engine for log-probabilities; knows no network. It does not train and does not print.
Axis letters: N names, L labels.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from itertools import compress
from pathlib import Path
from typing import Any, ClassVar, overload

import numpy as np

from charnn import checks
from charnn.config import Config
from charnn.errors import CharnnError
from charnn.inference import checkpoint
from charnn.inference.doubts import Doubting
from charnn.inference.engine import Engine, engine_class
from charnn.inference.html import Answer, Answers, of_model
from charnn.inference.sharing import OnHub
from charnn.text.letters import each_to_ascii
from charnn.text.people import surnames
from charnn.text.vocabulary import Vocabulary
from charnn.text.words import reader
from charnn.waiting import watched
from charnn.wording import quoted

UNKNOWN_LABEL = "unknown"  # printed and written where a model gives no label
Ranking = list[tuple[str, float]]  # labels with their probabilities, the most probable first


class Trained(Doubting, OnHub, ABC):
    """A trained network with its vocabulary and labels.

    `labels` (L,) in the order of every row of log-probabilities; `counts` (L,) how many names of
    each label it was trained on; `fingerprints`, the sorted fingerprints of the names in its
    "train" and "validation" set; `figures` as they were measured at the end of training; `config`;
    `about`, the rest of the model file's description; `ngrams`, beside the network, or None;
    `history`, the epochs of a model that has just been trained, None for one that was loaded.
    """

    kind: ClassVar[dict[str, str]]  # what distinguishes it in a model file's description
    measured: ClassVar[tuple[str, ...]]  # what the figures of each held-out set hold, at least
    fewest_labels: ClassVar[int] = 0
    ngrams: Any = None

    def __init__(
        self,
        engine: Engine,
        vocabulary: Vocabulary,
        labels: list[str],
        config: Config,
        counts: Sequence[int] | np.ndarray,
        fingerprints: dict[str, np.ndarray],
        about: dict[str, Any] | None = None,
    ):
        self.engine, self.vocabulary, self.labels, self.config = engine, vocabulary, labels, config
        self.counts = np.asarray(counts, dtype=np.int64)
        self.fingerprints, self.about = fingerprints, about or {}
        self.history: Any = None
        self._looked_into: Any = None  # the torch network of an engine without one
        self.normalise = reader(config)

    @property
    def task(self) -> str:
        """What it was trained to do: "classify" or "generate"."""
        return self.kind["task"]

    @property
    def figures(self) -> dict[str, Any]:
        """The training's figures: {"train": {"n"}, "validation": {...}, "test": {...}, ...}."""
        return self.about["figures"]

    @property
    def temperature(self) -> float:
        """What the logits were divided by after training, so that probabilities are calibrated."""
        return self.about.get("temperature", 1.0)

    @property
    def ngram_share(self) -> float:
        """The n-gram model's share in the logits, from 0 to 1; the rest is the network's."""
        return self.about.get("ngram_share", 0.0)

    @property
    def network(self) -> Any:
        """The torch network, for looking inside: the engine's own, or a copy of its weights.

        Raises CharnnError where torch is not installed.
        """
        torch_engine = engine_class("torch")
        if isinstance(self.engine, torch_engine):
            return self.engine.network
        if self._looked_into is None:
            sizes = len(self.vocabulary), len(self.labels)
            arrays = self.engine.arrays()
            engine = torch_engine.from_arrays("the model", self.config, *sizes, arrays, "cpu")
            self._looked_into = engine.network
        return self._looked_into

    def _repr_html_(self) -> str:
        return of_model(self)

    # ------------------------------------------------------------ log-probabilities

    @abstractmethod
    def log_proba_of_symbols(self, symbols: Sequence[Sequence[str]]) -> np.ndarray:
        """Log-probabilities (N, L) of the labels for names as `read` gives them."""

    def log_proba(self, names: str | Sequence[str], name_format: str = "surname") -> np.ndarray:
        """Natural log-probabilities (N, L) of the labels for each name; (L,) for a single name.

        `name_format` says what of each name is read: "surname" (all of it), "full", "last-first"
        or "auto", as `charnn.text.people.surname_of` says; needs nameparser. Raises CharnnError for
        a name of more than 10,000 characters (before or after normalisation), for a text of more
        than 10,000,000 where words are read, for one that is no string, and without nameparser.
        """
        if isinstance(names, str):
            return self.log_proba([names], name_format)[0]
        names = checks.names(names)
        return self.log_proba_and_known(surnames(names, name_format))[0]

    def predict_proba(self, names: str | Sequence[str], name_format: str = "surname") -> np.ndarray:
        """Probabilities (N, L) of the labels for each name; (L,) for one: as `log_proba`."""
        return np.exp(self.log_proba(names, name_format))

    @overload
    def predict(  # type: ignore[overload-overlap]  # a str is a Sequence[str]: the first one wins
        self, names: str, top: int = 3, name_format: str = "surname"
    ) -> Ranking: ...

    @overload
    def predict(
        self, names: Sequence[str], top: int = 3, name_format: str = "surname"
    ) -> list[Ranking]: ...

    def predict(
        self, names: str | Sequence[str], top: int = 3, name_format: str = "surname"
    ) -> Ranking | list[Ranking]:
        """The `top` most probable labels of a name, best first, with their probabilities.

        For a list of names, a list of such rankings. A name without a known letter gets the labels'
        shares in the training set. `name_format` is as for `log_proba`. Raises CharnnError for a
        `top` that is no whole number from 1.
        """
        top = checks.whole("top", top)
        if top < 1:
            raise CharnnError(f"top {top} is less than 1; ask for at least one label")
        if isinstance(names, str):
            return Answer(names, self.rank(self.log_proba([names], name_format), top)[0])
        names = checks.names(names)
        return Answers(names, self.rank(self.log_proba(names, name_format), top))

    def rank(self, log_probs: np.ndarray, top: int = 3) -> list[Ranking]:
        """The `top` labels of each row of log-probabilities (N, L), best first."""
        best, probabilities = self.best(log_probs, top)
        return [
            [(self.labels[label], p) for label, p in zip(*row, strict=True)]
            for row in zip(best.tolist(), probabilities.tolist(), strict=True)
        ]

    def best(self, log_probs: np.ndarray, top: int) -> tuple[np.ndarray, np.ndarray]:
        """The indices of the `top` labels of each row of (N, L), best first, and probabilities.

        Both are (N, top), or (N, L) where there are fewer labels.
        """
        if top == 1:
            best = log_probs.argmax(1)[:, None]  # ten times as fast as sorting
        else:
            best = np.argsort(-log_probs, axis=1, kind="stable")[:, : max(top, 0)]
        return best, np.exp(np.take_along_axis(log_probs, best, axis=1))

    def beliefs(self, name: str) -> np.ndarray:
        """Probabilities (letters, L) of the labels after each letter (or word) that is read.

        The last row is `predict_proba` of the name; a name without a letter has that row alone.
        """
        (symbols,) = self.read([name])
        prefixes = [symbols[:end] for end in range(1, len(symbols) + 1)]
        return np.exp(self.log_proba_of_symbols(prefixes or [symbols]))

    def log_proba_and_known(self, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """`log_proba` (N, L) and `known` (N,) at once.

        Names that are read as the same symbols are computed once.
        """
        symbols = self.read(names)
        row_of = {text: row for row, text in enumerate(dict.fromkeys(symbols))}
        rows = [row_of[text] for text in symbols]
        different = list(row_of)
        return self.log_proba_of_symbols(different)[rows], self.known_symbols(different)[rows]

    def known(self, names: Sequence[str]) -> np.ndarray:
        """Which names hold at least one letter or digit of the vocabulary, bool (N,)."""
        return self.known_symbols(self.read(names))

    def known_symbols(self, symbols: Sequence[Sequence[str]]) -> np.ndarray:
        """`known` for names as `read` gives them."""
        mask = self.vocabulary.alphanumeric[1:].tolist()
        letters = set(compress(self.vocabulary.symbols, mask))
        return np.array([not letters.isdisjoint(text) for text in symbols], dtype=bool)

    def read(self, names: Sequence[str]) -> list[Sequence[str]]:
        """The names as the network reads them, letters or words, checked as `log_proba` says."""
        names = checks.names(names)
        for row, name in enumerate(names, start=1):
            if not isinstance(name, str):
                raise CharnnError(f"name {row}, {quoted(name)}, is no string; give text")
        check_lengths(names, names, self.config.longest)
        symbols: list[Sequence[str]]
        if self.config.tokens == "letters" and not self.config.raw:
            symbols = list(each_to_ascii(names, self.config.lowercase))
        else:
            symbols = [self.normalise(name) for name in names]
        check_lengths(names, symbols, self.config.longest)
        return symbols

    @property
    def fingerprints_raw(self) -> bool:
        """Whether its fingerprints are of names as they are written, and not of their spellings.

        So it is where it reads names as they are written, but for files from before 0.2.0.
        """
        return self.config.raw and self.about.get("same") != "spelling"

    def log_prior(self) -> np.ndarray:
        """Log of the labels' shares in the training set (L,), with one added to each count."""
        return log_shares(self.counts)

    # ------------------------------------------------------------ the file

    def save(self, path: str | Path) -> None:
        """Writes the model file atomically: it is complete or absent."""
        checkpoint.save(path, self.arrays(), self.description())

    def description(self) -> dict[str, Any]:
        """What a model file says beside its arrays: `about`, configuration, symbols and labels."""
        return {
            **({"same": "written"} if self.config.raw else {}),
            **self.about,
            **self.kind,
            "config": self.config.to_dict(),
            "symbols": self.vocabulary.symbols,
            "labels": self.labels,
            "counts": self.counts.tolist(),
        }

    def arrays(self) -> dict[str, np.ndarray]:
        """What a model file holds beside the description: weights, fingerprints and n-grams."""
        marks = {f"seen.{name}": marks for name, marks in self.fingerprints.items()}
        counted = self.ngrams.arrays() if self.ngrams else {}
        return {**self.engine.arrays(), **marks, **counted}

    @classmethod
    @abstractmethod
    def check_about(cls, path: str | Path, about: dict[str, Any]) -> None:
        """Raises CharnnError for a description that lacks what this kind of model has in it."""


def check_lengths(names: Sequence[str], read: Sequence[Sequence[str]], most: int) -> None:
    """Raises CharnnError for a name that is read as more than `most` characters."""
    if max(map(len, read), default=0) > most:
        row = next(row for row, symbols in enumerate(read) if len(symbols) > most)
        raise CharnnError(
            f"name {row + 1}, {quoted(names[row], 20)}, has {len(read[row]):,} characters; "
            f"names of up to {most:,} are classified"
        )


def longest_first(lengths: np.ndarray, steps: int) -> Iterator[np.ndarray]:
    """Indices of texts of these lengths (N,), in batches of at most `steps` steps with padding.

    The longest come first, and texts of like length together, so that there is little padding.
    Where a command runs and that takes long, it says so.
    """
    batches = _batches(lengths, steps)
    yield from watched(batches, lengths.sum(), lambda rows: lengths[rows].sum())


def _batches(lengths: np.ndarray, steps: int) -> Iterator[np.ndarray]:
    order = np.argsort(-lengths, kind="stable")
    while len(order):
        size = max(1, steps // int(lengths[order[0]]))
        yield order[:size]
        order = order[size:]


def check_finite(log_probs: np.ndarray) -> np.ndarray:
    """The log-probabilities, of any shape. Raises CharnnError unless all of them are finite."""
    if not np.isfinite(log_probs).all():
        raise CharnnError("the model's results are not finite; train it again")
    return log_probs


def log_shares(counts: np.ndarray) -> np.ndarray:
    """Log of the shares of counts (L,), with one added to each, so that none is 0."""
    return np.log((counts + 1) / (counts + 1).sum())
