"""scripts/benchmark_words.py."""

import re

from helpers import call, load_script, write_folder
from programs import SCRIPTS

WORDS = ("good", "bad", "film", "plot", "the", "was", "a", "of")


def test_it_trains_every_cell_beside_torchs(tmp_path):
    reviews = {
        label: [
            " ".join(WORDS[(first + step) % len(WORDS)] for step in range(length)) + f" {label}"
            for first, length in enumerate(range(3, 33))
        ]
        for label in ("negative", "positive")
    }
    write_folder(tmp_path, reviews)
    script = load_script(SCRIPTS / "benchmark_words.py")
    result = call(script.main, "--data", tmp_path, "--reviews", 20, "--rounds", 1)
    assert result.returncode == 0, result
    assert re.match(r"20 reviews of \d+ words on average, one thread\n", result.stdout)
    rows = [line.strip("| ").split(" | ") for line in result.stdout.splitlines() if "|" in line]
    assert [row[0] for row in rows if len(row) == 4] == ["cell", "rnn", "lstm", "gru"]
    for cell, ours, theirs, ratio in rows[2:]:
        speeds = [float(text.replace(",", "")) for text in (ours, theirs)]
        assert abs(speeds[0] / speeds[1] - float(ratio)) < 0.01 + 1 / min(speeds), cell
