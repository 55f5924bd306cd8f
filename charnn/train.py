"""python -m charnn.train: from names or a text to a model file, curves and honest figures."""

import argparse
import csv
import io
import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, astuple, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from charnn import cli
from charnn.config import Config
from charnn.errors import CharnnError
from charnn.wording import count

if TYPE_CHECKING:  # what needs torch is imported where it is used, so that --help answers at once
    from torch import Tensor

    from charnn.data import Names
    from charnn.inference.classifier import Classifier
    from charnn.inference.generator import Generator
    from charnn.inference.trained import Trained
    from charnn.training.history import Epoch

SHOWN = 100  # characters of a text that is given as an example
FILES = ("model.safetensors", "history.csv", "curves.png")


def main(argv: list[str] | None = None) -> None:
    """Parses, trains, writes model.safetensors, history.csv and curves.png, prints what came out."""
    options = cli.parser("train", "Trains a classifier on a folder of <label>.txt files, one name per line, or with\n"
                                  "--task generate a generator on such a folder, on a file of names or on a text,\n"
                                  "and writes model.safetensors, history.csv and curves.png.")
    options.add_argument("--data", metavar="PATH", help="the folder, or to write also a file of names, one a line "
                                                        "(default: the surnames that come with charnn)")
    options.add_argument("--text", metavar="FILE", help="a running text to learn to write, in place of --data")
    options.add_argument("--test-data", metavar="PATH", help="the same kind of data to measure on, in place of a part "
                                                             "of --data or --text")
    options.add_argument("--out", metavar="DIR", help="where the files go (default: the first free runs/<data>-N)")
    cli.add_device(options)
    cli.add_config(options)
    arguments = options.parse_args(argv)
    if arguments.text is not None and arguments.data is not None:
        raise CharnnError("--text and --data were given; a model learns from one of them")
    if arguments.text is not None and arguments.task != "generate":
        raise CharnnError("--text is for writing; add --task generate")
    config = cli.config_of(arguments)
    if arguments.out is not None:
        cli.check_free(Path(arguments.out), FILES)

    from charnn.data import bundled_names
    from charnn.devices import pick_device
    from charnn.training.runs import finishing
    data = Path(arguments.text or arguments.data or bundled_names())
    pick_device(arguments.device)
    job = prepare(data, arguments, config)
    print(f"{data}: {job.about}", file=sys.stderr)
    theirs = arguments.out is not None and Path(arguments.out).exists()
    out = cli.make_folder(arguments.out, data.resolve().stem if data.is_file() else data.resolve().name)
    try:
        with Progress(config, job.size) as progress:
            model = job.train(config, arguments.device, on_batch=progress.batch, on_epoch=progress.epoch,
                              **({"on_sample": progress.sample} if config.task == "generate" else {}))
        with finishing():
            save_all(model, out)
    except BaseException:
        if not theirs and not any(out.iterdir()):
            out.rmdir()
        raise
    print_results(model, job, out)


class Job(NamedTuple):
    """What is to be trained: how, on how much, what to say of it."""

    train: "Callable[..., Trained]"
    parts: "dict[str, Names] | dict[str, Tensor]"
    size: int  # of an epoch, in the configuration's unit
    about: str


def prepare(data: Path, arguments: argparse.Namespace, config: Config) -> Job:
    """Reads the data. Raises CharnnError for what cannot be learned from."""
    from charnn.training.classify import train_parts
    from charnn.training.generate import read_text_parts, write_parts, write_text_parts
    from charnn.training.parts import read_parts
    if arguments.text is not None:
        vocabulary, parts = read_text_parts(data, arguments.test_data, config)
        sizes = ", ".join(f"{len(ids):,} {part}" for part, ids in parts.items())
        return Job(partial(write_text_parts, vocabulary, parts), parts, len(parts["train"]),
                   f"{len(vocabulary.symbols)} symbols; characters: {sizes}")
    parts = read_parts(data, arguments.test_data, config)
    sizes = ", ".join(f"{len(names):,} {part}" for part, names in parts.items())
    kind = "names" if config.tokens == "letters" else "texts"
    about = f"{count(len(parts['train'].labels), 'label')}; {kind}: {sizes}"
    if config.task == "generate":
        letters = sum(len(name) + 1 for name in parts["train"].names)
        return Job(partial(write_parts, parts), parts, letters, about)
    return Job(partial(train_parts, parts), parts, len(parts["train"]), about)


def save_all(model: "Trained", out: Path) -> None:
    """Writes model.safetensors, history.csv and curves.png into the folder.

    Raises CharnnError when another run has written there in the meantime.
    """
    cli.check_free(out, FILES)
    from charnn.files import write
    from charnn.training.history import Epoch
    model.save(out / "model.safetensors")
    history = model.history
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(column.name for column in fields(Epoch))
    rows.writerows(astuple(epoch) for epoch in history.epochs)
    write(out / "history.csv", text.getvalue().encode())
    from charnn.drawing import as_bytes
    from charnn.training.curves import curves
    write(out / "curves.png", as_bytes(curves(history.epochs, history.best, model.config.unit)))


def print_results(model: "Trained", job: Job, out: Path) -> None:
    """Held-out figures, examples, where the files are, what to try next."""
    history, figures = model.history, model.figures
    seen = figures["test"]
    print(f"epochs: {len(history.epochs)} ({history.ending}); kept the weights of epoch {history.best}")
    path = shlex.quote(str(out / "model.safetensors"))
    if model.task == "classify":
        print(f"trained on {figures['train']['n']:,} {model.config.unit}s, best epoch chosen on "
              f"{figures['validation']['n']:,}, measured on {seen['n']:,} that it never saw:")
        print(f"  accuracy {seen['accuracy']:.3f}   macro-F1 {seen['macro_f1']:.3f}   NLL {seen['nll']:.3f} nats   "
              f"calibration error {seen['calibration_error']:.3f} (temperature {model.temperature:.2f}"
              f"{f', share of n-grams {model.ngram_share:.2f}' if model.ngrams else ''})\n")
        for title, rows in zip(("right", "wrong"), examples(model, job.parts["test"]), strict=True):
            print(f"{title}:")
            for name, label, guess, probability in rows:
                verdict = f"{guess} ({probability:.0%})" + ("" if guess == label else f", but it is {label}")
                print(f"  {name if len(name) <= SHOWN else f'{name[:SHOWN - 1]}…'}: {verdict}")
        example = "Hinton" if model.config.tokens == "letters" else '"a text of yours"'
        following = f"charnn.predict --model {path} {example}"
    else:
        print(f"measured on {seen['n']:,} characters that it never saw:\n"
              f"  {seen['nats_per_char']:.3f} nats per character   {seen['bits_per_char']:.3f} bits   "
              f"perplexity {seen['perplexity']:.2f}")
        following = f"charnn.generate --model {path}" + ("" if model.reads == "text" else " --count 10")
    print(f"\n{out / 'model.safetensors'}   the model\n{out / 'history.csv'}   every epoch's figures\n"
          f"{out / 'curves.png'}   the same as a picture\n")
    print(f"Try it: python -m {following}")


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

    def __init__(self, config: Config, size: int):
        self.config, self.size, self.unit, self.last, self.bar = config, size, f"{config.unit}s", "", None

    def __enter__(self) -> "Progress":
        if sys.stderr.isatty():
            from tqdm import tqdm
            self.bar = tqdm(total=self.config.epochs * self.size, unit=f" {self.unit}", unit_scale=True,
                            file=sys.stderr)
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def batch(self, size: int, loss: float, accuracy: float) -> None:
        """After each step: the epoch's mean loss and accuracy so far."""
        if self.bar is not None:
            self.bar.set_postfix_str(f"loss {loss:.3f} accuracy {accuracy:.3f}{self.last}", refresh=False)
            self.bar.update(size)

    def epoch(self, epoch: "Epoch") -> None:
        """After each epoch."""
        self.last = f" | epoch {epoch.epoch}: validation {epoch.validation_loss:.3f} {epoch.validation_accuracy:.3f}"
        if self.bar is None:
            row = asdict(epoch)
            print("epoch {epoch:3}: loss {train_loss:.3f} accuracy {train_accuracy:.3f} | validation loss "
                  "{validation_loss:.3f} accuracy {validation_accuracy:.3f} | {per_second:,.0f}".format(**row),
                  f"{self.unit}/s", file=sys.stderr, flush=True)

    def sample(self, generator: "Generator") -> None:
        """After each epoch of a generator: what it writes now."""
        if generator.reads == "text":
            lines = generator.generate(seed=0, temperature=0.8, length=160)[0].splitlines()
        else:
            lines = [", ".join(generator.generate(count=6, seed=0, temperature=0.8, length=30))]
        write = print if self.bar is None else self.bar.write
        for line in lines:
            write(f"    {cli.printable(line)}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(cli.run(main))
