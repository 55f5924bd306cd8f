"""The prompt on a terminal: what is typed is answered line by line, and how it ends."""

import json
import os
import select
import subprocess
import sys
import time

import pytest
from helpers import ROOT

pytest.importorskip("pty", reason="Windows has no pseudo-terminals")

WAIT = 60  # seconds for an answer, on a machine that has much else to do
CTRL_C, CTRL_D, UP = "\x03", "\x04", "\x1b[A"


class Session:
    """A command of charnn at a terminal, and somebody who types there."""

    def __init__(self, *arguments, redirection=""):
        self.screen, terminal = os.openpty()
        self.seen = ""
        line = f'exec "$0" -m charnn "$@" {redirection}'
        self.program = subprocess.Popen(
            ["/bin/sh", "-c", line, sys.executable, *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "TERM": "dumb"},
            preexec_fn=lambda: os.login_tty(terminal),
        )
        os.close(terminal)

    def types(self, keys, until):
        """What the screen shows from now on, until this is the end of it."""
        os.write(self.screen, keys.encode())
        before, deadline = len(self.seen), time.monotonic() + WAIT
        while not self.seen[before:].endswith(until):
            left = max(0.0, deadline - time.monotonic())
            assert select.select([self.screen], [], [], left)[0], self.seen
            self.seen += os.read(self.screen, 4096).decode(errors="replace").replace("\r", "")
        return self.seen[before:]

    def ends(self, keys):
        """The exit code after these keys, and what the screen shows from then on."""
        os.write(self.screen, keys.encode())
        rest = b""
        try:
            while part := os.read(self.screen, 4096):
                rest += part
        except OSError:  # on Linux the end of a terminal that nobody writes to any more
            pass
        os.close(self.screen)
        return self.program.wait(WAIT), rest.decode().replace("\r", "")


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
        session.program.kill()
        session.program.wait()


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
