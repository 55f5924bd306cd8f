"""A model that reads what is written tells names of one spelling apart, and none that look the same."""

import warnings
from itertools import product

import numpy as np
import pytest
from helpers import call, write_folder

import charnn
from charnn.data import fingerprints, read_folder
from charnn.inference import checkpoint

pytestmark = pytest.mark.usefixtures("scripts_warned_of")
FAMILIES, GIVEN = "王汪李黎张章刘柳", "宇玉雨羽明鸣铭名"
QUICK = {"hidden": 4, "epochs": 1, "device": "cpu", "raw": True}


@pytest.fixture(scope="module")
def chinese(tmp_path_factory):
    """Two labels of names, of which up to four have the same spelling."""
    names = ["".join(name) for name in product(FAMILIES, GIVEN)]
    halves = {"A": ["\ufeff" + name for name in names[::2]], "B": names[1::2]}
    return write_folder(tmp_path_factory.mktemp("names") / "chinese", halves)


@pytest.fixture(scope="module")
def writer(chinese):
    """A generator of those names."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a few dozen names of a few spellings are split unevenly
        return charnn.train_generator(chinese, **QUICK)


def of_before(model, path):
    """A file of that model from before it was said what its fingerprints are of."""
    model.save(path)
    arrays, about = checkpoint.read(path)
    arrays.update({f"seen.{name}": fingerprints(["王宇"]) for name in model.fingerprints})
    checkpoint.save(path, arrays, {key: about[key] for key in about if key != "same"})
    return path


def test_no_warning_of_names_that_only_share_a_spelling(chinese):
    read_folder(chinese, raw=True)  # a warning would be an error
    with (
        pytest.warns(UserWarning, match="spellings under several labels"),
        pytest.warns(UserWarning, match="repeat a spelling of the same label"),
    ):
        read_folder(chinese)


def test_what_is_novel_follows_what_is_written(writer, tmp_path):
    writer.save(tmp_path / "model.safetensors")
    for model in (writer, charnn.load(tmp_path / "model.safetensors")):
        known = [name for name in map("".join, product(FAMILIES, GIVEN)) if model.knows(name)]
        assert known  # all but the test set
        assert all(model.knows(f"\u200e{name}\u200b") for name in known)
        assert not model.knows(known[0][0] + "郁")  # another Yu
    assert not any("\ufeff" in symbol for symbol in writer.vocabulary.symbols)


def test_a_file_from_before_is_compared_by_spelling(writer, tmp_path):
    path = of_before(writer, tmp_path / "old.safetensors")
    model = charnn.load(path)
    assert model.knows("王玉")
    assert model.knows("Wangyu")
    assert not model.knows("李明")
    model.save(tmp_path / "again.safetensors")
    assert charnn.load(tmp_path / "again.safetensors").knows("王玉")


def test_unseen_names_are_those_that_are_not_written_so(chinese, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = charnn.train_classifier(chinese, **QUICK)
    model.save(tmp_path / "model.safetensors")
    options = ["--model", tmp_path / "model.safetensors", "--unseen", "--json"]
    others = write_folder(
        tmp_path / "others", {"A": ["王郁", "李茗"], "B": ["张郁", "\u200b刘郁", "柳茗"]}
    )
    assert '"n": 5' in call("charnn.evaluate", *options, "--data", others).stdout
    in_training = np.isin(fingerprints(["王郁"]), fingerprints(["王宇"]))
    assert in_training.all()  # by spelling, all of these would be left out


def test_invisible_letters_of_an_older_model_do_no_harm(writer, tmp_path):
    writer.save(tmp_path / "model.safetensors")
    arrays, about = checkpoint.read(tmp_path / "model.safetensors")
    symbols = about["symbols"].replace("宇", "\u200b").replace("名", "\ufeff")
    checkpoint.save(tmp_path / "old.safetensors", arrays, {**about, "symbols": symbols})
    model = charnn.load(tmp_path / "old.safetensors")
    assert np.isfinite(model.score("\ufeff王\u200b玉", "A"))
    assert model.score("\ufeff王\u200b玉", "A") == model.score("王玉", "A")
    assert len(model.generate(label="A", count=3, seed=0)) == 3
