"""Trains a generator of names or of running text: read, split, encode, fit, measure."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from charnn import checks
from charnn.config import Config
from charnn.data import encoded
from charnn.devices import pick_device, threads
from charnn.errors import CharnnError
from charnn.evaluation.measure import figures_of_text
from charnn.evaluation.metrics import per_character
from charnn.inference.description import FINGERPRINTED
from charnn.inference.generator import NEWLINE, Generator
from charnn.inference.name_generator import NameGenerator
from charnn.inference.text_generator import TextGenerator
from charnn.inference.torch_engine import TorchEngine
from charnn.inference.trained import Trained
from charnn.model import build_generator
from charnn.presets import configure
from charnn.signals import Stop, stopping
from charnn.table_options import Columns
from charnn.text.names import Names
from charnn.text.running import (
    CUTS,
    MOST,
    read_text,
    read_tokens,
    read_vocabulary,
    split_text,
)
from charnn.text.vocabulary import Vocabulary
from charnn.training.beside import Reading, mix_and_measure
from charnn.training.history import Epoch, History
from charnn.training.loop import OnEpoch, fit
from charnn.training.parts import (
    Parts,
    data_fingerprint,
    encoding_of,
    fingerprints_of,
    nothing_kept,
    read_parts,
)
from charnn.training.progress import showing
from charnn.training.seeding import build_seeded
from charnn.training.tasks import GenerateNames, GenerateText
from charnn.training.transfer import take_over

MEASURED = 200_000  # characters of a running text's held-out set that its figures are of, at most

OnSample = Callable[[Generator], object]  # called after each epoch, so that one sees it learn
TextParts = dict[str, np.ndarray]  # {"train": ids (N,), "validation": ..., "test": ...}


def train_generator(
    data: str | Path | Iterable[str],
    y: Iterable[str] | None = None,
    *,
    text: bool = False,
    column: str | None = None,
    label_column: str | None = None,
    preset: str = "standard",
    test_data: str | Path | None = None,
    device: str = "auto",
    start: Trained | None = None,
    on_sample: OnSample | None = None,
    callbacks: Mapping[str, Any] | None = None,
    progress: bool | None = None,
    **overrides: Any,
) -> Generator:
    """Trains a generator and measures it on what was held out.

    `data` is a folder of <label>.txt files (the network is conditioned on each name's label), one
    file of names, a table with names in `column` and perhaps labels in `label_column`, texts as
    Python has them (a list, an array, a column of pandas, polars or datasets), perhaps with their
    labels `y`, or with `text` the path of a file of running text. Names are split as for
    `train_classifier`; of a text the first 5% choose the best epoch, the last 5% are for the
    figures, and what is between is trained on. `start` is a model whose weights it starts from, as
    far as they fit. `on_sample(generator)` is called after each epoch, and so are `callbacks`,
    those of `charnn.training.loop.fit`; `progress` is as for `train_classifier`. `overrides` are
    values of Config. Raises CharnnError for data and values that cannot work.
    """
    config = configure(preset, task="generate", text=text, **overrides)
    if text:
        if column is not None or label_column is not None:
            raise CharnnError("a running text has no columns; leave column and label_column out")
        if y is not None:
            raise CharnnError("a running text has no labels; leave y out")
        vocabulary, parts = read_text_parts(checks.path("data", data), test_data, config)
        with showing(progress, config, len(parts["train"]), callbacks) as called:
            called = {"on_sample": on_sample, **called}
            return train_text_generator_on(vocabulary, parts, config, device, start, **called)
    columns = Columns(column, label_column)
    parts_of_names = read_parts(data, test_data, config, columns=columns, y=y)
    with showing(progress, config, letters_of(parts_of_names["train"]), callbacks) as called:
        called = {"on_sample": on_sample, **called}
        return train_name_generator_on(parts_of_names, config, device, start, **called)


def letters_of(names: Names) -> int:
    """How many characters are to be predicted: a name has an end too, as it has letters."""
    return sum(len(name) + 1 for name in names.names)


def train_name_generator_on(
    parts: Parts,
    config: Config,
    device: str = "auto",
    start: Trained | None = None,
    on_sample: OnSample | None = None,
    stop: Stop | None = None,
    **callbacks: Any,
) -> NameGenerator:
    """Trains on the sets of `read_parts`: a NameGenerator with its figures on the held-out sets.

    `start` is as for `train_generator`; `stop` and `callbacks` are those of `fit`.
    """
    # Encode; the newline, which starts and ends each name, is a symbol too.
    train = parts["train"]
    letters, normalise = encoding_of(train, config)
    vocabulary = Vocabulary("".join(sorted({*letters.symbols, NEWLINE})))
    newline = vocabulary.symbols.index(NEWLINE) + 1
    labels = train.labels if len(train.labels) > 1 else []  # a single label tells nothing
    train_batch, validation_batch = (
        encoded(parts[name], vocabulary, normalise) for name in ("train", "validation")
    )
    counts = train.counts() if labels else np.zeros(0, dtype=np.int64)
    fingerprints = fingerprints_of(parts, config.raw)
    where = pick_device(device)
    with stopping(stop) as stop, threads(config):
        network, random = build_seeded(
            lambda: build_generator(config, len(vocabulary), len(labels)), config.seed, where
        )
        if start is not None:
            take_over(network, config, vocabulary, labels, start)
        engine = TorchEngine(network, config)
        learning = NameGenerator(engine, vocabulary, labels, config, counts, fingerprints)
        task = GenerateNames(train_batch, validation_batch, newline, bool(labels), config)
        callbacks["on_epoch"] = with_sample(learning, on_sample, callbacks.get("on_epoch"))
        history = fit(network, task, config, where, *random, stop=stop, **callbacks)
        generator = NameGenerator(engine, vocabulary, labels, config, counts, fingerprints)
        both = train.joined(parts["validation"])
        reading = partial(Reading.of_names, newline=newline, labelled=bool(labels))
        found = mix_and_measure(
            generator,
            reading(train_batch),
            reading(validation_batch),
            lambda: reading(encoded(both, vocabulary, normalise)),
            lambda name: figures_of_names(generator, parts[name]),
        )
        generator.about = about(found, len(train), history, data_fingerprint(parts))
        generator.history = history
    return generator


def read_text_parts(
    path: str | Path, test_data: str | Path | None, config: Config
) -> tuple[Vocabulary, TextParts]:
    """The symbols of a text's training set, and its sets as ids (N,)."""
    path = checks.path("data", path)
    test_data = None if test_data is None else checks.path("test_data", test_data)
    if config.lowercase or not config.raw:
        raise CharnnError(
            "running text is learned as it is written; leave --lowercase and --no-raw out"
        )
    end = CUTS[1] if test_data is None else 1.0
    vocabulary = vocabulary_of_text(path, end, config)
    parts = split_text(read_text(path, vocabulary), vocabulary.sizes, end)
    if test_data is not None:
        parts["test"] = read_text(test_data, vocabulary)
        if not len(parts["test"]):
            raise CharnnError(f"{test_data} is empty; give a text to measure on")
    return vocabulary, parts


def vocabulary_of_text(path: Path, end: float, config: Config) -> Vocabulary:
    """The letters, or words and letters, of a text's training set, which ends at a share of it."""
    if config.tokens == "words":
        return read_tokens(path, CUTS[0], end, config.symbols)
    if config.symbols > MOST + 1:
        raise CharnnError(
            f"--symbols {config.symbols} is out of range for running text; choose up to {MOST + 1}"
        )
    vocabulary = read_vocabulary(path, CUTS[0], end, config.symbols - 1 if config.symbols else MOST)
    if config.symbols and not vocabulary.alphanumeric.any():
        raise CharnnError(nothing_kept(config))
    return vocabulary


def train_text_generator_on(
    vocabulary: Vocabulary,
    parts: TextParts,
    config: Config,
    device: str = "auto",
    start: Trained | None = None,
    on_sample: OnSample | None = None,
    stop: Stop | None = None,
    **callbacks: Any,
) -> TextGenerator:
    """Trains on the sets of `read_text_parts`: a TextGenerator with its figures.

    They are of at most MEASURED characters (or tokens, where words are read) of each held-out set.
    The arguments are as for `train_name_generator_on`.
    """
    fingerprints = {name: np.empty(0, dtype=np.int64) for name in FINGERPRINTED}
    counts = np.zeros(0, dtype=np.int64)
    where = pick_device(device)
    with stopping(stop) as stop, threads(config):
        network, random = build_seeded(
            lambda: build_generator(config, len(vocabulary)), config.seed, where
        )
        if start is not None:
            take_over(network, config, vocabulary, [], start)
        engine = TorchEngine(network, config)
        learning = TextGenerator(engine, vocabulary, [], config, counts, fingerprints)
        task = GenerateText(parts["train"], parts["validation"], config)
        callbacks["on_epoch"] = with_sample(learning, on_sample, callbacks.get("on_epoch"))
        history = fit(network, task, config, where, *random, stop=stop, **callbacks)
        generator = TextGenerator(engine, vocabulary, [], config, counts, fingerprints)
        train, validation = parts["train"], parts["validation"]
        reading = partial(Reading.of_text, newline=generator.newline)
        found = mix_and_measure(
            generator,
            reading(train),
            reading(validation).in_streams(),
            lambda: reading(np.concatenate([validation, train])),
            lambda name: figures_of_text(generator, parts[name][:MEASURED]),
        )
        characters = vocabulary.characters(parts["train"])
        generator.about = about(found, characters, history, text_fingerprint(parts))
        generator.history = history
    return generator


def figures_of_names(generator: NameGenerator, names: Names) -> dict[str, float]:
    """The figures of names, given their labels."""
    return per_character(*generator.names_nats(names.names, names.targets))


def about(found: dict[str, Any], trained_on: int, history: History, data: str) -> dict[str, Any]:
    """What a model file says of a training: of what `mix_and_measure` has found, and the rest."""
    figures = {"train": {"n": trained_on}, **found["figures"], "best_epoch": history.best}
    return {**found, "figures": figures, "data": data}


def with_sample(
    generator: Generator, on_sample: OnSample | None, on_epoch: OnEpoch | None
) -> OnEpoch:
    """What `fit` calls after an epoch: `on_epoch`, then `on_sample` with the generator."""

    def after(epoch: Epoch) -> None:
        if on_epoch is not None:
            on_epoch(epoch)
        if on_sample is not None:
            on_sample(generator)

    return after


def text_fingerprint(parts: TextParts) -> str:
    """The same for the same text, split and symbols."""
    digest = blake2b(digest_size=8)
    for ids in parts.values():
        digest.update(ids.tobytes())
    return digest.hexdigest()


def ordered_text_fingerprint(vocabulary: Vocabulary, parts: TextParts) -> str:
    """The same for the same text and split: what a training is made of."""
    symbols = blake2b("".join(vocabulary.symbols).encode("utf-8", "surrogatepass"), digest_size=8)
    return symbols.hexdigest() + text_fingerprint(parts)
