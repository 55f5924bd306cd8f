"""python -m charnn.evaluate, as a user runs it."""

import json

import numpy as np
from conftest import call, error_of, write_folder
from sklearn.metrics import accuracy_score, f1_score, log_loss

import charnn


def test_figures_are_those_of_scikit_learn_over_all_of_the_models_labels(model, tmp_path):
    names = {"Hissing": ["Szsz", "Rorr", "Zzss"], "Rolling": ["Rarro", "Aoie"]}  # no Vowelish, two wrong on purpose
    folder = write_folder(tmp_path / "known", names)
    result = call("charnn.evaluate", "--model", model, "--data", folder, "--json")
    figures = json.loads(result.stdout)
    classifier = charnn.load(model)
    rows = classifier.predict_proba([name for of in names.values() for name in of])
    truth = np.array([0, 0, 0, 1, 1])
    assert figures["n"] == 5
    assert figures["labels"] == ["Hissing", "Rolling", "Vowelish"]
    assert abs(figures["accuracy"] - accuracy_score(truth, rows.argmax(1))) < 1e-9
    assert abs(figures["macro_f1"] - f1_score(truth, rows.argmax(1), labels=[0, 1, 2], average="macro",
                                              zero_division=0)) < 1e-9
    assert abs(figures["nll"] - log_loss(truth, rows, labels=[0, 1, 2])) < 1e-9
    assert figures["per_label"]["Rolling"]["n"] == 2
    assert figures["per_label"]["Vowelish"]["recall"] == 0


def test_the_table_has_a_row_per_label(model, folder):
    result = call("charnn.evaluate", "--model", model, "--data", folder)
    assert result.stdout.splitlines()[0].startswith("180 names: accuracy ")
    assert [line.split()[0] for line in result.stdout.splitlines()[3:]] == ["Hissing", "Rolling", "Vowelish"]


def test_bad_input_is_one_line(model, tmp_path):
    folder = write_folder(tmp_path / "d", {"Klingon": ["Worf"], "Hissing": ["Sz"]})
    assert "label 'Klingon' is unknown to the model; its labels are Hissing, Rolling, Vowelish" in error_of(
        call("charnn.evaluate", "--model", model, "--data", folder))
    assert "the following arguments are required: --data" in error_of(call("charnn.evaluate", "--model", model))
