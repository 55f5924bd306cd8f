"""scripts/benchmark_busy.py."""

import pytest
from helpers import ROOT, call, error_of, load_script, tiny_names

from charnn.presets import PRESETS


@pytest.fixture
def script(monkeypatch):
    module = load_script(ROOT / "scripts" / "benchmark_busy.py")
    monkeypatch.setattr(module, "WARM_UP", 0.01)
    monkeypatch.setattr(module, "WORDS", 400)
    return module


def test_a_slice_is_trained_and_timed(script, folder, tmp_path):
    names = [name for names in tiny_names().values() for name in names]
    script.write_texts(tmp_path, names, 6_000)
    slices = [
        ("classify", "lecture", folder),
        ("words", "standard", tmp_path / "words"),
        ("text", "standard", tmp_path / "text.txt"),
    ]
    for kind, preset, data in slices:
        assert script.speed(kind, preset, data, seconds=0.05) > 0


def test_a_training_that_is_over_too_early_has_no_figure(script, folder, monkeypatch):
    monkeypatch.setattr(script.measuring, "train_classifier_on", lambda *_, **__: None)
    result = call(script.main, "--slice", "classify", "fast", folder)
    assert error_of(result).endswith("over before it was measured; choose fewer --seconds")


def test_the_clock_counts_from_the_first_batch_after_the_warm_up(script, monkeypatch):
    times = iter([0.0, 0.001, 0.02, 0.5, 1.1])
    monkeypatch.setattr(script.time, "perf_counter", lambda: next(times))
    clock = script.Clock(1)
    for size in (7, 7, 5):
        clock(size)
    with pytest.raises(script.Enough):
        clock(4)
    assert clock.units == 5 + 4, "without the two batches that warm up"
    assert clock.seconds == pytest.approx(1.1 - 0.02)


def test_each_preset_has_a_row_and_one_core_is_held_meanwhile(script, monkeypatch):
    asked = []

    def measured(kind, preset, data, seconds, threads):
        asked.append((kind, preset, threads))
        assert data.exists()
        return {None: 50.0, 1: 100.0}[threads]

    monkeypatch.setattr(script, "measured", measured)
    result = call(script.main, "--rounds", 2)
    assert result.returncode == 0, result
    rows = [line for line in result.stdout.splitlines() if "`" in line]
    pairs = [(kind, preset) for kind, presets in PRESETS.items() for preset in presets]
    assert rows == [
        f"| {kind}, `{preset}` | 50 | 50 | 1.00 | 100 | 0.50 |" for kind, preset in pairs
    ]
    assert [of[2] for of in asked] == [None, None, 1] * 2 * len(pairs)


@pytest.mark.slow
def test_a_slice_is_measured_in_a_process_of_its_own(script, folder):
    with script.one_core_held():
        assert script.measured("classify", "lecture", folder, 1, threads=1) > 0
