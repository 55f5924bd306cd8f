"""scripts/benchmark.py and the methods that it compares."""

import pytest
from helpers import call, call_script, error_of, load_script
from programs import SCRIPTS

import charnn


def tiny_configure(**values):
    """A configuration whose network is trained in a moment."""
    return charnn.configure(**{**values, "hidden": 4, "epochs": 1})


def test_it_prints_a_row_per_method(folder, monkeypatch):
    script = load_script(SCRIPTS / "benchmark.py")
    monkeypatch.setattr(script, "configure", tiny_configure)
    monkeypatch.setattr(script, "AT_LEAST", 0)
    monkeypatch.setattr("baselines.STEPS", 50)
    result = call(
        script.main,
        "--data",
        folder,
        "--seeds",
        2,
        "--methods",
        "majority",
        "logreg",
        "svm",
        "notes",
        "rnn",
    )
    assert result.returncode == 0, result
    lines = result.stdout.splitlines()[4:]
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines]
    assert [row[0] for row in rows] == [
        "the labels' shares",
        "n-gram logistic regression",
        "n-gram linear SVM",
        "the notes' program",
        "`--ngrams 0 --cell rnn`",
    ]
    assert [len(row) for row in rows] == [9] * 5
    # Two of the methods have no seed, and an SVM has no probabilities.
    assert ["±" in row[1] for row in rows] == [False, False, True, True, True]
    assert [row[3] == "–" for row in rows] == [False, False, True, False, False]
    everything, test = 180, int(result.stdout.split(" validation, ")[1].split(" ")[0])
    assert int(rows[0][5]) == everything - test
    assert int(rows[4][5]) == int(result.stdout.split(" ")[0]) < everything - test
    assert float(rows[1][1]) > 0.9


def test_a_title_is_a_name_or_the_options():
    script = load_script(SCRIPTS / "benchmark.py")
    assert script.title("svm") == "n-gram linear SVM"
    assert script.title("one-way") == "`--ngrams 0 --no-bidirectional`"
    assert script.title("best") == "`--preset best`"


@pytest.mark.slow
def test_fasttext_is_an_extra_and_runs_where_it_is_there(folder):
    pytest.importorskip("fasttext", reason="fastText is not installed: pip install -e '.[bench]'")
    result = call_script("benchmark", "--data", folder, "--seeds", 1, "--methods", "fasttext")
    assert float(result.stdout.splitlines()[-1].split("|")[2]) > 0.9


def test_without_fasttext_it_says_how_to_install_it_or_leaves_it_out(folder, monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = call_script("benchmark", "--data", folder, "--methods", "fasttext")
    assert 'pip install -e ".[bench]"' in error_of(result)
    script = load_script(SCRIPTS / "benchmark.py")
    assert script.chosen_methods(None) == [name for name in script.METHODS if name != "fasttext"]
    assert "left out: fastText is not installed" in capsys.readouterr().err
