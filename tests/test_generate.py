"""python -m charnn.generate, as a user runs it, on what charnn.train --task generate wrote."""

import json

import pytest
from helpers import call, call_script, error_of, run, tiny_names

import charnn

QUICK = ("--hidden", 12, "--epochs", 2, "--batch-size", 16, "--device", "cpu")


@pytest.fixture(scope="module")
def names(folder, tmp_path_factory):
    """The command that trains on the tiny folder, and where it put the model."""
    out = tmp_path_factory.mktemp("names") / "out"
    return run("charnn.train", "--task", "generate", "--data", folder, "--out", out, *QUICK), out / "model.safetensors"


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """The same for a running text."""
    there = tmp_path_factory.mktemp("text")
    (there / "tale.txt").write_text("the cat sat on the mat.\n" * 150, encoding="utf-8")
    result = call("charnn.train", "--task", "generate", "--text", there / "tale.txt", "--out", there / "out", *QUICK)
    return result, there / "out" / "model.safetensors", there / "tale.txt"


def test_training_shows_samples_and_figures_and_what_to_try_next(names, text):
    result, model = names
    assert result.returncode == 0, result
    assert "nats per character" in result.stdout
    assert f"Try it: python -m charnn.generate --model {model} --count 10" in result.stdout
    assert result.stderr.count("characters/s") == 2
    assert result.stderr.count("\n    ") == 2  # what it writes after each epoch
    assert text[0].returncode == 0, text[0]
    assert "12 symbols; characters: 3,240 train, 180 validation, 180 test" in text[0].stderr
    assert sorted(path.name for path in model.parent.iterdir()) == ["curves.png", "history.csv", "model.safetensors"]


def test_the_same_seed_gives_the_same_file(names, folder, text, tmp_path):
    call("charnn.train", "--task", "generate", "--data", folder, "--out", tmp_path / "a", *QUICK)
    assert (tmp_path / "a" / "model.safetensors").read_bytes() == names[1].read_bytes()
    call("charnn.train", "--task", "generate", "--text", text[2], "--out", tmp_path / "b", *QUICK)
    assert (tmp_path / "b" / "model.safetensors").read_bytes() == text[1].read_bytes()


def test_names_are_written_one_a_line(names):
    lines = call("charnn.generate", "--model", names[1], "--seed", 1).stdout.splitlines()
    assert len(lines) == 10
    same = call("charnn.generate", "--model", names[1], "--seed", 1, "--json").stdout.splitlines()
    assert [json.loads(line)["text"] for line in same] == lines
    assert all(json.loads(line)["bits_per_char"] > 0 for line in same)
    assert json.loads(call("charnn.generate", "--model", names[1], "--label", "Rolling", "--count", 1,
                           "--json").stdout)["label"] == "Rolling"


def test_the_nearest_training_name_stands_beside_each(names, folder):
    options = ("--model", names[1], "--data", folder, "--seed", 1, "--count", 4, "--novel")
    rows = [json.loads(line) for line in call("charnn.generate", *options, "--json").stdout.splitlines()]
    assert all(row["nearest"]["distance"] >= 1 and row["nearest"]["name"] in tiny_names()[row["nearest"]["label"]]
               for row in rows)
    assert call("charnn.generate", *options).stdout.splitlines() == [
        "{text}   {nearest[distance]} from {nearest[name]} ({nearest[label]})".format(**row) for row in rows]


def test_running_text_streams(text):
    one = call("charnn.generate", "--model", text[1], "--prefix", "the ", "--length", 50, "--seed", 3).stdout
    assert one.startswith("the ")
    assert len(one) == 51
    assert one == call("charnn.generate", "--model", text[1], "--prefix", "the ", "--length", 50, "--seed", 3,
                       "--count", 1).stdout


def test_a_score_shows_each_letter(names):
    result = call("charnn.generate", "--model", names[1], "--score", "Szsz", "--label", "Hissing")
    lines = result.stdout.splitlines()
    assert lines[0].endswith("bits per character")
    assert [line.split()[0] for line in lines[1:]] == ["S", "z", "s", "z", "end"]
    about = json.loads(call("charnn.generate", "--model", names[1], "--score", "Szsz", "--label", "Hissing",
                            "--json").stdout)
    assert about["bits_per_char"] == pytest.approx(charnn.load(names[1]).score("Szsz", "Hissing"))
    assert len(about["letters"]) == 5


def test_evaluate_measures_what_was_trained_on(names, text, folder):
    figures = json.loads(call("charnn.evaluate", "--model", names[1], "--data", folder, "--json").stdout)
    letters = sum(len(name) + 1 for of in tiny_names().values() for name in of)
    assert figures["n"] == letters
    assert figures["bits_per_char"] == pytest.approx(figures["nats_per_char"] / 0.6931471805599453)
    assert figures["classification"]["n"] == 180
    unseen = json.loads(call("charnn.evaluate", "--model", names[1], "--data", folder, "--unseen", "--json").stdout)
    kept = charnn.load(names[1]).figures["test"]
    assert unseen["n"] == kept["n"]
    assert unseen["nats_per_char"] == pytest.approx(kept["nats_per_char"], abs=1e-6)
    assert "as a classifier, by Bayes' rule" in call("charnn.evaluate", "--model", names[1], "--data", folder).stdout
    figures = json.loads(call("charnn.evaluate", "--model", text[1], "--data", text[2], "--json").stdout)
    assert figures["n"] == 150 * 24
    assert set(figures) == {"n", "nats_per_char", "bits_per_char", "perplexity"}


def test_predict_answers_with_a_generator_by_bayes_rule(names):
    rows = call("charnn.predict", "--model", names[1], "--json", "Szsz").stdout
    assert sum(row["probability"] for row in json.loads(rows)["predictions"]) == pytest.approx(1)


@pytest.mark.parametrize(("arguments", "message"), [
    (["--label", "Rolin"], "label 'Rolin' is unknown to the model; did you mean Rolling?"),
    (["--prefix", "Ж"], "'Ж', which the model has never read"),
    (["--temperature", "0", "--top-p", "0.5"], "leave --top-k and --top-p out"),
    (["--top-p", "0"], "--top-p 0.0 is out of range"),
    (["--count", "0"], "--count 0 is less than 1"),
    (["--seed", "-1"], "--seed -1 is out of range"),
    (["--score", "Szsz", "--top-k", "3", "--novel"], "--score writes nothing; leave --top-k, --novel out"),
])
def test_bad_input_is_one_line(names, arguments, message):
    assert message in error_of(call("charnn.generate", "--model", names[1], *arguments))


def test_a_model_of_another_kind_and_data_of_another_kind_are_one_line(model, names, text, folder, tmp_path):
    assert "is a classifier; give a generator's model file" in error_of(call("charnn.generate", "--model", model))
    assert "is a generator; give a classifier's model file" in error_of(
        call_script("confusion_report", "--model", names[1], "--data", folder))
    assert "is a folder; give a text file" in error_of(call("charnn.evaluate", "--model", text[1], "--data", folder))
    assert "--unseen is for names" in error_of(
        call("charnn.evaluate", "--model", text[1], "--data", text[2], "--unseen"))
    assert "--novel is for names" in error_of(call("charnn.generate", "--model", text[1], "--novel"))
    assert "--data is for names" in error_of(call("charnn.generate", "--model", text[1], "--data", folder))
    assert "holds none of the names" in error_of(call("charnn.generate", "--model", names[1], "--data", "LICENSE"))
    assert "trained without labels" in error_of(call("charnn.generate", "--model", text[1], "--label", "A"))
    assert "the text has 10,001 characters; up to 10,000" in error_of(
        call("charnn.generate", "--model", text[1], "--score", "a" * 10_001))
    assert "trained without labels" in error_of(call("charnn.predict", "--model", text[1], "Szsz"))


@pytest.mark.parametrize(("arguments", "message"), [
    (["--text", "README.md"], "--text is for writing; add --task generate"),
    (["--task", "generate", "--text", "README.md", "--data", "data/names"], "--text and --data were given"),
    (["--task", "generate", "--text", "nowhere.txt"], "nowhere.txt cannot be read (No such file or directory)"),
    (["--task", "generate", "--text", "data"], "data is a folder; give a text file"),
    (["--task", "generate", "--text", "README.md", "--no-raw"], "running text is learned as it is written"),
    (["--task", "generate", "--text", "LICENSE", "--bidirectional"], "must not see the letter that it is to write"),
    (["--task", "generate", "--preset", "lecture"], "--preset 'lecture' is unknown (generate); choose from standard"),
    (["--task", "generate", "--data", "constraints.txt", "--test-data", "nowhere"], "nowhere cannot be read"),
])
def test_what_cannot_be_trained_is_one_line(arguments, message, tmp_path):
    assert message in error_of(call("charnn.train", *arguments, "--out", tmp_path / "out"))
