"""The files beside the code are right: recipes, versions, the parts of the check."""

import re

import pytest
from helpers import ROOT

from charnn.inference.checkpoint import FORMAT
from charnn.version import __version__

PAGES = ("CONTRIBUTING.md", "CHANGELOG.md", ".github/PULL_REQUEST_TEMPLATE.md")
FILE = re.compile(r"`((?:charnn|data|docs|scripts|tests|examples|\.ci)/[\w./-]+)`|\]\(([\w./-]+)\)")
# What whoever follows a recipe puts a name of their own in.
PLACEHOLDER = re.compile(r"NAME|NN-|title\.md|^name\.png$")


def text_of(name):
    """The text of a file of the project."""
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_is_there(page):
    named = {code or link for code, link in FILE.findall(text_of(page))}
    wanted = {name for name in named if not PLACEHOLDER.search(name)}
    missing = sorted(name for name in wanted if not (ROOT / name).exists())
    assert not missing, f"{page} names {missing}"


def test_the_map_of_the_house_has_every_wing():
    wings = {path.parent.name for path in (ROOT / "charnn").glob("*/__init__.py")}
    missing = sorted(wing for wing in wings if f"| `{wing}/` |" not in text_of("CONTRIBUTING.md"))
    assert not missing, f"CONTRIBUTING.md has no line for {missing}"


def test_the_changelog_has_this_version_and_this_format_of_model_files():
    text = text_of("CHANGELOG.md")
    assert re.search(rf"^## {re.escape(__version__)}\b", text, re.MULTILINE), __version__
    newest = max(map(int, re.findall(r"^\| (\d+) \|", text, re.MULTILINE)))
    assert newest == FORMAT, f"CHANGELOG.md knows formats up to {newest}, charnn writes {FORMAT}"


def test_the_citation_is_of_this_version_and_these_authors():
    citation, project = text_of("CITATION.cff"), text_of("pyproject.toml")
    assert f"\nversion: {__version__}\n" in citation
    for author in re.findall(r'name = "([^"]+)" \}', project):
        assert f"- name: {author}\n" in citation


def test_the_workflow_calls_every_part_of_the_check():
    parts = re.search(r'^parts="(.*)"$', text_of(".ci/run"), re.MULTILINE)[1].split()
    listed = re.findall(r"part: \[(.*)\]", text_of(".github/workflows/ci.yml"))
    assert sorted(", ".join(listed).split(", ")) == sorted(parts)
    missing = [part for part in parts if f"| `{part}` |" not in text_of("CONTRIBUTING.md")]
    assert not missing, f"CONTRIBUTING.md does not have {missing}"
