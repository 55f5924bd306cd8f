"""python -m charnn.compare: two trainings in one picture, and what of their difference is chance."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from helpers import assert_whole, call, error_of, invented, tiny_names, write_folder
from made_runs import changed, made_run

import charnn
from charnn.compare import in_words
from charnn.evaluation.measure import measure
from charnn.evaluation.versus import Versus, mcnemar
from charnn.training.curves import Line, curves_of_several
from charnn.training.history import Epoch
from charnn.training.runs import Recorded

QUICK = {"hidden": 4, "epochs": 2, "batch_size": 64, "device": "cpu", "ngrams": 0}


@pytest.fixture(scope="module")
def weak(folder):
    """A classifier of the tiny folder that has hardly learned."""
    return charnn.train_classifier(folder, **QUICK)


@pytest.fixture(scope="module")
def pair(classifier, weak, folder, tmp_path_factory):
    """A folder with the run of a good classifier, and one of that."""
    there = tmp_path_factory.mktemp("pair")
    made_run(there / "good", classifier, folder)
    made_run(there / "weak", weak, folder)
    return there


def compare(first, second, out, *arguments):
    return call("charnn.compare", first, second, "--out", out, *arguments)


def test_two_runs_of_the_same_data_are_compared_on_its_test_names(
    pair, classifier, weak, folder, tmp_path
):
    result = compare(pair / "good", pair / "weak", tmp_path, "--json")
    assert result.returncode == 0, result
    found = json.loads(result.stdout)
    by_hand = [measure(model, folder, unseen=True) for model in (classifier, weak)]
    right = [one.log_probs.argmax(1) == one.data.targets for one in by_hand]
    assert found["n"] == len(right[0]) == classifier.figures["test"]["n"]
    assert found["right"] == [int(one.sum()) for one in right]
    assert found["only"] == [int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())]
    accuracy = f"{pair / 'good'} has an accuracy of {classifier.figures['test']['accuracy']:.3f}"
    assert accuracy in " ".join(found["said"])
    assert (tmp_path / "compare.png").read_bytes().startswith(b"\x89PNG")
    assert "already holds compare.png" in error_of(compare(pair / "good", pair / "weak", tmp_path))


@pytest.mark.slow
def test_the_verdict_is_a_sentence(pair, tmp_path):
    others = write_folder(tmp_path / "others", tiny_names(40, seed=3))
    result = compare(pair / "weak", pair / "good", tmp_path, "--data", others)
    assert result.returncode == 0, result
    assert "that one of them was trained on or chosen by." in result.stdout
    assert f"{pair / 'good'} is better beyond chance: between two equally good" in result.stdout


def test_two_that_get_the_same_names_right_are_not_told_apart():
    found = Versus(40, (30, 30), (0, 0), mcnemar(0, 0))
    runs = [Recorded(Path(name), "finished", "", None, None) for name in "ab"]
    (said,) = in_words(runs, found, "name")
    assert "an accuracy of 0.750 and b of 0.750" in said
    assert said.endswith("So there is nothing to tell them apart by.")


@pytest.mark.slow
def test_of_different_data_what_both_test_sets_have_is_compared(
    pair, weak, classifier, folder, tmp_path
):
    lists = {path.stem: path.read_text().split() for path in folder.glob("*.txt")}
    lists["Hissing"] = []
    part = write_folder(tmp_path / "part", {**lists, "Humming": invented(60, 2, "hmuw")})
    (part / "Hissing.txt").unlink()
    other = charnn.train_classifier(part, **QUICK)
    made_run(tmp_path / "other", other, part)
    result = compare(pair / "good", tmp_path / "other", tmp_path)
    assert result.returncode == 0, result
    for sentence in (
        "These figures are of different data, so they say little of each other.",
        "good alone knows 1 label: Hissing.",
        "other alone knows 1 label: Humming.",
        "one of the 2 labels that both know.",
    ):
        assert sentence in result.stdout
    evaluation = measure(classifier, folder, unseen=True).data
    kept = sum(evaluation.labels[target] != "Hissing" for target in evaluation.targets)
    assert f"On the same {kept} names, new to both," in result.stdout


@pytest.mark.slow
def test_without_a_common_name_only_the_figures_are_said(pair, weak, tmp_path):
    apart = write_folder(tmp_path / "apart", tiny_names(40, seed=8))
    test = measure(weak, apart, unseen=True).data
    lists = {label: [] for label in test.labels}
    for name, target in zip(test.names, test.targets, strict=True):
        lists[test.labels[target]].append(f"q{name}")
    apart = write_folder(tmp_path / "q", lists)
    made_run(tmp_path / "run", charnn.train_classifier(apart, **QUICK), apart)
    result = compare(pair / "good", tmp_path / "run", tmp_path)
    assert result.returncode == 0, result
    assert (
        "Their test sets have nothing in common, so which is better is not known" in result.stdout
    )
    assert "chance" not in result.stdout


@pytest.mark.slow
def test_a_run_without_a_model_is_drawn_and_not_compared(pair, tmp_path):
    killed = shutil.copytree(pair / "weak", tmp_path / "killed")
    (killed / "model.safetensors").unlink()
    changed(killed, lambda about: about.pop("ending"))
    result = compare(pair / "good", killed, tmp_path)
    assert result.returncode == 0, result
    assert "killed has no model (unfinished: 2 of 2 epochs" in result.stdout
    assert (tmp_path / "compare.png").exists()


@pytest.mark.slow
def test_what_reads_words_is_compared_with_what_reads_letters(reviews, tmp_path):
    for name, tokens in (("letters", {}), ("words", {"tokens": "words", "embedding": 8})):
        model = charnn.train_classifier(reviews, **{**QUICK, **tokens})
        made_run(tmp_path / name, model, reviews)
    result = compare(tmp_path / "letters", tmp_path / "words", tmp_path)
    assert result.returncode == 0, result
    assert "new to both" in result.stdout
    assert "(McNemar's exact test" in result.stdout


@pytest.mark.slow
def test_generators_are_compared_by_their_figures(folder, pair, tmp_path):
    for name, seed in (("first", 0), ("second", 1)):
        small = {**QUICK, "epochs": 1, "seed": seed, "layers": 1}
        made_run(tmp_path / name, charnn.train_generator(folder, **small), folder)
    first, second = tmp_path / "first", tmp_path / "second"
    result = compare(first, second, tmp_path)
    assert result.returncode == 0, result
    assert result.stdout.count("bits per character") == 2
    assert "Whether this difference is chance is not tested" in result.stdout
    message = error_of(compare(first, second, tmp_path / "x", "--data", folder))
    assert "--data is for classifiers" in message
    message = error_of(compare(first, pair / "good", tmp_path / "x"))
    assert "predicts for each character and" in message
    assert not (tmp_path / "x").exists()


def test_what_cannot_be_compared_is_one_line(pair, tmp_path):
    good = pair / "good"
    assert "was given twice" in error_of(compare(good, good, tmp_path))
    assert "is no run; give" in error_of(compare(good, tmp_path, tmp_path))
    moved = shutil.copytree(good, tmp_path / "moved")
    changed(moved, lambda about: about["source"].update(data=str(tmp_path / "gone")))
    message = error_of(compare(good, moved, tmp_path))
    assert "gone does not exist" in message
    assert message.endswith("or give --data")
    young = shutil.copytree(good, tmp_path / "young")
    (young / "model.safetensors").unlink()
    none = {"history": [], "best": 0, "epoch": 1}
    changed(young, lambda about: about["training"].update(none))
    assert "has no complete epoch yet" in error_of(compare(good, young, tmp_path))
    assert not (tmp_path / "compare.png").exists()


@pytest.mark.slow
def test_data_that_has_changed_is_a_warning(pair, folder, tmp_path):
    data = shutil.copytree(folder, tmp_path / folder.name)
    with open(data / "Hissing.txt", "a", encoding="utf-8") as file:
        file.write("Shazz\n")
    moved = shutil.copytree(pair / "weak", tmp_path / "moved")
    changed(moved, lambda about: about["source"].update(data=str(data)))
    result = compare(pair / "good", moved, tmp_path)
    assert result.returncode == 0, result
    assert f"{data} is not as it was when {moved} was trained" in result.stderr


def two_lines():
    """Three epochs, of which the second was kept, and five of a run with a long name."""
    return [
        Line(name, [Epoch(n, 2 / n, 0.1, 3 / n, 0.2, 0.1, 1e3) for n in range(1, last + 1)], best)
        for name, last, best in (("_runs/$a_{1}$", 3, 2), ("runs/" + "b" * 60, 5, 0))
    ]


def test_the_picture_has_every_epoch_of_both():
    of_loss, of_accuracy = curves_of_several(two_lines()).axes
    drawn = [line.get_ydata() for line in of_loss.lines]
    assert np.allclose(drawn[0], [2, 1, 2 / 3])
    assert np.allclose(drawn[1], [3, 1.5, 1])
    assert drawn[2] == [1.5], "the kept epoch is marked"
    assert [len(line) for line in drawn[3:]] == [5, 5], "there is none to mark"
    assert len(of_accuracy.lines) == 5
    assert len({line.get_color() for line in of_loss.lines}) == 2
    assert len({line.get_linestyle() for line in of_loss.lines[:2] + of_loss.lines[3:]}) == 2


@pytest.mark.slow
def test_nothing_of_the_picture_is_cut_off():
    assert_whole(curves_of_several(two_lines()))
