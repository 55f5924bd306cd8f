"""One file: the same bytes for the same content, whole or not at all, and nothing believed unchecked."""

import json
import os
import random
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from model_files import content, store
from tiny_models import answers

from charnn.errors import CharnnError
from charnn.inference import checkpoint
from charnn.inference.load import load
from charnn.version import __version__


def test_the_same_content_gives_the_same_bytes_and_comes_back(model, tmp_path):
    tensors, about = content(model)
    assert about["version"] == __version__
    checkpoint.save(tmp_path / "again", dict(reversed(tensors.items())), about)
    assert (tmp_path / "again").read_bytes() == model.read_bytes()
    header = json.loads(model.read_bytes()[8 : 8 + struct.unpack("<Q", model.read_bytes()[:8])[0]])
    assert list(header["__metadata__"]) == ["charnn"]


def test_whatever_is_saved_comes_back(tmp_path):
    arrays = {
        "none": np.zeros((0, 3), np.float32),
        "scalar": np.array(3.5),
        "bits": np.array([True, False]),
        "bytes": np.arange(5, dtype=np.uint8),
        "turned": np.arange(6, dtype=np.int64).reshape(2, 3).T,
    }
    about = {"numbers": {"10": 1e-300, "9": [1, -2, 0.1]}, "text": 'İ "🙂"\n', "nothing": None}
    checkpoint.save(tmp_path / "file", arrays, {**about, "numbers": {10: 1e-300, 9: (1, -2, 0.1)}})
    again, described = checkpoint.read(tmp_path / "file")
    assert described == {**about, "format": checkpoint.FORMAT, "version": __version__}
    assert again.keys() == arrays.keys()
    for name, array in arrays.items():
        assert (again[name].dtype, again[name].shape) == (array.dtype, array.shape)
        assert (again[name] == array).all()
        assert again[name].flags.writeable


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 10**40, -(10**400)])
def test_what_could_not_be_read_again_is_not_written(tmp_path, number):
    with pytest.raises(CharnnError, match="file cannot be written: its description holds"):
        checkpoint.save(tmp_path / "file", {}, {"figures": [number]})
    with pytest.raises(CharnnError, match="file cannot be written: half is of type float16"):
        checkpoint.save(tmp_path / "file", {"half": np.zeros(2, np.float16)}, {})
    assert not (tmp_path / "file").exists()


@pytest.mark.parametrize("change", ["cut", "overwritten", "gone"])
def test_a_loaded_model_does_not_depend_on_its_file(model, tmp_path, change):
    path = tmp_path / "model"
    path.write_bytes(model.read_bytes())
    arrays, _ = checkpoint.read(path)
    before = {name: array.copy() for name, array in arrays.items()}
    loaded, expected = load(path, "cpu"), answers(load(model, "cpu"))
    if change == "gone":
        path.unlink()
    else:
        with path.open("r+b") as file:  # in place: the same inode
            if change == "cut":
                file.truncate(0)
            else:
                file.write(b"\x55" * path.stat().st_size)
    assert answers(loaded) == expected
    assert all((array == before[name]).all() for name, array in arrays.items())


def test_a_changed_bit_is_found(model, tmp_path):
    """300 bits, half of them in the header: all are refused, or change nothing that is read."""
    content, (arrays, about) = model.read_bytes(), checkpoint.read(model)
    header = 8 + struct.unpack("<Q", content[:8])[0]
    draw = random.Random(0)
    refused = 0
    for start, stop in [(0, header), (header, len(content))] * 150:
        changed = bytearray(content)
        changed[draw.randrange(start, stop)] ^= 1 << draw.randrange(8)
        (tmp_path / "file").write_bytes(changed)
        try:
            again, described = checkpoint.read(tmp_path / "file")
        except CharnnError:
            refused += 1
        else:
            assert described == about
            assert checkpoint.digest(again, described) == checkpoint.digest(arrays, about)
    assert refused > 290


def test_damage_is_named_with_both_digests(model, tmp_path):
    content = bytearray(model.read_bytes())
    content[-1] ^= 1
    (tmp_path / "file").write_bytes(content)
    arrays, about = checkpoint.read(model)
    message = f"file is damaged: its digest is [0-9a-f]{{32}}, expected '{checkpoint.digest(arrays, about)}'; copy or train it again"
    with pytest.raises(CharnnError, match=message):
        load(tmp_path / "file")


KEPT = Path(__file__).parent / "format2.safetensors"  # written by charnn 0.1.0


def test_a_file_of_the_format_before_answers_as_it_did_with_one_warning(tmp_path):
    recorded = json.loads(KEPT.with_suffix(".json").read_text(encoding="utf-8"))
    with pytest.warns(UserWarning, match=r"format2.safetensors is of format 2") as caught:
        old = load(KEPT, "cpu")
    assert len(caught) == 1
    assert old.labels == recorded["labels"]
    found = old.log_proba(recorded["names"])
    np.testing.assert_allclose(found, recorded["log_proba"], atol=1e-5)

    old.save(tmp_path / "new")
    new = load(tmp_path / "new", "cpu")  # without a warning, which would be an error here
    assert (new.log_proba(recorded["names"]) == found).all()


def test_a_damaged_format_number_does_not_hide_the_digest(model, tmp_path):
    content = model.read_bytes()
    assert content.count(b'\\"format\\":4') == 1
    (tmp_path / "file").write_bytes(content.replace(b'\\"format\\":4', b'\\"format\\":2'))
    with pytest.raises(CharnnError, match="is damaged"):
        load(tmp_path / "file")


def test_a_header_or_file_that_claims_too_much_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "LARGEST", 1000)
    for size, header in ((1001, 2), (100, 2**60), (100, checkpoint.LARGEST_HEADER + 1)):
        content = struct.pack("<Q", header) + b"{}"
        (tmp_path / "file").write_bytes(content.ljust(size, b"\0"))
        with pytest.raises(CharnnError, match=rf"is not a whole .* \({size:,} bytes, of which"):
            checkpoint.read(tmp_path / "file")
        with pytest.raises(
            CharnnError, match="file cannot be written: a file may have 1,000 bytes"
        ):
            checkpoint.save(tmp_path / "file", {"a": np.zeros(1000)}, {})


def test_a_path_that_the_system_refuses_is_one_clear_line():
    with pytest.raises(CharnnError, match="cannot be read"):
        checkpoint.read("x" * 5000)


def test_only_plain_files_are_replaced(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "target")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        with pytest.raises(CharnnError, match="is not a regular file"):
            checkpoint.write(tmp_path / name, b"x")
    with pytest.raises(CharnnError, match="is not a regular file"):
        checkpoint.read(tmp_path / "pipe")


@pytest.mark.parametrize("data", [b"", b"not a model", b"\xff" * 64, b"[" * 100_000])
def test_a_file_that_is_none_is_refused(tmp_path, data):
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(CharnnError, match="is not a whole safetensors file"):
        checkpoint.read(tmp_path / "file")


@pytest.mark.parametrize(
    ("about", "message"),
    [
        *((text, "no charnn description") for text in ("", "{", "[]", "null", "7", "[" * 100_000)),
        ('{"format":3,"format":3}', "its description repeats a key"),
        ('{"format":3,"a":1e999}', "its description holds the number '1e999'"),
        ('{"format":3,"a":-Infinity}', "its description holds -Infinity"),
        ('{"format":3,"a":%s}' % ("[" * 500 + "]" * 500), "more than 32 levels"),
        ('{"format":3}', "is damaged: its digest is [0-9a-f]{32}, expected None"),
        ('{"format":true}', "is of format True, expected 4"),
    ],
)  # fmt: skip
def test_a_description_that_charnn_never_writes_is_refused(tmp_path, about, message):
    with pytest.raises(CharnnError, match=message):
        checkpoint.read(store(tmp_path / "file", {"a": torch.zeros(1)}, about))


def test_a_cut_file_is_refused(model, tmp_path):
    (tmp_path / "cut").write_bytes(model.read_bytes()[:-7])
    with pytest.raises(CharnnError, match="is not a whole safetensors file"):
        checkpoint.read(tmp_path / "cut")
    with pytest.raises(CharnnError, match="is a folder; give the model file in it"):
        checkpoint.read(tmp_path)
    with pytest.raises(CharnnError, match="does not exist"):
        checkpoint.read(tmp_path / "absent")
