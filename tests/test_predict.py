"""python -m charnn.predict and the command `charnn`, as a user runs them."""

import json
import os
import re
import signal
import subprocess
import sys
from math import log

import pytest
from helpers import ROOT, call, error_of, run

import charnn
from charnn.text import letters, people


def predict(model, *arguments, input=""):
    """The command with a model, within this process."""
    return call("charnn.predict", "--model", model, *arguments, input=input)


def test_one_name_gets_its_three_most_probable_labels(model):
    result = run("charnn.predict", "--model", model, "Szsz")
    assert result.returncode == 0, result
    expected = [f"({log(p):.2f}) {label}" for label, p in charnn.load(model).predict("Szsz")]
    assert result.stdout.splitlines() == expected


def test_several_names_get_a_heading(model):
    result = predict(model, "--top", 1, "Szsz", "Yıldırım")
    assert [line for line in result.stdout.splitlines() if line.startswith(">")] == [
        "> Szsz",
        "> Yıldırım",
    ]
    assert len(result.stdout.splitlines()) == 4


def test_names_come_from_standard_input_without_arguments(model):
    result = predict(model, "--json", input="\ufeffSzsz\r\nRorr\n\nAoie")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["name"] for row in rows] == ["Szsz", "Rorr", "", "Aoie"]
    assert [bool(row["predictions"]) for row in rows] == [True, True, False, True]
    assert rows[0]["predictions"][0]["label"] == "Hissing"
    total = sum(prediction["probability"] for prediction in rows[1]["predictions"])
    assert total == pytest.approx(1), "of three labels all are printed"


def test_an_unsure_answer_is_unknown_where_that_is_asked_for(model):
    names = ["Szsz", "Zarro"]
    sure, unsure = sorted((charnn.load(model).predict(name)[0][1] for name in names), reverse=True)
    limit = (sure + unsure) / 2
    lines = predict(model, "--unknown-below", limit, "--top", 1, *names).stdout.splitlines()
    assert sorted(line == "unknown" for line in lines if line[0] != ">") == [False, True]
    lines = predict(model, "--unknown-below", limit, "--json", *names).stdout.splitlines()
    rows = [json.loads(line)["predictions"] for line in lines]
    assert sorted(map(len, rows)) == [0, 3], "an unknown name has no predictions"


@pytest.mark.parametrize("name", ["", " ", "🙂", "...", "12345", "שלום", "؟"])
def test_odd_input_is_answered_or_unknown(model, name):
    result = predict(model, "--", name)
    assert result.returncode == 0, result
    assert result.stdout == "unknown\n" or result.stdout.startswith("(")
    assert "Traceback" not in result.stderr


def test_ten_thousand_letters_are_classified_and_more_are_one_line(model):
    assert predict(model, "sz" * 5000).stdout.startswith("(")
    assert "has 10,001 characters" in error_of(predict(model, "s" * 10_001))
    result = predict(model, input=f"Szsz\n{'s' * 10_001}\n")
    assert "standard input, line 2: 'ssssssssssssssssss… has 10,001" in error_of(result)


def test_options_may_come_between_the_names(model):
    result = call("charnn.predict", "Szsz", "--top", 1, "--model", model, "Rorr")
    assert result.stdout.count("(-") == 2


def test_json_is_json_on_any_terminal(model):
    result = subprocess.run(
        [sys.executable, "-m", "charnn", "predict", "--model", model, "--json", "Müller🙂"],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(result.stdout)["name"] == "Müller🙂"


def test_a_warning_for_a_script_that_transliterates_poorly(model, monkeypatch):
    monkeypatch.setattr(letters._TRANSLITERATION, "warned", set())  # once in a process
    result = predict(model, "王")
    assert result.stderr.startswith("charnn: warning: Han script")


def test_doubts_are_a_warning_and_in_the_json_object():
    names = ["a" * 300, "Smith-Müller", "Smith Jr", "van der Berg", "Hinton"]
    result = call("charnn.predict", "--json", *names)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["unlike_training"] for row in rows] == [True, False, True, False, False]
    assert [row["unknown_letters"] for row in rows] == [[], ["-"], [], [], []]
    assert [row["several_words"] for row in rows] == [False, False, True, False, False]
    first, second, third = result.stderr.splitlines()
    assert first.startswith("charnn: warning: 'aaaa")
    assert first.endswith("it is unlike all that the model was trained on")
    assert second == "charnn: warning: 'Smith-Müller': 1 letter is unknown to the model: '-'"
    assert "'Smith Jr'" in third
    assert third.endswith("--name-format full, last-first or auto reads the surname alone")
    assert call("charnn.predict", *names).stderr == result.stderr


def test_doubts_of_many_names_are_a_few_lines(model):
    result = predict(model, input="".join(f"Sz{digit}sz\n" for digit in range(9)))
    *each, last = result.stderr.splitlines()
    assert len(each) == 5
    assert last == "charnn: warning: 4 more names with such doubts; --json says which"


@pytest.mark.parametrize(
    ("name_format", "name"),
    [
        ("auto", "Smith Jr"),
        ("auto", "SMITH III"),
        ("full", "Dr. John Smith"),
        ("last-first", "Smith John"),
        ("last-first", "Smith, John"),
    ],
)
def test_a_name_format_reads_the_surname_alone(name_format, name, tmp_path):
    (surname,) = map(json.loads, call("charnn.predict", "--json", "smith").stdout.splitlines())
    result = call("charnn.predict", "--json", "--name-format", name_format, name)
    (row,) = map(json.loads, result.stdout.splitlines())
    assert row["predictions"] == surname["predictions"]
    assert (row["name"], row["surname"].lower()) == (name, "smith")
    assert result.stderr == ""
    source, target = tmp_path / "people.csv", tmp_path / "labels.csv"
    source.write_text(f'id,name\n1,"{name}"\n', encoding="utf-8")
    options = ("--column", "name", "--name-format", name_format, "--output", target)
    call("charnn.predict", "--input", source, *options)
    label = surname["predictions"][0]["label"]
    assert f",{label}," in target.read_text(encoding="utf-8").splitlines()[1]
    assert charnn.load().predict(name, 1, name_format=name_format)[0][0] == label
    assert charnn.load().predict_proba([name], name_format)[0].max() == pytest.approx(
        surname["predictions"][0]["probability"]
    )


def test_a_name_format_without_its_library_is_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "nameparser", None)
    people._lexicon.cache_clear()
    asked = call("charnn.predict", "--name-format", "auto", "Hinton")
    assert "nameparser (2.6 or newer), which is not installed" in error_of(asked)
    assert call("charnn.predict", "Hinton").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--model", "nowhere.safetensors", "Hinton"],
            "nowhere.safetensors does not exist; give a model.safetensors",
        ),
        (["--model", "no\nsuch\x1b", "Hinton"], r"no\nsuch\x1b does not exist"),
        (["--model", "x" * 300, "Hinton"], "File name too long"),
        (["--model", "/dev/null", "Hinton"], "/dev/null is not a regular file"),
        (["--top", "0", "Hinton"], "--top 0 is less than 1"),
        (
            ["--unknown-below", "1.5", "Hinton"],
            "--unknown-below 1.5 is no probability; choose from 0 to 1",
        ),
        (["--unknown-below", "nan", "Hinton"], "--unknown-below nan is no probability"),
        (["--top", "x", "Hinton"], "argument --top: invalid int value: 'x'"),
        (["--model", "pyproject.toml", "Hinton"], "pyproject.toml is not a whole safetensors file"),
    ],
)
def test_bad_input_is_one_line(arguments, message):
    assert message in error_of(call("charnn.predict", *arguments))


def test_standard_input_that_is_empty_or_not_utf8_is_one_line(model):
    assert "standard input holds no name" in error_of(predict(model, input=""))
    result = subprocess.run(
        [sys.executable, "-m", "charnn.predict", "--model", model],
        input=b"Szsz\nM\xfcller\n",
        capture_output=True,
        cwd=ROOT,
        env=os.environ,
        check=False,
    )
    assert result.returncode == 2
    assert b"standard input, line 2: byte 0xfc (byte 6 of the file) is not UTF-8" in result.stderr


def test_the_bundled_model_is_found_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call("charnn.predict", "Hinton")
    assert result.returncode == 0, result
    assert len(result.stdout.splitlines()) == 3


def test_the_command_charnn_runs_the_others():
    result = call("charnn.__main__", "predict", "--top", "2", "Hinton")
    assert result.stdout.count("\n") == 2, "a line for each of the two labels"
    assert call("charnn.__main__", "--version").stdout == f"charnn {charnn.__version__}\n"
    assert "predict" in call("charnn.__main__", "--help").stdout
    assert "'paint' is no command; choose from train" in error_of(call("charnn.__main__", "paint"))
    assert "no command given" in error_of(call("charnn.__main__"))


def test_a_file_in_is_a_file_out(model, tmp_path):
    source, target = tmp_path / "people.csv", tmp_path / "labels.tsv"
    source.write_bytes(b'id,name,note\n1,Szsz,"a, b"\n2,M\xfcller,\xff\n3,Aoie,\n')
    result = predict(model, "--input", source, "--column", "name", "--output", target)
    assert (result.returncode, result.stdout) == (0, ""), result
    said, summary = result.stderr.splitlines()
    assert said == "people.csv: commas, header, column 2 of 3: name"
    assert re.fullmatch(r"3 rows in \d+\.\d s; unknown: 1 \(1 not UTF-8\)", summary)
    header, first, second, third = target.read_bytes().splitlines()
    assert header == b"id\tname\tnote\tlabel\tprobability"
    assert re.fullmatch(rb"1\tSzsz\ta, b\tHissing\t[01]\.\d{4}", first)
    assert second == b"2\tM\xfcller\t\xff\tunknown\t"
    assert third.startswith(b"3\tAoie\t\tVowelish\t")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.tsv", "people.csv"]


def test_a_text_gets_a_header_and_several_labels(model, tmp_path):
    source, target = tmp_path / "names.txt", tmp_path / "labels.csv"
    source.write_text("Szsz\n\nRorr", encoding="utf-8")
    result = predict(model, "--top", 2, "--input", source, "--output", target)
    assert result.stderr.endswith("; unknown: 1 (1 empty)\n"), result
    header, *rows = target.read_text(encoding="utf-8").splitlines()
    assert header == "name,label,probability,label_2,probability_2"
    names_and_labels = [row.split(",")[:2] for row in rows]
    assert names_and_labels == [["Szsz", "Hissing"], ["", "unknown"], ["Rorr", "Rolling"]]


def test_a_text_in_is_a_text_out_line_for_line(model, tmp_path):
    source, target = tmp_path / "names.txt", tmp_path / "labels.txt"
    source.write_text("Szsz\n\nRorr\n", encoding="utf-8")
    predict(model, "--input", source, "--output", target)
    rows = [line.split("\t") for line in target.read_text(encoding="utf-8").splitlines()]
    assert [row[:2] for row in rows] == [["Szsz", "Hissing"], ["", "unknown"], ["Rorr", "Rolling"]]
    assert rows[1][2] == "", "an unknown name has no probability"
    assert 0.5 < float(rows[0][2]) <= 1


def test_a_file_that_cannot_be_made_is_refused_and_nothing_is_left(model, tmp_path, monkeypatch):
    source, target = tmp_path / "names.csv", tmp_path / "labels.csv"
    source.write_text("id,name\n1,Szsz\n", encoding="utf-8")

    def to_target(*arguments, output=target):
        return predict(model, "--input", source, "--output", output, *arguments)

    nowhere = tmp_path / "none"
    missing = predict(model, "--input", nowhere, "--output", target)
    assert "No such file" in error_of(missing)
    assert f"{source} exists already" in error_of(to_target(output=source))
    assert "go together" in error_of(predict(model, "--input", source))
    assert "go together" in error_of(predict(model, "--column", "name", "Szsz"))
    assert "--json does not go with --input" in error_of(to_target("--json"))
    assert "Szsz does not go with --input" in error_of(to_target("Szsz"))
    assert "cannot be written" in error_of(to_target(output=nowhere / "labels.csv"))
    assert "choose --column from id, name" in error_of(to_target())

    def interrupted(*_):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("charnn.inference.bulk.answers", interrupted)
    result = to_target("--column", "name")
    assert (result.returncode, result.stderr.splitlines()[1:]) == (130, ["charnn: interrupted"])
    assert list(tmp_path.iterdir()) == [source]


def test_a_table_counts_names_of_several_words(tmp_path):
    source, target = tmp_path / "names.txt", tmp_path / "labels.txt"
    source.write_text("Smith Jr\nvan der Berg\nHinton\nGeoffrey Hinton\n", encoding="utf-8")
    files = ("--input", source, "--delimiter", "none", "--output", target)
    assert "2 of several words, read as one surname" in call("charnn.predict", *files).stderr
    target.unlink()
    assert "several words" not in call("charnn.predict", *files, "--name-format", "full").stderr


def test_a_list_in_quotes_may_be_read_in_two_ways(tmp_path):
    source = tmp_path / "names.txt"
    source.write_text('"Smith"\n"Hinton"\n', encoding="utf-8")

    def predict_with(*options):
        target = tmp_path / f"labels-{len(list(tmp_path.iterdir()))}.txt"
        result = call("charnn.predict", "--input", source, "--output", target, *options)
        return result, target

    result, target = predict_with()
    assert "line 1: this and the other lines are all in quotes; take them out" in error_of(result)
    assert not target.exists()
    _, target = predict_with("--quote", "double", "--no-header")
    alone = charnn.load().predict("Smith", top=1)[0]
    assert target.read_text(encoding="utf-8").startswith(f'"Smith",{alone[0]},{alone[1]:.4f}\n')
    _, target = predict_with("--delimiter", "none")
    assert target.read_text(encoding="utf-8").startswith('"Smith"\t')
