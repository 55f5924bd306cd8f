"""What answers beside the network: how often the names of each label have each run of letters. Counted, not trained.

For each label there is a letter n-gram model, which says how probable a name is: the product of its letters'
probabilities, each given the letters before it. A run seen N times speaks for itself as far as N goes beyond
a = SMOOTHING, and for the rest the shorter run without its first letter does, down to no letter at all:

    p(c | ab) = (N(abc) + a p(c | b)) / (N(ab) + a)

MacKay and Peto (1995), "A hierarchical Dirichlet language model". A second one reads from right to left, and their
mean is the answer. Taken apart, the logarithm of a name's probability is a sum over the runs in it: each adds
log(1 + N(abc) / a p(c | b)), and as what stands before the next letter takes log(1 + N(abc) / a) away. So the model
is a table with a row per run and a column per label, and to answer is to look up and add.

Counts and a network go wrong at different names; what they say together, a product of experts (Hinton, 2002), is
better than what each says. Knows no network. Axis letters: N names, T letters, G runs of letters, L labels.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from charnn.data import Batch, real_steps
from charnn.errors import CharnnError

SMOOTHING = 20.0
MOST = 131_072     # runs of a length that are kept, of a length with more those seen most often: bounds the file
ENTRIES = 8_388_608  # of runs of a length, times labels: bounds the memory


class Ngrams:
    """The letter n-gram models of L labels as one table. Both ends of a name are a symbol of their own.

    `order` is the length of the longest run; `scale` is what its answers are multiplied by.
    """

    def __init__(self, codes: Tensor, entries: Tensor, counts: Tensor, names: Tensor, prior: Tensor, symbols: int,
                 order: int, scale: float = 1.0):
        """codes (G,): the runs, in order; entries: where (G, L) holds more than 0, and counts: what it holds there.

        names (L,): of each label; prior (L,): their log-probabilities before a letter is read; symbols: V.
        """
        self.codes, self.entries, self.counts, self.prior = codes, entries, counts, prior
        self.base, self.order, self.scale = symbols + 2, order, scale
        self._weigh(names.double())

    @classmethod
    def count(cls, names: Batch, symbols: int, prior: Tensor, order: int) -> Self:
        """The models of names that are all in one batch, V = symbols.

        Of runs that are too many those are left out that stand less often than some number, the same for all lengths.
        """
        labels, order = len(prior), fitting(order, symbols)
        most, found, fewest = min(MOST, ENTRIES // labels), [], 1
        for codes, real in runs(names.ids, names.lengths, symbols, order):
            label = names.targets.unsqueeze(1).expand_as(codes)[real].numpy()
            codes, row, total = np.unique(codes[real].numpy(), return_inverse=True, return_counts=True)
            found.append((codes, total, *np.unique(row * labels + label, return_counts=True)))
            if len(total) > most:  # at most so many stand more often than the one that comes after them
                fewest = max(fewest, int(np.sort(total)[-most - 1]) + 1)
        kept, start = [], 0
        for codes, total, entries, counts in found:  # one bound for all lengths: what is in a run stands there as often
            stays = total >= fewest
            place, row = np.cumsum(stays) - 1 + start, entries // labels
            kept.append((codes[stays], (place[row] * labels + entries % labels)[stays[row]], counts[stays[row]]))
            start += int(stays.sum())
        parts = (torch.from_numpy(np.concatenate(part)) for part in zip(*kept, strict=True))
        return cls(*parts, torch.bincount(names.targets, minlength=labels), prior, symbols, order)

    def tensors(self) -> dict[str, Tensor]:
        """What a model file keeps of it, in as few bytes as hold the numbers."""
        return {"ngrams.codes": self.codes, "ngrams.entries": self.entries.int(), "ngrams.counts": self.counts.int()}

    @classmethod
    def from_tensors(cls, path: str | Path, tensors: dict[str, Tensor], names: Tensor, prior: Tensor, symbols: int,
                     order: int, scale: float) -> Self:
        """The models of a model file's tensors, which are taken out of it.

        Raises CharnnError, with the path, for tensors that no counting can have given.
        """
        order, found = fitting(order, symbols), []
        for name, kind in (("codes", torch.int64), ("entries", torch.int32), ("counts", torch.int32)):
            tensor = tensors.pop(f"ngrams.{name}", None)
            if tensor is None or tensor.dtype != kind or tensor.dim() != 1:
                kinds = str(kind).removeprefix("torch.")
                raise CharnnError(f"{path}: tensor ngrams.{name}: expected a row of {kinds}, found "
                                  f"{'nothing' if tensor is None else tuple(tensor.shape)}; train it again")
            found.append(tensor)
        codes, entries, counts = found
        in_order = bool((codes.diff() > 0).all() and (entries.diff() > 0).all() and (counts > 0).all())
        some = 0 < len(codes) <= len(entries) == len(counts)
        if not (some and in_order and int(codes[0]) > 0 and int(codes[-1]) < (symbols + 2)**order
                and int(entries[0]) >= 0 and int(entries[-1]) < len(codes) * len(names)):
            raise CharnnError(f"{path}: tensors ngrams.codes, ngrams.entries and ngrams.counts do not belong together; "
                              "train it again")
        return cls(codes, entries, counts, names, prior, symbols, order, scale)

    def __call__(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """ids (N, T), lengths (N,) -> scale · log P(name, label), (N, L)."""
        return self.scale * (self.log_likelihood(ids, lengths) + self.prior)

    def log_likelihood(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """log P(name | label) in nats, the mean of both directions: ids (N, T), lengths (N,) -> (N, L)."""
        rows = []
        for codes, real in runs(ids, lengths, self.base - 2, self.order):
            row = torch.searchsorted(self.codes, codes.contiguous()).clamp_max_(len(self.codes) - 1)  # (N, T + n - 1)
            rows.append(torch.where(real & (self.codes[row] == codes), row, len(self.codes)))
        return (F.embedding_bag(torch.cat(rows, dim=1), self.table, mode="sum")
                + self.ends + lengths.unsqueeze(1) * self.letter)

    def _weigh(self, names):
        """The table (G + 1, L), its last row for what is not in it, and what each letter and each name add (L,)."""
        labels, base, a = len(names), self.base, SMOOTHING
        counts = torch.zeros(len(self.codes), labels, dtype=torch.float64)
        counts.view(-1)[self.entries.long()] = self.counts.double()
        spoken = counts[self.codes < base].sum(0) + names  # (L,) letters and ends of names
        uniform = torch.full_like(spoken, 1 / (base - 1))
        ended = (names + a * uniform) / (spoken + a)       # (L,) the probability of an end
        self.table, start = torch.zeros(len(self.codes) + 1, labels), 0
        # Of the runs one letter shorter, and in the last row of ends alone: codes, counts, probabilities both ways
        shorter, seen, there, back = self.codes[:0], spoken[None], uniform[None], uniform[None]
        for length in range(1, self.order + 1):
            top = base**(length - 1)
            codes = self.codes[start:int(torch.searchsorted(self.codes, base * top))]
            n = counts[start:start + len(codes)]                                # (G, L)
            head, tail = place(codes // base, shorter), place(codes % top, shorter)
            from_left, from_right = a * there[tail], a * back[head]             # (G, L)
            # Read from the left a run tells of its last symbol: a letter, or the end that comes after a letter
            letter_last, letter_first = codes % base != base - 1, codes // top != base - 1
            tells_last = letter_last | (codes // base % base != base - 1)
            tells_first = letter_first | (codes // max(top // base, 1) % base != base - 1)
            row = (torch.where(tells_last[:, None], torch.log1p(n / from_left), 0)
                   + torch.where(tells_first[:, None], torch.log1p(n / from_right), 0))
            if length < self.order:
                row -= (letter_last.double() + letter_first.double())[:, None] * torch.log1p(n / a)
            self.table[start:start + len(codes)] = row / 2
            there = torch.cat([(n + from_left) / (seen[head] + a), ended[None]])
            back = torch.cat([(n + from_right) / (seen[tail] + a), ended[None]])
            shorter, seen, start = codes, torch.cat([n, names[None]]), start + len(codes)
        self.letter = (uniform.log() - torch.log1p(spoken / a)).float()
        begun = (self.order - 1) * torch.log1p(names / a)
        self.ends = (self.letter + torch.log1p(names / (a * uniform)) - begun).float()


def place(codes: Tensor, table: Tensor) -> Tensor:
    """Where the codes (G,) stand in a table in order; of those that do not, its length."""
    row = torch.searchsorted(table, codes)
    found = table[row.clamp_max(len(table) - 1)] == codes if len(table) else torch.zeros_like(codes, dtype=torch.bool)
    return torch.where(found, row, len(table))


def fitting(order: int, symbols: int) -> int:
    """The longest run of up to `order` letters whose code is a number of 63 bits."""
    while (symbols + 2)**order >= 2**62:
        order -= 1
    return order


def runs(ids: Tensor, lengths: Tensor, symbols: int, order: int) -> Iterator[tuple[Tensor, Tensor]]:
    """The runs of names ids (N, T), of 1 letter, 2, up to `order`: codes (N, T + n - 1), and which of them are real.

    Both ends of a name are written order - 1 times; a run has at least one letter. Its code has the ids, counted
    from 1, as the digits of a number of base V + 2, so that longer runs have larger codes.
    """
    end, pad = symbols + 1, order - 1
    letters = torch.where(real_steps(lengths, ids.shape[1]), ids + 1, end)
    padded = F.pad(letters, (pad, pad), value=end)                             # (N, T + 2 · pad)
    codes = torch.zeros_like(padded)
    for length in range(1, order + 1):
        digits = padded[:, length - 1:]
        codes = codes[:, :digits.shape[1]] * (symbols + 2) + digits            # (N, T + 2 · pad - length + 1)
        chosen = codes[:, pad - length + 1:pad + ids.shape[1]]                 # (N, T + length - 1)
        yield chosen, real_steps(lengths + length - 1, chosen.shape[1])
