"""python -m charnn.evaluate, as a user runs it."""

import json
import unicodedata

import pytest
from helpers import call, error_of, run, tiny_names, write_folder

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


def test_the_labels_of_a_folder_from_a_mac_are_known(tmp_path):
    """Trained on composed labels, measured on decomposed ones, and the other way round."""
    labels = ("Türkçe", "Čeština", "Z")
    folders = [
        write_folder(
            tmp_path / form, {unicodedata.normalize(form, label): names[label] for label in labels}
        )
        for form, names in (
            ("NFC", dict(zip(labels, tiny_names().values(), strict=True))),
            ("NFD", dict(zip(labels, tiny_names(40, seed=1).values(), strict=True))),
        )
    ]
    for data, other in (folders, folders[::-1]):
        trained = charnn.train_classifier(
            data, test_data=other, hidden=4, epochs=1, ngrams=0, device="cpu"
        )
        path = tmp_path / f"{other.name}.safetensors"
        trained.save(path)
        figures = json.loads(evaluate(path, other, "--json").stdout)
        assert figures["n"] == {"NFC": 180, "NFD": 120}[other.name]
        assert figures["labels"] == ["Türkçe", "Z", "Čeština"]


def test_names_of_unknown_labels_are_left_out_and_counted_if_asked(model, folder, tmp_path):
    known = json.loads(evaluate(model, folder, "--unseen", "--json").stdout)
    assert known["skipped_labels"] == {}
    larger = write_folder(tmp_path / "larger", {**tiny_names(), "Vulcan": ["Spock"]})
    write_folder(larger, {"Klingon": ["Worf", "Kang", "Kor"]})
    assert "--skip-unknown-labels" in error_of(evaluate(model, larger))
    result = evaluate(model, larger, "--unseen", "--skip-unknown-labels", "--json")
    figures = json.loads(result.stdout)
    assert figures.pop("skipped_labels") == {"Klingon": 3, "Vulcan": 1}
    assert figures == {name: known[name] for name in figures}
    first, *_ = evaluate(model, larger, "--skip-unknown-labels").stdout.splitlines()
    assert first.endswith(
        "Left out: 4 lines of 2 labels that the model does not know: Klingon (3), Vulcan (1)."
    )
    only = write_folder(tmp_path / "only", {"Klingon": ["Worf"]})
    assert "no name has a label that the model knows; its labels are Hissing" in error_of(
        evaluate(model, only, "--skip-unknown-labels")
    )
