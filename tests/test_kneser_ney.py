"""The n-gram model of what comes next: against the formula worked out letter by letter, and the file."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charnn import kneser_ney
from charnn.errors import CharnnError
from charnn.kneser_ney import LEAST, KneserNey, discounts
from charnn.text.vocabulary import Vocabulary, next_symbols

VOCABULARY = Vocabulary("\nabcd")
V, NEWLINE = len(VOCABULARY), 1
NAMES = ["abba", "abab", "bab", "abc", "acab", "a", "bcd", "abcabc", "cc", "ba"] * 2
LABELS = np.arange(len(NAMES)) % 3 % 2


def counted(names, labels, order):
    read, targets = next_symbols(*VOCABULARY.encode(names), NEWLINE)
    return KneserNey.count(read, targets, np.array(labels), V, order)


def by_hand(names, order):
    """{context: {letter: count}} for each length of a context, as Kneser and Ney count."""
    tables = [defaultdict(Counter) for _ in range(order)]
    before = [defaultdict(set) for _ in range(order)]
    for name in names:
        text = f"\n{name}\n"
        for end in range(1, len(text)):
            for length in range(min(end, order - 1) + 1):
                context, letter = text[end - length : end], text[end]
                if length == order - 1 or end == length:  # the longest, or from the beginning
                    tables[length][context][letter] += 1
                elif (one := text[end - length - 1]) not in before[length][context, letter]:
                    before[length][context, letter].add(one)
                    tables[length][context][letter] += 1
    return tables


def probability(tables, context, letter):
    """p(letter | context) by the formula."""
    found = 1 / V
    for length, table in enumerate(tables):
        seen = table.get(context[len(context) - length :]) if length <= len(context) else None
        if not seen:
            return found
        every = [count for counter in table.values() for count in counter.values()]
        taken = discounts(np.array(every))
        of_all = sum(taken[min(count, 3)] for count in seen.values())
        count = seen.get(letter, 0)
        found = (count - taken[min(count, 3)] + of_all * found) / sum(seen.values())
    return found


def before(contexts, order):
    """Contexts as `probabilities` takes them."""
    rows = np.zeros((len(contexts), max(order - 1, 1)), dtype=np.int64)
    for row, context in zip(rows, contexts, strict=True):
        for place, letter in enumerate(reversed(context[-len(row) :]), start=1):
            row[-place] = VOCABULARY.symbols.index(letter) + 2
    return rows


CONTEXTS = ["\n", "\na", "\nab", "\nabba", "\nabcabc", "\nd", "\ncab", "\nbcbc", "\nddd"]


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_the_formula_letter_by_letter(order):
    model = counted(NAMES, LABELS, order)
    for label in (0, 1):
        of_label = [name for name, one in zip(NAMES, LABELS, strict=True) if one == label]
        tables = by_hand(of_label, order)
        # The discounts are those of all labels together.
        both = [
            by_hand([n for n, one in zip(NAMES, LABELS, strict=True) if one == k], order)
            for k in (0, 1)
        ]
        for length, table in enumerate(tables):
            table.default_factory = None
            other = both[1 - label][length]
            table.update({("other", context): counter for context, counter in other.items()})
        found = model.probabilities(before(CONTEXTS, order), np.full(len(CONTEXTS), label))
        expected = [
            [probability(tables, context, letter) for letter in VOCABULARY.symbols]
            for context in CONTEXTS
        ]
        np.testing.assert_allclose(found[:, 1:], expected, rtol=1e-12)


def test_discounts_are_chen_and_goodmans():
    # 8 n-grams that occur once, 4 twice, 2 three times, 1 four times: Y = 8 / (8 + 2 * 4) = 1/2.
    counts = np.repeat([1, 2, 3, 4], [8, 4, 2, 1])
    np.testing.assert_allclose(discounts(counts), [0, 1 - 0.5, 2 - 3 * 0.25, 3 - 4 * 0.25])
    assert (discounts(np.array([7, 7]))[1:] >= LEAST).all()


@given(
    st.lists(st.text("abcd", max_size=7), min_size=1, max_size=20),
    st.text("abcd", max_size=9),
    st.integers(1, 6),
)
def test_probabilities_sum_to_1_after_any_context(names, context, order):
    model = counted(names, np.zeros(len(names), int), order)
    found = model.probabilities(before([f"\n{context}"], order), np.zeros(1, int))
    assert (found > 0).all()
    np.testing.assert_allclose(found.sum(1), 1)


def test_only_the_most_frequent_are_kept(monkeypatch):
    monkeypatch.setattr(kneser_ney, "MOST", 4)
    model, whole = counted(NAMES, LABELS, 3), by_hand(NAMES, 3)
    assert all(len(codes) <= 4 for codes in model.codes)
    assert sum(map(len, whole[2].values())) > 4
    found = model.probabilities(before(CONTEXTS, 3), np.zeros(len(CONTEXTS), int))
    np.testing.assert_allclose(found.sum(1), 1)


def test_the_arrays_of_a_file_give_the_same_model():
    model = counted(NAMES, LABELS, 4)
    again = KneserNey.from_arrays("a.safetensors", model.arrays(), V, 2, 5, 1.0)
    contexts = before(CONTEXTS, 4), np.ones(len(CONTEXTS), int)
    assert np.array_equal(model.probabilities(*contexts), again.probabilities(*contexts))


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda arrays: arrays.pop("ngrams.sizes"), "expected a row of int64, found nothing"),
        (lambda arrays: arrays["ngrams.counts"].fill(0), "do not belong together"),
        (lambda arrays: arrays["ngrams.codes"].fill(9), "do not belong together"),
        (lambda arrays: arrays["ngrams.sizes"].fill(1), "do not belong together"),
        (lambda arrays: arrays["ngrams.discounts"].fill(np.nan), "do not belong together"),
        (lambda arrays: arrays["ngrams.discounts"].fill(9), "do not belong together"),
    ],
)
def test_arrays_that_no_texts_have_are_refused(spoil, what):
    arrays = counted(NAMES, LABELS, 3).arrays()
    spoil(arrays)
    with pytest.raises(CharnnError, match=what):
        KneserNey.from_arrays("a.safetensors", arrays, V, 2, 3, 1.0)


def test_codes_too_large_for_63_bits_are_not_made():
    names = Vocabulary("\n" + "".join(map(chr, range(0x4E00, 0x4E00 + 20_000))))
    read, targets = next_symbols(*names.encode(["一丁七"]), 1)
    model = KneserNey.count(read, targets, np.zeros(1, int), len(names), 8)
    assert model.order == 4


def test_counting_in_pieces_is_counting_at_once(monkeypatch):
    whole = counted(NAMES, LABELS, 4).arrays()
    monkeypatch.setattr(kneser_ney, "AT_ONCE", 25)  # one column at a time
    for name, array in counted(NAMES, LABELS, 4).arrays().items():
        assert np.array_equal(array, whole[name]), name
