"""The command that makes pictures: what it accepts, where it writes, how it fails."""

import ast
import subprocess
import sys
from types import ModuleType

import pytest
from helpers import ROOT, call, error_of

from charnn import views
from charnn.look import VIEWS


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Pictures go to runs/ of the folder that one is in."""
    monkeypatch.chdir(tmp_path)


# ---------------------------------------------------------------- which pictures there are


def test_every_picture_is_a_command_a_file_and_a_function():
    files = {path.stem for path in (ROOT / "charnn" / "views").glob("*.py")}
    functions = set(views.__all__) - {"variants"}
    assert set(VIEWS) == functions
    assert set(VIEWS) <= files


@pytest.mark.parametrize("name", views.__all__)
def test_a_picture_of_views_is_the_function_although_a_module_has_its_name(name):
    picture = getattr(views, name)
    assert not isinstance(picture, ModuleType)
    assert callable(picture)


@pytest.mark.parametrize("name", VIEWS)
def test_the_file_of_a_picture_has_what_look_calls(name):
    source = (ROOT / "charnn" / "views" / f"{name}.py").read_text(encoding="utf-8")
    defined = {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    assert {name, "show"} <= defined


@pytest.mark.parametrize("arguments", [("--help",), ("gates", "--help")])
def test_help_needs_neither_torch_nor_matplotlib(arguments):
    program = (
        "import sys\n"
        "from charnn import look\n"
        "try:\n"
        "    look.main(sys.argv[1:])\n"
        "except SystemExit:\n"
        "    print([name for name in ('torch', 'matplotlib', 'numpy') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.stdout.startswith("usage: python -m charnn.look"), result
    assert result.stdout.splitlines()[-1] == "[]"


# ---------------------------------------------------------------- where the picture goes


def test_an_svg_on_request_and_nothing_overwritten(model, tmp_path):
    arguments = ("beliefs", "Rarosh", "--model", model, "--out", tmp_path, "--svg")
    result = call("charnn.look", *arguments)
    assert result.returncode == 0, result
    picture = tmp_path / "beliefs.svg"
    assert result.stderr == f"{picture}   the picture\n"
    assert picture.read_text(encoding="utf-8").startswith("<?xml")
    again = call("charnn.look", *arguments)
    assert again.returncode == 2
    assert "already holds beliefs.svg" in again.stderr


def test_the_bundled_models_need_no_arguments_but_a_name(tmp_path):
    for view in ("gates", "beliefs", "why"):
        result = call("charnn.look", view, "Satoshi")
        assert result.returncode == 0, result
        picture = tmp_path / "runs" / f"{view}-1" / f"{view}.png"
        assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_memory_is_the_older_name_of_recall(tmp_path):
    for name in ("recall", "memory"):
        result = call("charnn.look", name, "--cell", "rnn", "--hidden", 4, "--batches", 1)
        assert result.returncode == 0, result
        assert (tmp_path / "runs" / f"{name}-1" / f"{name}.png").exists()


def test_what_fails_leaves_no_folder_and_a_bad_place_is_said_at_once(tmp_path):
    result = call("charnn.look", "summary", "--model", "nowhere")
    assert "nowhere does not exist" in error_of(result)
    assert not list(tmp_path.glob("runs/*"))
    result = call("charnn.look", "summary", "--out", "/proc/nope")
    assert "cannot be made or written to" in error_of(result)
    assert result.stdout == ""


def test_a_folder_that_was_there_before_stays_when_a_picture_fails(tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    error_of(call("charnn.look", "summary", "--model", "nowhere", "--out", mine))
    assert mine.is_dir()


# ---------------------------------------------------------------- what cannot be looked at


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "the following arguments are required: VIEW; see python -m charnn.look --help"),
        (("weights",), "invalid choice: 'weights'"),
        (
            ("summary", "--hidden", "3"),
            "--hidden would describe a network that is not trained yet; add --symbols",
        ),
        (("summary", "--text"), "--text would describe a network"),
        (
            ("summary", "m.safetensors"),
            "unrecognized arguments: m.safetensors; see python -m charnn.look summary --help",
        ),
        (("summary", "--symbols", "0"), "--symbols 0 is out of range; choose from 1 to 1000000"),
        (
            ("summary", "--symbols", "9", "--labels", "1"),
            "--labels 1 is out of range; choose from 2 to 1000000",
        ),
        (("summary", "--symbols", "9", "--model", "x"), "--model and --symbols were given"),
        (("summary", "--model", "nowhere.safetensors"), "nowhere.safetensors does not exist"),
    ],
)
def test_what_cannot_be_looked_at_is_one_clear_line(arguments, message):
    assert message in error_of(call("charnn.look", *arguments))
