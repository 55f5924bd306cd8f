"""python -m charnn.train and train_classifier, as a user runs them."""

import csv
import json
import os
import re
import shlex
import signal
import subprocess
import sys

import pytest
from helpers import ROOT, call, error_of, run, tiny_names, write_folder

import charnn
from charnn.config import CELLS
from charnn.data import read_folder
from charnn.evaluation.calibration import best_temperature
from charnn.evaluation.metrics import tempered
from charnn.inference.checkpoint import read
from charnn.presets import configure
from charnn.training.classify import calibrated, fit_on
from charnn.training.parts import read_parts

QUICK = ("--hidden", 8, "--epochs", 2, "--batch-size", 16, "--device", "cpu")
SIX_EPOCHS = (*QUICK, "--epochs", 6, "--learning-rate", 0.02)
FILES = ["checkpoint.safetensors", "curves.png", "history.csv", "model.safetensors"]


def train(data, out, *arguments):
    """The command on a folder, within this process; small and quick unless `arguments` differ."""
    return call("charnn.train", "--data", data, "--out", out, *QUICK, *arguments)


def names_in(folder):
    """What a folder holds."""
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def trained(folder, tmp_path_factory):
    """A run of the command in a process of its own: its result, and the folder it began in."""
    there = tmp_path_factory.mktemp("run")
    return run("charnn.train", "--data", folder, *SIX_EPOCHS, cwd=there), there


def test_a_run_prints_what_a_user_needs_and_writes_its_files(trained):
    result, there = trained
    assert result.returncode == 0, result
    heading = (
        r"trained on \d+ names; best epoch chosen on \d+; measured on \d+ names it has not seen:"
    )
    assert re.search(heading, result.stdout), "it says how many names each set holds"
    assert re.search(r"temperature \d\.\d\d, n-gram share \d\.\d\d\)", result.stdout)
    assert "right:\n  " in result.stdout
    assert "wrong:\n" in result.stdout
    assert result.stderr.count("names/s") == 6, "where there is no terminal, a line per epoch"
    files = there / "runs" / "tiny-1"
    assert names_in(files) == FILES
    with open(files / "history.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == list("123456")
    losses = {"train_loss", "train_accuracy", "validation_loss", "validation_accuracy"}
    assert losses <= set(rows[0])
    assert (files / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_the_command_it_prints_works(trained, monkeypatch):
    result, there = trained
    last_line = result.stdout.strip().splitlines()[-1]
    module, *arguments = shlex.split(last_line.removeprefix("Try it: python -m "))
    assert arguments[-1] in {name for names in tiny_names().values() for name in names}
    monkeypatch.chdir(there)  # the path that it prints is relative
    predicted = call(module, *arguments)
    assert predicted.returncode == 0, predicted
    assert predicted.stdout.startswith("(-"), "predict prints log-probabilities"


def test_the_printed_figures_are_the_files_and_no_path_or_date_is_in_it(trained, folder):
    result, there = trained
    _, about = read(there / "runs" / "tiny-1" / "model.safetensors")
    assert f"accuracy {about['figures']['test']['accuracy']:.3f}" in result.stdout
    assert set(about) == {
        "config",
        "counts",
        "data",
        "figures",
        "format",
        "labels",
        "ngram_share",
        "symbols",
        "task",
        "temperature",
        "version",
    }
    assert str(folder.parent) not in json.dumps(about)


def test_the_same_seed_gives_the_same_file_and_another_seed_another(trained, folder, tmp_path):
    contents = [(trained[1] / "runs" / "tiny-1" / "model.safetensors").read_bytes()]
    for seed in (0, 4):  # 0 is the default
        out = tmp_path / f"seed-{seed}"
        assert train(folder, out, *SIX_EPOCHS, "--seed", seed).returncode == 0
        contents.append((out / "model.safetensors").read_bytes())
    assert contents[0] == contents[1], "the same seed in another process gives the same bytes"
    assert contents[0] != contents[2], "another seed gives another model"


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_trains_by_the_same_call(folder, cell):
    classifier = charnn.train_classifier(
        folder, cell=cell, hidden=16, epochs=10, batch_size=16, learning_rate=0.02, device="cpu"
    )
    assert classifier.figures["test"]["accuracy"] > 0.8
    assert classifier.config.cell == cell


NETWORKS = [
    "--init xavier",
    "--init he --cell lstm",
    "--init orthogonal --cell torch-gru",
    "--cell rnn --nonlinearity relu --init identity",
    "--cell torch-rnn --nonlinearity relu --readout last",
    "--cell lstm --forget-bias 1",
    "--cell torch-lstm --forget-bias 1",
    "--cell lstm-peephole --layers 2",
    "--recurrent-dropout 0.2 --layers 2 --no-bidirectional",
    "--embedding 8 --clip 0.5 --symbols 12",
    "--tokens words --embedding 4 --max-length 1 --symbols 9 --keep both-ends",
    "--task generate --cell lstm-peephole --embedding 8 --init orthogonal",
]


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_of_the_notes_trains_by_command_and_is_read_back(network, folder, tmp_path):
    if "words" in network:  # the folder's words are all different; of these some occur twice
        folder = write_folder(
            tmp_path / "twice", {label: [f"{label} {i}" for i in range(60)] for label in "xy"}
        )
    out = tmp_path / "out"
    result = train(folder, out, "--epochs", 1, *network.split())
    assert result.returncode == 0, result
    model = charnn.load(out / "model.safetensors")
    for flag, value in zip(network.split()[::2], network.split()[1::2], strict=False):
        assert str(getattr(model.config, flag[2:].replace("-", "_"))).removesuffix(".0") == value
    measured = call("charnn.evaluate", "--model", out / "model.safetensors", "--data", folder)
    assert measured.returncode == 0, measured


@pytest.mark.parametrize(
    "values",
    [
        {"bidirectional": False, "readout": "last"},
        {"layers": 2, "dropout": 0.1},
        {"optimizer": "sgd", "learning_rate": 0.5},
        {"sampling": "balanced"},
        {"lowercase": False},
        {"preset": "lecture"},
    ],
)
def test_the_options_train(folder, values):
    options = {
        "hidden": 16,
        "epochs": 10,
        "batch_size": 16,
        "learning_rate": 0.02,
        "device": "cpu",
        **values,
    }
    assert charnn.train_classifier(folder, **options).figures["test"]["accuracy"] > 0.6


def test_raw_keeps_the_script(tmp_path):
    greek = {
        label: [name.translate(str.maketrans("aeiourstzhk", "αειουρστζηκ")) for name in names]
        for label, names in tiny_names().items()
    }
    folder = write_folder(tmp_path / "greek", greek)
    classifier = charnn.train_classifier(
        folder, raw=True, hidden=16, epochs=8, batch_size=16, learning_rate=0.02, device="cpu"
    )
    assert "α" in classifier.vocabulary.symbols
    assert classifier.figures["test"]["accuracy"] > 0.8


def test_test_data_takes_the_place_of_the_test_set(folder, tmp_path):
    held_out = {"Hissing": ["Zzsszz", "Kszs"], "Rolling": ["Rrara"]}
    other = write_folder(tmp_path / "other", held_out)
    with pytest.warns(UserWarning, match="the test set has no name of Vowelish"):
        classifier = charnn.train_classifier(
            folder, test_data=other, hidden=8, epochs=1, device="cpu"
        )
    assert classifier.figures["test"]["n"] == 3
    tested = set().union(*held_out.values())
    rest = [name for name in read_folder(folder).names if name not in tested]
    sizes = [classifier.figures[part]["n"] for part in ("train", "validation")]
    assert sum(sizes) == len(rest), "all other names are trained on or choose the best epoch"
    assert sizes[0] > 0.9 * 0.95 * len(rest), "about 95% of them are trained on"


def test_training_leaves_the_users_random_numbers_alone(folder):
    import torch

    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    charnn.train_classifier(folder, hidden=4, epochs=1, device="cpu")
    assert torch.equal(torch.rand(1), expected), "training must not draw from torch's generator"


def test_ctrl_c_after_training_waits_for_the_files(folder, tmp_path, monkeypatch):
    from charnn.training import curves

    def interrupted(*arguments, real=curves.curves):
        os.kill(os.getpid(), signal.SIGINT)
        return real(*arguments)

    monkeypatch.setattr(curves, "curves", interrupted)
    assert train(folder, tmp_path / "out").returncode == 0
    assert names_in(tmp_path / "out") == FILES


def test_a_file_that_appears_meanwhile_is_not_overwritten(folder, tmp_path, monkeypatch):
    from charnn.training import jobs

    def meanwhile(*arguments, real=jobs.train_classifier_on, **options):
        (tmp_path / "out" / "model.safetensors").write_bytes(b"precious")
        return real(*arguments, **options)

    monkeypatch.setattr(jobs, "train_classifier_on", meanwhile)
    result = train(folder, tmp_path / "out")
    assert "already holds model.safetensors" in error_of(result)
    assert (tmp_path / "out" / "model.safetensors").read_bytes() == b"precious"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "nowhere"], "nowhere does not exist; give a folder"),
        (["--cell", "gur"], "--cell 'gur' is unknown; choose from rnn"),
        (["--hidden", "many"], "argument --hidden: invalid int value: 'many'"),
        (["--epochs", "0"], "--epochs 0 is out of range"),
        (["--colour", "red"], "unrecognized arguments: --colour red"),
        (["--out", "pyproject.toml/sub"], "pyproject.toml/sub cannot be made or written to"),
        (["--device", "abacus"], "--device 'abacus' is not available here"),
    ],
)
def test_bad_input_is_one_line(folder, tmp_path, arguments, message):
    data = [] if "--data" in arguments else ["--data", folder]
    out = [] if "--out" in arguments else ["--out", tmp_path / "out"]
    result = call("charnn.train", *data, *out, *arguments)
    assert message in error_of(result)
    assert not (tmp_path / "out").exists()


def test_nothing_is_overwritten(folder, tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"precious")
    result = train(folder, tmp_path)
    assert "already holds model.safetensors; choose another folder" in error_of(result)
    assert (tmp_path / "model.safetensors").read_bytes() == b"precious"
    assert "is a file; give a folder" in error_of(train(folder, tmp_path / "model.safetensors"))


def test_a_failed_run_leaves_the_users_own_folder(folder, tmp_path):
    (tmp_path / "mine").mkdir()
    diverging = "--optimizer sgd --learning-rate 100 --clip 1e6 --weight-decay 10 --batch-size 1"
    result = train(folder, tmp_path / "mine", *diverging.split())
    assert "the loss was not finite" in error_of(result)
    assert (tmp_path / "mine").is_dir()


def test_a_script_without_ascii_letters_is_told_of_raw(tmp_path):
    folder = write_folder(
        tmp_path / "signs",
        {"A": [f"{'♠' * n}" for n in range(1, 60)], "B": [f"{'♥' * n}" for n in range(1, 60)]},
    )
    result = train(folder, tmp_path / "out")
    assert "no letter or digit that can be read; train with --raw" in error_of(result)
    assert not (tmp_path / "out").exists()


def test_help_answers_at_once():
    code = (
        "import sys\n"
        "from charnn import check, evaluate, generate, predict, train\n"
        "for command in (check, evaluate, generate, predict, train):\n"
        "    try: command.main(['--help'])\n"
        "    except SystemExit as end: assert end.code == 0\n"
        "slow = {'torch', 'numpy', 'matplotlib'} & set(sys.modules)\n"
        "assert not slow, f'--help imports {slow}, which takes a second'\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert result.returncode == 0, result.stderr
    for flag in ("--learning-rate", "--unknown-below", "--top-p", "--unseen"):
        assert flag in result.stdout
    assert "default: gru" in result.stdout


def test_the_temperature_is_the_best_of_the_validation_set_and_folded_in(folder):
    config = configure(hidden=8, epochs=1, batch_size=16, learning_rate=0.02)
    parts = read_parts(folder, None, config)
    # Before the validation set is counted too.
    found, validation = calibrated(fit_on(parts, config, "cpu"), parts), parts["validation"]
    before = tempered(found.classifier.log_proba(validation.names), 1 / found.temperature)
    assert found.temperature != 1
    best = best_temperature(before, validation.targets)
    assert best == pytest.approx(found.temperature, abs=1e-3)
