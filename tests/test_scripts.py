"""The scripts beside the package: that they run, and that what the README shows is what they measured."""

import sys

import pytest
import torch
from conftest import ROOT, load_script, write_folder

import charnn

SCRIPTS = sorted((ROOT / "scripts").glob("*.py"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_every_script_says_what_it_is_for(path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", [path.name, "--help"])
    with pytest.raises(SystemExit, match="0"):
        load_script(path).main()
    assert f"scripts/{path.name}" in capsys.readouterr().out


def test_the_readme_shows_the_bundled_models_own_figures():
    line = load_script(ROOT / "scripts" / "build_pretrained.py").figures_line(charnn.load().figures)
    assert line in " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())


def test_compare_cells_prints_a_row_per_cell_and_preset(folder, capsys, monkeypatch):
    script = load_script(ROOT / "scripts" / "compare_cells.py")
    monkeypatch.setattr(script, "configure", lambda **values: charnn.configure(**{**values, "hidden": 4, "epochs": 1}))
    monkeypatch.setattr(sys, "argv", ["", "--data", str(folder), "--seeds", "2", "--cells", "rnn", "--presets", "fast"])
    script.main()
    rows = capsys.readouterr().out.splitlines()
    assert [row.split("|")[1].strip() for row in rows[2:]] == ["`--cell rnn`", "`--preset fast`"]
    assert all("±" in row for row in rows[2:])


def test_the_lectures_program_learns(folder):
    lecture = load_script(ROOT / "examples" / "lecture.py")
    assert len((ROOT / "examples" / "lecture.py").read_text(encoding="utf-8").splitlines()) < 100
    names = lecture.read_folder(folder)
    assert lecture.unicode_to_ascii("Ślusàrski") == "Slusarski"
    torch.manual_seed(0)
    lecture.random.seed(0)
    network = lecture.train(names, 1500, report=0)
    right = 0
    for target, label in enumerate(names):
        for name in names[label][:20]:
            hidden = torch.zeros(1, lecture.HIDDEN)
            for letter in lecture.line_to_tensor(name):
                output, hidden = network(letter, hidden)
            right += int(output.argmax()) == target
    assert right > 0.8 * 60


def test_the_lectures_memory_is_linear():
    lecture = load_script(ROOT / "examples" / "lecture.py")
    network = lecture.RNN(3).double()
    letter, zero = torch.zeros(1, len(lecture.LETTERS)).double(), torch.zeros(1, lecture.HIDDEN).double()
    first, second = (torch.randn(1, lecture.HIDDEN).double() for _ in range(2))
    after = [network(letter, hidden)[1] for hidden in (first, second, first + second, zero)]
    torch.testing.assert_close(after[2] - after[3], (after[0] - after[3]) + (after[1] - after[3]))


def test_outside_check_uses_the_labels_that_both_sets_have(tmp_path, capsys, monkeypatch):
    script = load_script(ROOT / "scripts" / "outside_check.py")
    names = {label: charnn_names(label)[::2] for label in ("Greek", "Turkish")}
    other = write_folder(tmp_path / "other", {**names, "Klingon": ["Worf", "Martok"]})
    monkeypatch.setattr(script, "configure", lambda **values: charnn.configure(**values, hidden=4, epochs=1))
    monkeypatch.setattr(sys, "argv", ["", "--train", str(other), "--test", str(other)])
    script.main()
    printed = capsys.readouterr().out
    assert "| Greek |" in printed
    assert "Klingon" not in printed


def charnn_names(language):
    """The names of one language of data/names."""
    return (ROOT / "data" / "names" / f"{language}.txt").read_text(encoding="utf-8").splitlines()
