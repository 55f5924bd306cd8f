"""A trained generator of running text. Axis letters: N characters (or words), V symbols."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from charnn.errors import CharnnError
from charnn.inference.beam import Probable, Search, check_beam, widening, widest
from charnn.inference.doubts import SURPRISING, Odd, excess_bits
from charnn.inference.engine import State
from charnn.inference.generator import MOST_LETTERS, NATS_PER_BIT, ROWS, Generator
from charnn.inference.plan import Plan, Sample
from charnn.inference.sampling import check_options
from charnn.inference.trained import check_finite
from charnn.text.invisible import visible
from charnn.text.tokens import Tokens
from charnn.waiting import watched
from charnn.wording import quoted

NO_LIST = "novel is for names; running text has no list to compare with"
MEASURED_AT_ONCE = 4096  # symbols of running text; bounds the memory, as does:
LOG_PROBS = 1 << 22  # log-probabilities that are computed at once, for a large vocabulary


class TextGenerator(Generator):
    """A trained network that generates running text as it was written, invisible letters aside."""

    kind: ClassVar = {"task": "generate", "reads": "text"}
    ends_at_newline = False
    default_length = 500

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self.normalise = self.tokens_of  # it is read as it is written

    def tokens_of(self, text: str) -> Sequence[str]:
        """The letters (or words) of a text, without invisible characters; joined they are it."""
        text = visible(text)
        return self.vocabulary.split(text) if isinstance(self.vocabulary, Tokens) else text

    @classmethod
    def check_about(cls, path: str | Path, about: dict[str, Any]) -> None:
        """Raises CharnnError as for all generators, and for labels: running text has none."""
        super().check_about(path, about)
        if about["labels"]:
            raise CharnnError(
                f"{path}: labels {quoted(about['labels'])}, expected none; train it again"
            )

    def scored_symbols(self, symbols: Sequence[str]) -> Sequence[str]:
        """The letters; a running text has no end of its own. Raises CharnnError for no letter."""
        if not symbols:
            raise CharnnError("an empty text has no letter to score; give some text")
        return symbols

    @property
    def longest(self) -> float:
        """No text is too long for a model of running text."""
        return math.inf

    def odd(self, symbols: Sequence[Sequence[str]]) -> Odd:
        """As in `Doubting`, by what the network needs for each text; words are no matter here."""
        nats, steps = np.zeros(len(symbols)), np.zeros(len(symbols), dtype=np.int64)
        for row, text in enumerate(symbols):
            ids = self.vocabulary.encode([text])[0][0, : len(text)]
            # What is unknown makes no text unlike all others, as in `doubts`: the rest tells.
            nats[row], steps[row] = self.text_nats(ids[ids > 0] if ids.any() else ids)
        usual = self.figures["test"]["bits_per_char"]
        letters = int((self.vocabulary.sizes == 1).sum())
        excess = excess_bits(nats / NATS_PER_BIT, steps, usual, letters)
        return Odd(excess > SURPRISING, np.zeros(len(symbols), dtype=bool))

    def log_proba_of_symbols(self, symbols: Sequence[Sequence[str]]) -> np.ndarray:
        """Raises CharnnError: a generator of running text knows no labels."""
        raise CharnnError(
            "this generator was trained without labels and cannot classify a name; "
            "train one on a folder of <label>.txt files"
        )

    def text_nats(self, text: np.ndarray) -> tuple[float, int]:
        """The NLL of a running text (N,) of ids in nats, and how many characters it has.

        It is read as one stream after a newline.
        """
        read = np.concatenate([[self.newline], text]).astype(np.int64)  # (N + 1,)
        state: State = None
        total = 0.0
        size = min(MEASURED_AT_ONCE, max(1, LOG_PROBS // len(self.vocabulary)))
        starts = range(0, len(text), size)
        for start in watched(starts, len(starts)):
            stop = min(start + size, len(text))
            log_probs, state = self.stepper.step(read[None, start:stop], None, state)
            targets = read[None, start + 1 : stop + 1, None]  # (1, T, 1)
            chosen = np.take_along_axis(log_probs, targets, axis=2)
            total -= float(check_finite(chosen).astype(np.float64).sum())
        return total, self.vocabulary.characters(text)

    def samples_of(self, plan: Plan, label: int | None, count: int, novel: bool) -> list[Sample]:
        """`count` texts. Raises CharnnError for `novel`, which is for names."""
        if novel:
            raise CharnnError(NO_LIST)
        found: list[Sample] = []
        rows = min(ROWS, max(1, LOG_PROBS // len(self.vocabulary)))
        while len(found) < count:
            found += self.generate_rows(plan, None, min(count - len(found), rows))
        return found

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
        """As for all generators: texts. Raises CharnnError for a label and for `novel`, too."""
        if label is not None:
            self.index(label)  # raises: running text has no labels
        if novel:
            raise CharnnError(NO_LIST)
        plan = self.plan(prefix, check_options(0.0, length=length))
        most = widest(len(self.vocabulary), self.config.hidden, 1)
        count, kept = check_beam(count, beam, min(most, MOST_LETTERS // plan.length))
        start = self.begun(plan)[0]
        sizes = self.vocabulary.sizes
        search = Search(self.stepper, start, None, np.zeros(1), plan.length, sizes, None, count)
        return widening(search, kept).probable(self._texts, None, ends=False)

    def stream(
        self,
        prefix: str = "",
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        length: int | None = None,
        seed: int | None = None,
    ) -> Iterator[str]:
        """Running text, by letter (or word) as it is generated; the prefix is not repeated.

        Raises CharnnError as `sample` does, before the first letter is asked for.
        """
        plan = self.plan(prefix, check_options(temperature, top_k, top_p, length, seed))
        symbols = self.vocabulary.symbols
        return (symbols[id_ - 1] for drawn in self.steps(plan, None, 1) for id_ in drawn.ids)
