"""A classifier from Python: answers, beliefs, odd input, and what a name alone and in a batch gets."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from helpers import tiny_names
from hypothesis import given, settings
from hypothesis import strategies as st

import charnn
from charnn.errors import CharnnError
from charnn.inference.classifier import Classifier
from charnn.inference.load import BUNDLED


def test_it_learnt_the_tiny_folder(classifier):
    assert classifier.figures["test"]["accuracy"] > 0.9
    assert classifier.labels == ["Hissing", "Rolling", "Vowelish"]
    assert classifier.predict("Szzsts", top=1)[0][0] == "Hissing"


def test_predict_ranks_and_predict_proba_keeps_the_order_of_rows(classifier):
    names = [name for names in tiny_names(20, seed=9).values() for name in names]
    rows = classifier.predict_proba(names)
    assert rows.shape == (len(names), 3)
    np.testing.assert_allclose(rows.sum(1), 1, atol=1e-12)
    for name, row in zip(names, rows, strict=True):
        np.testing.assert_allclose(classifier.predict_proba([name])[0], row, atol=1e-5)
        ranked = classifier.predict(name, top=9)
        np.testing.assert_allclose([p for _, p in ranked], sorted(row, reverse=True), atol=1e-5)
        assert {label for label, _ in ranked} == set(classifier.labels)


def test_beliefs_are_the_answers_for_every_prefix(classifier):
    beliefs = classifier.beliefs("Rraarß")
    assert beliefs.shape == (7, 3)  # ß is two letters
    np.testing.assert_allclose(beliefs[-1], classifier.predict_proba(["Rraarß"])[0], atol=1e-5)
    np.testing.assert_allclose(beliefs[1], classifier.predict_proba(["Rr"])[0], atol=1e-5)


@pytest.mark.parametrize("name", ["", "   ", "🙂🙂", "!!!", "--", "'", "\u200b", "\udcff"])
def test_a_name_without_a_known_letter_gets_the_training_prior(classifier, name):
    expected = (classifier.counts + 1) / (classifier.counts + 1).sum()
    np.testing.assert_allclose(classifier.predict_proba([name])[0], expected)
    np.testing.assert_allclose(classifier.predict_proba(["Szsz", name])[1], expected)
    np.testing.assert_allclose(classifier.beliefs(name)[-1], expected)
    assert not classifier.known([name])[0]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=20), max_size=5))
@pytest.mark.filterwarnings("ignore:.*transliterates poorly")
def test_any_text_gets_probabilities(classifier, names):
    rows = classifier.predict_proba(names)
    assert rows.shape == (len(names), 3)
    assert np.isfinite(rows).all()


def test_long_names_are_answered_up_to_a_limit(classifier):
    rows = classifier.predict_proba(["Sz" * 5000, "Szsz"])
    np.testing.assert_allclose(rows[1], classifier.predict_proba(["Szsz"])[0], atol=1e-5)
    with pytest.raises(CharnnError, match=r"name 2, 'aaaaaaaaaaaaaaaaaa…, has 10,001 characters"):
        classifier.predict_proba(["b", "a" * 10_001])
    with pytest.raises(CharnnError, match=r"name 1, .* has 18,000 characters"):
        classifier.predict_proba(["щ" * 4500])  # four letters each
    with pytest.raises(CharnnError, match="has 10,001 characters"):
        classifier.beliefs("a" * 10_001)


def test_what_is_no_list_of_names_is_refused_or_read(classifier):
    with pytest.raises(CharnnError, match="'Szsz' is one string; give a list"):
        classifier.known("Szsz")
    with pytest.raises(CharnnError, match="name 2, None, is no string"):
        classifier.predict_proba(["Szsz", None])
    assert classifier.predict_proba(name for name in ["Szsz", "Rorr"]).shape == (2, 3)
    assert classifier.predict_proba([]).shape == (0, 3)


def test_answers_leave_the_device_before_they_become_float64(classifier, monkeypatch):
    order = []  # Apple's MPS has no float64
    for name, real in (("cpu", torch.Tensor.cpu), ("double", torch.Tensor.double)):
        monkeypatch.setattr(
            torch.Tensor,
            name,
            lambda tensor, name=name, real=real: order.append(name) or real(tensor),
        )
    classifier.predict("Szsz")
    assert order == ["cpu", "double"]


def test_case_does_not_matter_unless_asked(classifier):
    np.testing.assert_allclose(
        classifier.predict_proba(["szsz"]), classifier.predict_proba(["SZSZ"]), atol=1e-5
    )


def test_a_saved_classifier_answers_the_same(classifier, model):
    loaded = charnn.load(model, backend="torch")
    assert isinstance(loaded, Classifier)
    assert loaded.config == classifier.config
    assert loaded.figures == classifier.figures
    assert loaded.counts.tolist() == classifier.counts.tolist()
    np.testing.assert_array_equal(
        loaded.predict_proba(["Szsz", "Rorr"]), classifier.predict_proba(["Szsz", "Rorr"])
    )


def test_the_bundled_classifier_knows_the_languages_and_is_small():
    names = charnn.load()
    assert len(names.labels) >= 24
    assert (BUNDLED / "classifier.safetensors").stat().st_size <= 4_000_000
    assert names.figures["test"]["n"] > 1000
    assert names.predict("Yıldırım", top=1)[0][0] == "Turkish"
    assert names.predict("Papadimitriou", top=1)[0][0] == "Greek"


def test_importing_charnn_imports_neither_torch_nor_matplotlib():
    code = (
        "import sys, charnn, charnn.__main__, charnn.train, charnn.predict, charnn.evaluate, charnn.check; "
        "assert not {'torch', 'matplotlib', 'numpy'} & set(sys.modules); "
        "charnn.load; assert 'torch' not in sys.modules; "
        "charnn.load().predict('Hinton'); charnn.load('generator').generate(); "
        "assert not {'torch', 'matplotlib'} & set(sys.modules); "
        "charnn.load(backend='torch'); assert 'torch' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert {"load", "train_classifier"} <= set(dir(charnn))
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        charnn.lode  # noqa: B018


def test_the_n_gram_model_is_mixed_with_the_network(folder, classifier):
    alone = charnn.train_classifier(
        folder, hidden=16, epochs=12, batch_size=16, learning_rate=0.02, device="cpu", ngrams=0
    )
    assert alone.ngrams is None
    assert alone.ngram_share == 0
    assert 0 < classifier.ngram_share < 1
    names = ["Szsz", "Rorr", "Aoie"]
    ids, lengths = classifier.vocabulary.encode([classifier.normalise(name) for name in names])
    ngram_scores = torch.from_numpy(classifier.ngrams(ids, lengths))
    ids, lengths = torch.from_numpy(ids), torch.from_numpy(lengths)
    logits = classifier.network(ids, lengths) + ngram_scores
    np.testing.assert_allclose(
        classifier.log_proba(names), logits.log_softmax(1).detach().numpy(), atol=1e-5
    )
    network = (
        alone.network(ids, lengths) * alone.temperature
    )  # the same network, before either was calibrated
    mine = classifier.network(ids, lengths) * classifier.temperature / (1 - classifier.ngram_share)
    torch.testing.assert_close(network.log_softmax(1), mine.log_softmax(1), atol=1e-4, rtol=1e-4)


def test_one_name_gets_one_result_and_a_list_gets_a_list(classifier):
    names = ["Szsz", "Rorr"]
    of_list = classifier.predict(names, top=2)
    for name, ranking in zip(names, of_list, strict=True):
        alone = classifier.predict(name, top=2)
        assert [label for label, _ in ranking] == [label for label, _ in alone]
        assert [p for _, p in ranking] == pytest.approx([p for _, p in alone], abs=1e-5)
    np.testing.assert_array_equal(
        classifier.predict_proba("Szsz"), classifier.predict_proba(["Szsz"])[0]
    )
    np.testing.assert_array_equal(classifier.log_proba("Szsz"), classifier.log_proba(["Szsz"])[0])
