"""A trained model's weights as the start of another training: fine-tuning.

Symbols and labels may differ: the weights of those that both know are taken over, those of others
keep their fresh initial values. Knows nothing of files.
"""

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from charnn.config import Config
from charnn.errors import CharnnError
from charnn.inference.trained import Trained
from charnn.text.vocabulary import Vocabulary
from charnn.wording import listed, quoted

Key = tuple[str, str | int]  # what a row or column is for: ("symbol", "a"), ("label", "Turkish")


class Meaning(NamedTuple):
    """What the rows (axis 0) or columns (axis 1) of a weight are for."""

    axis: int
    keys: list[Key]


class Side(NamedTuple):
    """One of the two models: what its weights' names mean."""

    config: Config
    symbols: Sequence[str]
    labels: Sequence[str]

    @property
    def symbol_keys(self) -> list[Key]:
        """Of each id: the unknown symbol's is 0."""
        return [("symbol", 0), *(("symbol", symbol) for symbol in self.symbols)]

    @property
    def label_keys(self) -> list[Key]:
        """Of each label."""
        return [("label", label) for label in self.labels]

    def meaning(self, name: str) -> Meaning | None:
        """What a weight of that name has rows or columns for; None for hidden units alone."""
        generates = self.config.task == "generate"
        if name == "embedding.weight":
            return Meaning(0, self.symbol_keys)
        if name.startswith("readout."):
            return Meaning(0, self.symbol_keys if generates else self.label_keys)
        above = name.startswith("core.cores.") and not name.startswith("core.cores.0.")
        if not ("weight_ih" in name or "weight_sx" in name) or above:
            return None
        # The lowest layer reads symbols, or the floats of an embedding; a generator's, labels too.
        size = self.config.embedding
        inputs = [("float", place) for place in range(size)] if size else self.symbol_keys
        return Meaning(1, [*inputs, *(self.label_keys if generates else [])])


@torch.no_grad()
def take_over(
    network: nn.Module, config: Config, vocabulary: Vocabulary, labels: list[str], start: Trained
) -> None:
    """Gives a network with fresh weights those of the model `start`, as far as they fit.

    Warns of symbols, labels and weights that stay freshly initialised. Raises CharnnError where
    nothing fits.
    """
    if not isinstance(start, Trained):
        raise CharnnError(f"start {quoted(start)} is no model; give what charnn.load returns")
    if start.config.tokens != config.tokens:
        raise CharnnError(
            f"the model that it starts from reads {start.config.tokens}, not {config.tokens}; give "
            f"--tokens {start.config.tokens}"
        )
    new = Side(config, vocabulary.symbols, labels)
    old = Side(start.config, start.vocabulary.symbols, start.labels)
    weights = {plain(name): tensor for name, tensor in weights_of(start).items()}
    taken: list[str] = []
    fresh: list[str] = []
    for name, parameter in network.state_dict().items():
        given = weights.get(plain(name))
        fits = given is not None and _copy(parameter, given, new.meaning(name), old.meaning(name))
        (taken if fits else fresh).append(name)
    if not any(name.startswith("core.") for name in taken):
        raise CharnnError(
            f"no weights of the model fit: it has --cell {start.config.cell}, --hidden "
            f"{start.config.hidden} and --layers {start.config.layers}; leave these options out"
        )
    kinds = {
        "symbols": [quoted(symbol) for symbol in new_ones(new.symbols, old.symbols)],
        "labels": new_ones(labels, old.labels),
        "weights": fresh,
    }
    drawn = [f"{kind} {listed(values)}" for kind, values in kinds.items() if values]
    if drawn:
        warnings.warn(
            f"not in the model that it starts from, and freshly initialised: {'; '.join(drawn)}",
            stacklevel=2,
        )


def new_ones(some: Sequence[str], known: Sequence[str]) -> list[str]:
    """Those that are not among the known, in their order."""
    old_ones = set(known)
    return [one for one in some if one not in old_ones]


def plain(name: str) -> str:
    """A weight's name in our cells: torch's modules have the same weights under longer names."""
    return name.replace(".module.", ".cell.").removesuffix("_l0")


def weights_of(start: Trained) -> dict[str, Tensor]:
    """A model's weights as they were before its temperature was folded into the readout."""
    # What fold_temperature divided by, once the n-gram model's share was known.
    divisor = start.temperature / (1 - start.about.get("ngram_share", 0.0))
    return {
        name: torch.from_numpy(array) * (divisor if name.startswith("readout.") else 1.0)
        for name, array in start.engine.arrays().items()
    }


def _copy(to: Tensor, given: Tensor, new: Meaning | None, old: Meaning | None) -> bool:
    """Copies a weight, or the rows or columns of it that both models have; whether any fitted."""
    if new is None or old is None:
        if to.shape == given.shape:
            to.copy_(given)
        return to.shape == given.shape
    axis, place_of = new.axis, {key: place for place, key in enumerate(old.keys)}
    pairs = [(place, place_of[key]) for place, key in enumerate(new.keys) if key in place_of]
    same = axis == old.axis and to.shape[:axis] == given.shape[:axis]
    if not pairs or not same or to.shape[axis + 1 :] != given.shape[axis + 1 :]:
        return False
    places, sources = (torch.tensor(column) for column in zip(*pairs, strict=True))
    to.index_copy_(axis, places, given.index_select(axis, sources).to(to))
    return True
