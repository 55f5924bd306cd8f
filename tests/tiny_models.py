"""One small model of each kind, trained in a moment, and what it answers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

import charnn

NAMES = ["Aoie", "Sshsz", "Şükrü", "a lovely story.", "?", ""]
QUICK = {"hidden": 8, "epochs": 1, "batch_size": 32, "device": "cpu"}


def names(folder: Path, _: Path) -> Any:
    return charnn.train_classifier(folder, ngrams=3, **QUICK)


def words(_: Path, reviews: Path) -> Any:
    return charnn.train_classifier(reviews, tokens="words", embedding=8, **QUICK)


def torchs_cells(folder: Path, _: Path) -> Any:
    return charnn.train_classifier(folder, cell="torch-lstm", layers=2, ngrams=0, raw=True, **QUICK)


def name_generator(folder: Path, _: Path) -> Any:
    return charnn.train_generator(folder, cell="lstm", **QUICK)


def text_generator(folder: Path, _: Path) -> Any:
    text = folder.parent / "text.txt"
    text.write_text("the cat sat on the mat.\n" * 100, encoding="utf-8")
    return charnn.train_generator(text, text=True, chunk=20, cell="rnn", **QUICK)


def word_generator(folder: Path, _: Path) -> Any:
    text = folder.parent / "words.txt"
    text.write_text("the cat sat on the mat.\nThe dog, a pug.\n" * 60, encoding="utf-8")
    return charnn.train_generator(text, text=True, tokens="words", chunk=20, embedding=4, **QUICK)


BUILDERS = (names, words, torchs_cells, name_generator, text_generator, word_generator)
KINDS: dict[str, Callable[[Path, Path], Any]] = {build.__name__: build for build in BUILDERS}


def answers(model: Any) -> list[Any]:
    """What a model says, as plain numbers and texts."""
    if model.task == "classify":
        return [model.log_proba(NAMES).tolist(), model.occlusion("Sshsz").tolist()]
    samples = [tuple(sample) for sample in model.sample(count=3, length=20, seed=0)]
    label = model.labels[0] if model.labels else None
    bits = [bits for _, bits in model.bits_per_letter("the cat")]
    return [samples, bits, model.score("Aoie"), model.next_letter(label=label)[1:].tolist()]


def log_probs_by_letter(generator, text, label=None):
    """The log-probability of each letter and the end, worked out letter by letter."""
    symbols, newline = generator.vocabulary.symbols, generator.newline
    labels = None if label is None else torch.tensor([generator.index(label)])
    found, state, before = [], None, newline
    for letter in [*text, "\n"]:
        with torch.inference_mode():
            log_probs, state = generator.network(torch.tensor([[before]]), labels, state)
        before = symbols.index(letter) + 1
        found.append(log_probs[0, 0, before].item())
    return found
