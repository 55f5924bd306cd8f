"""Commands that answer, where torch, matplotlib, scikit-learn and scipy are not installed."""

import json

import pytest
from helpers import ROOT, tiny_names, write_folder
from without_torch import run_without


def test_names_are_classified_scored_generated_and_measured(tmp_path):
    (tmp_path / "names.txt").write_text("Hinton\nSatoshi\n", encoding="utf-8")
    known = {"Turkish": ["Yılmaz", "Demir"], "Japanese": ["Satoshi", "Tanaka"]}
    write_folder(tmp_path / "known", known)
    write_folder(tmp_path / "tiny", tiny_names())
    predicted, table, names, same, bits, figures, by_bayes, checked = run_without(
        tmp_path,
        ["predict", "Hinton", "Satoshi", "--json"],
        ["predict", "--input", "names.txt", "--output", "labelled.csv"],
        ["generate", "--count", "4", "--seed", "0"],
        ["generate", "--count", "4", "--seed", "0", "--backend", "numpy"],
        ["generate", "--score", "Satoshi", "--label", "Japanese"],
        ["evaluate", "--data", "known", "--json"],
        [
            "evaluate",
            "--data",
            "known",
            "--json",
            "--model",
            str(ROOT / "charnn/models/generator.safetensors"),
        ],
        ["check", "tiny"],
    )
    tops = [json.loads(line)["predictions"][0]["label"] for line in predicted[1].splitlines()]
    assert tops[1] == "Japanese"
    rows = (tmp_path / "labelled.csv").read_text(encoding="utf-8").splitlines()
    assert table[0] == 0
    assert [row.split(",")[1] for row in rows] == ["label", *tops]
    assert len(names[1].splitlines()) == 4
    assert names[1] == same[1]
    assert "bits per character" in bits[1]
    assert json.loads(figures[1])["n"] == 4
    assert json.loads(by_bayes[1])["classification"]["n"] == 4
    assert "3 labels" in checked[1]
    assert {code for code, *_ in (predicted, table, names, same, bits, figures, by_bayes)} == {0}


def test_a_model_is_exported(tmp_path):
    pytest.importorskip("onnx")
    pytest.importorskip("jinja2")
    web, onnx = run_without(
        tmp_path,
        ["export", "--to", "web", "--out", "page.html"],
        ["export", "--to", "onnx", "--dtype", "float16", "--out", "model.onnx"],
    )
    assert (web[0], onnx[0]) == (0, 0), (web, onnx)
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert (tmp_path / "model.onnx").stat().st_size > 1_000_000


@pytest.mark.parametrize(
    ("command", "package"),
    [
        (["predict", "Hinton", "--backend", "torch"], "torch"),
        (["generate", "--device", "cuda"], "torch"),
        (["train"], "torch"),
        (["look", "gates", "Satoshi"], "matplotlib"),
        (["report", "--data", str(ROOT / "data/names")], "matplotlib"),
    ],
)
def test_what_is_missing_is_said_in_one_line(command, package, tmp_path):
    ((code, out, err),) = run_without(tmp_path, command)
    assert (code, out) == (2, "")
    assert err.startswith("charnn: error: ")
    assert err.endswith(f"; pip install {package}\n")
    assert len(err.splitlines()) == 1
