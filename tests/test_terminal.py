"""What is printed: safe for a terminal, UTF-8 where it is no terminal, and never lost silently."""

import ast
import io
import json
import os
import subprocess
import sys

import pytest
from helpers import ROOT, call, invented, write_folder
from hypothesis import given
from hypothesis import strategies as st

from charnn import cli, terminal
from charnn.wording import JOINERS, SPACES

ESCAPE, C1, OVERRIDE, SEPARATOR = "\x1b[31m", "\x9b2J", "\u202e", "\u2028"
HOSTILE = f"a{ESCAPE}b{C1}c{OVERRIDE}d{SEPARATOR}e\x7ff\udcffg"
FULL = "/dev/full"
STREAMS = (
    "sys.stdout",
    "sys.stderr",
    "sys.__stdout__",
    "sys.__stderr__",
    "tqdm",
    "self.bar",
    "bar",
)
PAST = {"print", *(f"{stream}.{how}" for stream in STREAMS for how in ("write", "writelines"))}


def assert_harmless(text, keep="\n"):
    """Asserts that nothing in a text steers a terminal."""
    wrong = [letter for letter in text if not letter.isprintable() and letter not in JOINERS + keep]
    assert not wrong, ascii(text)


# ---------------------------------------------------------------- one way out


def prints(tree):
    """The lines of a source file where something is printed past `terminal`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in PAST:
            yield node.lineno


def test_nothing_else_prints():
    found = {
        str(path.relative_to(ROOT)): lines
        for path in sorted((ROOT / "charnn").rglob("*.py"))
        if path.name != "terminal.py"
        and (lines := list(prints(ast.parse(path.read_text(encoding="utf-8")))))
    }
    assert not found, f"print with charnn.terminal.show or tell: {found}"


@given(st.text())
def test_nothing_that_is_printed_steers_a_terminal(text):
    written = io.StringIO()
    stdout, sys.stdout = sys.stdout, written
    try:
        terminal.show(text)
        assert_harmless(written.getvalue())
        terminal.show(text, keep=terminal.WRITTEN)
        assert_harmless(written.getvalue(), "\n\t" + SPACES)
    finally:
        sys.stdout = stdout


@given(
    st.recursive(
        st.text() | st.integers() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_is_safe_and_the_same_value(value):
    text = terminal.to_json(value)
    assert_harmless(text, "")
    assert json.loads(text) == value


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_hostile_name_is_written_out(options):
    result = call("charnn.predict", *options, HOSTILE, "Hinton\nSmith")
    assert result.returncode == 0
    assert_harmless(result.stdout + result.stderr)
    if options:
        names = [json.loads(line)["name"] for line in result.stdout.splitlines()]
        assert names == [HOSTILE, "Hinton\nSmith"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("charnn.predict", f"--{HOSTILE}"),
        ("charnn.predict", "--top", HOSTILE),
        ("charnn.predict", "--model", HOSTILE, "Hinton"),
        ("charnn.predict", "--input", HOSTILE, "--output", "o.csv"),
        ("charnn.train", "--cell", HOSTILE),
        ("charnn.train", "--data", HOSTILE),
        ("charnn.train", "--preset", HOSTILE),
        ("charnn.look", HOSTILE),
        ("charnn.look", "recall", "--cell", HOSTILE),
        ("charnn.check", HOSTILE),
        ("charnn.evaluate", "--data", HOSTILE),
        ("charnn.generate", "--label", HOSTILE),
        ("charnn.generate", "--prefix", HOSTILE),
        ("charnn.__main__", HOSTILE),
    ],
)
def test_a_hostile_argument_is_one_harmless_line(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call(*arguments)
    assert result.returncode == 2
    assert_harmless(result.stderr)
    assert result.stderr.count("\n") == 1


# ---------------------------------------------------------------- the streams, as a shell gives them


@pytest.fixture(scope="module")
def turkish(tmp_path_factory):
    """A folder with a label that no code page of western Europe has."""
    names = {"Türkçe Guşdağu": invented(100, 0), "English": invented(100, 1)}
    return write_folder(tmp_path_factory.mktemp("streams") / "names", names)


def in_shell(redirection, *arguments, **environment):
    """`python -m charnn ... <redirection>` in a shell."""
    return subprocess.run(
        [
            "/bin/sh",
            "-c",
            f'"$0" -m charnn "$@" {redirection}',
            sys.executable,
            *map(str, arguments),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        timeout=120,
    )


posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")


@posix
def test_redirected_output_is_utf8_whatever_the_code_page(turkish):
    result = in_shell("", "check", turkish, PYTHONIOENCODING="cp1252")
    assert "Türkçe Guşdağu" in result.stdout.decode("utf-8")


@posix
@pytest.mark.parametrize("arguments", [("check", "DATA"), ("--version",)])
def test_without_standard_output_an_answer_is_not_lost_with_exit_0(arguments, turkish):
    arguments = [turkish if argument == "DATA" else argument for argument in arguments]
    result = in_shell(">&-", *arguments)
    assert result.returncode == 2
    assert result.stderr.decode().splitlines() == [
        "charnn: error: standard output is closed; redirect it to a file or to /dev/null"
    ]


@posix
def test_without_standard_error_it_works(turkish):
    result = in_shell("2>&-", "check", turkish)
    assert result.returncode == 0
    assert "Türkçe Guşdağu" in result.stdout.decode()
    assert in_shell("2>&-", "check").returncode == 2


@pytest.mark.skipif(not os.path.exists(FULL), reason="needs /dev/full")
def test_a_full_disk_is_one_line():
    result = in_shell(f"> {FULL}", "predict", "--help")
    assert result.returncode == 2
    (line,) = result.stderr.decode().splitlines()
    assert line.startswith("charnn: error: standard output cannot be written (No space left")


@posix
def test_a_reader_that_has_had_enough_is_no_error(turkish):
    result = in_shell("| true", "predict", "--help")
    assert result.stderr == b""


@posix
@pytest.mark.slow
@pytest.mark.parametrize("command", ["predict", "generate", "evaluate", "look", "report", "train"])
@pytest.mark.parametrize("redirection", [">&-", "<&- 2>&-"])
def test_every_command_says_where_its_answer_went(command, redirection, folder, model, tmp_path):
    arguments = {
        "predict": ["Hinton"],
        "generate": ["--count", 2],
        "evaluate": ["--data", folder, "--model", model],
        "look": ["letters", "Hinton", "--out", tmp_path / "look"],
        "report": ["--data", folder, "--model", model, "--out", tmp_path / "report"],
        "train": ["--data", folder, "--epochs", 1, "--hidden", 4, "--out", tmp_path / "train"],
    }[command]
    result = in_shell(redirection, command, *arguments)
    if "2>&-" in redirection:
        assert result.returncode == 0
        assert result.stdout
    else:
        assert result.returncode == 2
        assert result.stderr.decode().splitlines()[-1].startswith("charnn: error: standard output")
    assert b"Traceback" not in result.stderr
    if command == "train":
        assert (tmp_path / "train" / "model.safetensors").exists()


def test_a_file_that_is_opened_does_not_take_the_place_of_a_closed_stream():
    program = (
        "import os, sys\n"
        "from charnn import cli\n"
        "cli.run(lambda _: os.write(1, str(os.open(os.devnull, os.O_RDONLY)).encode()) and 0, [])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: (os.close(0), os.close(2)),
        timeout=60,
    )
    assert int(result.stdout) > 2


class Terminal(io.TextIOWrapper):
    """A terminal that lacks most letters."""

    def isatty(self):
        return True


def test_a_terminal_that_lacks_a_letter_gets_an_escape(monkeypatch):
    screen = Terminal(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", screen)
    assert cli.run(lambda _: terminal.show("Şen " + terminal.to_json("Şen")), []) == 0
    assert screen.buffer.getvalue().decode("ascii") == '\\u015een "\\u015een"' + os.linesep
