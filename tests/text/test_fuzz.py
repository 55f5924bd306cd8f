"""200,000 random strings from all over Unicode: what reads them keeps its promises."""

import random
import sys
import unicodedata

import numpy as np
import pytest
from helpers import untrained_classifier

from charnn.presets import configure
from charnn.text.invisible import JOINERS, visible
from charnn.text.letters import (
    KEPT,
    UNKNOWN_SYMBOL,
    lowered,
    normaliser,
    sameness,
    spelling,
    to_ascii,
    to_raw,
)
from charnn.text.splits import fingerprints
from charnn.text.vocabulary import Vocabulary
from charnn.text.words import Words, reader
from charnn.wording import printable

STRINGS = 200_000
LABELLED = 4_000  # of them, by a network
MOST_WORDS = 7
ASCII = KEPT | {UNKNOWN_SYMBOL}
# What goes wrong elsewhere: where letters are taken apart, joined, turned, folded or hidden.
RANGES = [
    (0x00, 0x7F),
    (0x80, 0x24F),
    (0x300, 0x36F),
    (0x370, 0x52F),
    (0x590, 0x6FF),
    (0x900, 0xDFF),
    (0x1100, 0x11FF),
    (0x1800, 0x180F),
    (0x1E00, 0x1FFF),
    (0x2000, 0x206F),
    (0x3040, 0x30FF),
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7AF),
    (0xD800, 0xDFFF),
    (0xFB00, 0xFEFF),
    (0xFF00, 0xFFFF),
    (0x1F1E6, 0x1F9FF),
    (0xE0000, 0xE01EF),
    (0, sys.maxunicode),
]
PIECES = [
    "İI\u0307ıiß",
    "ΟΔΟΣ",
    "J\u030c",
    "e\u0323\u0301",
    "می\u200cخواهم",
    "ക്\u200d",
    "👩\u200d👩\u200d👧",
    "🏴\U000e0067\U000e007f",
    "\ufeff",
    "\u202e\u2066",
    "<br />",
    "\r\n",
    " — ",
    "it's",
    "각ᄀ\u1161\u11a8",
]
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("scripts_warned_of")]


def strings(count, seed):
    """That many strings, most of them short: pieces, and letters of one or two ranges each."""
    draw = random.Random(seed)
    for number in range(count):
        longest = 300 if number % 100 == 0 else 24
        text = ""
        for _ in range(draw.randint(0, 3)):
            if draw.random() < 0.3:
                text += draw.choice(PIECES)
            else:
                low, high = draw.choice(RANGES)
                size = draw.randint(0, longest // 3)
                text += "".join(chr(draw.randint(low, high)) for _ in range(size))
        yield text


def forms(text):
    """The same text composed and taken apart, and with white space around it."""
    return (
        unicodedata.normalize("NFC", text),
        unicodedata.normalize("NFD", text),
        f" \t{text}\u2003\n",
    )


def check_letters(text):
    """ASCII and what is written: idempotent, blind to composition, nothing but what they may keep."""
    plain, raw = to_ascii(text), to_raw(text)
    assert set(plain) <= ASCII
    assert to_ascii(plain) == plain == plain.strip(" ")
    assert to_raw(raw) == raw == raw.strip() == unicodedata.normalize("NFC", raw)
    assert visible(raw) == raw
    small = lowered(raw)
    assert lowered(small) == small
    for form in forms(text):
        assert (to_ascii(form), to_raw(form)) == (plain, raw)
    for lowercase in (True, False):
        for of_raw in (True, False):
            read = normaliser(of_raw, lowercase)
            assert read(read(text)) == read(text)
    # What the network reads as the same is the same.
    assert spelling(text) == spelling(plain) == sameness(text, raw=False)
    assert sameness(text, raw=True) == sameness(small, raw=True) == sameness(raw, raw=True)


def check_words(text, read, whole):
    """No more words than are read, none of them empty or with white space in it."""
    words = read(text)
    kept = slice(MOST_WORDS) if read.keep == "first" else slice(-MOST_WORDS, None)
    assert words == whole(text)[kept]
    assert all(word and not any(map(str.isspace, word)) for word in words)


def check_shown(text):
    """On one line, and without what changes a terminal."""
    shown = printable(text)
    assert all(letter.isprintable() or letter in JOINERS for letter in shown)


def test_random_strings_are_read_as_promised():
    readers = [
        [
            reader(configure(tokens="words", raw=raw, keep=keep, max_length=most))
            for most in (MOST_WORDS, 999)
        ]
        for raw, keep in ((True, "first"), (False, "last"))
    ]
    for number, text in enumerate(strings(STRINGS, seed=0)):
        try:
            check_letters(text)
            check_shown(text)
            for read, whole in readers:
                check_words(text, read, whole)
        except Exception as error:
            error.add_note(f"string {number}: {text!a}")
            raise


def test_random_strings_are_encoded_letter_by_letter_and_word_by_word():
    read = reader(configure(tokens="words", raw=True))
    texts = [to_raw(text) for text in strings(20_000, seed=1)]
    vocabulary = Vocabulary.from_names(texts[::2])
    assert all(visible(symbol) == symbol or symbol in JOINERS for symbol in vocabulary.symbols)
    for start in range(0, len(texts), 1000):
        batch = texts[start : start + 1000]
        ids, lengths = vocabulary.encode(batch)
        assert lengths.tolist() == [max(len(text), 1) for text in batch]
        assert ids.max() < len(vocabulary)
    split = [read(text) for text in texts]
    ids, lengths = Words.from_names(split[::2]).encode(split)
    assert lengths.tolist() == [max(len(text), 1) for text in split]


@pytest.mark.parametrize("raw", [True, False])
def test_random_strings_have_a_fingerprint(raw):
    texts = list(strings(20_000, seed=2))
    marks = fingerprints(texts, raw)
    different = {sameness(text, raw) for text in texts}
    assert len(np.unique(marks)) == len(different)


@pytest.mark.parametrize("raw", [True, False])
def test_random_strings_are_labelled_alone_as_in_a_batch(raw):
    letters = "abcdefghijklmnopqrstuvwxyz 王玉الي"
    classifier = untrained_classifier(letters=letters, raw=raw)
    texts = list(strings(LABELLED, seed=3))
    together = classifier.log_proba(texts)  # (N, L)
    assert np.isfinite(together).all()
    assert np.allclose(np.exp(together).sum(1), 1, atol=1e-5)
    for row in range(0, LABELLED, 10):
        alone = classifier.log_proba(texts[row])
        assert np.allclose(alone, together[row], atol=1e-5), ascii(texts[row])
