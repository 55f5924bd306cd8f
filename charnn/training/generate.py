"""Trains a generator: from names or a text to a model with its figures."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from charnn.config import Config, configure
from charnn.data import Names
from charnn.errors import CharnnError
from charnn.inference.generator import Generator
from charnn.text.vocabulary import Vocabulary
from charnn.training.parts import _seen, data_fingerprint, encoder, read_parts
from charnn.training.runs import finishing, seeded

MEASURED = 200_000  # characters of a running text's part that its figures are of, at most


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
    from charnn.text.running import CUTS, read_text, read_vocabulary, split_text
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
    from charnn.data import encoded
    from charnn.devices import pick_device
    from charnn.evaluation.metrics import per_character
    from charnn.inference.generator import NEWLINE, Generator
    from charnn.inference.trained import SEEN
    from charnn.model import build_writer
    from charnn.text.vocabulary import Vocabulary
    from charnn.training.loop import fit
    from charnn.training.tasks import WriteNames

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

    from charnn.devices import pick_device
    from charnn.evaluation.metrics import per_character
    from charnn.inference.generator import Generator
    from charnn.inference.trained import SEEN
    from charnn.model import build_writer
    from charnn.training.loop import fit
    from charnn.training.tasks import WriteText

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
