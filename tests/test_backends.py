"""--backend of every command that answers: the same answer from each, and errors in one line."""

import json

import pytest
from helpers import ROOT, call, error_of

GENERATOR = ROOT / "charnn" / "models" / "generator.safetensors"


@pytest.mark.parametrize(
    "command",
    [
        ("charnn.predict", "Szsz", "Aoie", "--json"),
        ("charnn.predict", "Satoshi", "--model", GENERATOR, "--json"),
        ("charnn.generate", "--count", 3, "--seed", 1, "--json"),
        ("charnn.generate", "--score", "Satoshi", "--label", "Japanese", "--json"),
        ("charnn.evaluate", "--data", "FOLDER", "--model", "MODEL", "--json"),
    ],
    ids=lambda command: f"{command[0]}-{command[1]}",
)
def test_numpy_and_torch_answer_alike(command, folder, model):
    places = {"FOLDER": folder, "MODEL": model}
    command = [places.get(word, word) for word in command]
    by_numpy, by_torch = (
        [json.loads(line) for line in call(*command, "--backend", backend).stdout.splitlines()]
        for backend in ("numpy", "torch")
    )
    assert by_numpy
    assert flat(by_numpy) == [close_to(value) for value in flat(by_torch)]


def flat(value):
    """The numbers, texts and keys in a value of JSON, one after the other."""
    if isinstance(value, dict):
        return [part for key, inner in value.items() for part in (key, *flat(inner))]
    return [part for inner in value for part in flat(inner)] if isinstance(value, list) else [value]


def close_to(value):
    return pytest.approx(value, abs=1e-4) if isinstance(value, float) else value


def test_tables_and_reports_take_a_backend(folder, model, tmp_path):
    (tmp_path / "names.txt").write_text("Szsz\nAoie\nRorr\n", encoding="utf-8")
    for backend in ("numpy", "torch"):
        output = tmp_path / f"{backend}.csv"
        asked = ("--input", tmp_path / "names.txt", "--output", output, "--model", model)
        assert call("charnn.predict", *asked, "--backend", backend).returncode == 0
    assert (tmp_path / "numpy.csv").read_bytes() == (tmp_path / "torch.csv").read_bytes()
    asked = ("--data", folder, "--model", model, "--out", tmp_path / "report")
    assert call("charnn.report", *asked, "--backend", "numpy").returncode == 0


@pytest.mark.parametrize("command", ["predict", "generate", "evaluate", "report"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--backend", "nunpy"),
            "invalid choice: 'nunpy'; choose from auto, numpy, torch, onnx; did you",
        ),
        (("--backend", "numpy", "--device", "cuda"), "--device 'cuda' is for torch"),
        (("--device", "abacus"), "--device 'abacus' is not available here"),
    ],
)
def test_a_backend_that_cannot_be_is_one_line(command, options, message, folder):
    words = {"predict": ["Szsz"], "generate": []}.get(command, ["--data", folder])
    assert message in error_of(call(f"charnn.{command}", *words, *options))
