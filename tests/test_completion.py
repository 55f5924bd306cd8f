"""Completion in a shell: the scripts complete commands, options, values and paths."""

import shutil
import subprocess
import sys

import pytest
from helpers import call, error_of

from charnn.commands import COMMANDS
from charnn.completion import SHELLS
from charnn.config import CELLS
from charnn.look import VIEWS
from charnn.presets import PRESETS

PRESET_NAMES = {name for presets in PRESETS.values() for name in presets}

# What bash does when Tab is pressed after these words, the last of them being written.
PRESS_TAB = """
source "$0"
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
_shtab_charnn 2> /dev/null
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    """Makes the file of a shell's script, once."""
    folder, made = tmp_path_factory.mktemp("completion"), {}

    def script(shell):
        if shell not in made:
            result = call("charnn.completion", shell)
            assert (result.returncode, result.stderr) == (0, "")
            made[shell] = folder / f"_charnn.{shell}"
            made[shell].write_text(result.stdout, encoding="utf-8")
        return made[shell]

    return script


def needs(shell):
    """Skips a test where there is no such shell."""
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"needs {shell}")


def answers(*command, cwd=None):
    """The lines that a shell prints."""
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60)
    assert result.stderr == ""
    return set(result.stdout.split("\n")) - {""}


@needs("bash")
def test_bash_completes_commands_options_and_values(scripts):
    def completed(*words):
        return answers("bash", "-c", PRESS_TAB, scripts("bash"), "charnn", *words)

    assert completed("") == {*COMMANDS, "help"}
    assert completed("pre") == {"predict"}
    assert completed("train", "--cell", "") == set(CELLS)
    assert completed("train", "--task", "generate", "--preset", "") == PRESET_NAMES
    assert completed("look", "") >= set(VIEWS)
    assert completed("look", "recall", "--cell", "gru", "ls") == {"lstm", "lstm-peephole"}
    assert completed("predict", "--to") == {"--top"}
    assert completed("train", "--no-lo") == {"--no-lowercase"}
    assert completed("help", "ge") == {"generate"}


@needs("bash")
def test_bash_completes_paths(scripts, tmp_path):
    (tmp_path / "people.csv").touch()
    (tmp_path / "people").mkdir()
    for words, expected in [
        (("predict", "--input", "peo"), {"people.csv", "people"}),
        (("train", "--out", "peo"), {"people"}),
        (("check", "people."), {"people.csv"}),
    ]:
        command = ("bash", "-c", PRESS_TAB, scripts("bash"), "charnn", *words)
        assert answers(*command, cwd=tmp_path) == expected, words


@needs("fish")
@pytest.mark.slow
def test_fish_completes(scripts):
    def completed(line):
        program = 'source $argv[1]; complete -C "$argv[2]"'
        found = answers("fish", "--no-config", "-c", program, scripts("fish"), line)
        return {answer.split("\t")[0] for answer in found}

    assert completed("charnn pre") == {"predict"}
    assert completed("charnn train --cell ") == set(CELLS)
    assert completed("charnn train --preset ") == PRESET_NAMES


@needs("zsh")
@pytest.mark.slow
def test_zsh_completes(scripts, tmp_path):
    shutil.copy(scripts("zsh"), tmp_path / "_charnn")
    program = """
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D; bindkey "^I" list-choices'
zpty -w shell 'echo re""ady'
zpty -r -m shell line '*ready*'
zpty -w -n shell $'charnn train --cell \\t'
zpty -r -m shell line '*torch-rnn*'
print -r -- "$line"
zpty -d shell
"""
    text = " ".join(answers("zsh", "-f", "-c", program, cwd=tmp_path))
    assert all(cell in text for cell in CELLS), text


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_runs_no_python(shell, scripts):
    assert "python" not in scripts(shell).read_text(encoding="utf-8").replace("python -m", "")


def test_without_shtab_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert error_of(call("charnn.completion", "bash")).endswith(
        "completion needs shtab; pip install 'charnn[completion]'"
    )


def test_an_unknown_shell_is_one_line():
    assert "did you mean zsh?" in error_of(call("charnn.completion", "zhs"))
