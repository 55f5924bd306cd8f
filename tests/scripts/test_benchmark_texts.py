"""scripts/benchmark_texts.py."""

import random

import pytest
from helpers import call, error_of, load_script, write_folder
from programs import SCRIPTS

import charnn

SCRIPT = load_script(SCRIPTS / "benchmark_texts.py")
METHODS = ("tfidf", "nb", "fast")


def reviews(label, opinions, number):
    """Texts that say of which label they are."""
    pick = random.Random(label)
    filler = ("the", "film", "was", "a", "plot", "of", "its", "time")
    return [
        " ".join([*pick.choices(filler, k=6), pick.choice(opinions), *pick.choices(filler, k=4)])
        for _ in range(number)
    ]


@pytest.fixture
def folders(tmp_path):
    """Reviews to learn from, and to measure on."""
    for name, number in (("train", 60), ("test", 20)):
        (tmp_path / name).mkdir()
        texts = {
            "negative": reviews("negative", ("bad", "dull", "poor"), number),
            "positive": reviews("positive", ("good", "great", "fine"), number),
        }
        write_folder(tmp_path / name, texts)
    return tmp_path / "train", tmp_path / "test"


def run(folders, *options):
    """The script, as a user runs it, on these folders."""
    train, test = folders
    return call(SCRIPT.main, "--data", train, "--test-data", test, *options)


def test_it_prints_a_row_per_method(folders, monkeypatch):
    def small(preset="standard", **values):
        return charnn.configure(preset, **{**values, "hidden": 4, "embedding": 4, "epochs": 1})

    monkeypatch.setattr(SCRIPT, "configure", small)
    result = run(folders, "--seeds", 2, "--methods", *METHODS)
    assert result.returncode == 0, result
    lines = [line for line in result.stdout.splitlines() if line.startswith("|")][2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert [row[0] for row in rows] == [*SCRIPT.TITLES.values(), "fast"]
    assert [len(row) for row in rows] == [len(SCRIPT.COLUMNS)] * 3
    # Logistic regression has no seed, and no network.
    assert ["±" in row[1] for row in rows] == [False, False, True]
    assert [row[4] == "–" for row in rows] == [True, True, False]
    assert all(float(row[1]) > 0.8 for row in rows[:2]), "each text has a word that says it"


def test_naive_bayes_is_for_two_labels(folders):
    for folder in folders:
        (folder / "neutral.txt").write_text("so so\nit is a film\nthe plot of its time\n")
    assert "--methods nb is for two labels, and there are 3" in error_of(
        run(folders, "--methods", "nb")
    )
