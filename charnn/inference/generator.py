"""What load() gives back for a generator: names and text out, and how surprising a text is.

Also load() itself, which knows both kinds of models. It does not train and does not print.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from charnn.config import LONGEST
from charnn.data import PAST_END, Batch, as_letters, fingerprints, streams
from charnn.errors import CharnnError
from charnn.inference.classifier import CACHED
from charnn.inference.sampling import draw, narrow
from charnn.inference.trained import Trained
from charnn.model import build_writer
from charnn.wording import count

NEWLINE = "\n"      # starts and ends a name
ROUNDS = 50         # times that --novel draws anew before it gives up
STREAM = 4096       # characters of running text measured at once
ROWS = 4096         # names drawn at once: bounds the memory
BITS = np.log(2.0)  # nats per bit


class Sample(NamedTuple):
    """A text that was drawn, and how many bits per character it cost the network at temperature 1."""

    text: str
    label: str | None
    bits_per_char: float


class Generator(Trained):
    """A trained network that writes: names, of a label where it knows labels, or running text."""

    task = "generate"
    measured = ("n", "nats_per_char", "bits_per_char", "perplexity")
    build = staticmethod(build_writer)

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        if self.about.get("reads") == "text":
            self.normalise = str  # as it is written

    @property
    def reads(self) -> str:
        """What it was trained on: "names" or "text"."""
        return self.about["reads"]

    @classmethod
    def check_about(cls, path: str | Path, about: dict) -> None:
        """Raises CharnnError when it does not say what it was trained on, or does not know the newline."""
        if about.get("reads") not in ("names", "text"):
            raise CharnnError(f"{path}: reads {about.get('reads')!r}, expected 'names' or 'text'; train it again")
        if NEWLINE not in about["symbols"]:
            raise CharnnError(f"{path}: its symbols lack the newline, which starts and ends a name; train it again")

    @property
    def newline(self) -> int:
        """The newline's id."""
        return self.vocabulary.symbols.index(NEWLINE) + 1

    # ------------------------------------------------------------ how surprising a text is

    def score(self, text: str, label: str | None = None) -> float:
        """Bits per character of a text, the end of a name counted; without a label, of the labels' mixture.

        Raises CharnnError for a label that it does not know and for a text of more than 10,000 characters.
        """
        bits = [bits for _, bits in self.letters(text, label)]
        return sum(bits) / len(bits)

    def letters(self, text: str, label: str | None = None) -> list[tuple[str, float]]:
        """Each letter as the network reads it, with its bits given those before it; a name's end is "\\n"."""
        if isinstance(text, str) and len(text) > LONGEST:
            raise CharnnError(f"the text has {len(text):,} characters; up to {LONGEST:,} are scored, longer ones "
                              "are for charnn.evaluate")
        symbols, = self.read([text])
        if not symbols and self.reads == "text":
            raise CharnnError("an empty text has no letter to score; give some text")
        ids, lengths = self.vocabulary.encode([symbols])
        rows = self._label_rows(label)
        spent = self._per_letter(ids.expand(max(len(rows), 1), -1), lengths.expand(max(len(rows), 1)), rows)  # (L, T)
        if len(rows) > 1:  # log P(letters so far) of the mixture of labels, and what each letter adds to it
            so_far = np.logaddexp.reduce(self.log_prior()[:, None] + spent.cumsum(1), axis=0)  # (T,)
            spent = np.diff(so_far, prepend=0.0)[None]
        read = symbols + NEWLINE if self.reads == "names" else symbols
        return list(zip(read, (-spent[0, :len(read)] / BITS).tolist(), strict=True))

    def _label_rows(self, label):
        """The labels' indices that a text is to be scored with: one, all of a mixture, or none."""
        if label is not None:
            return torch.tensor([self.index(label)])
        return torch.arange(len(self.labels))

    def index(self, label: str) -> int:
        """A label's index. Raises CharnnError, with the nearest labels, for one that it does not know."""
        if label in self.labels:
            return self.labels.index(label)
        if not self.labels:
            raise CharnnError(f"label {label!r}: this generator was trained without labels; leave --label out")
        from difflib import get_close_matches
        folded = {known.casefold(): known for known in self.labels}
        near = [folded[name] for name in get_close_matches(label.casefold(), folded, n=3, cutoff=0.5)]
        hint = f"did you mean {' or '.join(near)}?" if near else f"its labels are {', '.join(self.labels)}"
        raise CharnnError(f"label {label!r} is unknown to the model; {hint}")

    @torch.inference_mode()
    def _per_letter(self, ids, lengths, labels):
        """Log-probabilities (B, T) of each letter and the end (names), or of each letter after a newline (text).

        ids (B, T), lengths (B,), labels (B,) or empty; 0 past the end.
        """
        batch = as_letters(Batch(ids, lengths, labels), self.newline, bool(self.labels)).to(self.device)
        log_probs, _ = self.network(batch.ids, batch.labels)
        past = batch.targets == PAST_END
        chosen = log_probs.gather(2, batch.targets.masked_fill(past, 0).unsqueeze(2)).squeeze(2)
        return chosen.masked_fill(past, 0.0).cpu().double().numpy()

    @torch.inference_mode()
    def run(self, symbols: Sequence[str], targets: Tensor | None = None) -> list[str]:
        """Runs the network over normalised names (of the labels `targets` (N,), if it knows any) or texts, all at once.

        For whoever watches it; gives what it read of each: the newline first.
        """
        ids, lengths = self.vocabulary.encode(symbols)
        batch = as_letters(Batch(ids, lengths, targets), self.newline, bool(self.labels)).to(self.device)
        self.network(batch.ids, batch.labels)
        return [NEWLINE + text for text in symbols]

    def text_nats(self, text: Tensor) -> tuple[float, int]:
        """The nats of a running text (N,) of ids, read as one stream after a newline, and its characters N."""
        with torch.inference_mode():
            state, total = None, 0.0
            for batch in streams(torch.cat([torch.tensor([self.newline], dtype=text.dtype), text]), 1, STREAM):
                batch = batch.to(self.device)
                log_probs, state = self.network(batch.ids, None, state)
                total -= log_probs.gather(2, batch.targets.unsqueeze(2)).double().sum().item()
        return total, len(text)

    def names_nats(self, names: Sequence[str], targets: np.ndarray | None = None) -> tuple[float, int]:
        """The nats of names, given their labels (N,) where it knows labels, and how many letters and ends they have."""
        symbols = self.read(names)
        total, letters = 0.0, 0
        for chosen, ids, lengths in self._batches(symbols):
            labels = torch.from_numpy(targets[chosen.numpy()]) if self.labels else torch.empty(0, dtype=torch.int64)
            total -= float(self._per_letter(ids, lengths, labels).sum())
            letters += int((lengths + 1).sum())
        return total, letters

    def _batches(self, symbols):
        """Names of like length together: (which, ids, lengths) of as many as fit the memory."""
        sizes = torch.tensor([max(len(text), 1) for text in symbols], dtype=torch.int64)
        order = sizes.argsort(descending=True, stable=True)
        while len(order):
            size = max(1, CACHED // self.config.hidden // (int(sizes[order[0]]) + 1))
            chosen, order = order[:size], order[size:]
            yield chosen, *self.vocabulary.encode([symbols[i] for i in chosen.tolist()])

    def _log_proba(self, symbols):
        """By Bayes' rule: what the label gives the name, times the label's share in the training part."""
        if len(self.labels) < 2:
            raise CharnnError("this generator was trained without labels and cannot say which one a name has; "
                              "train one on a folder of <label>.txt files")
        log_probs = np.empty((len(symbols), len(self.labels)))
        for label in range(len(self.labels)):
            for chosen, ids, lengths in self._batches(symbols):
                log_probs[chosen.numpy(), label] = self._per_letter(ids, lengths, torch.full((len(ids),), label)).sum(1)
        log_probs += self.log_prior()
        known = self._known(symbols)
        log_probs[~known] = self.log_prior()
        return log_probs - np.logaddexp.reduce(log_probs, axis=1, keepdims=True)

    # ------------------------------------------------------------ writing

    def generate(self, label: str | None = None, prefix: str = "", count: int = 1, *, temperature: float = 1.0,
                 top_k: int | None = None, top_p: float | None = None, length: int | None = None,
                 seed: int | None = None, novel: bool = False) -> list[str]:
        """Texts that start with a prefix: names of a label (one drawn by its share if absent), or running text.

        A name ends by itself or after `length` characters (the longest that it was trained on, if absent), running
        text after `length` (500). `temperature` 0 always takes the most probable letter; `top_k` and `top_p` draw
        from the most probable letters alone. `novel` gives only names that are not in the training data. The same
        `seed` gives the same texts on the same machine. Raises CharnnError for what cannot be: an unknown label, a
        prefix with a letter that it has never read, values out of range, and when no more novel names are found.
        """
        return [sample.text for sample in self.sample(label, prefix, count, temperature=temperature, top_k=top_k,
                                                      top_p=top_p, length=length, seed=seed, novel=novel)]

    def sample(self, label: str | None = None, prefix: str = "", number: int = 1, *, temperature: float = 1.0,
               top_k: int | None = None, top_p: float | None = None, length: int | None = None,
               seed: int | None = None, novel: bool = False) -> list[Sample]:
        """As `generate`, with each text's label and bits per character."""
        if number < 1:
            raise CharnnError(f"--count {number} is less than 1; ask for at least one")
        if novel and self.reads == "text":
            raise CharnnError("--novel is for names; running text has no list to compare with")
        wanted = None if label is None else self.index(label)
        start, length, choose, generator = self._begin(prefix, length, temperature, top_k, top_p, seed)
        found: list[Sample] = []
        for _ in range(-(-number // ROWS) + ROUNDS):
            rows = min(number - len(found), ROWS)
            labels = self._drawn_labels(wanted, rows, generator)
            found += [sample for sample in self._write(start, labels, length, choose, rows)
                      if not (novel and self._seen_before(sample.text))]
            if len(found) == number:
                return found
        raise CharnnError(f"only {count(len(found), 'novel name')} in {ROUNDS} rounds, {number:,} wanted; "
                          "raise --temperature or ask for fewer")

    def _begin(self, prefix, length, temperature, top_k, top_p, seed):
        """The prefix, the length at most, how a letter is chosen, and the random numbers; after checks of all."""
        for name, value, fits, range_ in (
                ("temperature", temperature, 0 <= temperature <= 100, "choose from 0 to 100"),
                ("top-k", top_k, top_k is None or top_k >= 1, "choose 1 or more"),
                ("top-p", top_p, top_p is None or 0 < top_p <= 1, "choose above 0 and up to 1"),
                ("length", length, length is None or length >= 1, "choose 1 or more"),
                ("seed", seed, seed is None or 0 <= seed < 2**63, "choose from 0 to 9223372036854775807")):
            if not fits:
                raise CharnnError(f"--{name} {value} is out of range; {range_}")
        if temperature == 0 and (top_k is not None or top_p is not None):
            raise CharnnError("--temperature 0 takes the most probable letter; leave --top-k and --top-p out")
        start = self._prefix(prefix)
        if length is None:
            length = max(500 if self.reads == "text" else self.config.max_length, len(start) + 1)
        if len(start) >= length:
            raise CharnnError(f"--prefix {prefix!r} has {len(start)} characters, and --length is {length}; raise it")
        generator = torch.Generator(self.device)
        if seed is None:
            generator.seed()
        else:
            generator.manual_seed(seed)
        return start, length, lambda logits: draw(narrow(logits, temperature, top_k, top_p), generator), generator

    def _prefix(self, prefix):
        """The prefix as the network reads it."""
        text = self.normalise(prefix)
        unknown = sorted(set(text) - set(self.vocabulary.symbols))
        if unknown:
            raise CharnnError(f"--prefix {prefix!r} has {', '.join(map(repr, unknown))}, which the model has never "
                              "read; leave it out")
        return text

    def _drawn_labels(self, wanted, rows, generator):
        """Labels (rows,): the wanted one, or each as often as in the training part; none without labels."""
        if not self.labels:
            return None
        if wanted is not None:
            return torch.full((rows,), wanted, device=self.device)
        shares = torch.from_numpy(np.exp(self.log_prior())).float().to(self.device)
        return torch.multinomial(shares, rows, replacement=True, generator=generator)

    def _seen_before(self, text):
        """Whether the training or validation part has this spelling."""
        mark = fingerprints([text])
        return any(np.isin(mark, marks)[0] for marks in self.seen.values())

    def _write(self, start, labels, length, choose, rows):
        """`rows` samples that start with `start`, drawn letter by letter, all at once."""
        texts, spent, letters = [list(start) for _ in range(rows)], np.zeros(rows), np.zeros(rows, dtype=np.int64)
        for alive, drawn, log_probs in self._steps(start, labels, length, choose, rows):
            writing = alive.cpu().numpy()
            spent[writing] -= log_probs.gather(1, drawn.unsqueeze(1)).squeeze(1).cpu().double().numpy()
            letters[writing] += 1
            for row, id_ in zip(writing.tolist(), drawn.tolist(), strict=True):
                if id_ != self.newline or self.reads == "text":
                    texts[row].append(self.vocabulary.symbols[id_ - 1])
        return [Sample("".join(text), None if labels is None else self.labels[int(labels[row])],
                       float(spent[row] / max(letters[row], 1) / BITS)) for row, text in enumerate(texts)]

    @torch.inference_mode()
    def _steps(self, start, labels, length, choose, rows) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Draws one letter after the other: (rows still writing (B,), their letters (B,), log-probabilities (B, V))."""
        ids = torch.tensor([[self.newline, *self.vocabulary.encode([start])[0][0, :len(start)].tolist()]],
                           device=self.device).expand(rows, -1)  # (B, 1 + letters of the prefix)
        alive, state, ends = torch.arange(rows, device=self.device), None, self.reads == "names"
        for _ in range(len(start), length):
            log_probs, state = self.network(ids, labels, state)
            last = log_probs[:, -1]                                   # (B, V)
            last[:, 0] = -torch.inf                                   # the unknown symbol cannot be written
            drawn = choose(last)                                      # (B,)
            yield alive, drawn, last
            if ends:
                going = drawn != self.newline
                if not bool(going.all()):
                    alive, drawn, state = alive[going], drawn[going], _rows(state, going)
                    labels = None if labels is None else labels[going]
                if not len(alive):
                    return
            ids = drawn.unsqueeze(1)

    def next_letter(self, prefix: str = "", label: str | None = None) -> Tensor:
        """Log-probabilities (V,) of the letter after a prefix: what `generate` draws from at temperature 1.

        The unknown symbol, id 0, cannot be written and has -inf. Raises CharnnError for an unknown label, none
        where it knows labels, and a prefix with a letter that it has never read.
        """
        labels = self._label_rows(label).to(self.device)
        if len(labels) > 1:
            raise CharnnError("each label goes on with letters of its own; add --label, such as "
                              f"--label {self.labels[0]}")
        start = self._prefix(prefix)
        steps = self._steps(start, labels if self.labels else None, len(start) + 1, lambda rows: rows.argmax(1), 1)
        _, _, log_probs = next(steps)
        return log_probs[0].cpu()

    def stream(self, prefix: str = "", *, temperature: float = 1.0, top_k: int | None = None,
               top_p: float | None = None, length: int | None = None, seed: int | None = None) -> Iterator[str]:
        """Running text, letter by letter as it is drawn; the prefix is not repeated."""
        start, length, choose, _ = self._begin(prefix, length, temperature, top_k, top_p, seed)
        for _, drawn, _ in self._steps(start, None, length, choose, 1):
            yield self.vocabulary.symbols[int(drawn) - 1]


def _rows(state, chosen):
    """The chosen rows of a state, whatever it is made of."""
    return state[chosen] if isinstance(state, Tensor) else tuple(_rows(part, chosen) for part in state)


