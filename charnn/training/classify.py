"""Trains a classifier: read, split, encode, fit, count, mix, calibrate, measure.

Axis letters: N names, L labels.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from charnn.config import Config
from charnn.data import encoded
from charnn.devices import pick_device, threads
from charnn.evaluation.calibration import Mixture, best_mixture, best_temperature
from charnn.evaluation.metrics import figures as all_figures
from charnn.inference.classifier import Classifier, ngram_prior, ngram_scores
from charnn.inference.torch_engine import TorchEngine
from charnn.inference.trained import Trained
from charnn.model import ClassifierNetwork, build_classifier
from charnn.ngrams import Ngrams
from charnn.presets import configure
from charnn.signals import Stop, stopping
from charnn.table_options import Columns
from charnn.text.names import Names
from charnn.text.vocabulary import Vocabulary
from charnn.text.words import reader
from charnn.training.history import History
from charnn.training.linear import fit_word_ngrams
from charnn.training.loop import fit
from charnn.training.parts import (
    Parts,
    data_fingerprint,
    encoding_of,
    fingerprints_of,
    read_parts,
)
from charnn.training.progress import showing
from charnn.training.seeding import build_seeded
from charnn.training.tasks import ClassifyNames
from charnn.training.transfer import take_over
from charnn.word_ngrams import WordNgrams


def train_classifier(
    data: str | Path | Iterable[str],
    y: Iterable[str] | None = None,
    *,
    column: str | None = None,
    label_column: str | None = None,
    preset: str = "standard",
    test_data: str | Path | None = None,
    device: str = "auto",
    start: Trained | None = None,
    callbacks: Mapping[str, Any] | None = None,
    progress: bool | None = None,
    **overrides: Any,
) -> Classifier:
    """Trains a classifier on a folder of <label>.txt files and measures it on held-out names.

    Or on a table: its names are in `column`, their labels in `label_column`. Or on texts as Python
    has them (a list, an array, a column of pandas, polars or datasets) with their labels `y`.
    The names are split by spelling: 80% are trained on, 10% choose the best epoch, 10% are for the
    figures; with `test_data`, another such folder, 95% and 5%, and the figures come from there.
    `start` is a model whose weights it starts from, as far as they fit. `callbacks` are those of
    `charnn.training.loop.fit`, such as a Tracking has. `progress` shows the training while it runs,
    or not; by default it is shown in a notebook, with its curves, and not elsewhere. `overrides`
    are values of Config: cell="lstm", epochs=5, seed=1. The classifier carries `figures` and
    `history`; `classifier.save(path)` writes the model file. Ctrl-C keeps the best weights so far.
    Raises CharnnError for folders and values that cannot work.
    """
    config = configure(preset, **overrides)
    parts = read_parts(data, test_data, config, columns=Columns(column, label_column), y=y)
    with showing(progress, config, len(parts["train"]), callbacks) as called:
        return train_classifier_on(parts, config, device, start, **called)


def train_classifier_on(
    parts: Parts,
    config: Config,
    device: str = "auto",
    start: Trained | None = None,
    stop: Stop | None = None,
    **callbacks: Any,
) -> Classifier:
    """Trains on the sets of `read_parts`: a Classifier with its figures on the held-out sets.

    There may be no test set. It starts from the weights of the model `start`, as far as they fit.
    `stop` and `callbacks` are those of `fit`.
    """
    with stopping(stop) as stop, threads(config):
        fitted = fit_on(parts, config, device, start, stop, **callbacks)
        return finished(calibrated(fitted, parts), parts)


def fit_on(
    parts: Parts,
    config: Config,
    device: str = "auto",
    start: Trained | None = None,
    stop: Stop | None = None,
    **callbacks: Any,
) -> "Fitted":
    """Trains a network as `train_classifier_on` does; of `parts` it needs no test set."""
    train, validation = parts["train"], parts["validation"]
    # Encode: names become ids.
    vocabulary, normalise = encoding_of(train, config)
    train_batch = encoded(train, vocabulary, normalise)
    validation_batch = encoded(validation, vocabulary, normalise)
    # Fit: the training set moves the weights, the validation set chooses the best epoch.
    where = pick_device(device)
    network, random = build_seeded(
        lambda: build_classifier(config, len(vocabulary), len(train.labels)), config.seed, where
    )
    if start is not None:
        take_over(network, config, vocabulary, train.labels, start)
    task = ClassifyNames(train_batch, validation_batch, config)
    history = fit(network, task, config, where, *random, stop=stop, **callbacks)
    engine = TorchEngine(network, config)
    fingerprints = fingerprints_of(parts, config.raw)
    return Fitted(engine, vocabulary, train.labels, config, fingerprints, history)


def calibrated(fitted: "Fitted", parts: Parts) -> "Calibrated":
    """A fitted network with n-grams counted and mixed, and calibrated, by the validation set."""
    config, network, validation = fitted.config, fitted.engine.network, parts["validation"]
    assert isinstance(network, ClassifierNetwork), "a generator is not calibrated"
    # Count and mix: n-gram models of the training set, their share by the validation set.
    counts = parts["train"].counts()
    ngrams = ngrams_of(parts["train"], fitted) if config.ngrams else None
    temperature, share = calibration(fitted.classifier(counts), ngrams, validation)
    # Calibrate: the temperature goes into the readout's weights and into the n-grams' scale.
    network.fold_temperature(temperature / (1 - share))
    if ngrams is not None:
        ngrams.scale = share / temperature
    return Calibrated(fitted, ngrams, counts, temperature, share)


def finished(calibrated: "Calibrated", parts: Parts) -> Classifier:
    """The classifier that is kept: its figures measured, then the validation set counted too."""
    fitted, ngrams, counts, temperature, share = calibrated
    validation = parts["validation"]
    figures = {"validation": figures_of(calibrated.classifier, validation)}
    # Once measured, the validation set has done its work: its n-grams count too.
    if ngrams is not None:
        both, scale = parts["train"].joined(validation), ngrams.scale
        counts, ngrams = both.counts(), ngrams_of(both, fitted)
        ngrams.scale = scale
    if "test" in parts:
        figures["test"] = figures_of(fitted.classifier(counts, ngrams), parts["test"])
    history = fitted.history
    about = {
        "figures": {"train": {"n": len(parts["train"])}, **figures, "best_epoch": history.best},
        "temperature": temperature,
        "ngram_share": share,
        "data": data_fingerprint(parts),
    }
    classifier = fitted.classifier(counts, ngrams, about)
    classifier.history = history
    return classifier


class Fitted(NamedTuple):
    """A fitted network, with what else a classifier is built from."""

    engine: TorchEngine
    vocabulary: Vocabulary
    labels: list[str]
    config: Config
    fingerprints: dict[str, np.ndarray]
    history: History

    def classifier(
        self,
        counts: np.ndarray,
        ngrams: Ngrams | WordNgrams | None = None,
        about: dict[str, Any] | None = None,
    ) -> Classifier:
        """A classifier with these n-grams, for names of which each label has `counts` (L,)."""
        engine, vocabulary, labels, config, fingerprints, _ = self
        made = Classifier(engine, vocabulary, labels, config, counts, fingerprints, about)
        made.ngrams = ngrams
        return made


class Calibrated(NamedTuple):
    """A fitted network and the n-grams of its training set, as the validation set mixed them."""

    fitted: Fitted
    ngrams: Ngrams | WordNgrams | None
    counts: np.ndarray  # (L,)
    temperature: float
    share: float  # of the n-grams

    @property
    def classifier(self) -> Classifier:
        """The classifier that knows nothing of the validation set but what it chose."""
        return self.fitted.classifier(self.counts, self.ngrams)


def ngrams_of(names: Names, fitted: Fitted) -> Ngrams | WordNgrams:
    """The n-grams of names, to stand beside a network: of letters counted, of words weighted."""
    config = fitted.config
    read = reader(config)
    symbols = [read(name) for name in names.names]
    if config.tokens == "words":
        balanced = config.sampling == "balanced"
        labels, weights = len(names.labels), names.weights
        return fit_word_ngrams(symbols, names.targets, labels, config.ngrams, balanced, weights)
    ids, lengths = fitted.vocabulary.encode(symbols)
    prior = ngram_prior(names.counts(), config)
    known = len(fitted.vocabulary)
    return Ngrams.count(ids, lengths, names.targets, known, prior, config.ngrams, names.weights)


def calibration(
    network_alone: Classifier, ngrams: Ngrams | WordNgrams | None, names: Names
) -> tuple[float, float]:
    """The temperature, and the n-gram model's share, with the lowest NLL on these names.

    Names without a known letter are left out: their log-probabilities are the prior's.
    """
    readable = names.select(network_alone.known(names.names))
    by_network = network_alone.log_proba(readable.names)  # (N, L)
    if ngrams is None:
        return best_temperature(by_network, readable.targets, readable.weights), 0.0
    symbols = network_alone.read(readable.names)
    ids, lengths = network_alone.vocabulary.encode(symbols)
    by_ngrams = ngram_scores(ngrams, symbols, ids, lengths)
    mixture = by_network, by_ngrams, readable.targets, readable.weights
    # N-grams of words, whose share is chosen with more caution, have weights that are learned.
    return best_mixture(*mixture) if isinstance(ngrams, WordNgrams) else Mixture(*mixture).lowest()


def figures_of(classifier: Classifier, names: Names) -> dict[str, Any]:
    """How good a classifier is on names."""
    return all_figures(classifier.log_proba(names.names), names.targets)
