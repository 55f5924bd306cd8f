"""The panels of a notebook: readable in both themes, and every text is text."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from panels import Panel

from charnn import notebook


def colours(theme):
    """{name: (red, green, blue)} of a theme, each from 0 to 1."""
    found = {}
    for part in theme.split(";"):
        name, value = part.split(":")
        digits = value[1:] if len(value) == 7 else "".join(digit * 2 for digit in value[1:])
        found[name] = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    return found


def luminance(colour):
    """As in WCAG 2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def contrast(one, other):
    """From 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [notebook.LIGHT, notebook.DARK])
def test_texts_and_lines_stand_out_from_the_page(theme):
    found = colours(theme)
    for name in ("--text", "--quiet", "--first", "--second"):
        assert contrast(found[name], found["--page"]) >= 4.5, name
    assert contrast(found["--on-deep"], found["--deep"]) >= 4.5


def test_both_themes_have_all_colours():
    used = set(re.findall(r"var\((--[\w-]+)\)", notebook.STYLE))
    assert used == set(colours(notebook.LIGHT)) == set(colours(notebook.DARK))


def test_the_style_of_a_panel_is_for_panels_alone():
    rules = re.findall(r"([^{}]+)\{[^{}]*\}", re.sub(r"@media[^{]*\{", "", notebook.STYLE))
    selectors = [one for rule in rules for one in rule.strip(" }\n").split(",")]
    assert selectors
    assert all(".charnn" in one for one in selectors if not one.startswith((".vscode", "["))), (
        selectors
    )
    assert not re.search(r"url\(|@import", notebook.STYLE), "it loads nothing"


@settings(max_examples=40)
@given(st.text())
def test_a_text_is_no_html_and_on_one_line(text):
    shown = notebook.plain(text)
    assert not set("<>\n\r") & set(shown.removeprefix("<bdi>").removesuffix("</bdi>"))
    Panel(notebook.panel(shown))


def test_a_test_is_no_notebook():
    assert not notebook.is_running()
