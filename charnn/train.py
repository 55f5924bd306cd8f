"""python -m charnn.train: from a folder of <label>.txt files to a model file, curves and honest figures.

train_classifier is the same from Python.
"""

import csv
import io
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, astuple, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charnn import cli
from charnn.config import Config, configure
from charnn.errors import CharnnError

if TYPE_CHECKING:  # what needs torch is imported where it is used, so that --help answers at once
    from charnn.classifier import Classifier
    from charnn.data import Names, Vocabulary
    from charnn.loop import Epoch

FILES = ("model.safetensors", "history.csv", "curves.png")


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
    from charnn.data import read_folder, relabel, split
    names = read_folder(data, config.max_length)
    test = None
    if test_data is not None:
        test = relabel(read_folder(test_data, config.max_length, one_label=True), names.labels, f"{data}")
    return split(names, test)


def encoder(parts: "dict[str, Names]", config: Config) -> "tuple[Vocabulary, Callable[[str], str]]":
    """The Vocabulary of the training part, and the function that makes a name's text ready for it.

    Raises CharnnError when the training part has no letter that the network could read.
    """
    from charnn.data import Vocabulary, normaliser
    normalise = normaliser(config.raw, config.lowercase)
    vocabulary = Vocabulary.from_names([normalise(name) for name in parts["train"].names])
    if not vocabulary.letters.any():
        remedy = "give names with letters" if config.raw else "train with --raw to keep the script as it is"
        raise CharnnError(f"the training part has no letter or digit that can be read; {remedy}")
    return vocabulary, normalise


def train_parts(parts: "dict[str, Names]", config: Config, device: str = "auto", **callbacks: Any) -> "Classifier":
    """Trains on the parts of `read_parts`: a Classifier with its figures on the validation and test part."""
    import numpy as np
    import torch

    from charnn.classifier import SEEN, Classifier
    from charnn.data import fingerprints
    from charnn.loop import fit, pick_device
    from charnn.metrics import best_temperature, figures
    from charnn.model import build_network
    from charnn.tasks import Classify

    train, labels = parts["train"], parts["train"].labels
    vocabulary, normalise = encoder(parts, config)
    task = Classify(train, parts["validation"], vocabulary, normalise, config)
    where = pick_device(device)
    with torch.random.fork_rng([where] if where.type == "cuda" else []):  # for initialisation and dropout
        torch.manual_seed(config.seed)
        order = torch.Generator().manual_seed(config.seed)
        network = build_network(config, len(vocabulary), len(labels))
        history = fit(network, task, config, where, order, **callbacks)
    with finishing():
        seen = {part: np.unique(fingerprints(parts[part].names)) for part in SEEN}
        classifier = Classifier(network, vocabulary, labels, config, train.counts(), seen, history=history)
        readable = classifier.known(parts["validation"].names)  # the answer to the others is no network's
        chosen_by = parts["validation"].select(readable)
        temperature = best_temperature(classifier.log_proba(chosen_by.names), chosen_by.targets)
        network.fold_temperature(temperature)
        held_out = {part: figures(classifier.log_proba(parts[part].names), parts[part].targets)
                    for part in ("validation", "test")}
        classifier.about = {"figures": {"train": {"n": len(train)}, **held_out, "best_epoch": history.best},
                            "temperature": temperature, "data": data_fingerprint(parts)}
    return classifier


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


# ---------------------------------------------------------------- the command


def main(argv: list[str] | None = None) -> None:
    """Parses, trains, writes model.safetensors, history.csv and curves.png, prints what came out."""
    options = cli.parser("train", "Trains a classifier on a folder of <label>.txt files, one name per line,\n"
                                  "and writes model.safetensors, history.csv and curves.png.")
    options.add_argument("--data", metavar="DIR", help="the folder (default: the surnames that come with charnn)")
    options.add_argument("--test-data", metavar="DIR", help="another folder to measure on, not a tenth of --data")
    options.add_argument("--out", metavar="DIR", help="where the files go (default: the first free runs/<data>-N)")
    cli.add_device(options)
    cli.add_config(options)
    arguments = options.parse_args(argv)
    config = cli.config_of(arguments)
    if arguments.out is not None:
        cli.check_free(Path(arguments.out), FILES)

    from charnn.data import bundled_names
    from charnn.loop import pick_device
    data = Path(arguments.data) if arguments.data is not None else bundled_names()
    pick_device(arguments.device)
    parts = read_parts(data, arguments.test_data, config)
    sizes = ", ".join(f"{len(names):,} {part}" for part, names in parts.items())
    print(f"{data}: {len(parts['train'].labels)} labels; names: {sizes}", file=sys.stderr)
    theirs = arguments.out is not None and Path(arguments.out).exists()
    out = cli.make_folder(arguments.out, data.resolve().name)
    try:
        with Progress(config, len(parts["train"])) as progress:
            classifier = train_parts(parts, config, arguments.device, on_batch=progress.batch, on_epoch=progress.epoch)
        with finishing():
            save_all(classifier, out)
    except BaseException:
        if not theirs and not any(out.iterdir()):
            out.rmdir()
        raise
    print_results(classifier, parts, out)


def save_all(classifier: "Classifier", out: Path) -> None:
    """Writes model.safetensors, history.csv and curves.png into the folder.

    Raises CharnnError when another run has written there in the meantime.
    """
    cli.check_free(out, FILES)
    from charnn.checkpoint import write
    from charnn.loop import Epoch
    classifier.save(out / "model.safetensors")
    history = classifier.history
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(column.name for column in fields(Epoch))
    rows.writerows(astuple(epoch) for epoch in history.epochs)
    write(out / "history.csv", text.getvalue().encode())
    from charnn.report import as_png, curves  # last: a broken matplotlib must not cost the model
    write(out / "curves.png", as_png(curves(history.epochs, history.best)))


def print_results(classifier: "Classifier", parts: "dict[str, Names]", out: Path) -> None:
    """Held-out figures, five right and five wrong names, where the files are, what to try next."""
    history, test, seen = classifier.history, parts["test"], classifier.figures["test"]
    print(f"epochs: {len(history.epochs)} ({history.ending}); kept the weights of epoch {history.best}")
    print(f"trained on {len(parts['train']):,} names, best epoch chosen on {len(parts['validation']):,}, "
          f"measured on {seen['n']:,} that it never saw:")
    print(f"  accuracy {seen['accuracy']:.3f}   macro-F1 {seen['macro_f1']:.3f}   NLL {seen['nll']:.3f} nats   "
          f"calibration error {seen['calibration_error']:.3f} (temperature {classifier.temperature:.2f})\n")
    for title, rows in zip(("right", "wrong"), examples(classifier, test), strict=True):
        print(f"{title}:")
        for name, label, guess, probability in rows:
            verdict = f"{guess} ({probability:.0%})" + ("" if guess == label else f", but it is {label}")
            print(f"  {name}: {verdict}")
    print(f"\n{out / 'model.safetensors'}   the model\n{out / 'history.csv'}   every epoch's figures\n"
          f"{out / 'curves.png'}   the same as a picture\n")
    print(f"Try it: python -m charnn.predict --model {shlex.quote(str(out / 'model.safetensors'))} Hinton")


def examples(classifier: "Classifier", test: "Names", most: int = 5) -> Iterator[list[tuple[str, str, str, float]]]:
    """Up to `most` right and `most` wrong names of the test part, drawn by the model's seed."""
    import numpy as np
    answers = classifier.predict_proba(test.names)
    order = np.random.default_rng(classifier.config.seed).permutation(len(test))
    right = answers.argmax(1) == test.targets
    for rows in (order[right[order]][:most], order[~right[order]][:most]):
        yield [(test.names[i], test.labels[test.targets[i]], test.labels[answers[i].argmax()], answers[i].max())
               for i in rows]


class Progress:
    """A bar on a terminal, a line per epoch elsewhere; both on standard error."""

    def __init__(self, config: Config, names: int):
        self.config, self.names, self.last, self.bar = config, names, "", None

    def __enter__(self) -> "Progress":
        if sys.stderr.isatty():
            from tqdm import tqdm
            self.bar = tqdm(total=self.config.epochs * self.names, unit=" names", unit_scale=True, file=sys.stderr)
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def batch(self, names: int, loss: float, accuracy: float) -> None:
        """After each step: the epoch's mean loss and accuracy so far."""
        if self.bar is not None:
            self.bar.set_postfix_str(f"loss {loss:.3f} accuracy {accuracy:.3f}{self.last}", refresh=False)
            self.bar.update(names)

    def epoch(self, epoch: "Epoch") -> None:
        """After each epoch."""
        self.last = f" | epoch {epoch.epoch}: validation {epoch.validation_loss:.3f} {epoch.validation_accuracy:.3f}"
        if self.bar is None:
            row = asdict(epoch)
            print("epoch {epoch:3}: loss {train_loss:.3f} accuracy {train_accuracy:.3f} | validation loss "
                  "{validation_loss:.3f} accuracy {validation_accuracy:.3f} | {per_second:,.0f} names/s".format(**row),
                  file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(cli.run(main))
