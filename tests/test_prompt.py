"""The prompt on a terminal: what is typed is answered line by line, and how it ends."""

import json
import os

import pytest
from terminals import CTRL_C, CTRL_D, Session

pytest.importorskip("pty", reason="Windows has no pseudo-terminals")

UP = "\x1b[A"


@pytest.fixture
def prompt(model):
    """Starts `charnn predict` at a terminal; ends what a test has left behind."""
    begun = []

    def begin(*arguments, **options):
        session = Session("predict", "--model", model, *arguments, **options)
        begun.append(session)
        session.types("", "name: ")
        return session

    yield begin
    for session in begun:
        session.__exit__()


def test_each_name_is_answered_until_ctrl_d(prompt):
    session = prompt("--top", 1)
    answer = session.types("Szsz\n", "name: ")
    assert answer.splitlines()[1].endswith(" Hissing")
    assert "unknown\n" in session.types("12345\n", "name: ")
    assert session.types("  Szsz \n", "name: ") == answer.replace("Szsz", "  Szsz ")
    assert session.ends(CTRL_D) == (0, "\n")


@pytest.mark.slow
@pytest.mark.parametrize("keys", [CTRL_D, "\n", "Sz" + CTRL_C, CTRL_C])
def test_how_it_ends(prompt, keys):
    code, rest = prompt().ends(keys)
    assert code == 0
    assert "Traceback" not in rest
    assert "interrupted" not in rest


@pytest.mark.slow
def test_a_bad_line_is_an_error_of_its_own(prompt):
    session = prompt("--top", 1)
    line = session.types("s" * 10_001 + "\n", "name: ").splitlines()[-2]
    assert line.startswith("charnn: error: ")
    assert "has 10,001 characters" in line
    assert " Hissing" in session.types("Szsz\n", "name: ")


@pytest.mark.slow
def test_a_warning_is_told_each_time(prompt):
    session = prompt()
    for _ in range(2):
        assert "charnn: warning: 'Sz1'" in session.types("Sz1\n", "name: ")


@pytest.mark.slow
def test_earlier_lines_come_back(prompt):
    pytest.importorskip("readline")
    session = prompt("--top", 1)
    answer = session.types("Szsz\n", "name: ").splitlines()[1]
    assert session.types(UP + "\n", "name: ").splitlines()[-2] == answer


@pytest.mark.slow
def test_standard_output_holds_the_answers_alone(prompt, tmp_path):
    path = tmp_path / "answers.jsonl"
    session = prompt("--json", redirection=f"> '{path}'")
    assert session.types("Szsz\n", "name: ") == "Szsz\nname: "
    assert json.loads(path.read_text())["name"] == "Szsz", "an answer is there at once"
    session.types("Rorr\n", "name: ")
    assert session.ends(CTRL_D)[0] == 0
    assert [json.loads(line)["name"] for line in path.read_text().splitlines()] == ["Szsz", "Rorr"]


@pytest.mark.slow
def test_what_is_not_utf8_is_unknown(prompt):
    session = prompt()
    os.write(session.screen, b"\xff\n")
    assert "unknown\n" in session.types("", "name: ")
