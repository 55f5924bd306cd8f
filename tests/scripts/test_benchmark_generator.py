"""scripts/benchmark_generator.py."""

import pytest
from helpers import call, load_script, tiny_names
from programs import SCRIPTS

import charnn


def tiny_configure(*preset, **values):
    """A configuration whose network is trained in a moment."""
    return charnn.configure(*preset, **{**values, "hidden": 4, "epochs": 1, "batch_size": 8})


@pytest.mark.slow
def test_it_prints_its_tables(folder, tmp_path, monkeypatch):
    script = load_script(SCRIPTS / "benchmark_generator.py")
    monkeypatch.setattr(script, "configure", tiny_configure)
    monkeypatch.setattr(script, "NOVEL", 5)
    (tmp_path / "tale.txt").write_text("The cat sat on the mat.\n" * 200, encoding="utf-8")
    result = call(
        script.main,
        "--names",
        folder / "Hissing.txt",
        folder / "Rolling.txt",
        "--text",
        tmp_path / "tale.txt",
        "--labels",
        folder,
        "--seeds",
        2,
    )
    assert result.returncode == 0, result
    learned, speeds, labels = (table.splitlines()[2:] for table in result.stdout.split("\n\n"))

    learned = [row.split(" | ") for row in learned]
    assert [row[0].split(",")[0] for row in learned] == [
        "| names",
        "| text",
        "| names given their label",
    ]
    means = [float(row[1].split(" ± ")[0]) for row in learned]
    assert [0 < mean < 4 for mean in means] == [True] * 3, means  # the text repeats itself
    assert learned[1][2] == "480"  # the last tenth of the text
    assert ["±" in row[1] for row in learned] == [True, True, False]
    assert [row.split(" | ")[0] for row in speeds] == [
        "| 1,000 names at once",
        "| one running text",
    ]

    *shares, mean = (row.strip("| ").split(" | ") for row in labels)
    assert [row[0] for row in shares] == sorted(tiny_names())
    expected = sum(float(row[2]) for row in shares) / len(shares)
    assert mean[0] == "mean over labels"
    assert float(mean[2]) == pytest.approx(expected, abs=0.01)
