"""python -m charnn.train: from names or a text to a model file, curves and held-out figures."""

import argparse
import csv
import io
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sized
from dataclasses import astuple, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from charnn import cli
from charnn.config import Config
from charnn.errors import CharnnError
from charnn.training.history import Epoch
from charnn.training.progress import Progress
from charnn.wording import counted

if TYPE_CHECKING:
    from charnn.inference.generator import Generator
    from charnn.inference.trained import Trained
    from charnn.text.names import Names

FILES = ("model.safetensors", "history.csv", "curves.png")
EXAMPLES = 5  # names shown that the model gets right, and wrong, at most
SHOWN = 100  # characters of a text that is given as an example


def main(argv: list[str] | None = None) -> None:
    """Parses, trains, writes model.safetensors, history.csv and curves.png, prints the figures."""
    arguments = parse(argv)
    config = cli.config_of(arguments)
    if arguments.out is not None:
        # Reading the data may take a while; an error that is certain should not wait for it.
        cli.check_free(Path(arguments.out), FILES)

    from charnn.devices import pick_device
    from charnn.text.names import bundled_names
    from charnn.training.runs import finishing

    pick_device(arguments.device)
    data = Path(arguments.text or arguments.data or bundled_names())
    prepare = job_of(arguments, config)
    job = prepare(data, arguments.test_data, config, arguments.device)
    print(f"{data}: {job.about}", file=sys.stderr)
    name = data.resolve().stem if data.is_file() else data.resolve().name
    with cli.output_folder(arguments.out, name, FILES) as out:
        with Progress(config, job.size, job.sample) as progress:
            model = job.train(**progress.callbacks)
        with finishing():
            save_all(model, out)
    print_results(job, model, out)


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The options. Raises CharnnError for those that do not go together."""
    options = cli.parser(
        "train",
        "Trains a classifier on a folder of <label>.txt files, one name per line, or with\n"
        "--task generate a generator on such a folder, on a file of names or on a text.\n"
        "Writes model.safetensors, history.csv and curves.png.",
    )
    options.add_argument(
        "--data",
        metavar="PATH",
        help="the folder; for a generator also a file of names, one a line (default: the surnames "
        "that come with charnn)",
    )
    options.add_argument(
        "--text", metavar="FILE", help="a running text to train a generator on, in place of --data"
    )
    options.add_argument(
        "--test-data",
        metavar="PATH",
        help="the same kind of data to measure on, in place of a held-out share of the other",
    )
    options.add_argument(
        "--out", metavar="DIR", help="where the files go (default: the first free runs/<data>-N)"
    )
    cli.add_device(options)
    cli.add_config(options)
    arguments = options.parse_args(argv)
    if arguments.text is not None and arguments.data is not None:
        raise CharnnError("--text and --data were given; choose one of them to train on")
    if arguments.text is not None and arguments.task != "generate":
        raise CharnnError("--text is for generators; add --task generate")
    return arguments


# ---------------------------------------------------------------- what is trained


class Job(NamedTuple):
    """A training whose data has been read: what to train, and what to print of the model."""

    about: str  # what the data holds
    size: int  # of an epoch, in the configuration's unit
    train: "Callable[..., Trained]"  # takes the callbacks of Progress
    results: "Callable[[Trained], Iterator[str]]"  # lines: figures, and a classifier's examples
    next_command: str  # to try the model with; {} is its path
    sample: "Callable[[Generator], list[str]] | None" = None  # lines to show after each epoch


def job_of(arguments: argparse.Namespace, config: Config) -> Callable[..., Job]:
    """The function that reads the data for what the options ask for."""
    if arguments.text is not None:
        return text_generator_job
    if config.task == "generate":
        return name_generator_job
    return classifier_job


def classifier_job(data: Path, test_data: str | None, config: Config, device: str) -> Job:
    """A classifier of names or short texts. Raises CharnnError as `read_parts` does."""
    from charnn.training.classify import train_classifier_on
    from charnn.training.parts import read_parts

    parts = read_parts(data, test_data, config)
    example = "Hinton" if config.tokens == "letters" else '"a text of yours"'
    return Job(
        about_names(parts, config),
        len(parts["train"]),
        partial(train_classifier_on, parts, config, device),
        partial(classifier_results, test=parts["test"]),
        f"charnn.predict --model {{}} {example}",
    )


def name_generator_job(data: Path, test_data: str | None, config: Config, device: str) -> Job:
    """A generator of names. Raises CharnnError as `read_parts` does."""
    from charnn.training.generate import train_name_generator_on
    from charnn.training.parts import read_parts

    parts = read_parts(data, test_data, config)
    return Job(
        about_names(parts, config),
        # Each name has an end too, which is to be predicted as its letters are.
        sum(len(name) + 1 for name in parts["train"].names),
        partial(train_name_generator_on, parts, config, device),
        generator_results,
        "charnn.generate --model {} --count 10",
        sample_names,
    )


def text_generator_job(data: Path, test_data: str | None, config: Config, device: str) -> Job:
    """A generator of running text. Raises CharnnError as `read_text_parts` does."""
    from charnn.training.generate import read_text_parts, train_text_generator_on

    vocabulary, parts = read_text_parts(data, test_data, config)
    return Job(
        f"{len(vocabulary.symbols)} symbols; characters: {sizes(parts)}",
        len(parts["train"]),
        partial(train_text_generator_on, vocabulary, parts, config, device),
        generator_results,
        "charnn.generate --model {}",
        sample_text,
    )


def about_names(parts: "Mapping[str, Names]", config: Config) -> str:
    """How many labels there are, and how large each set is."""
    kind = "names" if config.tokens == "letters" else "texts"
    return f"{counted(len(parts['train'].labels), 'label')}; {kind}: {sizes(parts)}"


def sizes(parts: Mapping[str, Sized]) -> str:
    """How large each set is: `937 train, 124 validation, 139 test`."""
    return ", ".join(f"{len(part):,} {name}" for name, part in parts.items())


# ---------------------------------------------------------------- what is printed of it


def sample_names(generator: "Generator") -> list[str]:
    """Some names that the generator makes by now, on one line."""
    return [", ".join(generator.generate(count=6, seed=0, temperature=0.8, length=30))]


def sample_text(generator: "Generator") -> list[str]:
    """The lines of a passage that the generator makes by now."""
    (text,) = generator.generate(seed=0, temperature=0.8, length=160)
    return text.splitlines()


def classifier_results(model: "Trained", test: "Names") -> Iterator[str]:
    """A classifier's figures on the test set, and some names that it gets right and wrong."""
    figures, units = model.figures, f"{model.config.unit}s"
    held_out = figures["test"]
    yield (
        f"trained on {figures['train']['n']:,} {units}; best epoch chosen on "
        f"{figures['validation']['n']:,}; measured on {held_out['n']:,} {units} it has not seen:"
    )
    calibration = f"temperature {model.temperature:.2f}"
    if model.config.ngrams:
        calibration += f", n-gram share {model.about['ngram_share']:.2f}"
    yield (
        f"  accuracy {held_out['accuracy']:.3f}   macro-F1 {held_out['macro_f1']:.3f}   "
        f"NLL {held_out['nll']:.3f} nats   calibration error {held_out['calibration_error']:.3f} "
        f"({calibration})"
    )
    right, wrong = examples(model, test)
    yield from ("", "right:", *map(str, right), "wrong:", *map(str, wrong))


def generator_results(model: "Trained") -> Iterator[str]:
    """A generator's figures on the test set."""
    test = model.figures["test"]
    yield f"measured on {test['n']:,} characters it has not seen:"
    yield (
        f"  {test['nats_per_char']:.3f} nats per character   {test['bits_per_char']:.3f} bits   "
        f"perplexity {test['perplexity']:.2f}"
    )


class Example(NamedTuple):
    """A name of the test set and the model's prediction."""

    name: str
    label: str
    guess: str
    probability: float

    def __str__(self) -> str:
        name = self.name if len(self.name) <= SHOWN else f"{self.name[: SHOWN - 1]}…"
        line = f"  {name}: {self.guess} ({self.probability:.0%})"
        return line if self.guess == self.label else f"{line}, but it is {self.label}"


def examples(model: "Trained", test: "Names") -> tuple[list[Example], list[Example]]:
    """Some names that the model gets right and some that it gets wrong, picked by its seed."""
    import numpy as np

    probabilities = model.predict_proba(test.names)  # (N, L)
    guesses = probabilities.argmax(1)  # (N,)
    right: list[Example] = []
    wrong: list[Example] = []
    for row in np.random.default_rng(model.config.seed).permutation(len(test)).tolist():
        target, guess = test.targets[row], guesses[row]
        found = right if guess == target else wrong
        if len(found) < EXAMPLES:
            label, guessed = test.labels[target], test.labels[guess]
            found.append(Example(test.names[row], label, guessed, probabilities[row, guess]))
    return right, wrong


def print_results(job: Job, model: "Trained", out: Path) -> None:
    """Held-out figures, examples, where the files are, what to try next."""
    history = model.history
    epochs = f"epochs: {len(history.epochs)} ({history.ending})"
    print(f"{epochs}; kept the weights of epoch {history.best}")
    for line in job.results(model):
        print(line)
    path = out / "model.safetensors"
    print(f"\n{path}   the model")
    print(f"{out / 'history.csv'}   every epoch's figures")
    print(f"{out / 'curves.png'}   the same as a picture\n")
    print(f"Try it: python -m {job.next_command.format(shlex.quote(str(path)))}")


# ---------------------------------------------------------------- the files


def save_all(model: "Trained", out: Path) -> None:
    """Writes model.safetensors, history.csv and curves.png into the folder.

    Raises CharnnError when another run has written there in the meantime.
    """
    from charnn.files import write

    cli.check_free(out, FILES)
    model.save(out / "model.safetensors")
    history = model.history
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(column.name for column in fields(Epoch))
    rows.writerows(astuple(epoch) for epoch in history.epochs)
    write(out / "history.csv", table.getvalue().encode())
    # Once the model is safe: these import matplotlib, whose set-up can fail.
    from charnn.drawing import as_bytes
    from charnn.training.curves import curves

    write(out / "curves.png", as_bytes(curves(history.epochs, history.best, model.config.unit)))


if __name__ == "__main__":
    sys.exit(cli.run(main))
