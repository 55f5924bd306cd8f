"""Names in two columns of a table, in every command that reads names; lists that are tables."""

import json
import os

import pytest
from helpers import call, error_of, tiny_names, write_folder

import charnn

TABLE = ("--column", "name", "--label-column", "label")
QUICK = ("--hidden", 4, "--epochs", 1, "--ngrams", 0, "--device", "cpu")


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """The names of the tiny folder as a table: the labels in turn, the names of each in order."""
    in_turn = zip(*tiny_names().values(), strict=True)
    rows = [row for some in in_turn for row in zip(some, tiny_names(), strict=True)]
    path = tmp_path_factory.mktemp("table") / "people.csv"
    lines = [f"{i};{name};{label}" for i, (name, label) in enumerate(rows)]
    path.write_text("\n".join(["id;name;label", *lines]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def years(tmp_path_factory):
    """A list of names as it is often published, which is a table."""
    path = tmp_path_factory.mktemp("list") / "yob1990.txt"
    names = [name for some in tiny_names().values() for name in some]
    path.write_text("\n".join(f"{n},F,{8508 - i}" for i, n in enumerate(names)), encoding="utf-8")
    return path


def test_a_table_gives_the_model_of_the_same_folder_byte_for_byte(table, folder, tmp_path):
    from_table = call("charnn.train", "--data", table, *TABLE, *QUICK, "--out", tmp_path / "table")
    assert from_table.returncode == 0, from_table
    said = "people.csv: semicolons, header, columns 2 and 3 of 3: name, label"
    assert from_table.stderr.count(said) == 1
    from_folder = call("charnn.train", "--data", folder, *QUICK, "--out", tmp_path / "folder")
    assert from_folder.returncode == 0, from_folder
    trained = charnn.train_classifier(
        table, column="name", label_column="label", hidden=4, epochs=1, ngrams=0, device="cpu"
    )
    trained.save(tmp_path / "python.safetensors")
    models = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("table", "folder")]
    assert models[0] == models[1] == (tmp_path / "python.safetensors").read_bytes()
    # Going on reads the same columns.
    resumed = call("charnn.train", "--resume", tmp_path / "table", "--epochs", 2)
    assert resumed.returncode == 0, resumed
    assert said in resumed.stderr


def test_test_data_may_be_a_table_or_a_folder(table, folder, tmp_path):
    other = write_folder(tmp_path / "other", tiny_names(20, seed=1))
    for data, test_data in ((table, other), (other, table), (table, table)):
        out = tmp_path / f"{data.name}-{test_data.name}"
        result = call(
            "charnn.train", "--data", data, "--test-data", test_data, *TABLE, *QUICK, "--out", out
        )  # fmt: skip
        if data == test_data:
            assert "are they all in the test data?" in error_of(result)
        else:
            assert result.returncode == 0, result


def test_a_table_is_measured_as_the_same_folder(model, table, folder):
    measured = call("charnn.evaluate", "--model", model, "--data", table, *TABLE, "--json")
    assert "people.csv: semicolons, header, columns 2 and 3 of 3: name, label\n" in measured.stderr
    as_folder = call("charnn.evaluate", "--model", model, "--data", folder, "--json")
    assert json.loads(measured.stdout) == json.loads(as_folder.stdout)


def test_a_table_has_a_report(model, table, tmp_path):
    result = call(
        "charnn.report", "--model", model, "--data", table, *TABLE, "--out", tmp_path / "report"
    )
    assert result.returncode == 0, result
    assert " on people" in (tmp_path / "report" / "report.html").read_text(encoding="utf-8")


def test_a_table_is_checked_as_the_same_folder(table, folder, tmp_path):
    of_table = json.loads(call("charnn.check", table, *TABLE, "--json").stdout)
    of_folder = json.loads(call("charnn.check", folder, "--json").stdout)
    assert {label: of_folder["labels"][label] for label in of_table["labels"]} == of_table["labels"]
    assert of_table["lines"] == of_folder["lines"]
    assert of_table["stop"] == of_folder["stop"]
    lines = table.read_text(encoding="utf-8").splitlines()
    lines[5:5] = ["x;Ada", "x;;Rolling", "x;Ada;"]
    broken = tmp_path / "broken.csv"
    broken.write_text("\n".join(lines), encoding="utf-8")
    result = call("charnn.check", broken, *TABLE)
    assert result.returncode == 1
    assert "stop  2 rows at which training stops" in result.stdout
    assert "broken.csv, line 6: 2 cells in a table of 3 columns" in result.stdout
    assert "broken.csv, line 8: 'Ada' has no label" in result.stdout
    assert "look  1 row without a name; training skips them" in result.stdout


def test_a_list_that_is_a_table_stops_a_writers_training_and_is_a_finding(years, tmp_path):
    result = call("charnn.train", "--task", "generate", "--data", years, *QUICK)
    assert "yob1990.txt, line 1:" in error_of(result)
    assert "--column" in error_of(result)
    result = call("charnn.check", years)
    assert result.returncode == 1
    stops = [line for line in result.stdout.splitlines() if line.startswith("stop")]
    assert len(stops) == 1
    assert "yob1990.txt, line 1:" in stops[0]
    assert "--column" in stops[0]
    folder = write_folder(tmp_path / "years", {"a": years.read_text().splitlines(), "b": ["Bo"]})
    assert "a.txt, line 1:" in call("charnn.check", folder).stdout
    by_number = ("--column", 1, "--no-header")
    assert "180 lines" in call("charnn.check", years, *by_number).stdout
    trained = call(
        "charnn.train", "--task", "generate", "--data", years, *by_number, *QUICK, "--out", tmp_path / "out"
    )  # fmt: skip
    assert trained.returncode == 0, trained
    pytest.importorskip("rapidfuzz")
    near = call(
        "charnn.generate", "--model", tmp_path / "out" / "model.safetensors", "--data", years,
        *by_number, "--count", 1, "--seed", 0,
    )  # fmt: skip
    assert " from " in near.stdout, near


@pytest.mark.parametrize("command", ["train", "evaluate", "report"])
def test_a_label_column_alone_is_an_error(command, table):
    result = call(f"charnn.{command}", "--data", table, "--label-column", "label")
    assert "--label-column 'label' was given without --column" in error_of(result)


def test_what_is_no_regular_file_is_refused(tmp_path, folder):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        for arguments in (
            ("train", "--data", path),
            ("train", "--task", "generate", "--data", path),
            ("train", "--data", folder, "--test-data", path),
            ("train", "--data", path, *TABLE),
            ("evaluate", "--data", path),
            ("check", path),
        ):
            command, *options = arguments
            assert "is not a regular file" in error_of(call(f"charnn.{command}", *options))
    inside = write_folder(tmp_path / "inside", tiny_names(5))
    (inside / "Zero.txt").symlink_to("/dev/zero")
    assert "Zero.txt is not a regular file" in error_of(call("charnn.train", "--data", inside))
    assert "stop  " in call("charnn.check", inside).stdout


def test_names_and_labels_are_two_columns():
    options = ("--data", "people.csv", "--column", "name", "--label-column", "name")
    assert "are both 'name'; give two columns" in error_of(call("charnn.train", *options))


def test_a_folder_of_names_in_quotes_is_refused(tmp_path):
    names = {label: [f'"{name}"' for name in found] for label, found in tiny_names().items()}
    data = write_folder(tmp_path / "quoted", names)
    assert "are all in quotes" in error_of(call("charnn.train", "--data", data))
