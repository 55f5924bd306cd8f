"""Every model can be pickled and copied: the copy gives the same answers, bit for bit."""

import copy
import multiprocessing
import pickle

import pytest
from joblib import Parallel, delayed
from tiny_models import KINDS, NAMES, answers

import charnn


@pytest.fixture(scope="module", params=list(KINDS))
def trained(request, folder, reviews):
    """A model that has just been trained."""
    return KINDS[request.param](folder, reviews)


@pytest.mark.parametrize("backend", [None, "torch", "numpy"])
def test_a_pickled_or_copied_model_gives_the_same_answers(trained, backend, tmp_path):
    trained.save(tmp_path / "trained")
    model = trained
    if backend is not None:
        model = charnn.load(tmp_path / "trained", device="cpu", backend=backend)
    if backend == "torch":
        assert answers(model) == answers(trained)
    for again in (pickle.loads(pickle.dumps(model)), copy.copy(model), copy.deepcopy(model)):
        assert answers(again) == answers(model)
        assert again.history == model.history
        again.save(tmp_path / "again")
        assert (tmp_path / "again").read_bytes() == (tmp_path / "trained").read_bytes()


def test_a_deep_copy_has_weights_of_its_own(classifier):
    before = answers(classifier)
    again = copy.deepcopy(classifier)
    again.network.fold_temperature(2.0)
    assert answers(again) != before
    assert answers(classifier) == before


@pytest.mark.slow
def test_another_process_gives_the_same_answers(trained):
    ask = trained.score if trained.task == "generate" else trained.predict
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(ask, ("the cat",)) == ask("the cat")


@pytest.mark.slow
def test_joblib_carries_a_model(classifier):
    bundled = charnn.load(device="cpu")  # large enough for joblib to map its arrays
    for model in (bundled, classifier):
        found = Parallel(n_jobs=2)(delayed(model.predict)([name]) for name in NAMES)
        assert found == [model.predict([name]) for name in NAMES]
