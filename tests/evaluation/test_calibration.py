"""Calibration: a wrong temperature is undone, and two models get the share that they deserve."""

import numpy as np
import pytest

from charnn.evaluation import calibration
from charnn.evaluation.calibration import Mixture, best_mixture, best_temperature
from charnn.evaluation.metrics import tempered


@pytest.mark.parametrize("wrong", [0.5, 0.8, 1, 1.3, 2])
def test_the_best_temperature_undoes_a_wrong_one(wrong):
    draw = np.random.default_rng(0)
    honest = np.log(draw.dirichlet(np.full(4, 0.5), 4000))
    # Each label is drawn as often as its probability says.
    targets = (np.exp(honest).cumsum(1) > draw.random((4000, 1))).argmax(1)
    found = best_temperature(tempered(honest, wrong), targets)
    assert found == pytest.approx(1 / wrong, rel=0.1)
    undone = tempered(tempered(honest, wrong), 1 / wrong)
    assert undone == pytest.approx(honest, abs=1e-9)


@pytest.mark.parametrize(("temperature", "share"), [(1.0, 0.5), (1.5, 0.3), (0.7, 0.8)])
def test_the_best_mixture_undoes_a_wrong_one(temperature, share):
    draw = np.random.default_rng(0)
    one, other = draw.normal(size=(2, 20_000, 4)) * 2
    honest = tempered((1 - share) * one + share * other, temperature)
    targets = (np.exp(honest).cumsum(1) > draw.random((20_000, 1))).argmax(1)
    for found in (best_mixture(one, other, targets), Mixture(one, other, targets).lowest()):
        assert found == pytest.approx((temperature, share), rel=0.1)


def test_of_mixtures_as_good_the_one_with_more_ngrams_is_taken():
    draw = np.random.default_rng(0)
    one, other = draw.normal(size=(2, 200, 4)) * 2
    honest = tempered(0.6 * one + 0.4 * other, 1.0)
    targets = (np.exp(honest).cumsum(1) > draw.random((200, 1))).argmax(1)
    # The same names many times over have the same mean, which is known better and better.
    shares = [
        best_mixture(*(np.repeat(array, times, 0) for array in (one, other, targets)))[1]
        for times in (1, 10, 100)
    ]
    assert shares[0] > shares[1] > shares[2]
    alike = best_mixture(one, one, targets)[1]
    assert calibration.MOST_SHARE - calibration.SHARE_STEP < alike <= calibration.MOST_SHARE


def test_without_names_two_models_have_the_same_share():
    no_name = np.zeros((0, 3))
    nothing = no_name, no_name, np.zeros(0, dtype=int)
    for found in (best_mixture(*nothing), Mixture(*nothing).lowest()):
        assert found == pytest.approx((1, 0.5), abs=1e-3)


def test_a_handful_of_names_hardly_moves_the_temperature():
    log_probs = np.log(np.array([[0.9, 0.1]] * 3))
    assert 0.8 < best_temperature(log_probs, np.zeros(3, dtype=int)) < 1


def test_a_weight_is_how_often_a_name_counts():
    draw = np.random.default_rng(0)
    one, other = draw.normal(size=(2, 60, 3))
    targets, weights = draw.integers(3, size=60), draw.integers(1, 4, size=60).astype(float)
    repeated = [np.repeat(array, weights.astype(int), 0) for array in (one, other, targets)]
    for choose in (best_mixture, lambda *mixed: Mixture(*mixed).lowest()):
        weighed = choose(one, other, targets, weights)
        assert weighed == pytest.approx(choose(*repeated), rel=1e-3)
    weighed = best_temperature(one, targets, weights)
    assert weighed == pytest.approx(best_temperature(repeated[0], repeated[2]), rel=1e-6)
