"""python -m charnn.runs, and what it reads of each run's folder."""

import json
import shutil
import subprocess
import sys
from dataclasses import asdict

import pytest
from helpers import ROOT, call, error_of
from made_runs import SIZE, changed, made_run

from charnn.training.begun import read
from charnn.training.runs import read_history, recorded


@pytest.fixture(scope="module")
def finished(classifier, folder, tmp_path_factory):
    """The folder of a training that has ended."""
    return made_run(tmp_path_factory.mktemp("runs") / "names-1", classifier, folder)


@pytest.fixture
def runs(finished, tmp_path):
    """A folder with a copy of it."""
    shutil.copytree(finished, tmp_path / "runs" / "names-1")
    return tmp_path / "runs"


def rows_of(result):
    """The rows of the table by the name of the run."""
    assert result.returncode == 0, result
    header, *rows = result.stdout.splitlines()
    assert header.split() == ["run", "data", "preset", "figures", "time", "state"]
    return {row.split()[0].rsplit("/", 1)[1]: row for row in rows}


def test_a_finished_run_is_listed_with_all_that_tells_it_from_others(runs, classifier):
    row = rows_of(call("charnn.runs", runs))["names-1"]
    figures = classifier.figures["test"]
    assert f"accuracy {figures['accuracy']:.3f}, macro-F1 {figures['macro_f1']:.3f}" in row
    changes = "standard --hidden 16 --batch-size 16 --learning-rate 0.02 --epochs 12"
    assert set(changes.split()) <= set(row.split())
    assert " tiny " in row
    assert row.endswith("finished: all epochs done")
    (as_json,) = json.loads(call("charnn.runs", runs, "--json").stdout)
    assert as_json["figures"] == classifier.figures
    assert (as_json["state"], as_json["data"]) == ("finished", "tiny")
    learned = sum(SIZE / epoch.per_second for epoch in classifier.history.epochs)
    assert as_json["seconds"] == pytest.approx(learned)


def test_the_best_comes_first_and_what_has_no_figures_last(runs, classifier, folder, monkeypatch):
    for name, accuracy in (("a", 0.25), ("b", 1.0), ("c", 0.5)):
        test = {**classifier.figures["test"], "accuracy": accuracy}
        figures = {**classifier.figures, "test": test}
        monkeypatch.setitem(classifier.about, "figures", figures)
        made_run(runs / name, classifier, folder)
    shutil.rmtree(runs / "names-1")
    (runs / "b-killed").mkdir()
    assert list(rows_of(call("charnn.runs", runs))) == ["b", "c", "a", "b-killed"]


def test_what_did_not_come_to_its_end_is_shown_as_that(runs, finished):
    def copy(name):
        return shutil.copytree(finished, runs / name)

    changed(copy("stopped"), lambda about: about.pop("ending"))
    (changed(copy("killed"), lambda about: about.pop("ending")) / "model.safetensors").unlink()
    (copy("cut") / "model.safetensors").write_bytes(b"no model")
    (copy("flipped") / "checkpoint.safetensors").write_bytes(b"no checkpoint")
    changed(copy("strange"), lambda about: about.update(preset="unheard of"))
    changed(copy("odd"), lambda about: about["config"].update(hidden="x"))
    (copy("alone") / "checkpoint.safetensors").unlink()
    (runs / "empty").mkdir()
    (runs / "tiny-report-1").mkdir()
    (runs / "tiny-report-1" / "report.html").touch()
    (runs / "a file").touch()
    rows = rows_of(call("charnn.runs", runs))
    states = {
        "names-1": "finished: all epochs done",
        "stopped": "interrupted: 12 of 12 epochs, validation loss ",
        "killed": "unfinished: 12 of 12 epochs, validation loss ",
        "cut": "damaged: ",
        "flipped": "damaged: ",
        "strange": "damaged: --preset 'unheard of' is unknown",
        "odd": "damaged: ",
        "alone": "finished: its checkpoint is gone",
        "empty": "unfinished: nothing to go on from",
    }
    assert rows.keys() == states.keys()
    for name, state in states.items():
        assert f"  {state}" in rows[name]
    assert "accuracy" in rows["flipped"], "the model is whole"
    assert "accuracy" not in rows["killed"]
    assert rows["alone"].split()[1:3] == ["-", "-"]


def test_a_checkpoint_from_before_there_were_presets_in_it_is_listed(runs):
    def older(about):
        for name in ("preset", "size", "track", "id"):
            about.pop(name)

    run = recorded(changed(runs / "names-1", older))
    assert (run.state, run.preset, run.seconds) == ("finished", None, None)


@pytest.mark.parametrize("preset", [5, ["standard"]])
def test_a_preset_that_is_no_text_is_damage(runs, preset):
    run = recorded(changed(runs / "names-1", lambda about: about.update(preset=preset)))
    assert run.state == "damaged"


def test_a_folder_that_is_none_of_runs(runs, tmp_path):
    assert "there is no folder" in error_of(call("charnn.runs", tmp_path / "nowhere"))
    assert "is a run itself; give" in error_of(call("charnn.runs", runs / "names-1"))
    (tmp_path / "bare").mkdir()
    assert call("charnn.runs", tmp_path / "bare").stdout == f"{tmp_path / 'bare'} holds no run\n"
    assert call("charnn.runs", tmp_path / "bare", "--json").stdout == "[]\n"


def test_history_csv_is_read_as_it_was_written(tmp_path, classifier):
    import csv

    rows = [asdict(epoch) for epoch in classifier.history.epochs]
    with open(tmp_path / "history.csv", "w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)
    assert read_history(tmp_path / "history.csv") == classifier.history.epochs


@pytest.mark.slow
def test_a_training_says_its_preset_and_none_of_it_is_in_the_model(folder, tmp_path):
    out = tmp_path / "runs" / "mine"
    options = ("--preset", "fast", "--hidden", 4, "--epochs", 1, "--no-lowercase")
    result = call("charnn.train", "--data", folder, *options, "--device", "cpu", "--out", out)
    assert result.returncode == 0, result
    assert recorded(out).preset == "fast --hidden 4 --no-lowercase --epochs 1"
    assert read(out)["size"] == 141
    assert call("charnn.train", "--resume", out, "--epochs", 2).returncode == 0
    assert recorded(out).preset == "fast --hidden 4 --no-lowercase --epochs 2"
    content = (out / "model.safetensors").read_bytes()
    assert b'"preset"' not in content
    assert read(out)["id"].encode() not in content


@pytest.mark.slow
def test_listing_needs_neither_torch_nor_matplotlib(runs):
    program = (
        "import sys\n"
        "from charnn.runs import main\n"
        f"main([{str(runs)!r}])\n"
        "assert not {'torch', 'matplotlib', 'scipy'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=60)
    assert done.returncode == 0
