"""What holds for every example that takes arguments."""

import pytest
from helpers import error_of
from programs import EXAMPLES, commands, run_program

WITHOUT_ARGUMENTS = {"hello", "lecture"}  # lecture.py is the notes' program as they wrote it
BAD_INPUT = [  # each example with arguments that cannot work, and what it says
    ("forecast", (), "--series, --target"),
    ("forecast", ("--series", "nowhere.csv", "--target", "x"), "nowhere.csv: No such file"),
    ("imdb", (), "TRAIN_DIR, TEST_DIR"),
    ("imdb", ("nowhere", "nowhere"), "nowhere does not exist"),
    ("imdb", ("a", "b", "--epochs", 0), "--epochs 0 is out of range"),
    ("imdb", ("a", "b", "--keep", "middle"), "--keep 'middle' is unknown; choose from first"),
    ("imdb", ("a", "b", "--out", "no/folder.png"), "is in no folder"),
    ("sentiment", (), "TRAIN_DIR, TEST_DIR"),
    ("sentiment", ("nowhere", "nowhere"), "nowhere does not exist"),
    ("sentiment", ("a", "b", "--seeds", 0), "--seeds 0 is less than 1"),
    ("sentiment", ("a", "b", "--out", "no/folder.png"), "is in no folder"),
    ("shakespeare", (), "required: TEXT"),
    ("shakespeare", ("nowhere.txt",), "nowhere.txt cannot be read"),
    ("shakespeare", ("nowhere.txt", "no/model.safetensors"), "is in no folder"),
    ("shakespeare", ("a", "b", "c"), "unrecognized arguments: c"),
    ("source_code", (), "required: FOLDER"),
    ("source_code", ("nowhere",), "nowhere holds no file that ends with .c, .cc"),
]


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    BAD_INPUT,
    ids=[f"{name}-{number}" for number, (name, *_) in enumerate(BAD_INPUT)],
)
def test_bad_input_is_one_line_and_exit_code_2(name, arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message in error_of(run_program(EXAMPLES / f"{name}.py", *arguments))
    assert not list(tmp_path.iterdir()), "something was written"


def test_every_example_is_tried_with_bad_input():
    tried = {name for name, *_ in BAD_INPUT}
    assert tried | WITHOUT_ARGUMENTS == {path.stem for path in commands(EXAMPLES)}


@pytest.mark.parametrize("name", sorted({name for name, *_ in BAD_INPUT}))
def test_every_example_has_help_that_shows_how_to_run_it(name):
    result = run_program(EXAMPLES / f"{name}.py", "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert f"python examples/{name}.py" in result.stdout
