"""Threads of numpy's products: one for small ones, and afterwards as many as before."""

import builtins
import os
import subprocess
import sys
import threading

import joblib
import pytest
from helpers import ROOT

import charnn
from charnn import blas
from charnn.inference import numpy_network


class Library:
    """A BLAS library of four threads."""

    number = 4

    def get_num_threads(self):
        return self.number

    def set_num_threads(self, number):
        self.number = number


@pytest.fixture
def library(monkeypatch):
    """As if numpy had that library, on a machine of four cores."""
    library = Library()
    monkeypatch.setattr(blas, "_libraries", lambda: [library])
    monkeypatch.setattr(joblib, "cpu_count", lambda: 4)
    return library


def test_products_run_on_one_thread_and_afterwards_on_as_many_as_before(library):
    with blas.one_thread():
        assert library.number == 1
    assert library.number == 4
    with pytest.raises(KeyboardInterrupt), blas.one_thread():
        raise KeyboardInterrupt
    assert library.number == 4


def test_the_last_to_close_puts_back_what_was_before(library):
    with blas.one_thread():
        with blas.one_thread():
            assert library.number == 1
        assert library.number == 1
    assert library.number == 4

    opened, closed = threading.Event(), threading.Event()

    def other():
        with blas.one_thread():
            opened.set()
            assert closed.wait(10)

    thread = threading.Thread(target=other)
    with blas.one_thread():
        thread.start()
        assert opened.wait(10)
    assert library.number == 1, "the other thread has not closed it"
    closed.set()
    thread.join()
    assert library.number == 4


def test_as_many_threads_as_cores_and_as_blas_has(library, monkeypatch):
    assert blas.usable_threads() == 4
    monkeypatch.setattr(joblib, "cpu_count", lambda: 3)
    assert blas.usable_threads() == 3, "a container has its share of the cores"
    library.number = 2
    assert blas.usable_threads() == 2
    with blas.one_thread():
        assert blas.usable_threads() == 1


def test_without_threadpoolctl_and_joblib_numbers_stay_as_they_are(monkeypatch):
    imported = builtins.__import__

    def absent(name, *arguments):
        if name in ("threadpoolctl", "joblib"):
            raise ImportError(name)
        return imported(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", absent)
    monkeypatch.setattr(blas, "_libraries", blas._libraries.__wrapped__)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with blas.one_thread():
        assert blas.usable_threads() == blas.usable_cores() >= 1
    monkeypatch.setattr(blas, "usable_cores", lambda: 4)
    for asked, threads in (("1", 1), ("3", 3), ("9", 4), ("0", 4), ("many", 4)):
        monkeypatch.setenv("OMP_NUM_THREADS", asked)
        assert blas.usable_threads() == threads


@pytest.mark.parametrize(("absent", "threads"), [(True, "1"), (False, "none")])
def test_without_threadpoolctl_a_command_starts_numpy_with_one_thread(absent, threads):
    """Once numpy is loaded nothing else could say so."""
    program = f"""
import os, sys
if {absent}:
    sys.modules["threadpoolctl"] = None
from charnn import cli
cli.run(lambda _: print("numpy" in sys.modules, os.environ.get("OPENBLAS_NUM_THREADS", "none")))
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("OPENBLAS_NUM_THREADS", None)
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment
    )
    assert result.stdout.split() == ["False", threads], result.stderr


def test_names_and_letters_are_computed_on_one_thread(library, monkeypatch):
    seen, network = [], numpy_network.Network

    def watched(compute):
        def counted(*arguments):
            seen.append(library.number)
            return compute(*arguments)

        return counted

    monkeypatch.setattr(network, "classify", watched(network.classify))
    monkeypatch.setattr(network, "step", watched(network.step))
    charnn.load().predict(["Satoshi", "Hinton"])
    charnn.load("generator").score("Satoshi", "Japanese")
    assert seen == [1, 1]
    assert library.number == 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_waits_for_no_thread_of_its_parent():
    code = """
import os, signal
from charnn import blas

with blas.one_thread(), blas._LOCK:
    child = os.fork()
    if not child:
        signal.alarm(10)
        with blas.one_thread():
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
