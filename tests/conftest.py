"""Fixtures that several test files share: data folders, a model trained on one, a browser."""

import random
import shutil

import pytest
from helpers import invented, tiny_names, write_folder

from charnn.text import letters


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

    return write_folder(
        tmp_path_factory.mktemp("words") / "reviews",
        {
            label: list(dict.fromkeys(text(words) for _ in range(200)))[:120]
            for label, words in {
                "good": ("fine", "lovely", "warm"),
                "bad": ("dull", "awful", "cold"),
            }.items()
        },
    )


@pytest.fixture(scope="session")
def classifier(folder):
    """A classifier of the tiny folder."""
    from charnn import train_classifier

    return train_classifier(
        folder, hidden=16, epochs=12, batch_size=16, learning_rate=0.02, device="cpu"
    )


@pytest.fixture(scope="session")
def model(classifier, tmp_path_factory):
    """That classifier's model file."""
    path = tmp_path_factory.mktemp("model") / "model.safetensors"
    classifier.save(path)
    return path


@pytest.fixture(scope="session")
def planted(tmp_path_factory):
    """A folder with every fault that the check knows."""
    good, few = invented(1200, 0), invented(108, 1)
    folder = write_folder(
        tmp_path_factory.mktemp("check") / "planted",
        {
            "Good": [
                *good,
                "Agent 007",
                "Jean de la Tour",
                "MÃ¼ller",
                "x" * 60,
                "y" * 150,
                "🙂",
                "王",
                "Łukasz",
                "Žižek",
            ],
            "Arabic": [few[i % 108] for i in range(2000)],
            "Copy": [*good[:40], *invented(20, 2)],
            "Capitals": [*invented(60, 3), *(name.upper() for name in invented(60, 3)[:5])],
            "Tiny": ["Aa", "Bb", "Cc"],
            "Small": invented(20, 4),
            "small": invented(80, 5),
            "Empty": [" ", ""],
        },
    )
    (folder / "Latin.txt").write_bytes("Müller\n".encode("latin-1"))
    return folder


@pytest.fixture(scope="module")
def browser():
    """Chromium without a window."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    where = (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    if where is None:
        pytest.skip("no chromium on this machine (Debian: apt install chromium)")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=where,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()
