#!/usr/bin/env python3
"""How large and how accurate are the bundled models as ONNX files, by the type of their weights?

    python scripts/benchmark_export.py [--data DIR]

onnxruntime runs each file on one thread, on the names of DIR that the models have not seen: their
test set, if DIR is data/names. Differences are from the answers of the model file: the largest, in
log-probability, over all labels of a name, or over all letters given the label.
"""

import sys
from functools import partial
from typing import Any

import measuring
import numpy as np

import charnn
from charnn import cli
from charnn.config import DTYPES
from charnn.deployment.onnx_export import onnx_file
from charnn.evaluation.measure import measure
from charnn.inference.onnx_engine import OnnxEngine

ASKED = "Hinton"
ROUNDS = 200  # of one name


def exported(model: str, dtype: str) -> Any:
    """A bundled model that answers with its ONNX file, in which the n-grams are."""
    trained: Any = charnn.load(model)
    trained.engine = OnnxEngine(trained.config, onnx_file(trained, dtype), {})
    trained.ngrams = None
    return trained


def megabytes(model: Any) -> str:
    """The size of an exported model's file."""
    return f"{len(model.engine.content) / 1e6:.2f}"


def classifiers(data: str) -> Any:
    """Prints the classifier's rows; the names that it has not seen."""
    expected = measure(charnn.load(), data, unseen=True)
    measuring.print_header(
        "classifier", "MB:", "accuracy:", "NLL:", "calibration error:", "difference:", "ms a name:"
    )
    for dtype in DTYPES:
        model = exported("classifier", dtype)
        found = measure(model, data, unseen=True)
        ids, lengths = model.vocabulary.encode(model.read([ASKED]))
        asking = partial(model.engine.classify, ids, lengths)
        seconds = measuring.medians({ASKED: asking}, ROUNDS)
        measuring.print_row(
            dtype,
            megabytes(model),
            f"{found.figures['accuracy']:.4f}",
            f"{found.figures['nll']:.4f}",
            f"{found.figures['calibration_error']:.4f}",
            f"{np.abs(found.log_probs - expected.log_probs).max():.2g}",
            f"{1e3 * seconds[ASKED]:.2f}",
        )
    return expected.data


def generators(data: Any) -> None:
    """Prints the generator's rows, measured on names with their labels."""
    writer: Any = charnn.load("generator")
    ids, lengths = writer.vocabulary.encode(writer.read(data.names))
    labels = np.array([writer.index(data.labels[target]) for target in data.targets])
    expected = writer.log_probs_of_letters(ids, lengths, labels)  # (N, T + 1)
    print()
    measuring.print_header("generator", "MB:", "nats per character:", "difference:")
    for dtype in DTYPES:
        model = exported("generator", dtype)
        found = model.log_probs_of_letters(ids, lengths, labels)
        measuring.print_row(
            dtype,
            megabytes(model),
            f"{-found.sum() / (lengths + 1).sum():.4f}",
            f"{np.abs(found - expected).max():.2g}",
        )


def main(argv: list[str] | None = None) -> None:
    """Both tables."""
    options = measuring.parser(__doc__)
    measuring.add_data(options)
    generators(classifiers(options.parse_args(argv).data))


if __name__ == "__main__":
    sys.exit(cli.run(main))
