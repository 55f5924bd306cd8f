"""From data to a trained model: read, split, fit, measure. train_classifier and train_generator for Python."""

import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charnn.config import LONGEST, Config, configure
from charnn.errors import CharnnError

if TYPE_CHECKING:  # what needs torch is imported where it is used, so that --help answers at once
    import torch

    from charnn.classifier import Classifier
    from charnn.data import Batch, Names, Vocabulary
    from charnn.generator import Generator
    from charnn.ngrams import Ngrams

MEASURED = 200_000  # characters of a running text's part that its figures are of, at most


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


def read_parts(data: str | Path, test_data: str | Path | None, config: Config) -> "dict[str, Names]":
    """The folder's train, validation and test part, each a charnn.data.Names."""
    from charnn.data import read_folder, read_list, relabel, split
    writes = config.task == "generate"  # which needs no second label, and can learn from one list
    longest = config.max_length if config.tokens == "letters" else LONGEST
    if writes and Path(data).is_file():
        read = lambda path: read_list(path, longest)  # noqa: E731
        return split(read(data), None if test_data is None else read(test_data))
    names = read_folder(data, longest, one_label=writes)
    test = None
    if test_data is not None:
        test = relabel(read_folder(test_data, longest, one_label=True), names.labels, f"{data}")
    return split(names, test)


def encoder(parts: "dict[str, Names]", config: Config) -> "tuple[Vocabulary, Callable[[str], Sequence[str]]]":
    """The Vocabulary of the training part, and the function that makes a name's text ready for it.

    Warns of texts with more words than are read. Raises CharnnError when the training part has no letter that the
    network could read.
    """
    from charnn.words import VOCABULARIES, reader
    normalise = reader(config)
    train = [normalise(name) for name in parts["train"].names]
    if config.tokens == "words":
        whole = reader(replace(config, max_length=LONGEST))
        longer = sum(len(whole(name)) > config.max_length for name in parts["train"].names)
        if longer:
            warnings.warn(f"{longer:,} of {len(train):,} texts in the train part have more than {config.max_length} "
                          "words, of which the first are read; --max-length reads more", stacklevel=2)
    vocabulary = VOCABULARIES[config.tokens].from_names(train)
    if not vocabulary.letters.any():
        if config.tokens == "words":
            raise CharnnError("no word stands twice in the training part; give more texts, or leave --tokens words out")
        remedy = "give names with letters" if config.raw else "train with --raw to keep the script as it is"
        raise CharnnError(f"the training part has no letter or digit that can be read; {remedy}")
    return vocabulary, normalise


def train_parts(parts: "dict[str, Names]", config: Config, device: str = "auto", **callbacks: Any) -> "Classifier":
    """Trains on the parts of `read_parts`: a Classifier with its figures on the validation and test part."""
    from charnn.classifier import Classifier
    from charnn.loop import fit, pick_device
    from charnn.metrics import best_mixture, best_temperature, figures
    from charnn.model import build_network
    from charnn.tasks import Classify, encoded, joined
    from charnn.trained import threads

    train, labels = parts["train"], parts["train"].labels
    vocabulary, normalise = encoder(parts, config)
    task = Classify(train, parts["validation"], vocabulary, normalise, config)
    where = pick_device(device)
    with seeded(config, where) as order, threads(config):
        network = build_network(config, len(vocabulary), len(labels))
        history = fit(network, task, config, where, order, **callbacks)
    with finishing():
        classifier = Classifier(network, vocabulary, labels, config, train.counts(), _seen(parts), history=history)
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


def train_generator(data: str | Path, *, text: bool = False, preset: str = "standard",
                    test_data: str | Path | None = None, device: str = "auto",
                    on_sample: "Callable[[Generator], None] | None" = None, **overrides: Any) -> "Generator":
    """Trains a generator and returns it, measured on what was held out.

    `data` is a folder of <label>.txt files (the network is told each name's label), one file of names, or with
    `text` a file of running text. Names are split as for `train_classifier`; of a text the first 5% choose the best
    epoch, the last 5% are for the figures and what is between is learned. `on_sample(generator)` is called after each
    epoch, so that one sees it learn. `overrides` are values of Config. Raises CharnnError for data and values that
    cannot work.
    """
    config = configure(preset, task="generate", text=text, **overrides)
    if text:
        return write_text_parts(*read_text_parts(data, test_data, config), config, device, on_sample=on_sample)
    return write_parts(read_parts(data, test_data, config), config, device, on_sample=on_sample)


def read_text_parts(path: str | Path, test_data: str | Path | None,
                    config: Config) -> "tuple[Vocabulary, dict[str, torch.Tensor]]":
    """The symbols of a text's training part, and its parts as ids (N,)."""
    from charnn.text import CUTS, read_text, read_vocabulary, split_text
    if config.lowercase or not config.raw:
        raise CharnnError("running text is learned as it is written; leave --lowercase and --no-raw out")
    end = CUTS[1] if test_data is None else 1.0
    vocabulary = read_vocabulary(path, CUTS[0], end)
    parts = split_text(read_text(path, vocabulary), end)
    if test_data is not None:
        parts["test"] = read_text(test_data, vocabulary)
        if not len(parts["test"]):
            raise CharnnError(f"{test_data} is empty; give a text to measure on")
    return vocabulary, parts


def write_parts(parts: "dict[str, Names]", config: Config, device: str = "auto", **callbacks: Any) -> "Generator":
    """Trains on the parts of `read_parts`: a Generator of names with its figures on the validation and test part."""
    from charnn.data import Vocabulary
    from charnn.generator import NEWLINE, Generator
    from charnn.loop import fit, pick_device
    from charnn.metrics import per_character
    from charnn.model import build_writer
    from charnn.tasks import WriteNames, encoded
    from charnn.trained import SEEN

    train = parts["train"]
    letters, normalise = encoder(parts, config)
    vocabulary = Vocabulary("".join(sorted({*letters.symbols, NEWLINE})))
    labels = train.labels if len(train.labels) > 1 else []  # of one label there is nothing to tell
    task = WriteNames(*(encoded(parts[part], vocabulary, normalise) for part in SEEN),
                      vocabulary.symbols.index(NEWLINE) + 1, bool(labels), config)
    where = pick_device(device)
    with seeded(config, where) as order:
        generator = Generator(build_writer(config, len(vocabulary), len(labels)), vocabulary, labels, config,
                              train.counts() if labels else [], _seen(parts), {"reads": "names"})
        history = fit(generator.network, task, config, where, order, **shown(generator, callbacks))
    generator.history = history
    with finishing():
        held_out = {part: per_character(*generator.names_nats(parts[part].names, parts[part].targets))
                    for part in ("validation", "test")}
        generator.about |= {"figures": {"train": {"n": len(train)}, **held_out, "best_epoch": history.best},
                            "data": data_fingerprint(parts)}
    return generator


def write_text_parts(vocabulary: "Vocabulary", parts: "dict[str, torch.Tensor]", config: Config, device: str = "auto",
                     **callbacks: Any) -> "Generator":
    """Trains on the parts of `read_text_parts`: a Generator of text; its figures are of at most MEASURED characters."""
    from hashlib import blake2b

    import numpy as np

    from charnn.generator import Generator
    from charnn.loop import fit, pick_device
    from charnn.metrics import per_character
    from charnn.model import build_writer
    from charnn.tasks import WriteText
    from charnn.trained import SEEN

    task = WriteText(parts["train"], parts["validation"], config)
    where = pick_device(device)
    with seeded(config, where) as order:
        generator = Generator(build_writer(config, len(vocabulary)), vocabulary, [], config, [],
                              {part: np.empty(0, np.int64) for part in SEEN}, {"reads": "text"})
        history = fit(generator.network, task, config, where, order, **shown(generator, callbacks))
    generator.history = history
    with finishing():
        held_out = {part: per_character(*generator.text_nats(parts[part][:MEASURED]))
                    for part in ("validation", "test")}
        digest = blake2b(digest_size=8)
        for ids in parts.values():
            digest.update(ids.numpy())
        generator.about |= {"figures": {"train": {"n": len(parts["train"])}, **held_out, "best_epoch": history.best},
                            "data": digest.hexdigest()}
    return generator


@contextmanager
def seeded(config: Config, device: "torch.device") -> "Iterator[torch.Generator]":
    """Initialisation and dropout within draw from the seed alone, and so does the generator given, for the batches."""
    import torch
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(config.seed)
        yield torch.Generator().manual_seed(config.seed)


def shown(generator: "Generator", callbacks: dict[str, Any]) -> dict[str, Any]:
    """The callbacks of `fit`; `on_sample(generator)`, if there is one, is called after each epoch."""
    on_sample = callbacks.pop("on_sample", None)
    if on_sample is None:
        return callbacks
    on_epoch = callbacks.get("on_epoch", lambda _: None)

    def _after(epoch):
        on_epoch(epoch)
        on_sample(generator)
    return {**callbacks, "on_epoch": _after}


def _seen(parts):
    """The fingerprints of the spellings that a model is made from."""
    import numpy as np

    from charnn.data import fingerprints
    from charnn.trained import SEEN
    return {part: np.unique(fingerprints(parts[part].names)) for part in SEEN}


@contextmanager
def finishing() -> Iterator[None]:
    """Makes Ctrl-C wait: what stands inside takes seconds, and half of it would lose a training."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def data_fingerprint(parts: "dict[str, Names]") -> str:
    """The same for the same names, labels and parts, in whatever order the files have them."""
    from charnn.data import fingerprint
    lines = sorted(f"{part}\t{names.labels[target]}\t{name}" for part, names in parts.items()
                   for name, target in zip(names.names, names.targets.tolist(), strict=True))
    return f"{fingerprint(chr(10).join(lines)):016x}"
