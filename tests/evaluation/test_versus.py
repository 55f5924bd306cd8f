"""Whether one of two classifiers is better beyond chance, on names that are new to both."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from helpers import untrained_classifier
from hypothesis import given, settings
from hypothesis import strategies as st

from charnn.evaluation.versus import comparable, in_both, mcnemar, versus
from charnn.text.names import Names
from charnn.text.splits import fingerprints

COUNTS = st.integers(0, 300)


def names_of(**by_label):
    """Names of labels: names_of(x=["Ab"], y=["Ba"])."""
    names = [name for names in by_label.values() for name in names]
    sizes = [len(names) for names in by_label.values()]
    return Names(names, np.repeat(np.arange(len(by_label)), sizes), list(by_label))


def a_classifier(trained=(), chosen_by=(), **options):
    """An untrained classifier of the labels x, y and z that has met these names."""
    model = untrained_classifier(**options)
    met = {"train": trained, "validation": chosen_by}
    model.fingerprints = {
        name: np.unique(fingerprints(list(names), model.fingerprints_raw))
        for name, names in met.items()
    }
    return model


def test_the_exact_test_by_hand():
    # Seven names fall to one of the two, of which it gets one at most: 2 (1 + 7) / 2^7.
    assert mcnemar(1, 6) == mcnemar(6, 1) == pytest.approx(2 * (1 + 7) / 2**7)
    # All ten to one: 2 / 2^10.
    assert mcnemar(0, 10) == pytest.approx(2 / 2**10)
    assert mcnemar(0, 0) == mcnemar(4, 4) == 1


@settings(max_examples=30)
@given(COUNTS, COUNTS)
def test_it_is_the_sum_of_a_coins_probabilities(first, second):
    n, few = first + second, min(first, second)
    tail = Fraction(sum(comb(n, k) for k in range(few + 1)), 2**n)
    assert mcnemar(first, second) == pytest.approx(float(min(1, 2 * tail)))


@settings(max_examples=30)
@given(COUNTS, COUNTS)
def test_it_does_not_ask_which_comes_first_and_a_larger_difference_is_less_probable(few, many):
    assert mcnemar(few, many) == mcnemar(many, few)
    low, high = sorted((few, many))
    assert mcnemar(low, high + 1) <= mcnemar(low, high) <= 1


def test_each_name_that_only_one_gets_right_is_counted_for_it(monkeypatch):
    first, second = a_classifier(), a_classifier()
    second.labels = ["z", "y", "x"]  # the order of labels is each model's own
    names = names_of(x=["a", "b", "c"], y=["d"])
    right = {id(first): [1, 1, 0, 0], id(second): [1, 0, 0, 1]}

    def log_proba(model):
        def rows(texts):
            wrong = model.labels.index("z")
            targets = [model.labels.index(names.labels[t]) for t in names.targets]
            best = [t if ok else wrong for t, ok in zip(targets, right[id(model)], strict=True)]
            return np.log(np.eye(3)[best] + 1e-9)

        return rows

    for model in (first, second):
        monkeypatch.setattr(model, "log_proba", log_proba(model))
    found = versus(first, second, names)
    assert (found.n, found.right, found.only) == (4, (2, 2), (1, 1))
    assert not found.beyond_chance


def test_what_either_has_met_in_any_spelling_is_never_compared_on():
    first = a_classifier(trained=["Abba"], chosen_by=["Bada"])
    second = a_classifier(trained=["Cefa"])
    names = names_of(x=["ABBA", "báda", "Cefa", "Dach"], y=["Dach", "Faba"], w=["Gabe", "abba"])
    chosen = comparable(first, second, names)
    assert chosen.names.names == ["Dach", "Dach", "Faba"], "the same name may have two labels"
    assert (chosen.met, chosen.unknown, chosen.repeated) == (4, 1, 0)


def test_a_spelling_counts_once_for_a_label_and_letters_tell_where_a_model_reads_them_raw():
    names = names_of(x=["Dach", "dach", "Dách"])
    spelled, written = a_classifier(), a_classifier(raw=True)
    assert comparable(spelled, spelled, names).names.names == ["Dach"]
    assert comparable(spelled, spelled, names).repeated == 2
    assert comparable(spelled, written, names).names.names == ["Dach", "Dách"]


def test_names_in_both_have_the_same_label_in_both():
    first = names_of(x=["Abe", "Bea"], y=["Cad"])
    second = names_of(y=["CAD", "Bea"], x=["abe"])
    assert in_both(first, second).names == ["Abe", "Cad"]
    assert not len(in_both(first, names_of(z=["Abe"])))
