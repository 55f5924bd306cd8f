"""What several test files need: a tiny folder of names, and commands run as a user runs them."""

import contextlib
import importlib.util
import io
import os
import random
import subprocess
import sys
import warnings
from pathlib import Path

import hypothesis
import numpy as np
import torch

from charnn import cli

hypothesis.settings.register_profile(
    "charnn", deadline=None
)  # a shared machine may stand still for a second
hypothesis.settings.load_profile("charnn")
torch.set_num_threads(1)  # as in the subprocesses below, so that both compute the same bits
ROOT = Path(__file__).parents[1]
SYLLABLES = {
    "Vowelish": ("ao", "ie", "ua", "oe", "ai", "eo", "iu"),
    "Hissing": ("ss", "sh", "sz", "zs", "ts", "zz", "ks"),
    "Rolling": ("rr", "ro", "ra", "ar", "or", "er", "ru"),
}


def write_folder(folder, names_by_label, encoding="utf-8"):
    """A folder of <label>.txt files, one name per line."""
    folder.mkdir(parents=True, exist_ok=True)
    for label, names in names_by_label.items():
        (folder / f"{label}.txt").write_text(
            "".join(f"{name}\n" for name in names), encoding=encoding
        )
    return folder


def tiny_names(count=60, seed=0):
    """Three invented labels that anyone can tell apart, `count` names each."""
    draw = random.Random(seed)

    def name(syllables):
        return "".join(draw.choices(syllables, k=draw.randint(2, 4))).capitalize()

    return {
        label: sorted({name(syllables) for _ in range(count * 2)})[:count]
        for label, syllables in SYLLABLES.items()
    }


def invented(count, seed, letters="aeioubdgklmnprst"):
    """That many different names."""
    draw, names = np.random.default_rng(seed), set()
    while len(names) < count:
        names.add("".join(draw.choice(list(letters), 7)).capitalize())
    return sorted(names)


def run(module, *arguments, cwd=ROOT, **options):
    """`python -m <module> <arguments>` as a subprocess."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    return subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        **options,
    )


def assert_whole(figure):
    """Asserts that nothing of a picture is cut off: its border is empty."""
    from matplotlib.image import imread

    from charnn.drawing import as_bytes

    pixels = imread(io.BytesIO(as_bytes(figure)))[..., :3]  # (height, width, colours)
    for border in (pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:]):
        assert (border > 0.99).all(), "something is cut off at the picture's border"


def untrained_classifier(cell="gru", letters="abcdefgh", **options):
    """A classifier of the labels x, y and z that is freshly initialised, with 6 hidden units."""
    from charnn.inference.classifier import Classifier
    from charnn.inference.torch_engine import TorchEngine
    from charnn.model import build_classifier
    from charnn.presets import configure
    from charnn.text.vocabulary import Vocabulary

    torch.manual_seed(0)
    config = configure(cell=cell, hidden=6, ngrams=0, **options)
    engine = TorchEngine(build_classifier(config, len(letters) + 1, 3), config)
    return Classifier(engine, Vocabulary(letters), ["x", "y", "z"], config, [1, 1, 1], {})


def load_script(path):
    """A script, which is no part of the package, as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def call_script(name, *arguments):
    """`python scripts/<name>.py <arguments>` within this process."""
    return call(load_script(ROOT / "scripts" / f"{name}.py").main, *arguments)


def call(module, *arguments, input=""):
    """`python -m <module> <arguments>` within this process, for the many cases that need none of their own."""
    command = importlib.import_module(module).main if isinstance(module, str) else module
    out, err = io.StringIO(), io.StringIO()
    stdin, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(input.encode()))
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("default")
        try:
            code = cli.run(command, list(map(str, arguments)))
        except SystemExit as end:
            code = end.code
        finally:
            sys.stdin = stdin
    return subprocess.CompletedProcess([module, *arguments], code, out.getvalue(), err.getvalue())


def error_of(result):
    """The one line of a command that failed as it should; asserts that it did."""
    lines = result.stderr.strip().splitlines()
    assert result.returncode == 2, result
    assert lines, result
    assert lines[-1].startswith("charnn: error: "), result
    assert "Traceback" not in result.stderr
    assert sum(line.startswith("charnn: error:") for line in lines) == 1
    return lines[-1]


def core_of(cell, inputs, hidden, recurrent_dropout=0.0, nonlinearity="tanh"):
    """One layer in one direction of a cell, with fresh weights."""
    from charnn.model import build_loop
    from charnn.presets import configure

    config = configure(
        cell=cell, hidden=hidden, recurrent_dropout=recurrent_dropout, nonlinearity=nonlinearity
    )
    return build_loop(config, inputs)


def same_weights(core, module, layer=""):
    """Loads one direction of one layer of a torch module into one of our cells."""
    weights = {
        name: getattr(module, f"{name}_l{layer}")
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    }
    core.cell.load_state_dict(weights)
    return core


def padded_batch(symbols):
    """Ids (6, 9), one-hot vectors (6, 9, V) of others, in 64 bits, and lengths: V = symbols."""
    from charnn.data import one_hot

    torch.manual_seed(1)
    lengths = torch.tensor([9, 1, 4, 7, 2, 9])
    ids, others = torch.randint(0, symbols, (6, 9)), torch.randint(0, symbols, (6, 9))
    return ids, one_hot(others, symbols).double(), lengths
