"""What holds for every script, and for every page that names one."""

import ast
import re

import pytest
from helpers import ROOT, error_of
from programs import SCRIPTS, commands, run_program

COMMANDS = commands(SCRIPTS)
BAD_INPUT = [  # each script with options that cannot work, and what it says
    ("benchmark", ("--seeds", 0), "--seeds: 0 is not a whole number of at least 1"),
    ("benchmark", ("--methods", "magic"), "invalid choice: 'magic'"),
    ("benchmark", ("--data", "nowhere"), "nowhere does not exist"),
    ("benchmark_busy", ("--seconds", 0), "--seconds: 0 is not a whole number of at least 1"),
    ("benchmark_busy", ("--slice", "classify", "magic", "nowhere"), "--preset 'magic' is unknown"),
    ("benchmark_busy", ("--slice", "text", "best", "nowhere.txt"), "nowhere.txt cannot be read"),
    ("benchmark_cost", ("--sizes", 10, 0), "--sizes: 0 is not a whole number"),
    ("benchmark_cost", ("--preset", "magic"), "--preset 'magic' is unknown"),
    ("benchmark_export", ("--data", "nowhere"), "nowhere does not exist"),
    ("benchmark_generator", ("--preset", "magic"), "--preset 'magic' is unknown"),
    ("benchmark_generator", ("--text", "nowhere.txt"), "nowhere.txt cannot be read"),
    ("benchmark_generator", ("--names", "nowhere.txt", "none.txt"), "nowhere.txt"),
    ("benchmark_serve", ("--seconds", 0), "--seconds: 0 is not a whole number"),
    ("benchmark_speed", ("--threads", "many"), "--threads: many is not a whole number"),
    (
        "benchmark_speed",
        ("--threads", 1, "--predict", "nowhere.safetensors", "--names", 2),
        "nowhere.safetensors does not exist",
    ),
    ("benchmark_start", ("--rounds", 0), "--rounds: 0 is not a whole number"),
    ("benchmark_start", ("--backends", "magic"), "invalid choice: 'magic'"),
    ("benchmark_texts", ("--data", "nowhere", "--test-data", "none"), "nowhere does not exist"),
    ("benchmark_texts", ("--data", "nowhere"), "the following arguments are required: --test-data"),
    ("benchmark_tune", ("--data", "nowhere"), "nowhere does not exist"),
    ("benchmark_tune", ("--preset", "magic"), "--preset 'magic' is unknown"),
    ("benchmark_tune", ("--tune", "soon"), "'soon' is no time from"),
    ("benchmark_words", ("--data", "nowhere"), "nowhere does not exist"),
    ("benchmark_words", ("--data", "nowhere", "--rounds", 0), "--rounds: 0 is not a whole number"),
    ("build_ascii_table", ("--magic",), "unrecognized arguments: --magic"),
    ("build_course", ("nowhere.md",), "nowhere.md is not a file"),
    ("build_names", ("--magic",), "unrecognized arguments: --magic"),
    ("build_pretrained", ("magic",), "model 'magic' is unknown; choose from classifier, generator"),
    ("build_pretrained", ("--seed", -1), "--seed -1 is out of range"),
    ("confusion_report", ("--data", "nowhere"), "nowhere does not exist"),
    ("confusion_report", (), "--data"),
    ("draw_house", ("--magic",), "unrecognized arguments: --magic"),
    ("outside_check", ("--train", "nowhere", "--test", "nowhere"), "nowhere does not exist"),
    ("outside_check", ("--train", "a", "--test", "b", "--sampling", "magic"), "--sampling 'magic'"),
    ("profile_epoch", ("--preset", "magic"), "--preset 'magic' is unknown"),
    ("profile_epoch", ("--threads", 1, "--data", "nowhere"), "nowhere does not exist"),
]


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def test_every_script_says_in_its_first_line_which_question_it_answers(path):
    description = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    first = description.splitlines()[0]
    assert "?" in first, f"{path.name} begins with {first!r}, which is no question"
    assert f"python scripts/{path.name}" in description


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def test_every_script_has_help(path):
    result = run_program(path, "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert "--help" in result.stdout


@pytest.mark.parametrize(
    ("name", "options", "message"),
    BAD_INPUT,
    ids=[f"{name}-{number}" for number, (name, *_) in enumerate(BAD_INPUT)],
)
def test_bad_input_is_one_line_and_exit_code_2(name, options, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message in error_of(run_program(SCRIPTS / f"{name}.py", *options))
    assert not list(tmp_path.iterdir()), "something was written"


def test_every_script_is_tried_with_bad_input():
    assert {name for name, *_ in BAD_INPUT} == {path.stem for path in COMMANDS}


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_everything_that_a_page_names_is_there(page):
    text = page.read_text(encoding="utf-8")
    for script in re.findall(r"(?:scripts|examples|docs|charnn|tests)/(?:\w+/)*\w+\.\w+", text):
        assert (ROOT / script).exists(), script
    for module in re.findall(r"python -m (charnn\.\w+)", text):
        assert (ROOT / f"{module.replace('.', '/')}.py").exists(), module
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert link.startswith("https://") or (page.parent / link).exists(), link
    unfilled = r"X{2,}|[A-Z]+_OUTPUT|^[A-Z]+$|\| [A-Z]{5,} \|"
    assert not re.search(unfilled, text, re.MULTILINE)
