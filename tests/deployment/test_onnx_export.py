"""A model as an ONNX file: onnxruntime with the file alone answers as the model does."""

import json
import re
import subprocess
import sys
import unicodedata

import numpy as np
import onnx
import onnxruntime
import pytest
from helpers import ROOT, untrained_classifier
from hypothesis import given, settings
from hypothesis import strategies as st
from random_models import random_generator

import charnn
from charnn.deployment import onnx_ngrams
from charnn.deployment.onnx_export import ALPHABETS, onnx_file, replaced
from charnn.errors import CharnnError
from charnn.inference.onnx_graph import Graph
from charnn.ngrams import Ngrams

NAMES = ["Aoie", "Sshsz", "Şükrü", "a", "", "?!", "  Zszz-ro ", "ro" * 40]
PAGE = ROOT / "docs" / "export.md"


def checked(content):
    """The content of a file as a session, once onnx's checker has found nothing."""
    onnx.checker.check_model(onnx.load_from_string(content), full_check=True)
    return session_of(content)


def session_of(content):
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])


def about(session):
    """What the file says beside the graph."""
    return json.loads(session.get_modelmeta().custom_metadata_map["charnn"])


def answers(session, names):
    """Log-probabilities (N, L) of names, read with what the file says alone, all in one batch."""
    description = about(session)
    id_of = {symbol: number for number, symbol in enumerate(description["symbols"], start=1)}
    rows = []
    for name in names:
        letters = unicodedata.normalize("NFC", name)
        read = "".join(description["replaced"].get(letter, letter) for letter in letters)
        rows.append([id_of.get(letter, 0) for letter in read.strip(" ")] or [0])
    lengths = np.array(list(map(len, rows)))
    ids = np.zeros((len(rows), lengths.max()), np.int64)
    for row, found in zip(ids, rows, strict=True):
        row[: len(found)] = found
        row[len(found) :] = 1  # padding is whatever it is
    return session.run(None, {"ids": ids, "lengths": lengths})[0]


def states(session):
    """A state of zeros for one row."""
    (shape,) = (put.shape for put in session.get_inputs() if put.name == "state")
    return np.zeros([1 if size == "B" else size for size in shape], np.float32)


# ---------------------------------------------------------------- whole models


def test_a_classifier_with_its_ngrams_is_one_graph(classifier):
    session = checked(onnx_file(classifier))
    expected = classifier.log_proba(NAMES)
    np.testing.assert_allclose(answers(session, NAMES), expected, atol=1e-4)
    for name, row in zip(NAMES, expected, strict=True):  # B = 1, and T from 1
        np.testing.assert_allclose(answers(session, [name])[0], row, atol=1e-4)
    without_letter = answers(session, ["?!"])[0]
    np.testing.assert_allclose(without_letter, classifier.log_prior(), atol=1e-6)


def test_several_threads_add_nothing_twice(classifier):
    """A name of many letters has many n-grams, which are added up for each label."""
    content, options = onnx_file(classifier), onnxruntime.SessionOptions()
    options.intra_op_num_threads = 4
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    ids = np.random.default_rng(0).integers(0, len(classifier.vocabulary), (100, 100))
    given = {"ids": ids, "lengths": np.full(100, 100)}
    (expected,) = session_of(content).run(None, given)
    for _ in range(10):
        np.testing.assert_allclose(session.run(None, given)[0], expected, atol=1e-4)


def test_a_type_of_weights_that_there_is_not_is_refused(classifier):
    for dtype in ("float64", "Float32", None):
        with pytest.raises(CharnnError, match="is unknown; choose from float32, float16, int8"):
            onnx_file(classifier, dtype)


@pytest.fixture(scope="module")
def thousand():
    """1,000 names of data/names, of all labels."""
    files = sorted((ROOT / "data" / "names").glob("*.txt"))
    names = [name for file in files for name in file.read_text(encoding="utf-8").splitlines()]
    return [names[place] for place in np.linspace(0, len(names) - 1, 1000).astype(int)]


@pytest.fixture(scope="module")
def bundled(thousand):
    """The bundled classifier, and its answers to these names."""
    names = charnn.load()
    return names, names.log_proba(thousand)


# The step of float16 is 2**-11 of a weight, that of int8 1/254 of the largest in its row.
@pytest.mark.parametrize(
    ("dtype", "tolerance", "megabytes"),
    [("float32", 1e-4, 3), ("float16", 0.02, 2), ("int8", 0.3, 2)],
)
def test_the_bundled_classifier_on_a_thousand_names(thousand, bundled, dtype, tolerance, megabytes):
    names, expected = bundled
    content = onnx_file(names, dtype)
    assert len(content) < megabytes * 1e6
    found = answers(checked(content), thousand)
    np.testing.assert_allclose(found, expected, atol=tolerance)
    assert (found.argmax(1) == expected.argmax(1)).mean() >= (1 if dtype == "float32" else 0.99)


def test_the_bundled_generator_step_by_step(thousand):
    writer = charnn.load("generator")
    session = checked(onnx_file(writer))
    ids, lengths = writer.vocabulary.encode(writer.read(thousand))
    labels = np.arange(len(ids)) % len(writer.labels)
    expected = writer.log_probs_of_letters(ids, lengths, labels)  # (B, T + 1)
    state = np.repeat(states(session), len(ids), axis=1)
    read = np.full(len(ids), writer.newline)
    for step in range(ids.shape[1]):
        inputs = {"ids": read[:, None], "labels": labels, "state": state}
        log_probs, state = session.run(None, inputs)
        read = ids[:, step]
        going = step < lengths
        chosen = log_probs[np.arange(len(ids)), 0, read]
        np.testing.assert_allclose(chosen[going], expected[going, step], atol=1e-4)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_a_generator_with_ngrams_reads_the_last_letters_too(dtype):
    for model in (
        random_generator(ngrams=3),
        random_generator(ngrams=4, labels=[]),
        random_generator(ngrams=1, text=True),
    ):
        session = checked(onnx_file(model, dtype))
        ids = model.vocabulary.encode(["satoshi", "abbacab", "xé' xyz"])[0]  # (B, T)
        labels = {"labels": np.array([2, 0, 1])} if model.labels else {}
        expected, _ = model.stepper.step(ids, labels.get("labels"))  # (B, T, V)
        inputs = {
            **labels,
            "state": np.repeat(states(session), len(ids), axis=1),
            "last": np.zeros((len(ids), max(model.ngrams.order - 1, 1)), np.int64),
        }
        for piece in (slice(0, 3), slice(3, 4), slice(4, 7)):
            log_probs, state, last = session.run(None, {"ids": ids[:, piece], **inputs})
            tolerance = 1e-4 if dtype == "float32" else 0.02
            np.testing.assert_allclose(log_probs, expected[:, piece], atol=tolerance)
            inputs |= {"state": state, "last": last}


def test_a_generator_of_running_text_has_no_labels(folder, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("the cat sat on the mat.\n" * 100, encoding="utf-8")
    model = charnn.train_generator(
        text,
        text=True,
        ngrams=0,
        hidden=8,
        epochs=1,
        batch_size=32,
        chunk=20,
        cell="lstm",
        device="cpu",
    )
    session = checked(onnx_file(model))
    assert [put.name for put in session.get_inputs()] == ["ids", "state"]
    ids, _ = model.vocabulary.encode(["the cat"])
    found, after = session.run(None, {"ids": ids, "state": states(session)})
    np.testing.assert_allclose(found, model.engine.step(ids)[0], atol=1e-4)
    assert after.shape == (2, 1, 8)  # hidden and cell state


def test_words_are_exported_without_their_ngrams_and_refused_with_them(reviews):
    quick = {"tokens": "words", "embedding": 8, "hidden": 8, "epochs": 1, "device": "cpu"}
    model = charnn.train_classifier(reviews, ngrams=0, **quick)
    ids, lengths = model.vocabulary.encode(model.read(["a lovely story", "unheardof", ""]))
    inputs = {"ids": ids, "lengths": lengths}
    (found,) = checked(onnx_file(model)).run(None, inputs)
    expected = model.log_proba(["a lovely story", "unheardof", ""])
    np.testing.assert_allclose(found, expected, atol=1e-4)
    with pytest.raises(CharnnError, match=r"n-grams of words .* export one .* --ngrams 0"):
        onnx_file(charnn.train_classifier(reviews, ngrams=1, **quick))


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
def test_every_dtype_passes_the_checker_and_is_the_same_every_time(classifier, dtype):
    content = onnx_file(classifier, dtype)
    assert about(checked(content))["dtype"] == dtype
    assert content == onnx_file(classifier, dtype)


# ---------------------------------------------------------------- n-grams


@given(
    names=st.lists(st.text("abcd", min_size=1, max_size=6), min_size=1, max_size=20),
    asked=st.lists(st.text("abcde", min_size=1, max_size=9), min_size=1, max_size=5),
    order=st.integers(1, 5),
    labels=st.integers(2, 4),
)
@settings(max_examples=20)
def test_the_graph_finds_and_weighs_the_ngrams_of_any_names(names, asked, order, labels):
    vocabulary = untrained_classifier(letters="abcd").vocabulary
    ids, lengths = vocabulary.encode(names)
    targets = np.arange(len(names)) % labels
    prior = np.log(np.full(labels, 1 / labels))
    ngrams = Ngrams.count(ids, lengths, targets, len(vocabulary), prior, order)
    ids, lengths = vocabulary.encode(asked)
    assert_same_up_to_a_constant(scores_of(ngrams, ids, lengths), ngrams(ids, lengths))


def test_codes_of_more_than_31_bits_are_found_too():
    draw = np.random.default_rng(0)
    ids, lengths = draw.integers(0, 300, (40, 6)), draw.integers(1, 7, 40)
    prior = np.zeros(3)
    ngrams = Ngrams.count(ids, lengths, np.arange(40) % 3, 300, prior, 6)
    assert ngrams.codes.max() > 2**31
    assert_same_up_to_a_constant(scores_of(ngrams, ids, lengths), ngrams(ids, lengths))


def scores_of(ngrams, ids, lengths):
    """The scores (N, L) of a graph of n-grams alone."""
    graph = Graph()
    graph.name(onnx_ngrams.scores(graph, ngrams, "ids", "lengths"), "scores")
    inputs = {"ids": (np.int64, ["B", "T"]), "lengths": (np.int64, ["B"])}
    content = graph.model(inputs, {"scores": (np.float32, ["B", len(ngrams.names)])}, {})
    return session_of(content).run(None, {"ids": ids, "lengths": lengths})[0]


def assert_same_up_to_a_constant(found, expected):
    difference = found - expected
    np.testing.assert_allclose(difference - difference.mean(1, keepdims=True), 0, atol=1e-4)


# ---------------------------------------------------------------- the file alone


@given(name=st.text([chr(code) for first, end in ALPHABETS for code in range(first, end)]))
@settings(max_examples=50)
def test_the_metadata_reads_letters_as_the_model_does(name):
    model = untrained_classifier(letters=" 'abcdefghijklmnopqrstuvwxyz")
    table = replaced(model)
    letters = unicodedata.normalize("NFC", name)
    read = "".join(table.get(letter, letter) for letter in letters).strip(" ")
    expected, _ = model.vocabulary.encode(model.read([name]))
    np.testing.assert_array_equal(model.vocabulary.encode([read])[0], expected)


def test_the_metadata_has_all_that_the_model_file_says(classifier):
    description = about(session_of(onnx_file(classifier)))
    assert description["symbols"] == classifier.vocabulary.symbols
    assert description["labels"] == classifier.labels
    assert description["config"] == classifier.config.to_dict()
    assert description["figures"] == classifier.figures


BLOCKS = re.compile(r"^```python\n(.*?)^```\n\n^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_programs_of_the_page_need_no_charnn_and_no_torch(tmp_path):
    (tmp_path / "classifier.onnx").write_bytes(onnx_file(charnn.load()))
    (tmp_path / "generator.onnx").write_bytes(onnx_file(charnn.load("generator")))
    programs = BLOCKS.findall(PAGE.read_text(encoding="utf-8"))
    assert len(programs) == 2
    for program, printed in programs:
        blocked = "import sys; sys.modules.update(dict.fromkeys(['torch', 'charnn', 'onnx']))\n"
        done = subprocess.run(
            [sys.executable, "-X", "utf8", "-c", blocked + program],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout == printed
