"""What several test files need: a tiny folder of names, a model trained on it, commands run as a user runs them."""

import contextlib
import importlib.util
import io
import os
import random
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import hypothesis
import pytest
import torch

from charnn import cli, letters

hypothesis.settings.register_profile("charnn", deadline=None)  # a shared machine may stand still for a second
hypothesis.settings.load_profile("charnn")
torch.set_num_threads(1)  # as in the subprocesses below, so that both compute the same bits
ROOT = Path(__file__).parents[1]

SYLLABLES = {"Vowelish": ("ao", "ie", "ua", "oe", "ai", "eo", "iu"),
             "Hissing": ("ss", "sh", "sz", "zs", "ts", "zz", "ks"),
             "Rolling": ("rr", "ro", "ra", "ar", "or", "er", "ru")}


def write_folder(folder, names_by_label, encoding="utf-8"):
    """A folder of <label>.txt files, one name per line."""
    folder.mkdir(parents=True, exist_ok=True)
    for label, names in names_by_label.items():
        (folder / f"{label}.txt").write_text("".join(f"{name}\n" for name in names), encoding=encoding)
    return folder


def tiny_names(count=60, seed=0):
    """Three invented labels that anyone can tell apart, `count` names each."""
    draw = random.Random(seed)
    def name(syllables):
        return "".join(draw.choices(syllables, k=draw.randint(2, 4))).capitalize()
    return {label: sorted({name(syllables) for _ in range(count * 2)})[:count]
            for label, syllables in SYLLABLES.items()}


@pytest.fixture
def scripts_warned_of(monkeypatch):
    """As if the warning of a script that transliterates poorly had been given: it comes once."""
    monkeypatch.setattr(letters._TRANSLITERATION, "warned", set(letters.POOR_SCRIPTS.values()))


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The tiny folder."""
    return write_folder(tmp_path_factory.mktemp("data") / "tiny", tiny_names())


@pytest.fixture(scope="session")
def reviews(tmp_path_factory):
    """A folder of texts with two labels that differ in one word each."""
    draw = random.Random(0)
    def text(words):
        chosen = [*draw.choices(("a", "film", "the", "story", "plot"), k=4), draw.choice(words)]
        return " ".join(draw.sample(chosen, 5)) + "."
    return write_folder(tmp_path_factory.mktemp("words") / "reviews",
                        {label: list(dict.fromkeys(text(words) for _ in range(200)))[:120] for label, words in
                         {"good": ("fine", "lovely", "warm"), "bad": ("dull", "awful", "cold")}.items()})


@pytest.fixture(scope="session")
def classifier(folder):
    """A classifier of the tiny folder."""
    from charnn import train_classifier
    return train_classifier(folder, hidden=16, epochs=12, batch_size=16, learning_rate=0.02, device="cpu")


@pytest.fixture(scope="session")
def model(classifier, tmp_path_factory):
    """That classifier's model file."""
    path = tmp_path_factory.mktemp("model") / "model.safetensors"
    classifier.save(path)
    return path


def run(module, *arguments, cwd=ROOT, **options):
    """`python -m <module> <arguments>` as a subprocess."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run([sys.executable, "-m", module, *map(str, arguments)], cwd=cwd, env=environment,
                          capture_output=True, text=True, encoding="utf-8", timeout=120, **options)


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
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
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


@pytest.fixture
def browser():
    """Chromium without a window."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    where = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if where is None:
        pytest.skip("no chromium on this machine (Debian: apt install chromium)")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=where, args=[
            "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"])
        yield browser
        browser.close()
