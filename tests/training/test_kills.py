"""A campaign: trainings killed at random instants, each resumed, each compared with an unbroken one.

The processes are forked from one that has imported torch, so that a kill costs a training and not
the start of Python.
"""

import contextlib
import multiprocessing
import os
import random
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import forked
import pytest

import charnn
from charnn.training.run import ALL_FILES

if not hasattr(os, "fork"):
    pytest.skip("Windows cannot fork processes", allow_module_level=True)

KILLS = 200
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
COMMON = ("--device", "cpu", "--hidden", "8", "--batch-size", "16", "--epochs", "12")
KINDS = {
    "classifier": ("--layers", "2"),
    "names": ("--task", "generate"),
    "text": ("--task", "generate", "--chunk", "8", "--cell", "lstm"),
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def processes():
    """What starts processes that have imported all that a training needs."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(forked.NEEDED)
    return context


@pytest.fixture(scope="module")
def runs(processes, folder, tmp_path_factory):
    """Of each kind the options, the bytes of an unbroken model, and how long it takes."""
    there = tmp_path_factory.mktemp("kills")
    text = there / "text.txt"
    lines = [line for path in sorted(folder.glob("*.txt")) for line in path.read_text().split()]
    text.write_text("\n".join(lines * 2), encoding="utf-8")
    found = {}
    for kind, options in KINDS.items():
        data = ("--text", text) if kind == "text" else ("--data", folder)
        options = (*data, *COMMON, *options)
        seconds = []
        for name in ("first", "second"):  # the first one starts the process that others come from
            out = there / f"{kind}-{name}"
            started = time.perf_counter()
            assert finish(processes, there / "log", *options, "--out", out) == 0, (
                there / "log"
            ).read_text()
            seconds.append(time.perf_counter() - started)
        found[kind] = options, (out / "model.safetensors").read_bytes(), seconds[-1]
    return found


def start(processes, log, *arguments):
    """A training under way."""
    process = processes.Process(target=forked.train, args=(log, *arguments))
    process.start()
    return process


def finish(processes, log, *arguments):
    """A training to its end; its exit code."""
    process = start(processes, log, *arguments)
    process.join(120)
    return process.exitcode


def kill_and_resume(processes, number, kind, run, there):
    """Kills one training, goes on with it, and says what was wrong; "" where nothing was."""
    options, unbroken, seconds = run
    draw = random.Random(number)
    end, instant = draw.choice(SIGNALS), draw.uniform(0, seconds)
    out, log = there / f"{kind}-{number}", there / f"{kind}-{number}.log"
    process = start(processes, log, *options, "--out", out)
    time.sleep(instant)
    with contextlib.suppress(ProcessLookupError):  # it was faster today
        os.kill(process.pid, end)
    process.join(120)
    what = f"{kind}, {end.name} after {instant:.2f} s, exit code {process.exitcode}"
    said = log.read_text() if log.exists() else ""  # nothing, if the command had not yet begun
    if said and process.exitcode not in (0, -end, 128 + end):
        return f"{what}: {said}"

    left = {path.name for path in out.iterdir()} if out.exists() else set()
    strange = left - set(ALL_FILES)
    if strange and end != signal.SIGKILL:
        return f"{what}: left {strange}"
    if "model.safetensors" in left:
        charnn.load(out / "model.safetensors")  # raises for half a file
    # Killed before there was anything to go on with, it has lost nothing: it begins once more.
    again = (
        ("--resume", out)
        if "checkpoint.safetensors" in left
        else (*options, "--out", out.with_suffix(".again"))
    )
    code = finish(processes, log, *again)
    result = again[-1] / "model.safetensors"
    if code != 0 or result.read_bytes() != unbroken:
        return f"{what}, then {code}: {log.read_text()}"
    left = {path.name for path in again[-1].iterdir()}
    if left != set(ALL_FILES):
        return f"{what}: at the end there are {left}"
    shutil.rmtree(again[-1])
    return ""


def test_no_kill_loses_a_training(processes, runs, tmp_path):
    kinds = list(KINDS)

    def one(number):
        kind = kinds[number % len(kinds)]
        return kill_and_resume(processes, number, kind, runs[kind], tmp_path)

    with ThreadPoolExecutor(2) as pool:
        wrong = [found for found in pool.map(one, range(KILLS)) if found]
    assert not wrong, f"{len(wrong)} of {KILLS}: {wrong[:3]}"
