"""What a model file says is checked before anything is built from it: nothing is believed."""

import tracemalloc
import unicodedata

import numpy as np
import pytest
import torch
from model_files import content, store

from charnn.errors import CharnnError
from charnn.inference import checkpoint
from charnn.inference.load import BUNDLED, load


def wrapped(entries):
    """Positions whose differences, as 32-bit numbers, are all above 0, but not in order."""
    return np.array([0, 2**31 - 1, -(2**31), *entries[3:]], dtype=np.int32)


@pytest.mark.parametrize("labels", [300, 3000])
def test_a_small_file_does_not_ask_for_much_memory(tmp_path, labels):
    """As many labels in the bundled file, all of whose other parts fit to them."""
    arrays, about = checkpoint.read(BUNDLED / "classifier.safetensors")
    inputs = arrays["readout.linear.weight"].shape[1]
    arrays["readout.linear.weight"] = np.zeros((labels, inputs), np.float32)
    arrays["readout.linear.bias"] = np.zeros(labels, np.float32)
    about.update(labels=[str(label) for label in range(labels)], counts=[1] * labels)
    checkpoint.save(tmp_path / "file", arrays, about)
    tracemalloc.start()
    try:
        with pytest.raises(CharnnError, match=f"n-grams of a length for {labels:,} labels"):
            load(tmp_path / "file", "cpu")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * (tmp_path / "file").stat().st_size


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda t, a: a.update(format=99, version="9.9"),
            "format 99, this charnn .* reads up to 4; it needs charnn 9.9",
        ),
        (lambda t, a: a.update(format="1"), "of format '1', expected 4"),
        (lambda t, a: a.update(format=1), "of format 1, expected 4; train it again"),
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
        (lambda t, a: a.update(labels=["\xfc", "u\u0308", "C"]), "labels .* expected"),
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
        (lambda t, a: a["config"].update(x="y" * 10**5), "unknown configuration x;"),
        (lambda t, a: a["config"].update({"k" * 10**5: 1}), "unknown configuration k{200};"),
        (lambda t, a: a["config"].update(cell="c" * 10**5), "--cell 'c+… is unknown"),
        (lambda t, a: a["config"].update(hidden=10**30), "--hidden 10+ is out of range"),
        (lambda t, a: a["config"].update(hidden=True), "--hidden True is no whole number"),
        (lambda t, a: a["config"].update(task=[]), r"--task \[\] is no text"),
        (lambda t, a: a.update(task=[]), r"task \[\], expected 'classify' or 'generate'"),
        (lambda t, a: a.update(task="x\x1b" * 10**5), "task 'x.*…, expected 'classify'"),
        (lambda t, a: a.update(symbols="a" * 10**5), "vocabulary 'a+… repeats a symbol"),
        (lambda t, a: a.update(version=2), "lacks its symbols"),
        (lambda t, a: a["figures"]["test"].update(nll=-1.0), "lacks its symbols"),
        (lambda t, a: a["figures"]["test"].update(nll=True), "lacks its symbols"),
        (lambda t, a: a.update(counts=[2**52] * 3), "counts .* expected one for each of 3 labels"),
        (lambda t, a: a.update(counts=[True, 1, 1]), "counts .* expected one"),
        (lambda t, a: a.update(junk=float("nan")), "its description holds NaN, which is no number"),
        (lambda t, a: a.update(junk=10**400), "its description holds a number of 401 digits"),
        (lambda t, a: a.update(junk="\ud800"), "its description holds half a character"),
        (
            lambda t, a: t.update({"ngrams.entries": wrapped(t["ngrams.entries"])}),
            "do not belong together",
        ),
        (
            lambda t, a: t.update({"x" * 10**5: torch.zeros(1)}),
            r"tensor x{200}: expected nothing, found",
        ),
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
    assert len(str(caught.value)) < 1000
    assert str(caught.value).isprintable()


def test_the_labels_of_an_older_file_are_composed(model, tmp_path):
    tensors, about = content(model)
    about["labels"] = [unicodedata.normalize("NFD", "Türkçe"), "Rolling ", "فارسی\u200cزبان"]
    loaded = load(store(tmp_path / "old.safetensors", tensors, about))
    assert loaded.labels == ["Türkçe", "Rolling", "فارسی\u200cزبان"]
