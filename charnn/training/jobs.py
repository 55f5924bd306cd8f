"""What there is to train for the data and the configuration, and what is printed of the result.

Reads the data; the training itself is in `classify` and `generate` beside it.
"""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from charnn.config import Config
from charnn.inference.generator import Generator
from charnn.inference.trained import Trained
from charnn.table_options import NO_COLUMNS, Columns
from charnn.text.names import Names
from charnn.training.classify import train_classifier_on
from charnn.training.generate import (
    letters_of,
    ordered_text_fingerprint,
    read_text_parts,
    train_name_generator_on,
    train_text_generator_on,
)
from charnn.training.parts import Parts, ordered_fingerprint, read_parts
from charnn.wording import counted

EXAMPLES = 5  # names shown that the model gets right, and wrong, at most
TRIED = 40  # characters of a name to try a model with, at most
SHOWN = 100  # characters of a text that is given as an example

# ---------------------------------------------------------------- what is trained


class Job(NamedTuple):
    """A training whose data has been read: what to train, and what to print of the model."""

    about: str  # what the data holds
    fingerprint: str  # of the data, in its order
    size: int  # of an epoch, in the configuration's unit
    train: Callable[..., Trained]  # takes the callbacks of Progress
    results: Callable[[Trained], Iterator[str]]  # lines: figures, and a classifier's examples
    next_command: str  # to try the model with; {} is its path
    sample: Callable[[Generator], list[str]] | None = None  # lines to show after each epoch
    parts: Parts | None = None  # a classifier's data


def prepare(
    data: Path,
    text: bool,
    test_data: str | None,
    config: Config,
    device: str,
    skip_unknown_labels: bool = False,
    columns: Columns = NO_COLUMNS,
) -> Job:
    """Reads the data for what the configuration asks for; `text`: it is running text.

    `skip_unknown_labels` and `columns` are as in `read_parts`. Raises CharnnError for data that
    cannot be read or split.
    """
    if text:
        return text_generator_job(data, test_data, config, device)
    parts = read_parts(data, test_data, config, skip_unknown_labels, columns)
    job = name_generator_job if config.task == "generate" else classifier_job
    return job(parts, config, device)


def classifier_job(parts: Parts, config: Config, device: str) -> Job:
    """A classifier of names or short texts."""
    example = to_try(parts["test"].names).replace("{", "{{").replace("}", "}}")
    return Job(
        about_names(parts, config),
        ordered_fingerprint(parts),
        len(parts["train"]),
        partial(train_classifier_on, parts, config, device),
        partial(classifier_results, test=parts["test"]),
        f"charnn.predict --model {{}} {example}",
        parts=parts,
    )


def name_generator_job(parts: Parts, config: Config, device: str) -> Job:
    """A generator of names."""
    return Job(
        about_names(parts, config),
        ordered_fingerprint(parts),
        letters_of(parts["train"]),
        partial(train_name_generator_on, parts, config, device),
        generator_results,
        "charnn.generate --model {} --count 10",
        sample_names,
    )


def text_generator_job(data: Path, test_data: str | None, config: Config, device: str) -> Job:
    """A generator of running text. Raises CharnnError as `read_text_parts` does."""
    vocabulary, parts = read_text_parts(data, test_data, config)
    return Job(
        f"{len(vocabulary.symbols):,} symbols; {config.unit}s: {sizes(parts)}",
        ordered_text_fingerprint(vocabulary, parts),
        len(parts["train"]),
        partial(train_text_generator_on, vocabulary, parts, config, device),
        generator_results,
        "charnn.generate --model {}",
        sample_text,
    )


def to_try(names: Sequence[str]) -> str:
    """A name to try a model with, as a shell reads it: the first that is easy to type, if any."""
    typed = (
        name for name in names if len(name) <= TRIED and name.isprintable() and name[:1].isalpha()
    )
    return shlex.quote(next(typed, "a text of yours"))


def about_names(parts: Mapping[str, Names], config: Config) -> str:
    """How many labels there are, and how large each set is."""
    kind = "names" if config.tokens == "letters" else "texts"
    return f"{counted(len(parts['train'].labels), 'label')}; {kind}: {sizes(parts)}"


def sizes(parts: Mapping[str, Sized]) -> str:
    """How large each set is: `937 train, 124 validation, 139 test`."""
    return ", ".join(f"{len(part):,} {name}" for name, part in parts.items())


# ---------------------------------------------------------------- what is printed of it


def sample_names(generator: Generator) -> list[str]:
    """Some names that the generator makes by now, on one line."""
    return [", ".join(generator.generate(count=6, seed=0, temperature=0.8, length=30))]


def sample_text(generator: Generator) -> list[str]:
    """The lines of a passage that the generator makes by now."""
    (text,) = generator.generate(seed=0, temperature=0.8, length=160)
    return text.splitlines()


def classifier_results(model: Trained, test: Names) -> Iterator[str]:
    """A classifier's figures on the test set, and some names that it gets right and wrong."""
    figures, units = model.figures, f"{model.config.unit}s"
    held_out = figures["test"]
    yield (
        f"trained on {figures['train']['n']:,} {units}; best epoch chosen on "
        f"{figures['validation']['n']:,}; measured on {held_out['n']:,} {units} it has not seen:"
    )
    yield (
        f"  accuracy {held_out['accuracy']:.3f}   macro-F1 {held_out['macro_f1']:.3f}   "
        f"NLL {held_out['nll']:.3f} nats   calibration error {held_out['calibration_error']:.3f} "
        f"({calibration(model)})"
    )
    right, wrong = examples(model, test)
    yield from ("", "right:", *map(str, right), "wrong:", *map(str, wrong))


def generator_results(model: Trained) -> Iterator[str]:
    """A generator's figures on the test set."""
    test = model.figures["test"]
    yield f"measured on {test['n']:,} characters it has not seen:"
    line = (
        f"  {test['nats_per_char']:.3f} nats per character   {test['bits_per_char']:.3f} bits   "
        f"perplexity {test['perplexity']:.2f}"
    )
    if "tokens" in test:
        line += f"   ({test['nats_per_token']:.3f} nats per token of {test['tokens']:,})"
    yield line
    if model.ngrams is not None:
        yield f"  ({calibration(model)})"


def calibration(model: Trained) -> str:
    """What the validation set chose, in words."""
    share = f", n-gram share {model.ngram_share:.2f}" if model.ngrams is not None else ""
    return f"temperature {model.temperature:.2f}{share}"


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


def examples(model: Trained, test: Names) -> tuple[list[Example], list[Example]]:
    """Some names that the model gets right and some that it gets wrong, picked by its seed."""
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
