"""The picture of the house: what it says of a small package, and that docs/house.svg is today's."""

from xml.etree import ElementTree

import house
import pytest
from helpers import ROOT, call, error_of, load_script

from charnn.errors import CharnnError

DRAW = load_script(ROOT / "scripts" / "draw_house.py")


@pytest.fixture
def package(tmp_path):
    """A package with two wings; what `late` imports within a function counts too."""
    files = {
        "errors.py": '"""Errors."""\n',
        "text/__init__.py": '"""Text to symbols. Never imports torch."""\n',
        "text/letters.py": '"""Letters."""\nfrom charnn.text import words\nimport json\n',
        "text/words.py": '"""Words."""\nfrom charnn.errors import CharnnError\n',
        "model.py": '"""Steps."""\nimport charnn.text.letters\nfrom charnn import errors\n',
        "inference/__init__.py": '"""Answers < questions."""\n',
        "inference/late.py": '"""Late."""\ndef late():\n    from charnn.model import x\n',
        "train.py": '"""Trains."""\nfrom charnn.inference import late\nfrom charnn import errors\n',
    }
    for name, content in files.items():
        path = tmp_path / "charnn" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path / "charnn"


def boxes_by_title(package):
    """The boxes of a package, by their titles."""
    return {box.title: box for box in house.boxes_of(house.modules_of(package))}


def test_boxes_hold_their_files_in_reading_order_and_all_that_they_import(package):
    boxes = boxes_by_title(package)
    assert list(boxes) == ["shared", "text/", "spine", "inference/", "commands"]
    assert boxes["text/"].rooms == ("words", "letters"), "a file comes after those it imports"
    assert boxes["text/"].purpose == "Text to symbols."
    assert boxes["text/"].imports == ("shared",)
    assert boxes["spine"].imports == ("shared", "text/")
    assert boxes["inference/"].imports == ("spine",)
    assert boxes["commands"].imports == ("shared", "inference/")


def test_arrows_that_follow_from_others_are_left_out(package):
    arrows = house.arrows_of(boxes_by_title(package).values())
    assert sorted(arrows) == [
        ("inference/", "commands"),
        ("shared", "text/"),
        ("spine", "inference/"),
        ("text/", "spine"),
    ]


def test_arrows_come_in_the_order_of_the_boxes_and_not_of_a_set():
    boxes = house.boxes_of(house.modules_of())
    place = {box.title: number for number, box in enumerate(boxes)}
    arrows = [(place[upper], place[lower]) for lower, upper in house.arrows_of(boxes)]
    assert arrows == sorted(arrows)


def test_the_text_version_begins_with_the_highest_floor(package):
    lines = DRAW.as_text(list(boxes_by_title(package).values())).splitlines()
    assert lines[0] == "6  commands    train"
    assert lines[1] == "               imports shared, inference/"
    assert lines[-1] == "0  shared      errors"


def test_a_file_on_no_floor_is_named_with_what_to_do(package):
    (package / "attic.py").write_text("", encoding="utf-8")
    with pytest.raises(CharnnError, match=r"charnn/attic is on no floor; give it one in FLOORS"):
        boxes_by_title(package)


def test_files_that_import_each_other_are_named(package):
    (package / "text" / "words.py").write_text("import charnn.text.letters\n", encoding="utf-8")
    with pytest.raises(CharnnError, match=r"charnn\.text\.\w+ imports .* imports .*: a cycle"):
        boxes_by_title(package)


def test_the_picture_is_whole_and_its_text_can_be_selected(package):
    svg = DRAW.as_svg(list(boxes_by_title(package).values()))
    root = ElementTree.fromstring(svg)
    words = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert words >= {"text/", "letters", "words", "inference/", "late", "Answers < questions."}


def test_every_box_and_its_chips_are_inside_the_picture():
    svg = DRAW.as_svg(house.boxes_of(house.modules_of()))
    root = ElementTree.fromstring(svg)
    _, _, width, height = map(float, root.get("viewBox").split())
    for rectangle in root.iter("{http://www.w3.org/2000/svg}rect"):
        x, y = float(rectangle.get("x", 0)), float(rectangle.get("y", 0))
        assert x + float(rectangle.get("width")) <= width, rectangle.attrib
        assert y + float(rectangle.get("height")) <= height, rectangle.attrib


def test_the_picture_in_docs_is_the_one_of_todays_source():
    drawn = DRAW.as_svg(house.boxes_of(house.modules_of())).encode()
    assert (ROOT / "docs" / "house.svg").read_bytes() == drawn, (
        "docs/house.svg is not what the source says; run python scripts/draw_house.py"
    )


def test_the_command_writes_the_picture_and_prints_the_text_version(tmp_path):
    out = tmp_path / "house.svg"
    result = call(DRAW.main, "--out", out)
    assert result.returncode == 0, result
    assert out.read_bytes() == (ROOT / "docs" / "house.svg").read_bytes()
    assert result.stdout.splitlines()[0].startswith("6  commands")
    assert "nowhere" in error_of(call(DRAW.main, "--out", tmp_path / "nowhere" / "house.svg"))
