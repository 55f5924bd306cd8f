"""Answers from several processes: the same as from one, in order, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
import warnings
from collections import Counter

import pytest
from helpers import ROOT, invented
from some_work import die, process_of, read, refuse, warn

import charnn
from charnn.errors import CharnnError
from charnn.inference import bulk
from charnn.inference.numpy_engine import NumpyEngine
from charnn.inference.processes import answering
from charnn.text import letters
from charnn.text.tables import open_table


def test_work_is_done_in_other_processes_and_one_is_this():
    with answering("a model", 2) as submit:
        model, process = submit(process_of)()
        assert model == "a model"
        assert process != os.getpid()
    with answering("a model", 1) as submit:
        assert submit(process_of)() == ("a model", os.getpid())


@pytest.mark.parametrize("number", [1, 2])
def test_errors_are_raised_and_each_warning_is_said_once(number):
    with answering(None, number) as submit, pytest.raises(CharnnError, match="no"):
        submit(refuse)()
    with answering(None, number) as submit, warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("default")
        results = [submit(warn, text) for text in ("one", "two", "one", "two")]
        assert [result() for result in results] == ["one", "two", "one", "two"]
    assert sorted(str(warning.message) for warning in said) == ["one", "two"]


def test_a_process_that_is_killed_is_an_error_in_words():
    with answering(None, 2) as submit, pytest.raises(CharnnError, match="OMP_NUM_THREADS=1"):
        submit(die)()


def test_a_process_that_was_killed_before_is_one_too():
    with answering(None, 2) as submit:
        with pytest.raises(CharnnError):
            submit(die)()
        with pytest.raises(CharnnError, match="perhaps for lack of memory"):
            submit(process_of)()


def test_a_script_is_warned_of_once_whichever_letter_a_process_met(monkeypatch):
    monkeypatch.setattr(letters._TRANSLITERATION, "warned", set())
    with answering(charnn.load(), 2) as submit, warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("default")
        for result in [submit(read, [name]) for name in ("王", "李", "小")]:
            result()
    assert [str(warning.message)[:10] for warning in said] == ["Han script"]


def test_a_table_has_the_same_answers_from_several_processes(tmp_path, monkeypatch):
    monkeypatch.setattr(bulk, "ROWS", 50)
    monkeypatch.setattr(bulk, "REMEMBERED", 60)
    names = invented(120, seed=3)
    cells = [*names, *names[:70], "", "王", "van der Berg", "1" * 20_000, "Geoffrey Hinton", *names]
    (tmp_path / "names.txt").write_text("\n".join(cells) + "\n", encoding="utf-8")
    model, found = charnn.load(), []
    for number in (1, 2):
        monkeypatch.setattr(NumpyEngine, "workers", number)
        counts = Counter()
        with open_table(tmp_path / "names.txt") as table, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rows = list(bulk.label_rows(model, table, 0, top=2, counts=counts))
        assert [row.cells[0] for row, _ in rows] == cells
        found.append(([answer for _, answer in rows], counts))
    (one, counts), (two, counts_of_two) = found
    assert counts == counts_of_two
    assert counts["rows"] == len(cells)
    answer_of = {}
    for name, answer, other in zip(cells, one, two, strict=True):
        for again in (other, answer_of.setdefault(name, answer)):
            assert again[0::2] == answer[0::2]
            numbers = [[float(cell or 0) for cell in row[1::2]] for row in (again, answer)]
            assert numbers[0] == pytest.approx(numbers[1], abs=2e-4), "but for the last digit"


def alive(process):
    """Whether a process is there, and not only its entry in the system's table."""
    try:
        os.kill(process, 0)
        with open(f"/proc/{process}/stat", encoding="utf-8") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="asks Linux what a process does")
def test_processes_end_with_the_one_that_started_them():
    code = """
import os, time
from charnn.inference.processes import answering
from some_work import process_of
with answering(None, 2) as submit:
    print(submit(process_of)()[1], flush=True)
    time.sleep(60)
"""
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    ) as started:
        process = int(started.stdout.readline())
        assert alive(process)
        started.kill()
    for _ in range(100):
        if not alive(process):
            return
        time.sleep(0.1)
    os.kill(process, signal.SIGKILL)
    raise AssertionError("a process outlived the one that started it")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no groups of processes to signal")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_terminal_that_ends_a_table_ends_all_its_processes(tmp_path, name):
    """A terminal tells every process: one of them says so, and nothing half-written is left."""
    number = getattr(signal, name)
    source, target = tmp_path / "names.txt", tmp_path / "labels.txt"
    source.write_text("".join(f"{name}\n" for name in invented(60_000, seed=1)), encoding="utf-8")
    command = ["charnn.predict", "--input", source, "--output", target]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "2"}
    with subprocess.Popen(
        [sys.executable, "-m", *map(str, command)],
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    ) as started:
        assert "names.txt" in started.stderr.readline()
        time.sleep(0.4)
        os.killpg(started.pid, number)
        said = started.stderr.read()
    assert started.returncode == 128 + number, said
    assert "Traceback" not in said
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == [source]
