"""scripts/benchmark_start.py: an answer starts fast and takes little memory."""

import pytest
from helpers import call, load_script
from programs import SCRIPTS

START = load_script(SCRIPTS / "benchmark_start.py")


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.slow
def test_a_row_for_each_process(monkeypatch):
    monkeypatch.setattr(START.measuring, "has_fasttext", lambda: False)
    result = call(START.main, "--rounds", 1)
    assert result.returncode == 0, result
    lines = result.stdout.splitlines()
    assert START.measuring.NO_FASTTEXT in result.stdout
    rows = {cells(line)[0]: [*map(float, cells(line)[1:])] for line in lines[4:9]}
    assert list(rows) == [
        "python -c pass",
        "import numpy",
        "charnn.predict --help",
        "charnn.predict Hinton",
        "charnn.generate --count 5",
    ]
    for fastest, median, ratio, megabytes in rows.values():
        assert 0 < fastest == median
        assert ratio == pytest.approx(median / rows["import numpy"][1], rel=0.1)
        assert 1 < megabytes < 100, "with torch it were several hundred"


@pytest.mark.slow
@pytest.mark.skipif(not START.measuring.has_fasttext(), reason="fastText is not installed")
def test_fasttext_and_torch_have_rows_too():
    result = call(START.main, "--rounds", 1, "--backends", "torch", "numpy")
    titles = [cells(line)[0] for line in result.stdout.splitlines()[4:]]
    assert titles[-1] == "fastText, from Python"
    assert "charnn.predict Hinton --backend torch" in titles
