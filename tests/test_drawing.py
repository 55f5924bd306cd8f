"""What all pictures share: every letter drawn, no label read as a formula, nothing cut off."""

import pytest
from helpers import ROOT, assert_whole, write_folder

import charnn
from charnn import drawing, views
from charnn.inference.classifier import Classifier
from charnn.inference.torch_engine import TorchEngine
from charnn.model import build_classifier
from charnn.text.words import Words

OF_A_NAME = (views.gates, views.beliefs, views.why)


@pytest.mark.parametrize(
    ("symbol", "expected"), [(" ", "␣"), ("\n", "⏎"), ("\t", "\\t"), ("a", "a"), ("film", "film")]
)
def test_every_symbol_is_visible(symbol, expected):
    assert drawing.visible(symbol) == expected


def test_letters_that_the_font_lacks_are_code_points():
    assert drawing.drawable("a張") == "aU+5F35"


def test_a_long_label_keeps_both_ends():
    label = "".join(map(chr, range(ord("0"), ord("z"))))
    shortened = drawing.short(label)
    assert len(shortened) == drawing.LABEL_WIDTH
    start, end = shortened.split("…")
    assert label.startswith(start)
    assert label.endswith(end)
    assert drawing.short(label[: drawing.LABEL_WIDTH]) == label[: drawing.LABEL_WIDTH]


def test_a_table_has_its_columns_below_each_other():
    printed = []
    drawing.print_table([["", "a", "bb"], ["long", "1", "2"]], printed.append)
    assert printed == ["      a  bb", "long  1   2"]
    drawing.discard_line("nothing")


def test_the_same_picture_is_the_same_bytes(classifier):
    one, other = (
        [drawing.as_bytes(views.beliefs(classifier, "Rarosh"), kind) for kind in ("png", "svg")]
        for _ in range(2)
    )
    assert one == other


def test_letters_that_the_font_lacks_and_formulas(tmp_path):
    han = [x + y for x in "張李$" for y in "一二三四五六七八九十"]
    latin = [x + y for x in "$xy" for y in "abcdefghij"]
    folder = write_folder(tmp_path / "x", {"$a$": han, "_b": latin})
    model = charnn.train_classifier(folder, hidden=4, epochs=1, raw=True, ngrams=0, device="cpu")
    for view in OF_A_NAME:
        figure = view(model, "張$三")
        assert_whole(figure)  # pytest makes an error of matplotlib's warning
        legend = figure.axes[0].get_legend()
        for label in ("$a$", "_b") if legend else ():
            assert any(label in text.get_text() for text in legend.get_texts())


def test_long_words_and_a_plain_cell_of_a_short_name():
    config = charnn.configure(tokens="words", ngrams=0, cell="rnn", hidden=3)
    words = Words(["film", "x" * 200])
    engine = TorchEngine(build_classifier(config, len(words), 2), config)
    model = Classifier(engine, words, ["fine", "l" * 120], config, [1, 1], {})
    for name in ("film", "film " + "x" * 200 + " film" * 40):
        for view in OF_A_NAME:
            assert_whole(view(model, name))


# ---------------------------------------------------------------- in a notebook


def test_a_notebook_shows_a_picture_as_wide_as_text_is_read():
    data, about = drawing.Picture(figsize=(3, 1))._repr_png_()
    assert data == drawing.as_bytes(drawing.Picture(figsize=(3, 1)))
    assert about == {"width": 3 * drawing.SHOWN_DPI}


def test_every_picture_is_one_that_a_notebook_shows():
    plain = [
        path.name
        for path in (ROOT / "charnn").rglob("*.py")
        if "= Figure(" in path.read_text(encoding="utf-8")
    ]
    assert not plain, f"of matplotlib's own Figure a notebook shows the name alone: {plain}"
