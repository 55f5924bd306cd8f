"""python -m charnn.evaluate, as a user runs it."""

import json

import pytest
from helpers import call, error_of, run, write_folder

import charnn
from charnn.data import read_folder, split


def evaluate(model, folder, *arguments):
    """The command with a model, within this process."""
    return call("charnn.evaluate", "--model", model, "--data", folder, *arguments)


def test_it_says_what_the_model_was_made_from_and_leaves_it_out(model, folder):
    parts = split(read_folder(folder))
    result = evaluate(model, folder, "--json")
    figures = json.loads(result.stdout)
    assert figures["n"] == 180
    assert figures["spellings"] == {
        "all": 180,
        "trained_on": len(parts["train"]),
        "chosen_by": len(parts["validation"]),
    }
    trained, chosen = len(parts["train"]), len(parts["validation"])
    warning = (
        f"of the 180 spellings, {trained} are in the model's training set and {chosen} in its "
        "validation set"
    )
    assert warning in result.stderr
    assert figures["unseen"] is False
    result = evaluate(model, folder, "--unseen", "--json")
    unseen = json.loads(result.stdout)
    assert "warning" not in result.stderr
    assert unseen["n"] == len(parts["test"])
    assert unseen["unseen"] is True
    for name, value in charnn.load(model).figures["test"].items():
        assert unseen[name] == pytest.approx(value, abs=1e-6)


def test_capitals_and_accents_do_not_hide_a_name_that_was_trained_on(model, folder, tmp_path):
    name = split(read_folder(folder))["train"].names[0]
    other = write_folder(tmp_path / "other", {"Hissing": [name.upper()]})
    result = evaluate(model, other, "--unseen")
    assert "training and validation sets hold all of its spellings (1)" in error_of(result)


def test_the_tables(model, folder):
    train, validation, test = map(len, split(read_folder(folder)).values())
    result = run("charnn.evaluate", "--model", model, "--data", folder, "--unseen")
    lines = result.stdout.splitlines()
    assert lines[0] == (
        f"{test} names of 3 labels. Of the 180 spellings in the data, {train} are in the model's "
        f"training set and {validation} in its validation set; these are left out."
    )
    assert "so the figures are better than on new ones." in evaluate(model, folder).stdout
    titles = [line[:17].strip() for line in lines[2:6]]
    assert titles == ["accuracy", "macro-F1", "NLL", "calibration error"]
    assert lines[7].split() == ["unknown", "below", "answered", "accuracy"]
    assert [line.split()[0] for line in lines[-4:]] == ["label", "Hissing", "Rolling", "Vowelish"]


def test_a_name_that_predict_leaves_unanswered_is_not_covered(model, tmp_path):
    folder = write_folder(tmp_path / "d", {"Hissing": ["Szsz", "..."]})
    coverage = json.loads(evaluate(model, folder, "--json").stdout)["coverage"]
    assert coverage[0] == {"unknown_below": 0.0, "coverage": 0.5, "accuracy": 1.0}
    assert call("charnn.predict", "--model", model, "...").stdout == "unknown\n"
    assert "2 of them have no name here" in evaluate(model, folder).stdout


def test_bad_input_is_one_line(model, tmp_path):
    folder = write_folder(tmp_path / "d", {"Klingon": ["Worf"], "Hissing": ["Sz"]})
    message = "label 'Klingon' is unknown to the model; its labels are Hissing, Rolling, Vowelish"
    assert message in error_of(evaluate(model, folder))
    without_data = call("charnn.evaluate", "--model", model)
    assert "the following arguments are required: --data" in error_of(without_data)
