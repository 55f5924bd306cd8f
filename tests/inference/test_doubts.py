"""Doubts: names like those of the training have none, and what is no name has some."""

import numpy as np
import pytest
from helpers import ROOT, untrained_classifier

import charnn
from charnn.data import fingerprints, read_folder
from charnn.errors import CharnnError
from charnn.inference.doubts import Counted, Doubts, excess_bits
from charnn.ngrams import Ngrams
from charnn.text.vocabulary import Vocabulary

NAMES = ["de boer", "de wit", "li", "an", "anna", "otto", "berg", "abel", "dora", "emil", "ida"]
NO_NAMES = [
    "asdfghjkl",
    "xqzvkjw",
    "zxcvbnm",
    "dskjfhskdjfh",
    "a" * 300,
    "ab" * 30,
    "The quick brown fox jumps over the lazy dog",
    "This is a sentence.",
    "https://www.example.com/index.html",
    "john.doe@example.com",
]


@pytest.fixture(scope="module")
def bundled():
    """The bundled classifier."""
    return charnn.load()


@pytest.fixture(scope="module")
def counted():
    """What the n-grams of NAMES say, and the ids, lengths and labels of these names."""
    vocabulary = Vocabulary.from_names(NAMES)
    ids, lengths = vocabulary.encode(NAMES)
    targets = np.arange(len(NAMES)) % 2
    ngrams = Ngrams.count(ids, lengths, targets, len(vocabulary), np.log([0.5, 0.5]), 4)
    return Counted(ngrams), ids, lengths, targets, vocabulary


def test_the_counts_give_the_mean_bits_and_length_of_the_names_that_were_counted(counted):
    of_names, ids, lengths, targets, _ = counted
    nats = -of_names.ngrams.log_likelihood(ids, lengths)[np.arange(len(ids)), targets]
    assert of_names.usual_bits == pytest.approx(
        nats.sum() / np.log(2) / (lengths + 1).sum(), rel=1e-5
    )
    assert of_names.mean_length == pytest.approx(np.mean(list(map(len, NAMES))))


def test_a_space_is_new_after_letters_that_no_name_has_one_after(counted):
    of_names, *_, vocabulary = counted
    space = vocabulary.symbols.index(" ") + 1
    ids, lengths = vocabulary.encode(["de berg", "anna berg", "de an wit", "anna", " "])
    # Two of eleven names have a space: too many for a model of single words.
    assert not of_names.new_spaces(ids, lengths, space).any()
    of_names.ngrams.names = of_names.ngrams.names * 2
    assert of_names.new_spaces(ids, lengths, space).tolist() == [False, True, True, False, True]


def test_excess_bits_are_beyond_half_way_from_usual_letters_to_random_ones():
    # Of 16 symbols a random letter needs 4 bits, so that 3 are half-way from 2.
    found = excess_bits(np.array([30.0, 31.0, 3.0]), np.array([10, 10, 2]), 2.0, 16)
    assert found.tolist() == [0, 1, -3]


@pytest.mark.filterwarnings("ignore:.*spellings under several labels")
@pytest.mark.filterwarnings("ignore:.*repeat")
def test_hardly_any_real_name_is_doubted(bundled):
    names = read_folder(ROOT / "data" / "names")
    doubts = bundled.doubts(names.names)
    assert not any(doubt.unknown for doubt in doubts)
    made_from = np.concatenate(list(bundled.fingerprints.values()))
    unseen = ~np.isin(fingerprints(names.names), made_from)
    assert unseen.sum() > 2000
    for doubted in (
        np.array([doubt.unlike_training for doubt in doubts]),
        np.array([doubt.several_words for doubt in doubts]),
    ):
        assert doubted[unseen].mean() < 0.005
        assert doubted.mean() < 0.001


@pytest.mark.parametrize("model", ["classifier", "generator"])
def test_what_is_no_name_is_unlike_the_training_names(model):
    model = charnn.load(model)
    unlike = [name for name in NO_NAMES if model.doubts(name).unlike_training]
    assert set(NO_NAMES) - set(unlike) <= {"This is a sentence."}
    assert model.doubts("This is a sentence.").several_words
    assert not any(doubt.unlike_training for doubt in model.doubts(["Smith-Jones", "M🙂ller"]))


@pytest.mark.parametrize("model", ["classifier", "generator"])
def test_several_words_are_seen_unless_they_are_a_surname(model):
    several = ["Smith Jr", "SMITH III", "Hinton, Geoffrey", "John Smith", "Ahmet Yılmaz"]
    surnames = ["van der Berg", "De la Cruz", "Al Said", "de Groot", "Hinton", "Ó Murchadha", ""]
    model = charnn.load(model)
    assert all(doubt.several_words for doubt in model.doubts(several))
    assert not any(doubt.several_words for doubt in model.doubts(surnames))


def test_unknown_letters_are_given_as_they_are_written(bundled):
    assert bundled.unknown_letters("Müller") == [], "ü is read as u"
    assert bundled.unknown_letters("Smith-Müller 🙂-2") == ["-", "🙂", "2"]
    generator = charnn.load("generator")
    assert generator.unknown_letters("Иванов") == ["И", "в", "а", "н", "о"]
    assert generator.doubts("Иванов").unknown == ["И", "в", "а", "н", "о"]
    assert generator.doubts("Gu\u0308l") == Doubts([], False, False), "composed first"


def test_one_text_gets_one_answer_and_a_list_gets_a_list(classifier):
    names = ["Szsz", "", "Ж" * 3]
    assert classifier.doubts(names) == [classifier.doubts(name) for name in names]
    assert classifier.doubts([]) == []
    assert classifier.doubts("") == Doubts([], False, False)
    with pytest.raises(CharnnError, match="is no list of names"):
        classifier.doubts(3)


def test_without_n_grams_only_symbols_and_the_length_tell():
    classifier = untrained_classifier(letters="abc", max_length=5)
    assert classifier.doubts("abcab") == Doubts([], False, False)
    assert classifier.doubts("abcabc") == Doubts([], True, False)
    assert classifier.doubts("ab cx") == Doubts([" ", "x"][1:], False, True)


def test_words_that_are_unknown_are_listed_and_no_warning(reviews):
    model = charnn.train_classifier(reviews, tokens="words", epochs=1, hidden=8, device="cpu")
    doubts = model.doubts("A lovely film with zebras, qqqqqq.")
    assert {"zebras", "qqqqqq"} <= set(doubts.unknown)
    assert not doubts.several_words
    about = doubts.to_dict("words")
    assert about["unknown_words"] == doubts.unknown
    assert Doubts(["zebras"], False, False).sentence("zebras", "words") == ""


def test_a_sentence_is_one_line_that_is_bounded():
    doubts = Doubts([chr(0x400 + i) for i in range(50)], True, True)
    line = doubts.sentence("\x1b" * 1000, "letters")
    assert line.isprintable()
    assert "50 letters are unknown to the model" in line
    assert "and 40 more" in line
    assert len(line) < 400
    assert Doubts([], False, False).sentence("Hinton", "letters") == ""
