"""scripts/outside_check.py."""

from helpers import ROOT, call, call_script, error_of, load_script, write_folder
from programs import SCRIPTS

import charnn


def half_of(language):
    """Every second name of one language of data/names."""
    path = ROOT / "data" / "names" / f"{language}.txt"
    return path.read_text(encoding="utf-8").splitlines()[::2]


def test_it_uses_the_labels_that_both_sets_have(tmp_path, monkeypatch):
    script = load_script(SCRIPTS / "outside_check.py")
    monkeypatch.setattr(
        script, "configure", lambda **values: charnn.configure(**values, hidden=4, epochs=1)
    )
    names = {label: half_of(label) for label in ("Greek", "Turkish")}
    other = write_folder(tmp_path / "other", {**names, "Klingon": ["Worf", "Martok"]})
    result = call(script.main, "--train", other, "--test", other)
    assert result.returncode == 0, result
    assert result.stdout.count("| Greek |") == 2, "a row in each direction"
    assert "Klingon" not in result.stdout


def test_sets_without_common_labels_are_one_line(folder):
    result = call_script("outside_check", "--train", folder, "--test", folder)
    assert "share fewer than two labels with data/names" in error_of(result)
