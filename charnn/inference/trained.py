"""What every trained network has: its symbols, its labels, its configuration, its file, and answers to names.

Knows how text becomes symbols and a model file a network; it does not train and does not print.
"""

from collections.abc import Callable, Sequence
from itertools import compress
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import torch
from torch import nn

from charnn.config import LONGEST, Config
from charnn.errors import CharnnError
from charnn.inference import checkpoint
from charnn.ngrams import Ngrams
from charnn.text.vocabulary import Vocabulary
from charnn.text.words import VOCABULARIES, reader

SEEN = ("train", "validation")  # the parts whose spellings a model has a fingerprint of


class Trained:
    """A trained network with its vocabulary and labels.

    `labels` (L,) in the order of every probability row; `counts` (L,) names of each label it was
    trained on or counted; `seen`, the sorted fingerprints of the spellings of its "train" and "validation" part;
    `figures` as they were measured at the end of training; `config`; `about`, all of
    the model file's description; `history`, of its epochs, None in a model that was loaded; `ngrams`, the counts that
    answer beside the network, or None.
    """

    task: ClassVar[str]                        # as the configuration has it
    measured: ClassVar[tuple[str, ...]]        # what the figures of each held-out part hold, at least
    fewest_labels: ClassVar[int] = 0
    reads = "names"                            # or running text, "text"
    build: ClassVar[Callable[[Config, int, int], nn.Module]]  # the network, for V symbols and L labels

    def __init__(self, network: nn.Module, vocabulary: Vocabulary, labels: list[str], config: Config,
                 counts: Sequence[int] | np.ndarray, seen: dict[str, np.ndarray], about: dict | None = None):
        self.network, self.vocabulary, self.labels, self.config = network.eval(), vocabulary, labels, config
        self.counts, self.seen = np.asarray(counts, dtype=np.int64), seen
        self.about, self.history = about or {}, None
        self.ngrams: Ngrams | None = None
        self.normalise = reader(config)

    @property
    def figures(self) -> dict:
        """What the training measured: {"train": {"n"}, "validation": {...}, "test": {...}, "best_epoch"}."""
        return self.about["figures"]

    @property
    def temperature(self) -> float:
        """What the logits were divided by after training, so that the probabilities can be trusted."""
        return self.about.get("temperature", 1.0)

    @property
    def ngram_share(self) -> float:
        """How much of the answer is the counts', from 0 to 1; the rest is the network's."""
        return self.about.get("ngram_share", 0.0)

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return next(self.network.parameters()).device

    # ------------------------------------------------------------ answers

    def log_proba(self, names: Sequence[str]) -> np.ndarray:
        """Natural log-probabilities (N, L) of the labels for each name, rows in order.

        Raises CharnnError for a name of more than 10,000 characters (before or after normalisation),
        for one that is no string, and for a single string where a list is expected.
        """
        return self.answers(names)[0]

    def known(self, names: Sequence[str]) -> np.ndarray:
        """Which names hold at least one letter or digit of the vocabulary, bool (N,)."""
        return self._known(self.read(names))

    def answers(self, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """`log_proba` and `known` at once; names that are read the same are read once."""
        symbols = self.read(names)
        row_of = {text: row for row, text in enumerate(dict.fromkeys(symbols))}
        rows = [row_of[text] for text in symbols]
        return self._log_proba(list(row_of))[rows], self._known(row_of)[rows]

    def predict(self, name: str, top: int = 3) -> list[tuple[str, float]]:
        """The `top` most probable labels of a name, best first, with their probabilities.

        A name without a known letter gets the labels' shares in the training part.
        """
        return self.rank(self.log_proba([name]), top)[0]

    def rank(self, log_probs: np.ndarray, top: int = 3) -> list[list[tuple[str, float]]]:
        """The `top` labels of each row of log-probabilities (N, L), best first, with their probabilities."""
        rows = zip(*(array.tolist() for array in self.best(log_probs, top)), strict=True)
        return [[(self.labels[i], p) for i, p in zip(*row, strict=True)] for row in rows]

    def best(self, log_probs: np.ndarray, top: int) -> tuple[np.ndarray, np.ndarray]:
        """The indices of the `top` labels of each row of log-probabilities (N, L), best first, and their probabilities.

        Both are (N, top), or (N, L) where there are fewer labels.
        """
        if top == 1:
            best = log_probs.argmax(1)[:, None]  # ten times as fast
        else:
            best = np.argsort(-log_probs, axis=1, kind="stable")[:, :max(top, 0)]
        return best, np.exp(np.take_along_axis(log_probs, best, axis=1))

    def predict_proba(self, names: Sequence[str]) -> np.ndarray:
        """Probabilities (N, L) of the labels for each name, rows in order."""
        return np.exp(self.log_proba(names))

    def beliefs(self, name: str) -> np.ndarray:
        """Probabilities (letters, L) of the labels after each letter (or word) of the name as the network reads it.

        "ß" is read as two letters. The last row is what `predict` says; a name without a letter
        has that row alone. Raises CharnnError as `log_proba` does.
        """
        symbols, = self.read([name])
        return np.exp(self._log_proba([symbols[:end] for end in range(1, len(symbols) + 1)] or [symbols]))

    def read(self, names: Sequence[str]) -> list[Sequence[str]]:
        """The names as the network reads them, letters or words, after the checks that `log_proba` promises."""
        if isinstance(names, str):
            raise CharnnError(f"{names!r} is one string; give a list of names")
        symbols = []
        for row, name in enumerate(names, start=1):
            if not isinstance(name, str):
                raise CharnnError(f"name {row}, {name!r}, is no string; give text")
            symbols.append(self.normalise(name) if len(name) <= LONGEST else "")
            longest = max(len(name), len(symbols[-1]))
            if longest > LONGEST:
                raise CharnnError(f"name {row}, {name[:20]!r}..., has {longest:,} characters; "
                                  f"names of up to {LONGEST:,} are answered")
        return symbols

    def _known(self, symbols):
        letters = set(compress(self.vocabulary.symbols, self.vocabulary.letters[1:].tolist()))
        return np.array([not letters.isdisjoint(text) for text in symbols], dtype=bool)

    def log_prior(self) -> np.ndarray:
        """Log of the labels' shares in the training part (L,), each label counted once more than it was seen."""
        return np.log((self.counts + 1) / (self.counts + 1).sum())

    def ngram_prior(self) -> torch.Tensor:
        """What the counts say of the labels before they read a letter (L,), in nats: their shares, or all the same."""
        prior = torch.from_numpy(self.log_prior()).float()
        return prior if self.config.sampling == "natural" else torch.zeros_like(prior)

    # ------------------------------------------------------------ the file

    def save(self, path: str | Path) -> None:
        """Writes the model file, whole or not at all."""
        seen = {f"seen.{part}": torch.from_numpy(marks) for part, marks in self.seen.items()}
        counted = self.ngrams.tensors() if self.ngrams else {}
        checkpoint.save(path, {**self.network.state_dict(), **seen, **counted}, {
            **self.about, "task": self.task, "config": self.config.to_dict(), "symbols": self.vocabulary.symbols,
            "labels": self.labels, "counts": self.counts.tolist()})

    @classmethod
    def from_file(cls, path: str | Path, tensors: dict[str, torch.Tensor], about: dict) -> Self:
        """The model of what checkpoint.read found. Raises CharnnError, with path, expected and found, if not whole."""
        labels, symbols, counts = about.get("labels"), about.get("symbols"), about.get("counts")
        if not (isinstance(labels, list) and len(labels) >= cls.fewest_labels
                and len(set(map(str, labels))) == len(labels)
                and all(isinstance(label, str) and label.isprintable() for label in labels)):
            least = " at least two" if cls.fewest_labels else ""
            raise CharnnError(f"{path}: labels {str(labels)[:60]!r}, expected{least} different names; train it again")
        if not (isinstance(counts, list) and len(counts) == len(labels)
                and all(type(count) is int and 0 <= count < 2**53 for count in counts)):
            raise CharnnError(f"{path}: counts {str(counts)[:60]!r}, expected one for each of {len(labels)} labels; "
                              "train it again")
        if not (symbols is not None and isinstance(about.get("config"), dict)
                and isinstance(about.get("data"), str) and cls._figures_are_whole(about.get("figures"))):
            raise CharnnError(f"{path} lacks its symbols, configuration, data fingerprint or figures; train it again")
        try:
            config = Config.from_dict({"ngrams": 0, **about["config"]})  # a file from before there were any
            vocabulary = VOCABULARIES[config.tokens](symbols)
        except CharnnError as error:
            raise CharnnError(f"{path}: {error}") from None
        if config.task != cls.task:
            raise CharnnError(f"{path}: task {config.task!r} in its configuration, expected {cls.task!r}; "
                              "train it again")
        cls.check_about(path, about)
        seen = {part: cls._seen(path, part, tensors.pop(f"seen.{part}", None)) for part in SEEN}
        with torch.device("meta"):  # shapes without memory, so that a file cannot ask for more than it brings
            network = cls.build(config, len(vocabulary), len(labels))
        model = cls(network, vocabulary, labels, config, counts, seen, about)
        if config.ngrams:
            model.ngrams = Ngrams.from_tensors(path, tensors, torch.tensor(counts), model.ngram_prior(),
                                               len(vocabulary), config.ngrams,
                                               model.ngram_share / model.temperature)
        checkpoint.check(path, tensors, network.state_dict())
        network.load_state_dict(tensors, assign=True)
        return model

    @classmethod
    def check_about(cls, path: str | Path, about: dict) -> None:
        """Raises CharnnError for what this kind of model has in its description beside the rest, if it is wrong."""

    @classmethod
    def _figures_are_whole(cls, figures):
        """A model file's figures hold what a reader of them relies on."""
        number = lambda value: type(value) in (int, float)  # noqa: E731
        try:
            return (number(figures["best_epoch"]) and number(figures["train"]["n"])
                    and all(number(figures[part][name]) for part in ("validation", "test") for name in cls.measured))
        except (KeyError, TypeError):
            return False

    @staticmethod
    def _seen(path, part, marks):
        """A part's fingerprints (N,) from a model file."""
        if marks is None or marks.dtype != torch.int64 or marks.dim() != 1 or not bool((marks.diff() > 0).all()):
            found = "nothing" if marks is None else f"{tuple(marks.shape)} {str(marks.dtype).removeprefix('torch.')}"
            raise CharnnError(f"{path}: tensor seen.{part}: expected different whole numbers (int64) in order, "
                              f"found {found}; train it again")
        return marks.numpy()
