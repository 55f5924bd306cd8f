"""One-hot vectors: what is drawn and printed is what a network reads of a name."""

import numpy as np
import pytest
from helpers import call, error_of

import charnn
from charnn import views
from charnn.drawing import as_bytes
from charnn.errors import CharnnError
from charnn.inference.classifier import Classifier
from charnn.inference.torch_engine import TorchEngine
from charnn.model import build_classifier
from charnn.presets import configure
from charnn.text.vocabulary import Vocabulary
from charnn.text.words import Words
from charnn.views.letters import MOST_ROWS

HAN = "".join(map(chr, range(0x4E00, 0x4E80)))  # more symbols than have a column each


def untrained(vocabulary, **options):
    """A freshly initialised classifier of a vocabulary."""
    config = configure(hidden=4, ngrams=0, **options)
    engine = TorchEngine(build_classifier(config, len(vocabulary), 2), config)
    return Classifier(engine, vocabulary, ["a", "b"], config, [1, 1], {})


def ticks(axes):
    """The names at the rows and at the columns of a picture."""
    both = axes.get_yticklabels(), axes.get_xticklabels()
    return [[label.get_text() for label in labels] for labels in both]


def shown(figure):
    """The numbers that a picture shows."""
    return figure.axes[0].images[0].get_array()


def test_each_letter_is_one_at_its_id():
    lines, model = [], untrained(Vocabulary(" 'ilsx"))
    figure = views.letters(model, "Şişli?", lines.append)
    assert shown(figure).tolist() == np.eye(7, dtype=int)[[5, 3, 5, 4, 3, 0]].tolist()
    assert ticks(figure.axes[0]) == [
        ["s  (5)", "i  (3)", "s  (5)", "l  (4)", "i  (3)", "?  (0)"],
        ["unknown", "␣", "'", "i", "l", "s", "x"],
    ]
    assert figure.get_suptitle() == lines[0] == "'Şişli?' is read as \"sisli?\""
    assert lines[1] == "6 letters; each becomes 7 numbers: 1 at its id, 0 elsewhere"
    assert lines[2] == "s  id 5  0000010"
    assert lines[-1] == "?  id 0  1000000  (unknown)"


def test_of_many_symbols_those_of_the_name_are_shown():
    lines = []
    figure = views.letters(untrained(Vocabulary(HAN), raw=True), "一丁一$", lines.append)
    (axes,) = figure.axes
    assert shown(figure).tolist() == [[0, 1, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]]
    # The font has no Han: code points, and no warning.
    assert ticks(axes)[1] == ["unknown", "U+4E00", "U+4E01"]
    assert "126 others, 0 in every row, are left out" in axes.get_xlabel()
    assert lines[2] == "一  id   1"


def test_every_row_of_a_long_name_of_many_symbols_has_its_one():
    figure = views.letters(untrained(Vocabulary(HAN), raw=True, max_length=200), HAN[::-1])
    assert shown(figure).sum(1).tolist() == [1] * MOST_ROWS
    assert f"first {MOST_ROWS} of 128" in figure.axes[0].get_ylabel()
    with pytest.raises(CharnnError, match="has 10,001 characters"):
        views.letters(untrained(Vocabulary("a")), "a" * 10_001)


def test_words_are_one_hot_too():
    lines, model = [], untrained(Words(["a", "film", "…ful"]), tokens="words")
    figure = views.letters(model, "A wonderful film", lines.append)
    assert shown(figure).tolist() == [[0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]
    assert lines == [
        "'A wonderful film' is read as \"a wonderful film\"",
        "3 words; each becomes 4 numbers: 1 at its id, 0 elsewhere",
        "        a  id 1  0100",
        "wonderful  id 3  0001  (…ful)",
        "     film  id 2  0010",
    ]


def test_a_generator_reads_a_newline_first(generator):
    (axes,) = views.letters(generator, "Ro").axes
    assert [row[0] for row in ticks(axes)[0]] == ["⏎", "R", "o"]
    assert shown(views.letters(generator, "")).shape[0] == 1


@pytest.mark.parametrize("name", ["", "$x^2_$", "\x07\n", "a" * 9000, "🙂"])
def test_any_name_can_be_drawn(name):
    lines = []
    figure = views.letters(untrained(Vocabulary("$^ax")), name, lines.append)
    assert as_bytes(figure).startswith(b"\x89PNG")
    assert shown(figure).shape[0] == min(max(len(name.strip()), 1), MOST_ROWS)
    assert all(line.isprintable() for line in lines)


def test_the_command_prints_what_the_function_prints(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = []
    figure = views.letters(charnn.load(model), "Arra", lines.append)
    result = call("charnn.look", "letters", "Arra", "--model", model)
    assert result.returncode == 0, result
    assert result.stdout.splitlines() == lines
    path = tmp_path / "runs" / "letters-1" / "letters.png"
    assert path.read_bytes() == as_bytes(figure)


def test_a_name_is_needed():
    message = "the following arguments are required: NAME"
    assert message in error_of(call("charnn.look", "letters"))
