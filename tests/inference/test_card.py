"""The model card says what the model file says, and nothing in a model can format it."""

import re

import pytest
import yaml
from helpers import invented, tiny_names, write_folder
from tiny_models import KINDS

import charnn
from charnn.evaluation.metrics import accuracy_interval
from charnn.inference.card import as_text, model_card

ModelCard = pytest.importorskip("huggingface_hub").ModelCard


def parts(card):
    """The metadata and the text of a card."""
    _, head, text = card.split("---\n", 2)
    return yaml.safe_load(head), text


@pytest.fixture(scope="module")
def about():
    """What the bundled classifier's file says."""
    return charnn.load().description()


def test_the_figures_are_the_files_with_the_intervals_of_an_evaluation(about):
    _, text = parts(model_card(about, "ann/names"))
    row = re.search(r"^\| accuracy \| .* \| (.*) \|$", text, re.MULTILINE)[1]
    test = about["figures"]["test"]
    right = round(test["accuracy"] * test["n"])
    low, high = accuracy_interval(right, test["n"])
    assert row == f"{right / test['n']:.3f} ({low:.3f} to {high:.3f})"
    assert sum(about["counts"]) == sum(
        about["figures"][name]["n"] for name in ("train", "validation")
    )
    assert "By label, with the validation set" in text
    assert f"| names | {about['figures']['validation']['n']:,} | {test['n']:,} |" in text
    for label, count in zip(about["labels"], about["counts"], strict=True):
        assert f"{label} {count:,}" in text


@pytest.mark.slow
def test_the_metadata_are_what_the_hub_reads(about):
    card = ModelCard(model_card(about, "ann/names", "apache-2.0"))
    assert card.data.library_name == "charnn"
    assert card.data.pipeline_tag == "text-classification"
    assert card.data.license == "apache-2.0"
    found = {result.metric_type: result.metric_value for result in card.data.eval_results}
    test = about["figures"]["test"]
    assert found == {"accuracy": test["accuracy"], "f1": test["macro_f1"]}


@pytest.mark.slow
def test_it_names_how_to_load_the_model_and_its_licence_or_that_there_is_none(about):
    licensed, silent = (model_card(about, "ann/names", name) for name in ("mit", None))
    assert 'charnn.load("hf://ann/names")' in licensed
    assert "under the licence `mit`" in licensed
    assert "has named none" in silent
    assert "license" not in parts(silent)[0]


@pytest.mark.slow
def test_the_same_file_has_the_same_card(about):
    assert model_card(about, "ann/names") == model_card(charnn.load().description(), "ann/names")


def test_figures_that_an_older_file_lacks_are_left_out(about):
    kept = ("n", "accuracy", "macro_f1", "nll")
    figures = {
        **about["figures"],
        **{
            name: {figure: about["figures"][name][figure] for figure in kept}
            for name in ("validation", "test")
        },
    }
    card = model_card({**about, "figures": figures}, "ann/names")
    assert "| accuracy | 0.725 | 0.746 |" in card
    assert "interval" not in card
    assert "calibration error" not in card


def test_no_label_formats_the_card(about):
    labels = ["<script>alert(1)</script>", "a|b", "[x](http://y)", "**bold**", "`code`"]
    data = "x`\n# <b>Free</b>"
    hostile = {**about, "labels": labels, "counts": [5, 4, 3, 2, 1], "data": data, "version": data}
    _, text = parts(model_card(hostile, "ann/names"))
    assert not any(label in text for label in labels)
    assert not any(mark in text for mark in ("\n# <", "<b>", "x`"))
    for label in labels:
        assert as_text(label).replace("\\", "") == label
        assert as_text(label) in text


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_model_has_a_card_that_fits_it(kind, tmp_path):
    data = write_folder(tmp_path / "data", tiny_names())
    reviews = {
        label: [f"a {mood} {noun}" for noun in invented(30, seed=0)]
        for label, mood in {"good": "lovely", "bad": "dull"}.items()
    }
    model = KINDS[kind](data, write_folder(tmp_path / "reviews", reviews))
    model.save_pretrained(tmp_path / "model")
    card = ModelCard.load(tmp_path / "model/README.md")
    verb = "predict" if model.task == "classify" else "generate"
    assert f"model.{verb}(" in card.text
    assert f"charnn.{verb} " in card.text
    of_text = kind in ("text_generator", "word_generator")
    assert ("A name says little of a person" in card.text) == (kind != "words" and not of_text)
    assert ("a fingerprint of each" in card.text) == (not of_text)
    assert ("word by word" in card.text) == (kind in ("words", "word_generator"))
    assert card.data.eval_results
    # The example in it is Python that runs.
    (example,) = re.findall(r"```python\n(.*?)```", card.text, re.DOTALL)
    folder = (tmp_path / "model").as_posix()
    exec(example.replace("hf://OWNER/NAME", f"{folder}/model.safetensors"), {})
