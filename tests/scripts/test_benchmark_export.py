"""scripts/benchmark_export.py."""

import numpy as np
import pytest
from helpers import call_script, load_script, write_folder
from programs import SCRIPTS

import charnn
from charnn.config import DTYPES


def test_an_exported_model_answers_with_its_file():
    model = load_script(SCRIPTS / "benchmark_export.py").exported("classifier", "int8")
    names = ["Hinton", "Satoshi", "?"]
    np.testing.assert_allclose(model.log_proba(names), charnn.load().log_proba(names), atol=0.3)


@pytest.mark.slow
def test_each_model_has_a_row_for_each_type(tmp_path):
    names = [f"Zyxwv{ending}" for ending in ("a", "ko", "sen", "ian")]
    folder = write_folder(tmp_path / "names", {"Polish": names, "Danish": names[::-1]})
    result = call_script("benchmark_export", "--data", folder)
    assert result.returncode == 0, result
    rows = [line.split(" | ")[0] for line in result.stdout.splitlines()]
    assert [row for row in rows if row.strip("| ") in DTYPES] == [
        f"| {name}" for name in DTYPES * 2
    ]
