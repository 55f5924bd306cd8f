"""scripts/build_pretrained.py."""

import pytest
from helpers import ROOT, load_script
from programs import SCRIPTS

import charnn


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("classifier", "README.md"),
        ("classifier", "docs/accuracy.md"),
        ("generator", "README.md"),
        ("generator", "docs/writing.md"),
    ],
)
def test_a_page_shows_the_bundled_models_own_figures(name, page):
    script = load_script(SCRIPTS / "build_pretrained.py")
    assert name in script.RECIPES
    text = (ROOT / page).read_text(encoding="utf-8")
    assert script.figures_line(charnn.load(name).figures) in " ".join(text.split())
