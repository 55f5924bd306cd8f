"""A trained generator: new text, letter by letter, and the bits per character of a given text.

What names and running text have in common; the kinds are in name_generator.py and
text_generator.py. Axis letters: B rows, T time, V symbols, L labels.
"""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from charnn import checks
from charnn.config import MAX_CHARACTERS
from charnn.errors import CharnnError
from charnn.inference.beam import Searching
from charnn.inference.description import check_figures, check_mixture
from charnn.inference.engine import Stepper
from charnn.inference.plan import Drawn, Plan, Sample, bits_per_char
from charnn.inference.sampling import Noise, Options, Sampler, check_options
from charnn.inference.trained import check_finite
from charnn.inference.with_ngrams import WithNgrams
from charnn.kneser_ney import KneserNey
from charnn.text.labels import as_label
from charnn.text.vocabulary import IGNORED, next_symbols
from charnn.wording import did_you_mean, listed, quoted

NEWLINE = "\n"  # read before the first letter; the end of a name
MOST_LETTERS = 100_000_000  # of all texts that are asked for at once
ROWS = 4096  # texts generated side by side; both bound the memory
NATS_PER_BIT = np.log(2.0)


class Generator(Searching):
    """A trained network that generates names or running text."""

    measured = ("n", "nats_per_char", "bits_per_char", "perplexity")
    ngrams: KneserNey | None = None
    default_length: ClassVar[int | None] = None  # characters of a text; None for the longest name
    ends_at_newline: ClassVar[bool]

    @classmethod
    def check_about(cls, path: str | Path, about: dict[str, Any]) -> None:
        """Raises CharnnError for figures that lack something, or symbols without the newline."""
        check_figures(path, about.get("figures"), cls.measured)
        check_mixture(path, about)
        if NEWLINE not in about["symbols"]:
            raise CharnnError(
                f"{path}: its symbols lack the newline, which starts and ends a name; "
                "train it again"
            )

    @property
    def stepper(self) -> Stepper:
        """What says which symbol comes next: the network, with the n-grams beside it if any."""
        return self.engine if self.ngrams is None else WithNgrams(self.engine, self.ngrams)

    @property
    def newline(self) -> int:
        """The newline's id."""
        return self.vocabulary.symbols.index(NEWLINE) + 1

    def index(self, label: str) -> int:
        """A label's index. Raises CharnnError, with the nearest labels, for an unknown one."""
        label = as_label(checks.text("label", label))
        if label in self.labels:
            return self.labels.index(label)
        if not self.labels:
            raise CharnnError(
                f"label {quoted(label)}: this generator was trained without labels; "
                "leave the label out"
            )
        hint = did_you_mean(label, self.labels) or f"its labels are {listed(self.labels)}"
        raise CharnnError(f"label {quoted(label)} is unknown to the model; {hint}")

    # ------------------------------------------------------------ how surprising a text is

    def score(self, text: str, label: str | None = None) -> float:
        """Bits per character of a text, the end of a name counted.

        Without a label, under the mixture of all labels. Raises CharnnError for an unknown label
        and for a text of more than 10,000 characters.
        """
        return bits_per_char(self.bits_per_letter(text, label))

    def bits_per_letter(self, text: str, label: str | None = None) -> list[tuple[str, float]]:
        """Each letter (or word) as the network reads it, with its bits given those before it.

        The end of a name is "\\n".
        """
        if isinstance(text, str) and len(text) > MAX_CHARACTERS:
            raise CharnnError(
                f"the text has {len(text):,} characters; up to {MAX_CHARACTERS:,} are scored, "
                "measure longer ones with charnn.evaluate"
            )
        (symbols,) = self.read([text])
        scored = self.scored_symbols(symbols)
        ids, lengths = self.vocabulary.encode([symbols])
        labels = self.label_rows(label)
        rows = max(len(labels), 1)
        log_probs = self.log_probs_of_letters(
            np.broadcast_to(ids, (rows, ids.shape[1])), np.broadcast_to(lengths, rows), labels
        )  # (L, T + 1)
        if len(labels) > 1:
            # Under the mixture of labels: log P(letters so far), and what each letter adds to it.
            so_far = self.log_prior()[:, None] + log_probs.cumsum(1)  # (L, T + 1)
            of_mixture = np.logaddexp.reduce(so_far, axis=0)  # (T + 1,)
            log_probs = np.diff(of_mixture, prepend=0.0)[None]
        bits = -log_probs[0, : len(scored)] / NATS_PER_BIT
        return list(zip(scored, bits.tolist(), strict=True))

    @abstractmethod
    def scored_symbols(self, symbols: Sequence[str]) -> Sequence[str]:
        """The symbols of a text that its score counts. Raises CharnnError where there is none."""

    def label_rows(self, label: str | None) -> np.ndarray:
        """The labels' indices that a text is scored with: one, all of a mixture, or none."""
        if label is not None:
            return np.array([self.index(label)])
        return np.arange(len(self.labels))

    def log_probs_of_letters(
        self, ids: np.ndarray, lengths: np.ndarray, labels: np.ndarray
    ) -> np.ndarray:
        """Log-probabilities (B, T + 1) of each letter after a newline, and of the end; 0 after it.

        ids (B, T), lengths (B,), labels (B,) or empty where it knows none.
        """
        read, targets = next_symbols(ids, lengths, self.newline)  # (B, T + 1)
        log_probs, _ = self.stepper.step(read, labels if self.labels else None)  # (B, T + 1, V)
        past_end = targets == IGNORED
        targets[past_end] = 0
        chosen = np.take_along_axis(log_probs, targets[:, :, None], axis=2)[:, :, 0]
        return np.where(past_end, 0.0, check_finite(chosen).astype(np.float64))

    # ------------------------------------------------------------ generating

    def generate(
        self, label: str | None = None, prefix: str = "", count: int = 1, **options: Any
    ) -> list[str]:
        """Texts that start with a prefix; what else there is to choose is as for `sample`."""
        return [sample.text for sample in self.sample(label, prefix, count, **options)]

    def sample(
        self,
        label: str | None = None,
        prefix: str = "",
        count: int = 1,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        length: int | None = None,
        seed: int | None = None,
        novel: bool = False,
    ) -> list[Sample]:
        """Texts that start with a prefix, with each one's label and bits per character.

        Names are of a label (one drawn by its share if absent). A name ends by itself or after
        `length` characters (the longest that it was trained on, if absent), running text after
        `length` (500). `temperature` 0 always takes the most probable letter; `top_k` and `top_p`
        draw from the most probable letters alone. `novel` gives only names that are not in the
        training data. The same `seed` gives the same texts on the same machine.

        Raises CharnnError for an unknown label, a prefix with a letter outside the
        vocabulary, values of a wrong kind or out of range, and when no more novel names are found.
        """
        count, novel = checks.whole("count", count), checks.flag("novel", novel)
        if count < 1:
            raise CharnnError(f"count {count} is less than 1; ask for at least one")
        wanted = None if label is None else self.index(label)
        plan = self.plan(prefix, check_options(temperature, top_k, top_p, length, seed))
        if count * plan.length > MOST_LETTERS:
            raise CharnnError(
                f"count {quoted(count)} of up to {quoted(plan.length)} characters is more than "
                f"{MOST_LETTERS:,} characters in all; ask for fewer"
            )
        return self.samples_of(plan, wanted, count, novel)

    @abstractmethod
    def samples_of(self, plan: Plan, label: int | None, count: int, novel: bool) -> list[Sample]:
        """As `sample`, for a plan and a label's index."""

    def next_letter(self, prefix: str = "", label: str | None = None) -> np.ndarray:
        """Log-probabilities (V,) of the letter after a prefix: what `generate` draws from.

        At temperature 1. The unknown symbol, id 0, is never generated and has -inf. Raises
        CharnnError for an unknown label, for none where it knows labels, and for a prefix with a
        letter outside the vocabulary.
        """
        labels = self.label_rows(label)
        if len(labels) > 1:
            raise CharnnError(
                "the next letter depends on the label; choose one of the labels, such as "
                f"{listed(self.labels[:1])}"
            )
        plan = self.plan(prefix, check_options(0.0))
        (log_probs,) = next(self.steps(plan, labels if self.labels else None, 1)).log_probs
        return log_probs

    def plan(self, prefix: str, options: Options) -> Plan:
        """How texts are to be generated. Raises CharnnError for a prefix that cannot be."""
        start, length = self.read_prefix(prefix), options.length
        given = len("".join(start))
        if length is None:
            longest = int(self.vocabulary.sizes.max())  # of a letter 1; there is room for a word
            length = max(self.default_length or self.config.max_length, given + longest)
        if given >= length:
            raise CharnnError(
                f"prefix {quoted(prefix)} has {given} characters, and length is {length}; "
                "raise length"
            )
        sampler = Sampler(options.temperature, options.top_k, options.top_p, Noise(options.seed))
        return Plan((start,), length, sampler)

    def read_prefix(self, prefix: str) -> Sequence[str]:
        """The prefix as the network reads it. Raises CharnnError for an unknown letter."""
        start = self.normalise(checks.text("prefix", prefix))
        unknown = sorted(set(start) - set(self.vocabulary.symbols))
        if unknown:
            raise CharnnError(
                f"prefix {quoted(prefix)} has {listed(map(quoted, unknown))}, not in the model's "
                "vocabulary; leave it out"
            )
        return start

    def begun(self, plan: Plan) -> np.ndarray:
        """The newline and each of the plan's prefixes (S, 1 + P) as ids."""
        prefixes = self.vocabulary.encode(plan.starts)[0][:, : len(plan.starts[0])]
        return np.insert(prefixes, 0, self.newline, axis=1)

    def steps(self, plan: Plan, labels: np.ndarray | None, rows: int) -> Iterator[Drawn]:
        """Generates `rows` texts at once, one letter (or word) after the other; labels (B,).

        Each ends where there is no room left, or not enough for the word that was drawn.
        """
        each = rows // len(plan.starts)
        ids = np.repeat(self.begun(plan), each, axis=0)  # (B, 1 + prefix)
        alive, state = np.arange(rows), None
        room = plan.length - np.repeat([len("".join(s)) for s in plan.starts], each)  # (B,)
        while len(alive):
            log_probs, state = self.stepper.step(ids, labels, state)
            last = check_finite(log_probs[:, -1])  # (B, V)
            last[:, 0] = -np.inf  # the unknown symbol is never generated
            drawn = plan.sampler.choose(last)  # (B,)
            room = room - self.vocabulary.sizes[drawn]
            fits = room >= 0
            yield Drawn(alive[fits], drawn[fits], last[fits])
            going = room > 0
            if self.ends_at_newline:
                going &= drawn != self.newline
            if not going.all():  # nothing is copied until the first is finished
                alive, drawn, room = alive[going], drawn[going], room[going]
                labels = None if labels is None else labels[going]
                state = self.stepper.select(state, going)
            ids = drawn[:, None]

    def generate_rows(self, plan: Plan, labels: np.ndarray | None, rows: int) -> list[Sample]:
        """`rows` texts, generated all at once; labels (B,)."""
        nats, letters = np.zeros(rows), np.zeros(rows, dtype=np.int64)
        drawn_ids = np.zeros((rows, plan.length - len(plan.starts[0])), dtype=np.int64)  # (B, T)
        for place, drawn in enumerate(self.steps(plan, labels, rows)):
            chosen = np.take_along_axis(drawn.log_probs, drawn.ids[:, None], axis=1)[:, 0]
            nats[drawn.rows] -= chosen
            letters[drawn.rows] += self.vocabulary.sizes[drawn.ids]
            drawn_ids[drawn.rows, place] = drawn.ids
        if self.ends_at_newline:
            drawn_ids[drawn_ids == self.newline] = 0
        starts = ["".join(start) for start in plan.starts for _ in range(rows // len(plan.starts))]
        texts = map("".join, zip(starts, self._texts(drawn_ids), strict=True))
        bits = nats / np.maximum(letters, 1) / NATS_PER_BIT
        names = [None] * rows if labels is None else [self.labels[label] for label in labels]
        return [
            Sample(text, name, float(bit))
            for text, name, bit in zip(texts, names, bits, strict=True)
        ]

    def _texts(self, ids: Iterable[np.ndarray]) -> list[str]:
        """The texts of rows of ids, in which 0 is padding."""
        symbol_of = np.array(["", *self.vocabulary.symbols], dtype=object)
        return ["".join(symbol_of[row]) for row in ids]
