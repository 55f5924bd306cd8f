"""The n-grams beside a generator's network: counted, and mixed with it by the validation set.

Axis letters: B texts, T time, V symbols.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from charnn.data import Batch
from charnn.evaluation.calibration import Mixture
from charnn.inference.generator import Generator
from charnn.inference.torch_engine import TorchEngine
from charnn.inference.with_ngrams import WithNgrams
from charnn.kneser_ney import KneserNey
from charnn.model import GeneratorNetwork
from charnn.text.vocabulary import IGNORED, next_symbols

LOG_PROBS = 1 << 22  # of the validation set by which the two are mixed; bounds memory and time
STREAM = 1024  # symbols of running text that are read one after the other for that


class Reading(NamedTuple):
    """Texts as a generator learns them: what it reads, and what comes next at each step.

    As `next_symbols` gives both; the labels are 0 where it knows none.
    """

    read: np.ndarray  # (B, T)
    targets: np.ndarray  # (B, T)
    labels: np.ndarray  # (B,)

    @classmethod
    def of_names(cls, names: Batch, newline: int, labelled: bool) -> "Reading":
        """Names, each between two newlines."""
        read, targets = next_symbols(names.ids.numpy(), names.lengths.numpy(), newline)
        return cls(read, targets, names.targets.numpy() * labelled)

    @classmethod
    def of_text(cls, text: np.ndarray, newline: int) -> "Reading":
        """A running text (N,) after a newline, as one row of its own small type of number."""
        read = np.concatenate([np.array([newline], text.dtype), text[:-1]])
        return cls(read[None], text[None], np.zeros(1, dtype=np.int64))

    def in_streams(self) -> "Reading":
        """A running text's one row as rows of up to STREAM symbols; what is left over is left out.

        They are read faster, and each from a new beginning.
        """
        length = min(STREAM, self.read.shape[1])
        rows = self.read.shape[1] // length
        read, targets = (
            part[:, : rows * length].reshape(rows, length).astype(np.int64) for part in self[:2]
        )
        return Reading(read, targets, np.zeros(rows, dtype=np.int64))

    def counted(self, symbols: int, order: int) -> KneserNey:
        """The n-grams of these texts, up to `order`; V = symbols."""
        return KneserNey.count(*self, symbols, order)


def mix_and_measure(
    generator: Generator,
    train: Reading,
    validation: Reading,
    both: Callable[[], Reading],
    figures_of: Callable[[str], dict[str, float]],
) -> dict[str, Any]:
    """Gives a generator the n-grams that its configuration asks for, if any, and measures it.

    They are counted in the training set, mixed by the validation set and, once that is measured,
    counted in both. `figures_of` are those of a set by its name. Gives what a model file says.
    """
    symbols, order = len(generator.vocabulary), generator.config.ngrams
    about = {}
    if order:
        generator.ngrams = train.counted(symbols, order)
        engine = generator.engine
        assert isinstance(engine, TorchEngine), "it has just been trained"
        about = mix(engine, generator.ngrams, validation)
    figures = {"validation": figures_of("validation")}
    if generator.ngrams is not None:
        # Once measured, the validation set has done its work: its n-grams count too.
        scale = generator.ngrams.scale
        generator.ngrams = both().counted(symbols, order)
        generator.ngrams.scale = scale
    return {"figures": {**figures, "test": figures_of("test")}, **about}


def mix(engine: TorchEngine, ngrams: KneserNey, validation: Reading) -> dict[str, Any]:
    """Mixes the two as the validation set tells, which chooses the temperature and the share.

    The network's part goes into its readout's weights, that of the n-grams into their scale. Gives
    what a model file says of it.
    """
    rows = max(1, LOG_PROBS // (ngrams.symbols * validation.read.shape[1]))
    read, targets, labels = (part[:rows] for part in validation)
    network = engine.network
    assert isinstance(network, GeneratorNetwork), "a classifier has other n-grams"
    by_network, _ = engine.step(read, labels if network.labels else None)  # (B, T, V)
    by_ngrams = WithNgrams(engine, ngrams).scores(read, labels)
    real = targets != IGNORED
    mixture = Mixture(by_network[real].astype(np.float64), by_ngrams[real], targets[real])
    temperature, share = mixture.lowest()
    network.fold_temperature(temperature / (1 - share))
    ngrams.scale = share / temperature
    return {"temperature": temperature, "ngram_share": share}
