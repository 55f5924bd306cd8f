"""Devices: chosen or refused; threads set for the calling thread alone, and given back."""

import threading

import joblib
import pytest
import torch

import charnn
from charnn import devices, openmp
from charnn.devices import (
    computes_with_zero,
    limited,
    pick_device,
    threads,
    tiny_as_zero,
    usable_threads,
)
from charnn.errors import CharnnError


@pytest.fixture
def four(monkeypatch):
    """As if there were four cores, all of them torch's, and threads that sleep while they wait."""
    monkeypatch.setattr(openmp, "KNOWN", True)
    monkeypatch.setattr(joblib, "cpu_count", lambda: 4)
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    yield
    torch.set_num_threads(before)


def within(config, rows=None):
    """On how many threads torch is in there."""
    with threads(config, rows):
        return torch.get_num_threads()


def in_a_new_thread(question):
    """A function's value in a thread that starts now."""
    values = []
    thread = threading.Thread(target=lambda: values.append(question()))
    thread.start()
    thread.join()
    return values[0]


def test_devices_are_chosen_or_refused():
    assert pick_device("cpu").type == "cpu"
    assert pick_device("auto").type in ("cuda", "mps", "cpu")
    for name in ("abacus", "cpu:", "cpu:x", "cpu:1", "cuda:99", "meta"):
        with pytest.raises(CharnnError, match=f"--device '{name}' is not available here"):
            pick_device(name)


def test_small_products_run_on_one_thread_and_large_ones_on_all(four):
    wide = charnn.configure(hidden=256)
    assert within(charnn.configure()) == within(charnn.configure(hidden=255)) == 1
    assert within(wide) == within(wide, rows=32) == 4
    assert within(wide, rows=31) == within(charnn.configure(hidden=256, batch_size=16)) == 1
    with pytest.raises(KeyboardInterrupt), threads(charnn.configure()):
        raise KeyboardInterrupt
    assert torch.get_num_threads() == 4


def test_a_wide_network_runs_on_one_thread_where_two_could_be_many_times_slower(four, monkeypatch):
    wide = charnn.configure(hidden=256)
    with monkeypatch.context() as patch:
        patch.setattr(openmp, "KNOWN", False)
        assert within(wide) == 1, "threads may wait in a loop"
    with monkeypatch.context() as patch:
        patch.setattr(openmp, "PROCESS", -1)
        assert within(wide) == 1, "a forked process lacks its parent's threads"
    monkeypatch.setattr(joblib, "cpu_count", lambda: 3)
    assert within(wide) == usable_threads() == 3, "a container has its share of the cores"
    with limited(1):
        assert within(wide) == usable_threads() == 1


def test_no_other_thread_notices(four):
    set_mkl = devices._mkl_setter()
    with limited(1):
        assert torch.get_num_threads() == 1
        assert in_a_new_thread(torch.get_num_threads) == 4
        with limited(3):
            assert torch.get_num_threads() == 3
        assert torch.get_num_threads() == 1
        mkl_within = set_mkl(1)
    assert mkl_within in (0, 1), "MKL's own number is set too, where torch has MKL"
    assert torch.get_num_threads() == in_a_new_thread(torch.get_num_threads) == 4
    mkl_after = set_mkl(4)
    assert mkl_after in (0, 4)


# ---------------------------------------------------------------- floats too small for all their digits


@pytest.fixture
def exact():
    """A thread in which tiny floats keep their digits, before and after."""
    assert not computes_with_zero()
    yield
    torch.set_flush_denormal(False)


def tiny():
    """A quarter of the smallest float of full precision, as torch computes it."""
    return (torch.full((64,), torch.finfo(torch.float32).tiny) / 4).max().item()


def test_tiny_floats_are_zero_within_and_as_before_afterwards(exact):
    if not torch.set_flush_denormal(True):
        pytest.skip("this processor has no such mode")
    torch.set_flush_denormal(False)
    with limited(1):
        assert tiny() > 0
        with tiny_as_zero():
            assert tiny() == 0
            assert computes_with_zero()
            with tiny_as_zero():
                pass
            assert tiny() == 0, "what was so before stays so"
        assert tiny() > 0
        with pytest.raises(KeyboardInterrupt), tiny_as_zero():
            raise KeyboardInterrupt
        assert tiny() > 0


def test_tiny_floats_stay_where_torch_computes_on_several_threads(exact, four):
    with tiny_as_zero():
        assert not computes_with_zero()


def test_a_processor_without_such_a_mode_computes_as_ever(exact, monkeypatch):
    monkeypatch.setattr(torch, "set_flush_denormal", lambda mode: False)
    with limited(1), tiny_as_zero():
        assert tiny() > 0
