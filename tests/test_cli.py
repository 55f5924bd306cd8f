"""What all commands share: typing errors, values out of range, and how a command ends."""

import os
import re
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import torch
from helpers import ROOT, call, error_of, invented

from charnn import cli
from charnn.commands import COMMANDS
from charnn.errors import CharnnError, Ended
from charnn.presets import KINDS, PRESETS
from charnn.version import __version__

# ---------------------------------------------------------------- typing errors


@pytest.mark.parametrize(
    ("command", "arguments", "message"),
    [
        (
            "charnn.__main__",
            ["predcit", "Hinton"],
            "'predcit' is no command; choose from train, predict",
        ),
        ("charnn.__main__", ["predcit"], "did you mean predict?"),
        ("charnn.__main__", ["help", "lok"], "did you mean look?"),
        ("charnn.__main__", ["--verson"], "did you mean --version?"),
        (
            "charnn.predict",
            ["--tpo", "3", "Hinton"],
            "unrecognized arguments: --tpo 3; did you mean --top?",
        ),
        (
            "charnn.predict",
            ["Hinton", "--modle=x"],
            "unrecognized arguments: --modle=x; did you mean --model?",
        ),
        (
            "charnn.predict",
            ["Hinton", "-top", "1"],
            "unrecognized arguments: -top 1; did you mean --top?",
        ),
        (
            "charnn.evaluate",
            ["--dta", "x"],
            "unrecognized arguments: --dta x; did you mean --data?",
        ),
        ("charnn.train", ["--hiden", "5"], "did you mean --hidden?"),
        ("charnn.train", ["--preset", "standrad"], "did you mean standard?"),
        ("charnn.train", ["--cell", "lsmt"], "did you mean lstm?"),
        ("charnn.train", ["--optimizer", "adma"], "did you mean adam?"),
        ("charnn.look", ["gaets", "Hinton"], "did you mean gates?"),
        ("charnn.look", ["gates", "Hinton", "--modl", "x"], "did you mean --model?"),
        ("charnn.look", ["recall", "--cell", "rnn", "lsmt"], "did you mean lstm?"),
        (
            "charnn.predict",
            ["Hinton", "--qqqqqqq"],
            "unrecognized arguments: --qqqqqqq; see python -m charnn.predict --help",
        ),
    ],
)
def test_a_misspelt_word_gets_the_nearest_one(command, arguments, message):
    assert message in error_of(call(command, *arguments))


@pytest.mark.parametrize(
    ("command", "arguments", "message"),
    [
        ("charnn.train", ["--out", "a", "--out", "b"], "--out was given twice"),
        ("charnn.train", ["--out=a", "--out", "a"], "--out was given twice"),
        ("charnn.predict", ["--model", "a", "Hinton", "--model", "b"], "--model was given twice"),
        ("charnn.look", ["gates", "Hinton", "--out", "a", "--out", "b"], "--out was given twice"),
    ],
)
def test_a_path_is_given_once(command, arguments, message):
    assert message in error_of(call(command, *arguments))


def test_of_other_values_the_last_one_counts():
    result = call("charnn.predict", "--top", 1, "Hinton", "--top", 2)
    assert len(result.stdout.splitlines()) == 2, result


def test_what_follows_two_dashes_is_a_name():
    result = call("charnn.predict", "--top", "1", "--", "--top", "--tpo")
    assert result.returncode == 0
    assert [line for line in result.stdout.splitlines() if line.startswith(">")] == [
        "> --top",
        "> --tpo",
    ]


@pytest.mark.parametrize("arguments", [("help",), ("--help",), ("-h",), ("help", "--help")])
def test_help_lists_the_commands(arguments):
    result = call("charnn.__main__", *arguments)
    assert result.returncode == 0
    assert "predict" in result.stdout


@pytest.mark.parametrize(
    "arguments", [("help", "predict"), ("--help", "predict"), ("predict", "--help")]
)
def test_help_of_a_command_is_the_commands(arguments):
    assert call("charnn.__main__", *arguments).stdout == call("charnn.predict", "--help").stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_version_and_its_help(command):
    version = call(f"charnn.{command}", "--version")
    assert (version.returncode, version.stdout) == (0, f"charnn {__version__}\n")
    text = call(f"charnn.{command}", "--help").stdout
    assert text.startswith(f"usage: python -m charnn.{command} ")


def test_help_of_training_is_in_groups():
    text = call("charnn.train", "--help").stdout
    titles = [line[:-1] for line in text.splitlines() if re.fullmatch(r"[a-z]+:", line)]
    assert titles == ["options", "task", "data", "network", "training", "output"]
    _, *groups = re.split(r"^[a-z]+:$", text, flags=re.MULTILINE)
    for group, flags in zip(
        groups,
        (
            ("-h", "--version"),
            ("--preset", "--task"),
            ("--data", "--text", "--raw", "--column"),
            ("--cell", "--layers", "--ngrams"),
            ("--epochs", "--device", "--from"),
            ("--out", "--resume"),
        ),
        strict=True,
    ):
        assert [flag for flag in flags if f"\n  {flag}" not in group] == []


@pytest.mark.parametrize("command", [("charnn.train",), ("charnn.look", "summary")])
def test_help_describes_every_preset(command):
    text = call(*command, "--help").stdout
    for kind, presets in PRESETS.items():
        described = text.partition(KINDS[kind])[2]
        for name, preset in presets.items():
            assert f"\n  {name:10}{preset.about}\n" in described


# ---------------------------------------------------------------- values out of range


@pytest.mark.parametrize(
    ("command", "arguments", "named"),
    [
        ("charnn.predict", ["Hinton", "--top", "9" * 5000], "--top"),
        ("charnn.predict", ["Hinton", "--top", "-1"], "--top"),
        ("charnn.predict", ["Hinton", "--top", "1.5"], "--top"),
        ("charnn.predict", ["Hinton", "--unknown-below", "nan"], "--unknown-below nan"),
        ("charnn.predict", ["Hinton", "--unknown-below", "inf"], "--unknown-below inf"),
        ("charnn.generate", ["--temperature", "nan"], "temperature nan"),
        ("charnn.generate", ["--temperature=-inf"], "temperature -inf"),
        ("charnn.generate", ["--top-p", "nan"], "top-p nan"),
        ("charnn.generate", ["--top-k", "0"], "top-k 0"),
        ("charnn.generate", ["--seed", "-1"], "seed -1"),
        ("charnn.generate", ["--seed", str(2**64)], "seed 18446744073709551616"),
        ("charnn.generate", ["--count", str(10**12)], "count 1000000000000"),
        ("charnn.generate", ["--length", str(10**9)], "characters in all; ask for fewer"),
        ("charnn.generate", ["--count", "0"], "count 0"),
        ("charnn.train", ["--seed", "-1"], "--seed -1"),
        ("charnn.train", ["--seed", "1.5"], "--seed"),
        ("charnn.train", ["--learning-rate", "nan"], "--learning-rate nan"),
        ("charnn.train", ["--clip", "inf"], "--clip inf"),
        ("charnn.train", ["--hidden", "9" * 40], "--hidden 999"),
        ("charnn.look", ["recall", "--scale", "nan"], "--scale nan"),
        ("charnn.look", ["recall", "--batches", str(10**20)], "--batches 1000"),
        ("charnn.look", ["batches", "--batch-size", str(10**20)], "--batch-size 1000"),
        ("charnn.look", ["summary", "--symbols", str(10**20)], "--symbols 1000"),
    ],
)
def test_a_value_out_of_range_is_one_short_line(command, arguments, named, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    line = error_of(call(command, *arguments))
    assert named in line
    assert len(line) < 1200


def test_more_labels_than_there_are_is_all_of_them():
    asked = call("charnn.predict", "Hinton", "--top", "99999999999999999999")
    assert asked.returncode == 0
    assert asked.stdout == call("charnn.predict", "Hinton", "--top", "1000").stdout


@pytest.mark.parametrize(
    ("command", "arguments", "flag"),
    [
        ("charnn.predict", ["Hinton", "--model", ""], "--model"),
        ("charnn.train", ["--data", ""], "--data"),
        ("charnn.train", ["--out", ""], "--out"),
        ("charnn.evaluate", ["--data", ""], "--data"),
        ("charnn.look", ["gates", "Hinton", "--out", ""], "--out"),
        ("charnn.check", [""], "PATH"),
    ],
)
def test_an_empty_path_is_an_error_and_not_the_default(command, arguments, flag):
    assert f"{flag} is empty; give a path" in error_of(call(command, *arguments))


# ---------------------------------------------------------------- how a command ends


def ended(error):
    """What a command prints and returns that raises this."""

    def command(_):
        raise error

    return call(command)


@pytest.mark.parametrize(
    "allocate",
    [
        lambda: torch.empty(10**15),
        lambda: np.empty(10**15),
        lambda: bytearray(10**15),
    ],
)
def test_no_memory_is_one_line(allocate):
    line = error_of(call(lambda _: allocate() and 0))
    assert line.startswith("charnn: error: out of memory (")


def test_an_error_of_ours_keeps_its_traceback():
    with pytest.raises(RuntimeError, match="a bug"):
        cli.run(lambda _: (_ for _ in ()).throw(RuntimeError("a bug")), [])


def test_a_long_message_keeps_its_beginning_and_its_end():
    line = error_of(ended(CharnnError("x" * 100_000 + "; give less")))
    assert len(line) < 1200
    assert line.endswith("; give less")


needs_hangup = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no SIGHUP")


@needs_hangup
@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_goes_through_the_stack(name, code):
    number, unwound = getattr(signal, name), []

    def command(_):
        try:
            os.kill(os.getpid(), number)
            time.sleep(10)
        finally:
            os.kill(os.getpid(), number)  # a terminal that closes says so twice
            unwound.append(True)

    result = call(command)
    assert (result.returncode, result.stderr) == (code, f"charnn: ended by {name}\n")
    assert unwound
    assert signal.getsignal(number) == signal.SIG_DFL


@needs_hangup
def test_a_signal_that_is_ignored_stays_so():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        result = call(lambda _: os.kill(os.getpid(), signal.SIGHUP))
        assert (result.returncode, result.stderr) == (0, "")
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_another_thread_leaves_signals_alone():
    codes = []
    thread = threading.Thread(target=lambda: codes.append(cli.run(lambda _: 3, [])))
    thread.start()
    thread.join()
    assert codes == [3]


def test_whoever_catches_all_exceptions_does_not_catch_the_end():
    assert not issubclass(Ended, Exception)


@needs_hangup
@pytest.mark.parametrize(
    "name",
    [
        "SIGTERM",
        pytest.param("SIGHUP", marks=pytest.mark.slow),
        pytest.param("SIGINT", marks=pytest.mark.slow),
    ],
)
def test_a_table_that_is_ended_leaves_no_file(name, tmp_path):
    names = invented(3000, 0)
    (tmp_path / "names.txt").write_text(
        "".join(f"{a}{b}\n" for a in names[:500] for b in names[:300])
    )
    program = subprocess.Popen(
        [sys.executable, "-m", "charnn.predict", "--input", "names.txt", "--output", "o.csv"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 60
    while not list(tmp_path.glob(".o.csv.*")):
        assert program.poll() is None, program.stderr.read()
        assert time.monotonic() < until
        time.sleep(0.01)
    program.send_signal(getattr(signal, name))
    _, said = program.communicate(timeout=60)
    assert program.returncode == 128 + getattr(signal, name)
    assert said.splitlines()[-1] in (f"charnn: ended by {name}", "charnn: interrupted")
    assert os.listdir(tmp_path) == ["names.txt"]
