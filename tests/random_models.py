"""Models with random weights, of any configuration, built and not trained."""

import numpy as np
import torch

from charnn.config import Config
from charnn.inference.classifier import Classifier
from charnn.inference.description import FINGERPRINTED
from charnn.inference.name_generator import NameGenerator
from charnn.inference.text_generator import TextGenerator
from charnn.inference.torch_engine import TorchEngine
from charnn.kneser_ney import KneserNey
from charnn.model import build_network
from charnn.text.vocabulary import Vocabulary, next_symbols

SYMBOLS = "\n 'abcdefghijklmnopqrstuvwxyzéğ"
LABELS = ["Aries", "Taurus", "Gemini"]
NAMES = [
    "abba",
    "bab",
    "cab",
    "abacab",
    "bacca",
    "a",
    "satoshi",
    "b b",
]  # that n-grams are counted in
FIGURES = {
    "n": 5,
    "accuracy": 0.5,
    "macro_f1": 0.5,
    "nll": 1.0,
    "nats_per_char": 1.0,
    "bits_per_char": 1.5,
    "perplexity": 2.0,
}


def random_classifier(**options):
    """A classifier of LABELS, without n-grams."""
    return _model(Classifier, Config(ngrams=0, **{"hidden": 6, **options}), LABELS)


def random_generator(labels=LABELS, text=False, **options):
    """A generator of names of these labels, or of running text."""
    every = {"readout": "every", "bidirectional": False, "ngrams": 0, "raw": True}
    config = Config(task="generate", **{**every, "hidden": 6, **options})
    model = _model(TextGenerator if text else NameGenerator, config, [] if text else labels)
    if config.ngrams:
        read, targets = next_symbols(*model.vocabulary.encode(NAMES), model.newline)
        labels = np.arange(len(NAMES)) % max(len(model.labels), 1)
        symbols = len(model.vocabulary)
        model.ngrams = KneserNey.count(read, targets, labels, symbols, config.ngrams)
        model.ngrams.scale = 0.5
        model.about |= {"temperature": 1.0, "ngram_share": 0.5}
    return model


def _model(kind, config, labels):
    torch.manual_seed(0)
    vocabulary = Vocabulary(SYMBOLS)
    network = build_network(config, len(vocabulary), len(labels))
    with torch.no_grad():
        for parameter in network.parameters():
            # Answers that are far from each other; what relu lets grow grows by itself.
            parameter.mul_(1 if config.nonlinearity == "relu" else 3)
            if not parameter.any():  # as what scales the state of a multiplicative GRU
                parameter.normal_(std=0.3)
    seen = {name: np.arange(3) for name in FINGERPRINTED}
    parts = {"validation": FIGURES, "test": FIGURES}
    about = {
        "figures": {"train": {"n": 5}, "best_epoch": 1, **parts},
        "temperature": 1.5,
        "data": "0123456789abcdef",
    }
    engine = TorchEngine(network, config)
    return kind(engine, vocabulary, labels, config, [3, 1, 2][: len(labels)], seen, about)
