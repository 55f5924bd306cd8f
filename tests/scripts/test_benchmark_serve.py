"""scripts/benchmark_serve.py with a moment of each load."""

import re
import shutil

import pytest
from helpers import call_script


@pytest.mark.slow
@pytest.mark.parametrize("tools", [True, False])
def test_every_row_has_answers_and_none_failed(tools, monkeypatch):
    if not tools:
        monkeypatch.setattr(shutil, "which", lambda name: None)
    result = call_script(
        "benchmark_serve", "--seconds", 1, "--connections", 4, "--slow", 20, "--requests", 500
    )
    assert result.returncode == 0, result.stderr
    rows = re.findall(
        r"^\| (.+?) +\| +([\d,]+) \| +[\d.]+ \| +[\d.]+ \| +(\d+) ", result.stdout, re.MULTILINE
    )
    assert [title for title, *_ in rows][:2] == ["http.server", "charnn.serve"], result.stdout
    assert len(rows) == 5
    for _, rate, failed in rows:
        assert int(rate.replace(",", "")) > 10
        assert failed == "0"
    assert "p99 beside slow clients" in result.stdout
