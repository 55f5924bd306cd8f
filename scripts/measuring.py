"""What the scripts that measure share: options, Markdown tables, timing, data and trainings.

Not a command: which question a script answers, the script says. Names of charnn that several
scripts need are imported here, so that there is one place to follow when charnn changes.
"""

import importlib.util
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentTypeError
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from charnn import cli
from charnn.config import Config
from charnn.data import Names, bundled_names, encoded
from charnn.devices import pick_device
from charnn.errors import CharnnError
from charnn.inference.trained import Trained
from charnn.model import ClassifierNetwork, build_classifier
from charnn.text.letters import to_ascii
from charnn.training.classify import train_classifier_on
from charnn.training.generate import (
    read_text_parts,
    train_name_generator_on,
    train_text_generator_on,
)
from charnn.training.history import History
from charnn.training.loop import fit
from charnn.training.parts import Parts, encoding_of, read_parts
from charnn.training.tasks import ClassifyNames

if TYPE_CHECKING:  # a script loads charnn first, which says how torch's threads are to wait
    import torch

__all__ = [
    "NO_FASTTEXT",
    "ROOT",
    "ClassifierNetwork",
    "ClassifierTraining",
    "Cost",
    "Parts",
    "add_data",
    "add_seeds",
    "add_threads",
    "all_but_test",
    "complete",
    "distinct_names",
    "has_fasttext",
    "lecture_program",
    "marked",
    "measured",
    "medians",
    "parser",
    "positive",
    "print_header",
    "print_row",
    "read_parts",
    "read_text_parts",
    "spread",
    "timed",
    "train_classifier_on",
    "train_fasttext",
    "train_name_generator_on",
    "train_text_generator_on",
    "write_names",
]

ROOT = Path(__file__).resolve().parents[1]
NO_FASTTEXT = 'fastText is not installed; pip install -e ".[bench]"'

Value = TypeVar("Value")
Model = TypeVar("Model", bound=Trained)


# ---------------------------------------------------------------- options


def parser(description: str | None) -> cli.Parser:
    """A script's command line; the description is the script's docstring."""
    return cli.Parser(description=description, allow_abbrev=False)


def positive(text: str) -> int:
    """An option's value as a whole number. Raises ArgumentTypeError for anything below 1."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text} is not a whole number of at least 1")
    return int(text)


def add_data(to: cli.Parser) -> None:
    """--data."""
    to.add_argument(
        "--data",
        default=bundled_names(),
        metavar="DIR",
        help="a folder of <label>.txt files (default: the surnames that come with charnn)",
    )


def add_seeds(to: cli.Parser) -> None:
    """--seeds."""
    to.add_argument(
        "--seeds",
        type=positive,
        default=3,
        metavar="N",
        help="seeds per training (default: %(default)s)",
    )


def add_threads(to: cli.Parser) -> None:
    """--threads; the script calls torch.set_num_threads with it."""
    to.add_argument(
        "--threads",
        type=positive,
        default=2,
        metavar="N",
        help="threads that torch computes on (default: %(default)s)",
    )


# ---------------------------------------------------------------- tables


def print_header(*titles: str) -> None:
    """The head of a Markdown table.

    As in Markdown's own second line, a colon at the end of a title aligns its column to the right.
    """
    print_row(*(title.removesuffix(":") for title in titles))
    print("|" + "".join("---:|" if title.endswith(":") else "---|" for title in titles), flush=True)


def print_row(*cells: str) -> None:
    """A row of a Markdown table, printed at once: the next one may take minutes."""
    print("|" + "".join(f" {cell} |" if cell else " |" for cell in cells), flush=True)


def spread(values: Sequence[float], digits: int = 3) -> str:
    """Mean ± standard deviation, such as `0.746 ± 0.003`; of a single value just that."""
    mean = f"{statistics.fmean(values):.{digits}f}"
    return mean if len(values) == 1 else f"{mean} ± {statistics.stdev(values):.{digits}f}"


# ---------------------------------------------------------------- timing


def timed(work: Callable[[], Value]) -> tuple[Value, float]:
    """What a call returns, and its seconds."""
    started = time.perf_counter()
    value = work()
    return value, time.perf_counter() - started


def medians(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median seconds of each call, after one that warms up.

    The calls take turns, so that other work on the machine slows all of them alike.
    """
    for work in works.values():
        work()
    times = [{name: timed(work)[1] for name, work in works.items()} for _ in range(rounds)]
    return {name: statistics.median(row[name] for row in times) for name in works}


class Cost(NamedTuple):
    """What a process took."""

    seconds: float
    megabytes: float  # the most memory it held
    printed: str  # to standard error


# Starts a process and says what it took. A process counts the memory of the one that starts it as
# its own, so that one is small: Python, and nothing of what this file imports.
STARTER = """
import json, os, subprocess, sys, time
start = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
seconds = time.perf_counter() - start
print(json.dumps([os.waitstatus_to_exitcode(status), seconds, usage.ru_maxrss]))
"""


def measured(*arguments: object) -> Cost:
    """Runs `python ...` as a process of its own. Raises CharnnError, should it fail."""
    words = [sys.executable, *map(str, arguments)]
    starter = [sys.executable, "-I", "-S", "-c", STARTER, *words]
    result = subprocess.run(starter, capture_output=True, encoding="utf-8", check=True)
    code, seconds, memory = json.loads(result.stdout)
    if code:
        last = (result.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise CharnnError(
            f"python {' '.join(words[1:3])} ended with exit code {code} "
            f"({last.removeprefix('charnn: error: ')}); choose other values"
        )
    scale = 1e6 if sys.platform == "darwin" else 1e3  # bytes there, kilobytes elsewhere
    return Cost(seconds, memory / scale, result.stderr)


# ---------------------------------------------------------------- data


def all_but_test(parts: Parts) -> Names:
    """The training and the validation set as one."""
    train, validation = parts["train"], parts["validation"]
    targets = np.concatenate([train.targets, validation.targets])
    return Names(train.names + validation.names, targets, train.labels)


def distinct_names(real: Names, number: int) -> list[str]:
    """Invented names: the first half of one real name and the second half of another.

    Raises CharnnError where the real names are too few for that many different ones.
    """
    draw = random.Random(0)
    names: dict[str, None] = {}  # as a set that keeps its order
    for _ in range(20 * number):
        one, other = draw.choices(real.names, k=2)
        names[one[: (len(one) + 1) // 2] + other[len(other) // 2 :]] = None
        if len(names) == number:
            return list(names)
    raise CharnnError(
        f"--names {number:,} is more than the {len(names):,} different names that "
        f"halves of {len(real):,} give; choose fewer, or a larger --data"
    )


def write_names(path: Path, names: Sequence[str]) -> None:
    """Writes a file of names, one a line."""
    path.write_text("".join(f"{name}\n" for name in names), encoding="utf-8")


def marked(name: str) -> str:
    """A name as n-gram methods read it: ASCII, lower case, with a mark at the start and the end."""
    return f"^{to_ascii(name).lower()}$"


# ---------------------------------------------------------------- what is compared with


def has_fasttext() -> bool:
    """Whether fastText, which is optional, is installed."""
    return importlib.util.find_spec("fasttext") is not None


def fasttext_word(name: str) -> str:
    """A name as one word of fastText's."""
    return marked(name).replace(" ", "_")


def train_fasttext(data: Names, epochs: int, seed: int = 0) -> Any:
    """fastText's classifier on character 1-4-grams; its labels are `__label__<target>`."""
    import fasttext

    lines = [
        f"__label__{target} {fasttext_word(name)}"
        for target, name in zip(data.targets, data.names, strict=True)
    ]
    random.Random(seed).shuffle(lines)  # fastText reads in the order of the file
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "train.txt")
        write_names(path, lines)
        return fasttext.train_supervised(
            str(path), minn=1, maxn=4, epoch=epochs, lr=0.5, dim=50, thread=2, seed=seed, verbose=0
        )


def lecture_program() -> ModuleType:
    """examples/lecture.py as a module."""
    spec = importlib.util.spec_from_file_location("lecture", ROOT / "examples" / "lecture.py")
    if spec is None or spec.loader is None:
        raise CharnnError("examples/lecture.py cannot be read; run the script in a checkout")
    lecture = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lecture)
    return lecture


# ---------------------------------------------------------------- trainings


def complete(model: Model) -> Model:
    """The same model. Raises KeyboardInterrupt for one whose training was stopped by Ctrl-C.

    A table does not show that a training was cut short, so such a model has no row in it.
    """
    history: History | None = model.history
    if history is not None and history.interrupted:
        raise KeyboardInterrupt
    return model


class ClassifierTraining:
    """A classifier's training taken apart: its task, a fresh network, a run of `fit` on the CPU."""

    def __init__(self, parts: Parts, config: Config) -> None:
        self.config = config
        train = parts["train"]
        vocabulary, normalise = encoding_of(train, config)
        batches = (encoded(parts[name], vocabulary, normalise) for name in ("train", "validation"))
        self.task = ClassifyNames(*batches, config)
        self.symbols, self.labels = len(vocabulary), len(train.labels)

    def network(self) -> ClassifierNetwork:
        """A freshly initialised network."""
        return build_classifier(self.config, self.symbols, self.labels)

    def fit(self, network: ClassifierNetwork, order: "torch.Generator") -> History:
        """Trains the network for the configuration's epochs, in batches of that order."""
        return fit(network, self.task, self.config, pick_device("cpu"), order)
