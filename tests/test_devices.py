"""Devices: chosen or refused; threads given back."""

import pytest
import torch

import charnn
from charnn.devices import pick_device, threads
from charnn.errors import CharnnError


def test_devices_are_chosen_or_refused():
    assert pick_device("cpu").type == "cpu"
    assert pick_device("auto").type in ("cuda", "mps", "cpu")
    for name in ("abacus", "cpu:", "cpu:x", "cpu:1", "cuda:99", "meta"):
        with pytest.raises(CharnnError, match=f"--device '{name}' is not available here"):
            pick_device(name)


def test_a_small_network_runs_on_one_thread_and_a_wide_one_on_all():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with threads(charnn.configure()):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
        with pytest.raises(KeyboardInterrupt), threads(charnn.configure(hidden=255)):
            raise KeyboardInterrupt
        with threads(charnn.configure(hidden=256)):
            assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
