"""From a model file to a model that predicts or generates; knows all kinds of models."""

from pathlib import Path
from typing import Any

import numpy as np

from charnn import checks
from charnn.config import BACKENDS, TASKS, Config
from charnn.errors import CharnnError
from charnn.inference import checkpoint, hub
from charnn.inference.classifier import Classifier, ngram_prior
from charnn.inference.description import CHECKPOINT_TASK, describe, take_fingerprints
from charnn.inference.engine import engine_class
from charnn.inference.name_generator import NameGenerator
from charnn.inference.text_generator import TextGenerator
from charnn.kneser_ney import KneserNey
from charnn.ngrams import Ngrams
from charnn.word_ngrams import WordNgrams
from charnn.wording import choices, quoted

BUNDLED = Path(__file__).parents[1] / "models"
KINDS: tuple[type[Classifier | NameGenerator | TextGenerator], ...] = (
    Classifier,
    NameGenerator,
    TextGenerator,
)


def load(
    model: str | Path | None = None, device: str = "auto", backend: str = "auto"
) -> Classifier | NameGenerator | TextGenerator:
    """The bundled classifier, the bundled "generator", or what is in a model file.

    "hf://OWNER/NAME" is the model.safetensors of a repository on the Hugging Face Hub, with
    "@REVISION" after it that of a branch, a tag or a commit.

    `backend` is what computes its answers, one of `charnn.config.BACKENDS`: "auto" is numpy, and
    torch for a `device` that is not the processor, such as "cuda". With torch the device "auto"
    takes a GPU where there is one. Raises CharnnError for a file that is absent, broken or of a
    newer format, for a device that is not there, for a backend whose package is missing, and where
    the Hub has no such repository or cannot be reached.
    """
    backend = backend_of(backend, device)
    path = path_of(model)
    arrays, about = checkpoint.read(path)
    kind = kind_of(path, about)
    config, vocabulary, labels, counts = describe(path, about, kind.fewest_labels)
    kind.check_about(path, about)
    fingerprints = take_fingerprints(path, arrays)
    if config.raw:
        about.setdefault("same", "spelling")  # files from before there were others do not say so
    ngrams = None
    if config.ngrams:
        scale = about.get("ngram_share", 0.0) / about.get("temperature", 1.0)
        ngrams = ngrams_of(path, arrays, config, counts, len(vocabulary), scale)
    # What the n-grams have not taken has to be the network's: anything else is an error.
    # The engine is imported only now: with one that needs no torch, nothing here does.
    engine = engine_class(backend).from_arrays(
        path, config, len(vocabulary), len(labels), arrays, device
    )
    trained = kind(engine, vocabulary, labels, config, counts, fingerprints, about)
    trained.ngrams = ngrams
    return trained


def ngrams_of(
    path: Path,
    arrays: dict[str, np.ndarray],
    config: Config,
    counts: np.ndarray,
    symbols: int,
    scale: float,
) -> Ngrams | WordNgrams | KneserNey:
    """The n-grams in a model file's arrays, which are taken out of them: counts (L,), V = symbols.

    Raises CharnnError, with the path, for arrays that cannot be n-grams.
    """
    labels = len(counts)
    if config.task == "generate":
        return KneserNey.from_arrays(path, arrays, symbols, labels, config.ngrams, scale)
    if config.tokens == "words":
        return WordNgrams.from_arrays(path, arrays, labels, config.ngrams, scale)
    prior = ngram_prior(counts, config)
    return Ngrams.from_arrays(path, arrays, counts, prior, symbols, config.ngrams, scale)


def path_of(model: str | Path | None) -> Path:
    """The model file that `load` reads, which is downloaded where it is on the Hub."""
    if isinstance(model, str) and model.startswith(hub.PREFIX):
        return hub.download(hub.address_of(model))
    path = checks.path("model", "classifier" if model is None else model)
    if model is None or (isinstance(model, str) and model in ("classifier", "generator")):
        path = BUNDLED / f"{path}.safetensors"
    return path


def backend_of(backend: str, device: str) -> str:
    """The one of BACKENDS that `load` takes. Raises CharnnError for one that there is not."""
    name = checks.text("backend", backend)
    if name == "auto":
        return "numpy" if str(device) in ("auto", "cpu") else "torch"
    if name not in BACKENDS:
        raise CharnnError(
            f"--backend {quoted(name)} is unknown; {choices(name, ('auto', *BACKENDS))}"
        )
    return name


def kind_of(path: Path, about: dict[str, Any]) -> type[Classifier | NameGenerator | TextGenerator]:
    """The class of the model that a file describes. Raises CharnnError where there is none."""
    for kind in KINDS:
        if all(about.get(key) == value for key, value in kind.kind.items()):
            return kind
    if about.get("task") == CHECKPOINT_TASK:
        raise CharnnError(
            f"{path} is the checkpoint of a training, not a model; go on with charnn.train "
            f"--resume {path.parent}"
        )
    if about.get("task") not in TASKS:
        raise CharnnError(
            f"{path}: task {quoted(about.get('task'))}, expected "
            f"{' or '.join(map(quoted, TASKS))}; train it again"
        )
    raise CharnnError(
        f"{path}: reads {quoted(about.get('reads'))}, expected 'names' or 'text'; train it again"
    )
