"""One file: the same bytes for the same content, whole or not at all, and nothing believed unchecked."""

import json
import os
import struct

import numpy as np
import pytest
import torch
from safetensors.torch import save as to_bytes

from charnn.errors import CharnnError
from charnn.inference import checkpoint
from charnn.inference.load import load
from charnn.version import __version__


def content(model):
    """Tensors and description of a good model file."""
    tensors, about = checkpoint.read(model)
    return dict(tensors), about


def store(path, tensors, about):
    """Writes a file as somebody else might have, with the right digest of what numpy can hold."""
    tensors = {name: torch.as_tensor(array) for name, array in tensors.items()}
    if isinstance(about, dict):
        arrays = {name: t.numpy() for name, t in tensors.items() if t.dtype != torch.float8_e4m3fn}
        about = json.dumps({**about, "digest": checkpoint.digest(arrays, about)})
    path.write_bytes(to_bytes(tensors, {"charnn": about}))
    return path


def test_the_same_content_gives_the_same_bytes_and_comes_back(model, tmp_path):
    tensors, about = content(model)
    assert about["version"] == __version__
    checkpoint.save(tmp_path / "again", dict(reversed(tensors.items())), about)
    assert (tmp_path / "again").read_bytes() == model.read_bytes()
    header = json.loads(model.read_bytes()[8 : 8 + struct.unpack("<Q", model.read_bytes()[:8])[0]])
    assert list(header["__metadata__"]) == ["charnn"]


def test_only_plain_files_are_replaced(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "target")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        with pytest.raises(CharnnError, match="is not a regular file"):
            checkpoint.write(tmp_path / name, b"x")
    with pytest.raises(CharnnError, match="is not a regular file"):
        checkpoint.read(tmp_path / "pipe")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda t, a: a.update(format=99, version="9.9"),
            "format 99, this charnn .* reads up to 3; it needs charnn 9.9",
        ),
        (lambda t, a: a.update(format="1"), "of format '1', expected 3"),
        (lambda t, a: a.update(format=1), "of format 1, expected 3; train it again"),
        (
            lambda t, a: a.update(temperature=0.0),
            "temperature 0.0, expected a number of 0.1 to below 10",
        ),
        (lambda t, a: a.update(temperature=1), "temperature 1, expected"),
        (lambda t, a: a.pop("temperature"), "temperature None, expected"),
        (
            lambda t, a: a.update(ngram_share=1.0),
            "ngram_share 1.0, expected a number of 0 to below 1",
        ),
        (lambda t, a: a.update(ngram_share="a"), "ngram_share 'a', expected"),
        (
            lambda t, a: t.pop("ngrams.codes"),
            r"ngrams.codes: expected a row of int64, found nothing",
        ),
        (
            lambda t, a: t.update({"ngrams.counts": torch.ones(2, 2, dtype=torch.int32)}),
            r"row of int32, found \(2, 2\)",
        ),
        (lambda t, a: t["ngrams.counts"].fill(0), "do not belong together"),
        (lambda t, a: t["ngrams.codes"].fill(7), "do not belong together"),
        (
            lambda t, a: t.update({"ngrams.codes": -t["ngrams.codes"][::-1].copy()}),
            "do not belong together",
        ),
        (
            lambda t, a: t.update({"ngrams.entries": t["ngrams.entries"] + 10**6}),
            "do not belong together",
        ),
        (
            lambda t, a: t.update({"ngrams.codes": torch.empty(0, dtype=torch.int64)}),
            "do not belong together",
        ),
        (lambda t, a: a["config"].pop("ngrams"), "ngrams.codes: expected nothing"),
        (
            lambda t, a: a.pop("data"),
            "lacks its symbols, configuration, data fingerprint or figures",
        ),
        (
            lambda t, a: a["figures"]["test"].pop("nll"),
            "lacks its symbols, configuration, data fingerprint or figures",
        ),
        (lambda t, a: t.pop("seen.train"), r"seen.train: expected .* found nothing"),
        (
            lambda t, a: t.update({"seen.train": torch.zeros(3)}),
            r"seen.train: expected .* found \(3,\) float32",
        ),
        (
            lambda t, a: t["seen.validation"].fill(1),
            r"seen.validation: expected different whole numbers",
        ),
        (lambda t, a: a.pop("format"), "no charnn description"),
        (lambda t, a: a.update(task="paint"), "task 'paint', expected 'classify' or 'generate'"),
        (
            lambda t, a: a.update(labels=["A", "A", "B"]),
            "labels .* expected at least two different names",
        ),
        (lambda t, a: a.update(labels=["A\x1b[2J", "B", "C"]), "labels .* expected"),
        (lambda t, a: a.update(counts=[10**30] * 3), "counts .* expected one for each of 3 labels"),
        (
            lambda t, a: a.update(figures=[1]),
            "lacks its symbols, configuration, data fingerprint or figures",
        ),
        (
            lambda t, a: t.update(extra=torch.zeros(2, dtype=torch.float8_e4m3fn)),
            "extra is of type F8_E4M3; train it again",
        ),
        (lambda t, a: a.update(counts=[1]), "counts .* expected one for each of 3 labels"),
        (lambda t, a: a.update(symbols=None), "lacks its symbols"),
        (lambda t, a: a.update(symbols=a["symbols"] * 2), "repeats a symbol"),
        (
            lambda t, a: a.update(symbols=a["symbols"] + "~"),
            r"expected \(48, \d+\) float32, found \(48, \d+\) float32",
        ),
        (lambda t, a: a["config"].update(colour=1), "unknown configuration colour"),
        (lambda t, a: a["config"].update(hidden=4096, layers=16), "expected .* found"),
        (
            lambda t, a: t.pop("readout.linear.bias"),
            r"readout.linear.bias: expected \(3,\) float32, found nothing",
        ),
        (
            lambda t, a: t.update(extra=torch.zeros(2)),
            r"extra: expected nothing, found \(2,\) float32",
        ),
        (
            lambda t, a: t["readout.linear.bias"].fill(np.nan),
            "readout.linear.bias holds a value that is not finite",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_path_expected_and_found(model, tmp_path, change, message):
    tensors, about = content(model)
    change(tensors, about)
    with pytest.raises(CharnnError, match=message) as caught:
        load(store(tmp_path / "wrong.safetensors", tensors, about))
    assert "wrong.safetensors" in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"not a model", b"\xff" * 64, b"[" * 100_000])
def test_a_file_that_is_none_is_refused(tmp_path, data):
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(CharnnError, match="is not a whole safetensors file"):
        checkpoint.read(tmp_path / "file")


def test_descriptions_that_are_not_json_are_refused(tmp_path):
    for about in ("", "{", "[]", "null", "[" * 100_000):
        with pytest.raises(CharnnError, match="no charnn description"):
            checkpoint.read(store(tmp_path / "file", {"a": torch.zeros(1)}, about))


def test_a_cut_file_is_refused(model, tmp_path):
    (tmp_path / "cut").write_bytes(model.read_bytes()[:-7])
    with pytest.raises(CharnnError, match="is not a whole safetensors file"):
        checkpoint.read(tmp_path / "cut")
    with pytest.raises(CharnnError, match="is a folder; give the model file in it"):
        checkpoint.read(tmp_path)
    with pytest.raises(CharnnError, match="does not exist"):
        checkpoint.read(tmp_path / "absent")
