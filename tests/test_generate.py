"""python -m charnn.generate, as a user runs it, on what charnn.train --task generate wrote."""

import json
from math import log
from pathlib import Path
from subprocess import CompletedProcess
from typing import NamedTuple

import pytest
from helpers import call, call_script, error_of, run, tiny_names

import charnn

QUICK = ("--hidden", 12, "--epochs", 2, "--batch-size", 16, "--device", "cpu")


class Training(NamedTuple):
    """A finished run of charnn.train: what it printed, the model, what it was trained on."""

    result: CompletedProcess
    model: Path
    data: Path


@pytest.fixture(scope="module")
def names(folder, tmp_path_factory):
    """The tiny folder, learned in a process of its own."""
    out = tmp_path_factory.mktemp("names") / "out"
    result = run("charnn.train", "--task", "generate", "--data", folder, "--out", out, *QUICK)
    return Training(result, out / "model.safetensors", folder)


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """A running text, learned within this process."""
    there = tmp_path_factory.mktemp("text")
    tale, out = there / "tale.txt", there / "out"
    tale.write_text("the cat sat on the mat.\n" * 150, encoding="utf-8")
    result = call("charnn.train", "--task", "generate", "--text", tale, "--out", out, *QUICK)
    return Training(result, out / "model.safetensors", tale)


def generate(training, *arguments):
    """The command with a training's model, within this process."""
    return call("charnn.generate", "--model", training.model, *arguments)


def rows_of(result):
    """The JSON objects that a command printed, one a line."""
    assert result.returncode == 0, result
    return [json.loads(line) for line in result.stdout.splitlines()]


def evaluate(training, *arguments):
    """The figures of a training's model."""
    (figures,) = rows_of(call("charnn.evaluate", "--model", training.model, "--json", *arguments))
    return figures


def test_training_shows_samples_and_figures_and_what_to_try_next(names, text):
    printed, progress = names.result.stdout, names.result.stderr
    assert names.result.returncode == 0, names.result
    assert "characters it has not seen:" in printed
    assert "nats per character" in printed
    assert f"Try it: python -m charnn.generate --model {names.model} --count 10" in printed
    assert progress.count("characters/s") == 2, "a line for each epoch"
    assert progress.count("\n    ") == 2, "and after it what the model generates by then"
    assert text.result.returncode == 0, text.result
    sizes = "12 symbols; characters: 3,240 train, 180 validation, 180 test"
    assert sizes in text.result.stderr
    files = sorted(path.name for path in names.model.parent.iterdir())
    assert files == ["checkpoint.safetensors", "curves.png", "history.csv", "model.safetensors"]


def test_the_same_seed_gives_the_same_file(names, text, tmp_path):
    for training, option in ((names, "--data"), (text, "--text")):
        out = tmp_path / option
        call("charnn.train", "--task", "generate", option, training.data, "--out", out, *QUICK)
        again = (out / "model.safetensors").read_bytes()
        assert again == training.model.read_bytes(), f"{option} twice gives two different files"


def test_names_are_printed_one_a_line(names):
    lines = generate(names, "--seed", 1).stdout.splitlines()
    assert len(lines) == 10
    same = rows_of(run("charnn.generate", "--model", names.model, "--seed", 1, "--json"))
    assert [row["text"] for row in same] == lines, "another process, the same seed"
    assert all(row["bits_per_char"] > 0 for row in same)
    (row,) = rows_of(generate(names, "--label", "Rolling", "--count", 1, "--json"))
    assert row["label"] == "Rolling"


def test_the_nearest_training_name_is_shown_beside_each(names):
    options = ("--data", names.data, "--seed", 1, "--count", 4, "--novel")
    rows = rows_of(generate(names, *options, "--json"))
    for row in rows:
        near = row["nearest"]
        assert near["name"] in tiny_names()[near["label"]]
        assert near["distance"] >= 1, "a novel name is no name of the training set"
    line = "{text}   {nearest[distance]} from {nearest[name]} ({nearest[label]})"
    expected = [line.format(**row) for row in rows]
    assert generate(names, *options).stdout.splitlines() == expected


def test_running_text_streams(text):
    options = ("--prefix", "the ", "--length", 50, "--seed", 3)
    streamed = generate(text, *options).stdout
    assert streamed.startswith("the ")
    assert len(streamed) == 50 + len("\n")
    assert streamed == generate(text, *options, "--count", 1).stdout, "whole, it is the same text"


def test_a_beam_prints_the_most_probable(names, text):
    options = ("--beam", 8, "--count", 3, "--label", "Rolling")
    rows = rows_of(generate(names, *options, "--json"))
    expected = charnn.load(names.model).most_probable("Rolling", count=3, beam=8)
    assert rows == [one._asdict() for one in expected]
    lines = generate(names, *options).stdout.splitlines()
    assert lines == [f"({row['log_probability']:.2f}) {row['text']}" for row in rows]
    (row,) = rows_of(generate(text, "--beam", 1, "--length", 9, "--prefix", "the", "--json"))
    printed = generate(text, "--beam", 1, "--length", 9, "--prefix", "the").stdout
    assert printed == f"({row['log_probability']:.2f}) {row['text']}\n"
    assert len(row["text"]) == 9


def test_what_is_not_proven_gets_a_warning(names, monkeypatch):
    monkeypatch.setattr("charnn.inference.beam.NUMBERS", 1)
    result = generate(names, "--beam", 1)
    assert "before it was proven that no other name is more probable" in result.stderr


def test_a_file_of_prefixes(names, text, tmp_path):
    path = tmp_path / "prefixes.txt"
    path.write_text("Ro\n\nS\nRo", encoding="utf-8")
    starts = ["Ro", "", "S", "Ro"]
    options = ("--prefix-file", path, "--seed", 1)
    rows = rows_of(generate(names, *options, "--json"))
    assert [row["prefix"] for row in rows] == starts
    assert all(row["text"].startswith(row["prefix"]) for row in rows)
    assert generate(names, *options).stdout.splitlines() == [row["text"] for row in rows]
    twice = rows_of(generate(names, *options, "--count", 2, "--json"))
    assert [row["prefix"] for row in twice] == [start for start in starts for _ in range(2)]
    best = rows_of(generate(names, "--prefix-file", path, "--beam", 1, "--json"))
    assert [row["prefix"] for row in best] == starts
    assert best[0] == best[3]
    path.write_text("the\nX\n", encoding="utf-8")
    error = error_of(generate(text, "--prefix-file", path))
    assert f"{path}, line 2: prefix 'X' has 'X', not in the model's vocabulary" in error
    path.write_text("", encoding="utf-8")
    assert "is empty; give a prefix a line" in error_of(generate(names, "--prefix-file", path))
    missing = generate(names, "--prefix-file", tmp_path / "no.txt")
    assert "no.txt cannot be read (No such file or directory)" in error_of(missing)


def test_a_score_shows_each_letter(names):
    options = ("--score", "Szsz", "--label", "Hissing")
    first, *lines = generate(names, *options).stdout.splitlines()
    assert first.endswith("bits per character")
    assert [line.split()[0] for line in lines] == ["S", "z", "s", "z", "end"]
    (about,) = rows_of(generate(names, *options, "--json"))
    score = charnn.load(names.model).score("Szsz", "Hissing")
    assert about["bits_per_char"] == pytest.approx(score)
    assert len(about["letters"]) == len("Szsz") + 1


def test_a_score_says_which_letters_the_model_does_not_know(names, text):
    result = call("charnn.generate", "--score", "Иванов")
    assert result.stdout.startswith("14.58 bits per character\n")
    assert result.stderr.startswith(
        "charnn: warning: 'Иванов': 5 letters are unknown to the model: 'И', 'в', 'а', 'н', 'о';"
    )
    (about,) = rows_of(call("charnn.generate", "--json", "--score", "Иванов"))
    assert about["unknown_letters"] == ["И", "в", "а", "н", "о"]
    assert about["unlike_training"] is True
    assert generate(names, "--score", "Szsz").stderr == ""
    (about,) = rows_of(generate(names, "--json", "--score", "Szsz"))
    assert (about["unknown_letters"], about["unlike_training"]) == ([], False)
    (about,) = rows_of(generate(text, "--json", "--score", "the cat sat Q on"))
    assert about["unknown_letters"] == ["Q"]


def test_nothing_is_printed_before_the_prefix_is_checked(text):
    for wrong in (("--prefix", "the Ж"), ("--prefix", "the", "--temperature", -1)):
        result = generate(text, *wrong)
        assert result.stdout == ""
        assert error_of(result)


def test_evaluate_measures_what_was_trained_on(names, text):
    figures = evaluate(names, "--data", names.data)
    letters_and_ends = sum(len(name) + 1 for of_label in tiny_names().values() for name in of_label)
    assert figures["n"] == letters_and_ends
    assert figures["bits_per_char"] == pytest.approx(figures["nats_per_char"] / log(2))
    assert figures["classification"]["n"] == 180
    unseen = evaluate(names, "--data", names.data, "--unseen")
    kept = charnn.load(names.model).figures["test"]
    assert unseen["n"] == kept["n"], "what is unseen is the test set"
    assert unseen["nats_per_char"] == pytest.approx(kept["nats_per_char"], abs=1e-6)
    table = call("charnn.evaluate", "--model", names.model, "--data", names.data).stdout
    assert "as a classifier, by Bayes' rule" in table
    figures = evaluate(text, "--data", text.data)
    assert figures["n"] == 150 * len("the cat sat on the mat.\n")
    assert set(figures) == {"n", "nats_per_char", "bits_per_char", "perplexity"}


def test_predict_classifies_with_a_generator_by_bayes_rule(names):
    (row,) = rows_of(call("charnn.predict", "--model", names.model, "--json", "Szsz"))
    total = sum(prediction["probability"] for prediction in row["predictions"])
    assert total == pytest.approx(1), "of three labels all are printed"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--label", "Rolin"], "label 'Rolin' is unknown to the model; did you mean Rolling?"),
        (["--prefix", "Ж"], "prefix 'Ж' has 'Ж', not in the model's vocabulary"),
        (["--temperature", "0", "--top-p", "0.5"], "leave top-k and top-p out"),
        (["--temperature", "200"], "temperature 200.0 is out of range; choose from 0 to 100"),
        (["--top-p", "0"], "top-p 0.0 is out of range"),
        (["--count", "0"], "count 0 is less than 1"),
        (["--seed", "-1"], "seed -1 is out of range"),
        (
            ["--score", "Szsz", "--top-k", "3", "--novel"],
            "--score generates nothing; leave --top-k, --novel out",
        ),
    ],
)
def test_bad_input_is_one_line(names, arguments, message):
    assert message in error_of(generate(names, *arguments))


def test_a_model_of_another_kind_is_one_line(model, names, text):
    classifier = call("charnn.generate", "--model", model)
    assert "is a classifier; give a generator's model file" in error_of(classifier)
    report = call_script("confusion_report", "--model", names.model, "--data", names.data)
    assert "is a generator; give a classifier's model file" in error_of(report)
    predicted = call("charnn.predict", "--model", text.model, "Szsz")
    assert "trained without labels" in error_of(predicted)


def test_options_that_are_for_names_are_one_line_with_running_text(text, folder):
    assert "novel is for names" in error_of(generate(text, "--novel"))
    assert "novel is for names" in error_of(generate(text, "--novel", "--count", 2))
    assert "--data is for names" in error_of(generate(text, "--data", folder))
    assert "trained without labels" in error_of(generate(text, "--label", "A"))
    unseen = call("charnn.evaluate", "--model", text.model, "--data", text.data, "--unseen")
    assert "unseen is for names" in error_of(unseen)


def test_data_that_does_not_go_with_the_model_is_one_line(names, text, folder):
    measured = call("charnn.evaluate", "--model", text.model, "--data", folder)
    assert "is a folder; give a text file" in error_of(measured)
    assert "holds none of the names" in error_of(generate(names, "--data", "LICENSE"))
    too_long = generate(text, "--score", "a" * 10_001)
    assert "the text has 10,001 characters; up to 10,000" in error_of(too_long)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--text README.md", "--text is for generators; add --task generate"),
        (
            "--task generate --text README.md --data data/names",
            "--text and --data were given",
        ),
        (
            "--task generate --text nowhere.txt",
            "nowhere.txt cannot be read (No such file or directory)",
        ),
        ("--task generate --text data", "data is a folder; give a text file"),
        ("--task generate --text README.md --no-raw", "running text is learned as it is written"),
        ("--task generate --text README.md --symbols 2", "--symbols 2 keeps nothing with a letter"),
        ("--task generate --text README.md --symbols 5000", "5000 is out of range for running tex"),
        (
            "--task generate --text LICENSE --bidirectional",
            "must not see the letter that it predicts",
        ),
        (
            "--task generate --preset lecture",
            "--preset 'lecture' is unknown (generate); choose from standard",
        ),
        ("--task generate --data constraints.txt --test-data nowhere", "nowhere does not exist"),
    ],
)
def test_what_cannot_be_trained_is_one_line(arguments, message, tmp_path):
    out = tmp_path / "out"
    assert message in error_of(call("charnn.train", *arguments.split(), "--out", out))
    assert not out.exists(), "a training that cannot begin leaves nothing behind"
