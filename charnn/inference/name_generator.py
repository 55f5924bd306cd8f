"""A trained generator of names, with labels or without. Axis letters: N names, B rows, L labels."""

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

import numpy as np

from charnn import checks
from charnn.errors import CharnnError
from charnn.inference.beam import Probable, Search, check_beam, widening, widest
from charnn.inference.doubts import SURPRISING, Odd, excess_bits, is_several
from charnn.inference.engine import HIDDEN_STATES
from charnn.inference.generator import NATS_PER_BIT, NEWLINE, ROWS, Generator
from charnn.inference.plan import Plan, Sample
from charnn.inference.sampling import check_options
from charnn.inference.trained import longest_first
from charnn.text.splits import fingerprints
from charnn.waiting import watched
from charnn.wording import counted

ROUNDS = 50  # rounds of novel names before it gives up
IMPROBABLE = np.log(0.01)  # a space, to a generator of single words


class NameGenerator(Generator):
    """A trained network that generates names: of a label, where it was trained with labels.

    With labels it also classifies names: `predict` and `log_proba`, by Bayes' rule.
    """

    kind: ClassVar = {"task": "generate", "reads": "names"}
    ends_at_newline = True

    def scored_symbols(self, symbols: Sequence[str]) -> Sequence[str]:
        """The letters, and the end."""
        return [*symbols, NEWLINE]

    def log_proba_of_symbols(self, symbols: Sequence[Sequence[str]]) -> np.ndarray:
        """Log-probabilities (N, L) by Bayes' rule: log P(name | label) + log P(label), normalised.

        P(label) is the label's share in the training set. Raises CharnnError for a generator
        without labels.
        """
        if len(self.labels) < 2:
            raise CharnnError(
                "this generator was trained without labels and cannot classify a name; "
                "train one on a folder of <label>.txt files"
            )
        log_probs = np.empty((len(symbols), len(self.labels)))
        for label in watched(range(len(self.labels)), len(self.labels)):
            for chosen, ids, lengths in self._batches(symbols):
                labels = np.full(len(ids), label)
                log_probs[chosen, label] = self.log_probs_of_letters(ids, lengths, labels).sum(1)
        log_probs += self.log_prior()
        log_probs[~self.known_symbols(symbols)] = self.log_prior()
        # From the best one: beside huge numbers the sum's logarithm would be lost.
        log_probs -= log_probs.max(axis=1, keepdims=True)
        return log_probs - np.logaddexp.reduce(log_probs, axis=1, keepdims=True)

    def odd(self, symbols: Sequence[Sequence[str]]) -> Odd:
        """As in `Doubting`, under the label that fits each name best.

        Names have several words, too, with a space that is improbable after the letters before it.
        """
        nats, spaces = np.empty((2, len(symbols), max(len(self.labels), 1)))  # (N, L) each
        for label in range(nats.shape[1]):
            for chosen, ids, lengths in self._batches(symbols):
                log_probs = self.log_probs_of_letters(ids, lengths, np.full(len(ids), label))
                nats[chosen, label] = -log_probs.sum(1)
                spaces[chosen, label] = np.where(ids == self.space, log_probs[:, :-1], 0.0).min(1)
        rows, best = np.arange(len(symbols)), nats.argmin(1)
        steps = np.array([max(len(text), 1) + 1 for text in symbols])
        usual = self.figures["test"]["bits_per_char"]
        excess = excess_bits(nats[rows, best] / NATS_PER_BIT, steps, usual, len(self.vocabulary))
        several = np.array([is_several(text) for text in symbols], dtype=bool)
        several &= spaces[rows, best] < IMPROBABLE
        return Odd(excess > SURPRISING, several | super().odd(symbols).several_words)

    def names_nats(
        self, names: Sequence[str], targets: np.ndarray | None = None
    ) -> tuple[float, int]:
        """The NLL of names in nats, and how many letters and ends they have.

        Given their labels, the indices targets (N,), where it knows labels.
        """
        symbols = self.read(names)
        total, letters = 0.0, 0
        for chosen, ids, lengths in self._batches(symbols):
            labels = np.empty(0, dtype=np.int64)
            if self.labels and targets is not None:
                labels = targets[chosen]
            total -= float(self.log_probs_of_letters(ids, lengths, labels).sum())
            letters += int((lengths + 1).sum())
        return total, letters

    def _batches(
        self, symbols: Sequence[Sequence[str]]
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Names of like length together: (their indices, ids, lengths)."""
        steps = np.array([max(len(text), 1) + 1 for text in symbols], dtype=np.int64)
        for chosen in longest_first(steps, HIDDEN_STATES // self.config.hidden):
            yield chosen, *self.vocabulary.encode([symbols[i] for i in chosen.tolist()])

    def samples_of(self, plan: Plan, label: int | None, count: int, novel: bool) -> list[Sample]:
        """`count` names; if `novel`, only such as it was not trained on."""
        found: list[Sample] = []
        # One round for each ROWS names, and some more for names that are not novel.
        rounds = -(-count // ROWS)
        for _ in watched(range(rounds + ROUNDS), rounds):
            rows = min(count - len(found), ROWS)
            labels = None
            if label is not None:
                labels = np.full(rows, label)
            elif self.labels:
                labels = plan.sampler.noise.choice(np.exp(self.log_prior()), rows)
            found += [
                sample
                for sample in self.generate_rows(plan, labels, rows)
                if not (novel and self.knows(sample.text))
            ]
            if len(found) == count:
                return found
        raise CharnnError(
            f"only {counted(len(found), 'novel name')} in {ROUNDS} rounds, {count:,} wanted; "
            "raise the temperature or ask for fewer"
        )

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
        """As for all generators: names, of a label or of the mixture of all."""
        labels = self.label_rows(label)
        plan = self.plan(prefix, check_options(0.0, length=length))
        most = widest(len(self.vocabulary), self.config.hidden, max(len(labels), 1))
        count, _ = check_beam(count, beam, most)
        search = Search(
            self.stepper,
            self.begun(plan)[0],
            labels if self.labels else None,
            self.log_prior() if len(labels) > 1 else np.zeros(1),
            plan.length,
            self.vocabulary.sizes,
            self.newline,
            count,
            self._novel if checks.flag("novel", novel) else None,
        )
        name = None if label is None else self.labels[labels[0]]
        return widening(search, most).probable(self._texts, name, ends=True)

    def _novel(self, ids: Iterable[np.ndarray]) -> np.ndarray:
        """Which names (B, T) the training and validation sets do not have, bool (B,)."""
        return ~self._seen(self._texts(ids))

    def knows(self, name: str) -> bool:
        """Whether the training or validation set has this name: see `fingerprints_raw`."""
        return bool(self._seen([name])[0])

    def _seen(self, names: Sequence[str]) -> np.ndarray:
        """`knows` for each of some names, bool (N,)."""
        marks = fingerprints(names, self.fingerprints_raw)
        return np.any([np.isin(marks, known) for known in self.fingerprints.values()], axis=0)
