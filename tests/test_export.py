"""python -m charnn.export, as a user runs it."""

import subprocess
import sys

import onnx
import pytest
from helpers import ROOT, call, error_of

import charnn
from charnn import export
from charnn.deployment.onnx_export import onnx_file
from charnn.deployment.web import web_page


def test_it_writes_the_file_in_this_folder_and_overwrites_nothing(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call("charnn.export", model, "--to", "onnx")
    assert (result.returncode, result.stdout, result.stderr) == (0, "model.onnx\n", "")
    content = (tmp_path / "model.onnx").read_bytes()
    assert content == onnx_file(charnn.load(model))
    message = error_of(call("charnn.export", model, "--to", "onnx", "--dtype", "int8"))
    assert "--out model.onnx exists already; choose another name or move it away" in message
    assert (tmp_path / "model.onnx").read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


def test_it_writes_a_page_where_it_is_told_to(model, tmp_path):
    result = call("charnn.export", model, "--to", "web", "--out", tmp_path / "page.html")
    assert (result.returncode, result.stdout) == (0, f"{tmp_path / 'page.html'}\n")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page == web_page(charnn.load(model))
    assert page.startswith("<!doctype html>")
    again = call("charnn.export", model, "--to", "web", "--out", tmp_path / "page.html")
    assert "exists already; choose another name" in error_of(again)


def test_without_a_model_it_is_a_bundled_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for model, name in (([], "classifier.onnx"), (["generator"], "generator.onnx")):
        result = call("charnn.export", *model, "--to", "onnx", "--dtype", "float16")
        assert (result.returncode, result.stdout) == (0, f"{name}\n")
        onnx.checker.check_model(tmp_path / name)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.st", "--to", "onnx"], "nowhere.st does not exist"),
        (["--to", "onxx"], "invalid choice: 'onxx'; choose from onnx, web"),
        (["--to", "onnx", "--dtype", "int4"], "invalid choice: 'int4'; choose from float32"),
        (["--to", "web", "--dtype", "int8"], "--dtype int8 does not go with --to web; leave it"),
        (["--to", "onnx", "--out", "nowhere/x.onnx"], "there is no folder nowhere; make it"),
        (["--to", "onnx", "--out", ""], "--out is empty; give a path"),
        ([], "the following arguments are required: --to"),
    ],
)
def test_bad_input_is_one_line_and_leaves_no_file(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message in error_of(call("charnn.export", *arguments))
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_exported_says_why(reviews, tmp_path):
    words = charnn.train_classifier(
        reviews, tokens="words", embedding=8, hidden=8, epochs=1, device="cpu"
    )
    words.save(tmp_path / "words.safetensors")
    out = tmp_path / "words.onnx"
    message = error_of(
        call("charnn.export", tmp_path / "words.safetensors", "--to", "onnx", "--out", out)
    )
    assert "n-grams of words" in message
    assert not out.exists()


def test_without_onnx_it_says_what_to_install(model, tmp_path, monkeypatch):
    for name in [*sys.modules]:
        if name.startswith(("charnn.inference.onnx", "charnn.deployment.onnx")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "onnx", None)
    message = error_of(call("charnn.export", model, "--to", "onnx", "--out", tmp_path / "m.onnx"))
    assert "needs onnx; pip install onnx" in message
    assert not list(tmp_path.iterdir())


def test_a_file_that_was_made_meanwhile_stays(model, tmp_path, monkeypatch):
    out = tmp_path / "page.html"

    def made_meanwhile(*_):
        out.write_text("of another program", encoding="utf-8")
        return b"ours"

    target = export.TARGETS["web"]._replace(contents=made_meanwhile)
    monkeypatch.setitem(export.TARGETS, "web", target)
    assert "exists already" in error_of(call("charnn.export", model, "--to", "web", "--out", out))
    assert out.read_text(encoding="utf-8") == "of another program"


def test_help_needs_neither_numpy_nor_onnx():
    program = (
        "import sys\n"
        "from charnn.export import main\n"
        "try: main(['--help'])\n"
        "except SystemExit as end: assert end.code == 0\n"
        "assert not {'torch', 'onnx', 'numpy'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "usage: python -m charnn.export" in done.stdout
