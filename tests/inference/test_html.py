"""What a notebook shows of models and answers; the answers are lists as before."""

import copy
import json
import pickle
import subprocess
import sys

import numpy as np
import pytest
from helpers import ROOT, untrained_classifier
from panels import Panel
from random_models import random_generator

import charnn
from charnn.inference.html import ROWS, Answer, percent

HOSTILE = "<script>alert('x')</script> & \"<b>\""
# What has a picture where nothing but numpy and the small libraries is installed.
LEAN = """
import sys
for name in ("torch", "matplotlib", "sklearn", "scipy", "jinja2", "IPython", "tqdm"):
    sys.modules[name] = None
import charnn
names, writer = charnn.load(), charnn.load("generator")
for shown in (names, writer, names.predict("Hinton"), names.predict(["Hinton", "Satoshi"])):
    assert "</div>" in shown._repr_html_()
"""


@pytest.fixture(scope="module")
def model():
    """A classifier of three labels."""
    return untrained_classifier()


@pytest.fixture
def hostile():
    """A classifier whose labels are HTML."""
    model = untrained_classifier()
    model.labels = [HOSTILE, "y", "z" * 200]
    return model


def test_an_answer_is_the_list_that_it_always_was(model):
    answer = model.predict("Bead")
    pairs = list(zip(*model.best(model.log_proba(["Bead"]), 3), strict=True))
    expected = [
        (model.labels[i], p) for i, p in zip(*map(np.ndarray.tolist, pairs[0]), strict=True)
    ]
    assert isinstance(answer, list)
    assert answer == expected
    assert repr(answer) == repr(expected)
    assert json.dumps(answer) == json.dumps(expected)
    assert dict(answer) == dict(expected)
    assert answer[:2] == expected[:2]
    for again in (pickle.loads(pickle.dumps(answer)), copy.copy(answer), copy.deepcopy(answer)):
        assert (again, again.name) == (expected, "Bead")


def test_answers_are_the_list_that_they_always_were(model):
    names = ["Bead", "Cafe", ""]
    answers = model.predict(iter(names), top=2)
    expected = model.rank(model.log_proba(names), 2)
    assert answers == expected
    assert json.dumps(answers) == json.dumps(expected)
    assert [answer.name for answer in answers] == names
    assert pickle.loads(pickle.dumps(answers)) == expected


def test_an_answer_is_shown_as_bars(model):
    answer = model.predict("Bead", top=3)
    panel = Panel(answer._repr_html_())
    assert "Bead" in panel.text
    for label, probability in answer:
        assert label in panel.text
        assert percent(probability) in panel.text
    widths = [float(width[:-1]) for width in panel.values("width")]
    assert widths == pytest.approx([100 * p for _, p in answer], abs=0.005)


def test_many_names_are_shown_as_the_first_rows(model):
    names = [f"Cafe{number}" for number in range(ROWS + 5)]
    panel = Panel(model.predict(names)._repr_html_())
    assert panel.count("tr") == ROWS + 1
    assert names[ROWS - 1] in panel.text
    assert names[ROWS] not in panel.text
    assert "and 5 more" in panel.text
    assert "more" not in Panel(model.predict(names[:ROWS])._repr_html_()).text


def test_what_somebody_puts_into_a_list_of_answers_is_shown_too(model):
    answers = model.predict(["Bead", "Cafe"])
    answers.reverse()
    answers.append([("x", 1.0)])
    text = Panel(answers._repr_html_()).text
    assert text.index("Cafe") < text.index("Bead") < text.index("100.0%")


def test_names_and_labels_are_text_and_no_html(hostile):
    for shown in (hostile, hostile.predict(HOSTILE), hostile.predict([HOSTILE, "a\x1bb\u202e"])):
        panel = Panel(shown._repr_html_())
        assert HOSTILE in panel.text
        assert "\x1b" not in panel.text
        assert "\u202e" not in panel.text
        assert "z" * 100 not in panel.text, "a long label would push all else aside"


@pytest.mark.parametrize("name", ["classifier", "generator"])
def test_a_model_says_what_it_is_and_how_good(name):
    model = charnn.load(name)
    panel = Panel(model._repr_html_())
    test = model.figures["test"]
    figures = (
        [f"accuracy {test['accuracy']:.3f}", f"NLL {test['nll']:.3f} nats per name", "n-grams"]
        if name == "classifier"
        else [f"{test['bits_per_char']:.3f} bits per character"]
    )
    of = f"{model.config.hidden} units"
    for part in (*figures, of, f"{model.figures['train']['n']:,} names", *model.labels):
        assert part in panel.text
    assert panel.count("rect") == len(model.labels)


def test_running_text_has_no_labels_to_show():
    text = Panel(random_generator(text=True)._repr_html_()).text
    assert "Generator of running text" in text
    assert "label" not in text


def test_a_model_that_is_being_trained_has_no_figures_to_show(model):
    text = Panel(model._repr_html_()).text
    assert "Classifier of names" in text
    assert "measured" not in text


def test_no_probability_is_shown_as_none_that_is_not_0():
    assert [percent(p) for p in (1.0, 0.5, 0.0004, 0.0)] == ["100.0%", "50.0%", "< 0.1%", "0.0%"]
    assert Answer("a", [("x", 1.0)]) == [("x", 1.0)]


def test_a_model_shows_itself_where_little_is_installed():
    result = subprocess.run(
        [sys.executable, "-c", LEAN], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0, result.stderr
