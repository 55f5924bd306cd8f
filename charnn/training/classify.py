"""Trains a classifier: from a folder of names to a model with its figures."""

from pathlib import Path
from typing import Any

from charnn.config import Config, configure
from charnn.data import Batch, Names
from charnn.inference.classifier import Classifier
from charnn.ngrams import Ngrams
from charnn.training.parts import _seen, data_fingerprint, encoder, read_parts
from charnn.training.runs import finishing, seeded


def train_classifier(data: str | Path, *, preset: str = "standard", test_data: str | Path | None = None,
                     device: str = "auto", **overrides: Any) -> "Classifier":
    """Trains a classifier on a folder of <label>.txt files and returns it, measured on held-out names.

    The names are split by spelling: 80% train, 10% choose the best epoch, 10% are for the
    figures; with `test_data`, another such folder, 95% and 5%, and the figures come from there.
    `overrides` are values of Config: cell="lstm", epochs=5, seed=1. The classifier carries
    `figures` and `history`; `classifier.save(path)` writes the model file. Ctrl-C keeps the best
    weights so far. Raises CharnnError for folders and values that cannot work.
    """
    config = configure(preset, **overrides)
    parts = read_parts(data, test_data, config)
    return train_parts(parts, config, device)


def train_parts(parts: "dict[str, Names]", config: Config, device: str = "auto", **callbacks: Any) -> "Classifier":
    """Trains on the parts of `read_parts`: a Classifier with its figures on the validation and test part."""
    from charnn.data import encoded, joined
    from charnn.devices import pick_device, threads
    from charnn.evaluation.metrics import best_mixture, best_temperature, figures
    from charnn.inference.classifier import Classifier
    from charnn.model import build_network
    from charnn.training.loop import fit
    from charnn.training.tasks import Classify

    train, labels = parts["train"], parts["train"].labels
    vocabulary, normalise = encoder(parts, config)
    task = Classify(train, parts["validation"], vocabulary, normalise, config)
    where = pick_device(device)
    with seeded(config, where) as order, threads(config):
        network = build_network(config, len(vocabulary), len(labels))
        history = fit(network, task, config, where, order, **callbacks)
    with finishing():
        classifier = Classifier(network, vocabulary, labels, config, train.counts(), _seen(parts))
        classifier.history = history
        readable = classifier.known(parts["validation"].names)  # the answer to the others is no network's
        chosen_by = parts["validation"].select(readable)
        by_network, share = classifier.log_proba(chosen_by.names), 0.0
        if config.ngrams:
            ngrams = count_names(task.train, classifier)
            by_ngrams = ngrams(*encoded(chosen_by, vocabulary, normalise)[:2]).numpy()
            temperature, share = best_mixture(by_network, by_ngrams, chosen_by.targets)
            classifier.ngrams, ngrams.scale = ngrams, share / temperature
        else:
            temperature = best_temperature(by_network, chosen_by.targets)
        network.fold_temperature(temperature / (1 - share))
        held_out = {"validation": figures(classifier.log_proba(parts["validation"].names), parts["validation"].targets)}
        if config.ngrams:  # the validation part has chosen and was measured: from now on its names count too
            classifier.counts += parts["validation"].counts()
            classifier.ngrams = count_names(joined(task.train, task.validation), classifier, ngrams.scale)
        held_out["test"] = figures(classifier.log_proba(parts["test"].names), parts["test"].targets)
        classifier.about = {"figures": {"train": {"n": len(train)}, **held_out, "best_epoch": history.best},
                            "temperature": temperature, "ngram_share": share, "data": data_fingerprint(parts)}
    return classifier


def count_names(names: "Batch", classifier: "Classifier", scale: float = 1.0) -> "Ngrams":
    """The runs of letters of names that are all in one batch, for a classifier."""
    from charnn.ngrams import Ngrams
    ngrams = Ngrams.count(names, len(classifier.vocabulary), classifier.ngram_prior(), classifier.config.ngrams)
    ngrams.scale = scale
    return ngrams
