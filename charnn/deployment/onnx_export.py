"""A trained model as an ONNX file: ids in, log-probabilities out, and what reads it as metadata.

A classifier's graph is its whole answer: the network, the n-grams beside it, and the labels' shares
for a name without a letter. A generator's graph is a step with its state.

Axis letters: B batch, T time, V symbols, L labels.
"""

import json
from functools import partial

import numpy as np

from charnn.config import DTYPES
from charnn.deployment import onnx_kneser_ney, onnx_ngrams
from charnn.errors import CharnnError
from charnn.inference.classifier import Classifier
from charnn.inference.onnx_graph import Graph
from charnn.inference.onnx_network import Network, classifier_model, writer_model
from charnn.inference.onnx_scan import real_steps
from charnn.inference.trained import Trained
from charnn.ngrams import Ngrams
from charnn.text.letters import UNKNOWN_SYMBOL
from charnn.text.words import WordReader
from charnn.wording import choices, quoted

# Code points whose reading stands in the metadata: Latin, Greek, Cyrillic, Armenian, Georgian;
# spaces, apostrophes and dashes. Other scripts' letters are unknown to who has only the file.
ALPHABETS = ((0, 0x590), (0x10A0, 0x1100), (0x1C80, 0x1CC0), (0x1E00, 0x2070), (0xFB00, 0xFB07))


def onnx_file(model: Trained, dtype: str = "float32") -> bytes:
    """The content of an ONNX file of a model, whose weights are stored as `dtype`.

    Raises CharnnError for a `dtype` that is not in `charnn.config.DTYPES`, for n-grams of words,
    and for weights that do not fit `dtype`.
    """
    if dtype not in DTYPES:
        raise CharnnError(f"dtype {quoted(dtype)} is unknown; {choices(str(dtype), DTYPES)}")
    graph = Graph(dtype)
    symbols, labels = len(model.vocabulary), len(model.labels)
    network = Network(graph, model.config, symbols, labels, model.engine.arrays())
    metadata = {"charnn": description(model, dtype)}
    if isinstance(model, Classifier):
        return classifier_model(graph, answer(graph, model, network), labels, metadata)
    beside = None if model.ngrams is None else partial(onnx_kneser_ney.mixed, model.ngrams)
    return writer_model(network, metadata, beside)


def answer(graph: Graph, model: Classifier, network: Network) -> str:
    """A classifier's log-probabilities (B, L), as `Classifier.log_proba_of_symbols` has them."""
    log_probs = network.classify("ids", "lengths")
    if isinstance(model.ngrams, Ngrams):
        scores = onnx_ngrams.scores(graph, model.ngrams, "ids", "lengths")
        log_probs = graph.add("LogSoftmax", graph.add("Add", log_probs, scores), axis=1)
    elif model.ngrams is not None:
        raise CharnnError(
            "this model's n-grams of words are known by the letters of a text, which a graph of "
            "ids does not see; export one that was trained with --ngrams 0"
        )
    prior = graph.constant(model.log_prior()[None], np.float32)  # (1, L)
    return graph.add("Where", with_letter(graph, model.vocabulary.alphanumeric), log_probs, prior)


def with_letter(graph: Graph, alphanumeric: np.ndarray) -> str:
    """Which names have a known letter or digit: alphanumeric (V,) -> bool (B, 1)."""
    known = graph.add("Gather", graph.constant(alphanumeric, np.bool_), "ids")  # (B, T)
    time = graph.axes("Squeeze", graph.add("Shape", "ids", start=1, end=2))
    known = graph.add("And", known, real_steps(graph, "lengths", time))
    letters = graph.axes("ReduceSum", graph.cast(known, np.int64), 1, keepdims=1)
    return graph.add("Greater", letters, graph.constant(0))


def description(model: Trained, dtype: str) -> str:
    """What a program needs beside the graph, as JSON: that of the model file, and its reading."""
    about = {**model.description(), "dtype": dtype, "replaced": replaced(model)}
    return json.dumps(about, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def replaced(model: Trained) -> dict[str, str]:
    """The letters of ALPHABETS that are not read as they are, once a text is composed (NFC).

    Each is read by itself: with a capital sigma at the end of a word a model of raw text differs.
    """
    read = model.normalise.normalise if isinstance(model.normalise, WordReader) else model.normalise
    found = {}
    for letter in (chr(code) for first, end in ALPHABETS for code in range(first, end)):
        text = "".join(read(f".{letter}."))[1:-1]  # spaces at the ends would be left out
        if text not in (letter, UNKNOWN_SYMBOL):
            found[letter] = text
    return found
