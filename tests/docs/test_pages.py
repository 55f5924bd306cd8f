"""The front door and the pages beside the course: short enough, complete, and whole in a plain Markdown viewer."""

import re

import pytest
from helpers import ROOT

README = ROOT / "README.md"
DOCS = ROOT / "docs"
INDEX = DOCS / "index.md"
API = DOCS / "api.md"  # generated from the docstrings, so the one page that needs Sphinx
LINES = 180
PAGES = sorted(set(DOCS.glob("*.md")) - {INDEX, API})


def linked(page):
    """The pages of the project that a page links to."""
    links = re.findall(r"\]\(([^)#:]+\.md)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    return {(page.parent / link).resolve() for link in links}


def test_the_readme_is_a_front_door():
    count = len(README.read_text(encoding="utf-8").splitlines())
    assert count <= LINES, (
        f"README.md has {count} lines, at most {LINES} are allowed: move a section to docs/"
    )


@pytest.mark.parametrize("end", ["charnn.train", "pytest"])
def test_each_of_the_two_commands_is_one_line_of_a_block(end):
    # .ci/run takes its commands from these lines.
    blocks = re.findall(
        r"^```sh\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    pattern = rf"^pip install -c constraints\.txt.*{re.escape(end)}$"
    everywhere = re.findall(pattern, README.read_text(encoding="utf-8"), re.MULTILINE)
    in_blocks = re.findall(pattern, "\n".join(blocks), re.MULTILINE)
    assert len(everywhere) == 1, (
        f"expected one line of README.md to install and end in {end}, found {everywhere}"
    )
    assert in_blocks == everywhere, f"expected {everywhere} inside a block of shell commands"


def test_the_index_links_to_every_page_in_plain_markdown():
    # Beside the list of names for Sphinx, which a plain viewer shows as a block of code.
    pages = [*PAGES, *sorted(DOCS.glob("course/*.md")), DOCS / "tr" / "index.md"]
    missing = [page.name for page in pages if page not in linked(INDEX)]
    assert not missing, f"expected a link to each page in docs/index.md, found none to {missing}"


def test_the_readme_leads_to_the_pages_of_both_languages():
    assert {INDEX, DOCS / "tr" / "index.md"} <= linked(README)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_page_beside_the_course_is_plain_markdown(page):
    directives = re.findall(
        r"^(?:```\{.*|:::.*|\{\w+\}`.*)$", page.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert not directives, (
        f"expected no MyST directive, which a plain viewer shows as text, found {directives}"
    )


@pytest.mark.parametrize("page", [README, *PAGES], ids=lambda path: path.stem)
def test_a_page_has_one_title_and_no_line_that_a_reader_of_the_source_has_to_scroll(page):
    prose = re.sub(
        r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    assert len(re.findall(r"^# \S", prose, re.MULTILINE)) == 1
    wide = [
        line for line in prose.splitlines() if len(line) > 120 and not line.startswith(("|", "!["))
    ]
    assert not wide, f"expected lines of at most 120 columns, found {wide}"
