"""Each beginning that texts share is there once, and every text can be read from its prefixes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from charnn.inference import prefixes
from charnn.text.vocabulary import padded

TEXTS = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=40), min_size=1, max_size=30)


def read(texts, chosen, ids, lengths):
    """How many prefixes there are; asserts that each text is its prefixes' last symbols."""
    count, before, of_each = 0, [()], {}
    for step in prefixes.steps(ids[chosen], lengths[chosen]):
        before = [
            (*before[place], symbol) for place, symbol in zip(step.before, step.ids, strict=True)
        ]
        count += len(before)
        for text, place in zip(step.texts, step.places, strict=True):
            of_each[int(text)] = before[place]
    assert of_each == {row: tuple(texts[text]) for row, text in enumerate(chosen)}
    return count


@given(TEXTS, st.integers(1, 30))
def test_every_text_is_read_whatever_its_neighbours(texts, size):
    ids, lengths = padded(np.concatenate(texts), texts)
    groups = list(prefixes.neighbours(ids, size))
    assert sorted(np.concatenate(groups)) == list(range(len(texts)))
    assert all(len(group) <= size for group in groups)
    for group in groups:
        read(texts, group.tolist(), ids, lengths)


@given(st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=25), min_size=1, max_size=30))
def test_neighbours_share_each_prefix(texts):
    """Texts are put in order by their first 31 symbols of two bits; 0, with which they are padded,
    is the unknown symbol, and what follows it may be there twice.
    """
    ids, lengths = padded(np.concatenate(texts), texts)
    (group,) = prefixes.neighbours(ids, len(texts))
    different = {tuple(text[:end]) for text in texts for end in range(1, len(text) + 1)}
    assert read(texts, group.tolist(), ids, lengths) == len(different)


def test_in_names_that_begin_alike_the_beginning_is_read_once():
    texts = [[1, 2, 3], [1, 2, 4, 4], [1, 2, 3], [2]]
    ids, lengths = padded(np.concatenate(texts), texts)
    (group,) = prefixes.neighbours(ids, 10)
    steps = list(prefixes.steps(ids[group], lengths[group]))
    assert [step.ids.tolist() for step in steps] == [[1, 2], [2], [3, 4], [4]]
