"""Temperature, top-k and nucleus against hand-worked examples; draws against the distribution they come from."""

import numpy as np
import pytest
from scipy.stats import chisquare

from charnn.inference.sampling import Noise, draw, narrow, softmax

LOG_PROBS = np.log(np.array([[0.5, 0.3, 0.15, 0.05], [0.1, 0.2, 0.3, 0.4]], np.float32))


def probabilities(**options):
    """The distribution that is drawn from, as lists."""
    return softmax(narrow(LOG_PROBS, **options)).tolist()


def test_a_temperature_is_a_power_of_the_probabilities():
    squared = [[0.25, 0.09, 0.0225, 0.0025], [0.01, 0.04, 0.09, 0.16]]
    for row, found in zip(squared, probabilities(temperature=0.5), strict=True):
        assert found == pytest.approx([p / sum(row) for p in row], abs=1e-6)
    assert probabilities()[0] == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=1e-6)


def test_temperature_0_is_the_most_probable_and_the_first_of_equals():
    assert probabilities(temperature=0) == [[1, 0, 0, 0], [0, 0, 0, 1]]
    assert softmax(narrow(np.zeros((1, 3)), temperature=0)).tolist() == [[1, 0, 0]]


def test_top_k_keeps_the_k_most_probable():
    assert probabilities(top_k=2)[0] == pytest.approx([0.5 / 0.8, 0.3 / 0.8, 0, 0], abs=1e-6)
    assert probabilities(top_k=2)[1] == pytest.approx([0, 0, 0.3 / 0.7, 0.4 / 0.7], abs=1e-6)
    assert probabilities(top_k=9)[0] == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=1e-6)


def test_the_nucleus_is_the_fewest_that_reach_p():
    assert probabilities(top_p=0.75)[0] == pytest.approx([0.5 / 0.8, 0.3 / 0.8, 0, 0], abs=1e-6)
    assert probabilities(top_p=0.85)[0] == pytest.approx(
        [0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0], abs=1e-6
    )
    assert probabilities(top_p=0.01)[0] == [1, 0, 0, 0]  # one always stays
    assert probabilities(top_p=1)[1] == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=1e-6)


def test_temperature_comes_first_then_top_k_then_the_nucleus():
    cold = np.array([0.25, 0.09, 0.0225, 0.0025])
    three = cold[:3] / cold[:3].sum()  # 0.690, 0.248, 0.062: the first two reach 0.9
    assert probabilities(temperature=0.5, top_k=3, top_p=0.9)[0] == pytest.approx(
        [*(three[:2] / three[:2].sum()), 0, 0], abs=1e-6
    )


def test_draws_are_as_often_as_the_softmax_says():
    noise = Noise(0)
    for row in narrow(LOG_PROBS, temperature=1.5).astype(np.float64):
        counts = np.bincount(draw(np.tile(row, (20_000, 1)), noise), minlength=4)
        assert chisquare(counts, 20_000 * softmax(row[None])[0]).pvalue > 0.001
    assert draw(np.tile(narrow(LOG_PROBS, top_k=1), (50, 1)), noise).tolist() == [0, 3] * 50


def test_noise_is_of_its_distribution_and_the_same_for_a_seed():
    once, again, other = (Noise(seed).exponential((200, 50)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(once, again)
    assert not np.array_equal(once, other)
    assert once.dtype == np.float32
    assert (once > 0).all()
    # 10,000 numbers of mean 1 and deviation 1: the mean's deviation is 0.01.
    assert abs(once.mean() - 1) < 0.05
    drawn = Noise(0).choice(np.array([0.5, 0.0, 0.5]), 100)
    assert set(drawn.tolist()) == {0, 2}, "a share of 0 is never drawn"


@pytest.mark.parametrize(
    "options", [{"top_p": 5e-324}, {"temperature": 5e-324}, {"temperature": 1e-29}]
)
def test_numbers_too_small_for_32_bits_leave_the_most_probable(options):
    assert probabilities(**options) == [[1, 0, 0, 0], [0, 0, 0, 1]]
