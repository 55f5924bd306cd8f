"""Occlusion: a bar is what hiding a letter costs, computed by hand."""

import warnings

import numpy as np
import pytest
import torch
from helpers import assert_whole, write_folder

import charnn
from charnn import views


def test_why_is_what_a_hidden_letter_costs(classifier):
    """The logits of network and n-gram model, of which the latter ignores the hidden letter."""
    printed = []
    figure = views.why(classifier, "Rarosh", printed.append)
    (predicted, p), (second, _) = classifier.predict("Rarosh", top=2)
    ids, lengths = classifier.vocabulary.encode(["ra?osh"])
    with torch.inference_mode():
        network = classifier.network(torch.from_numpy(ids), torch.from_numpy(lengths))
    logits = network.numpy() + classifier.ngrams(ids, lengths)
    logits -= classifier.ngrams.scale * classifier.ngrams.letter
    hidden = torch.from_numpy(logits).log_softmax(1).numpy()
    lost = (classifier.log_proba(["rarosh"]) - hidden)[0]
    (axes,) = figure.axes
    height = {round(bar.get_x() + bar.get_width() / 2): bar.get_height() for bar in axes.patches}
    diamonds = next(line for line in axes.get_lines() if line.get_marker() == "D").get_ydata()
    of_predicted = lost[classifier.labels.index(predicted)]
    assert height[2] == pytest.approx(of_predicted, abs=1e-5)
    assert diamonds[2] == pytest.approx(lost[classifier.labels.index(second)], abs=1e-5)
    assert sorted(height) == list(range(6))
    np.testing.assert_allclose(classifier.occlusion("Rarosh")[2], lost, atol=1e-5)
    assert printed[0].startswith(f"{predicted} {p:.2f}: nats")
    assert printed[1].split() == list("rarosh")
    assert float(printed[2].split()[2]) == pytest.approx(of_predicted, abs=0.006)  # two digits
    assert_whole(figure)


def test_a_hidden_letter_says_nothing_of_how_many_names_a_label_has(tmp_path):
    """Two labels with the same names, one with a tenth of them: no letter is evidence for one."""
    names = [x + y + z for x in "abcdef" for y in "abcdef" for z in "abcdef"]
    folder = write_folder(tmp_path / "sizes", {"many": names, "few": names[::10]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = charnn.train_classifier(folder, hidden=4, epochs=1, ngrams=1, device="cpu")
    with torch.no_grad():
        for parameter in model.network.parameters():
            parameter.zero_()
    raw = model.log_proba(["abc"]) - model.log_proba(["?bc", "a?c", "ab?"])
    assert np.abs(model.occlusion("abc")).max() < 0.2 < 0.5 * np.abs(raw).max()


def test_a_generator_has_no_hidden_letters():
    model = charnn.load("generator", device="cpu")
    with pytest.raises(charnn.CharnnError, match="occlusion needs the unknown symbol"):
        views.why(model, "Hà")
