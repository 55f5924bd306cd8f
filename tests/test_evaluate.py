"""python -m charnn.evaluate, as a user runs it."""

import json

import numpy as np
import pytest
from helpers import call, error_of, write_folder
from sklearn.metrics import accuracy_score, f1_score, log_loss, precision_recall_fscore_support

import charnn
from charnn.data import read_folder, split
from charnn.evaluation.measure import measure

# labels, in the model's order: Hissing, Rolling, Vowelish
ANSWERS = {"Sz": (0.8, 0.1, 0.1), "Zs": (0.3, 0.6, 0.1), "Both": (0.5, 0.3, 0.2),  # Hissing
           "Ro": (0.2, 0.7, 0.1), "both": (0.5, 0.3, 0.2)}                         # Rolling


@pytest.fixture
def known(model, tmp_path, monkeypatch):
    """A folder, and a classifier that gives the answers above."""
    folder = write_folder(tmp_path / "known", {"Hissing": ["Sz", "Zs", "Both"], "Rolling": ["Ro", "both"]})
    classifier = charnn.load(model)
    monkeypatch.setattr(classifier, "log_proba", lambda names: np.log([ANSWERS[name] for name in names]))
    return classifier, str(folder)


def test_every_figure_is_what_scikit_learn_and_a_pencil_say(known):
    with pytest.warns(UserWarning, match="1 spelling under several labels"):
        figures = measure(*known).figures
    truth, rows = [0, 0, 0, 1, 1], np.array(list(ANSWERS.values()))
    guesses, labels = rows.argmax(1), [0, 1, 2]
    assert figures["n"] == 5
    assert figures["labels"] == ["Hissing", "Rolling", "Vowelish"]
    assert figures["accuracy"] == pytest.approx(accuracy_score(truth, guesses), abs=1e-9) == 3 / 5
    assert figures["nll"] == pytest.approx(log_loss(truth, rows, labels=labels), abs=1e-9)
    assert figures["nll"] == pytest.approx(-np.log([0.8, 0.3, 0.5, 0.7, 0.3]).mean(), abs=1e-9)
    assert figures["macro_f1"] == pytest.approx(
        f1_score(truth, guesses, labels=labels, average="macro", zero_division=0), abs=1e-9)
    assert figures["macro_f1"] == pytest.approx((4 / 6 + 2 / 4 + 0) / 3, abs=1e-9)
    assert figures["top3_accuracy"] == 1
    assert figures["ceiling"] == 4 / 5  # "Both" and "both" are one spelling
    assert figures["calibration_error"] == pytest.approx(  # five bins of one; of the two at 0.5 one is right
        (abs(0.5 - 0.5) + abs(0.5 - 0.5) + abs(0.6 - 0) + abs(0.7 - 1) + abs(0.8 - 1)) / 5, abs=1e-9)
    low, high = figures["accuracy_interval"]
    assert 0.2 < low < 0.6 < high < 0.9
    expected = zip(*precision_recall_fscore_support(truth, guesses, labels=labels, zero_division=0), strict=True)
    for row, (precision, recall, f1, n) in zip(figures["per_label"].values(), expected, strict=True):
        assert row == {"n": n, "precision": pytest.approx(precision, abs=1e-9),
                       "recall": pytest.approx(recall, abs=1e-9), "f1": pytest.approx(f1, abs=1e-9)}
    assert [row["coverage"] for row in figures["coverage"]] == [1, 1, 0.6, 0.4, 0.2, 0, 0, 0]
    assert figures["coverage"][2]["accuracy"] == pytest.approx(2 / 3)


def test_the_temperature_of_the_training_is_undone_for_the_figures_before(known):
    classifier, folder = known
    classifier.about = {**classifier.about, "temperature": 2.0}
    with pytest.warns(UserWarning, match="several labels"):
        evaluation = measure(classifier, folder)
    first = np.array(ANSWERS["Sz"]) ** 2
    assert np.exp(evaluation.uncalibrated[0]) == pytest.approx(first / first.sum())
    assert evaluation.figures["temperature"] == 2
    assert evaluation.figures["nll_before"] != pytest.approx(evaluation.figures["nll"])


def test_it_says_what_the_model_was_made_from_and_leaves_it_out(model, folder):
    parts = split(read_folder(folder))
    result = call("charnn.evaluate", "--model", model, "--data", folder, "--json")
    figures = json.loads(result.stdout)
    assert figures["n"] == 180
    assert figures["spellings"] == {"all": 180, "trained_on": len(parts["train"]),
                                    "chosen_by": len(parts["validation"])}
    assert (f"trained on {len(parts['train'])} and chosen by {len(parts['validation'])} of the 180 spellings"
            in result.stderr)
    assert figures["unseen"] is False
    result = call("charnn.evaluate", "--model", model, "--data", folder, "--unseen", "--json")
    unseen = json.loads(result.stdout)
    assert "warning" not in result.stderr
    assert unseen["n"] == len(parts["test"])
    assert unseen["unseen"] is True
    for name, value in charnn.load(model).figures["test"].items():
        assert unseen[name] == pytest.approx(value, abs=1e-6)


def test_capitals_and_accents_do_not_hide_a_name_that_was_trained_on(model, folder, tmp_path):
    name = split(read_folder(folder))["train"].names[0]
    other = write_folder(tmp_path / "other", {"Hissing": [name.upper()]})
    assert "all 1 spellings were used in the model's training" in error_of(
        call("charnn.evaluate", "--model", model, "--data", other, "--unseen"))


def test_the_tables(model, folder):
    train, validation, test = map(len, split(read_folder(folder)).values())
    lines = call("charnn.evaluate", "--model", model, "--data", folder, "--unseen").stdout.splitlines()
    assert lines[0] == (f"{test} names of 3 labels. Of the folder's 180 spellings the model was trained on {train} "
                        f"and chosen by {validation}; these are left out.")
    assert "which flatters the figures." in call("charnn.evaluate", "--model", model, "--data", folder).stdout
    assert [line[:17].strip() for line in lines[2:6]] == ["accuracy", "macro-F1", "NLL", "calibration error"]
    assert lines[7].split() == ["unknown", "below", "answered", "accuracy"]
    assert [line.split()[0] for line in lines[-4:]] == ["label", "Hissing", "Rolling", "Vowelish"]


def test_a_name_that_predict_leaves_unanswered_is_not_covered(model, tmp_path):
    folder = write_folder(tmp_path / "d", {"Hissing": ["Szsz", "..."]})
    assert json.loads(call("charnn.evaluate", "--model", model, "--data", folder, "--json").stdout)["coverage"][0] == {
        "unknown_below": 0.0, "coverage": 0.5, "accuracy": 1.0}
    assert call("charnn.predict", "--model", model, "...").stdout == "unknown\n"
    assert "2 of them have no name here" in call("charnn.evaluate", "--model", model, "--data", folder).stdout


def test_bad_input_is_one_line(model, tmp_path):
    folder = write_folder(tmp_path / "d", {"Klingon": ["Worf"], "Hissing": ["Sz"]})
    assert "label 'Klingon' is unknown to the model; its labels are Hissing, Rolling, Vowelish" in error_of(
        call("charnn.evaluate", "--model", model, "--data", folder))
    assert "the following arguments are required: --data" in error_of(call("charnn.evaluate", "--model", model))
