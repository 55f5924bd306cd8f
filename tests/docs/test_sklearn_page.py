"""The examples of docs/sklearn.md do what the page says."""

import doctest

import pytest
from helpers import ROOT

PAGE = ROOT / "docs" / "sklearn.md"


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_the_examples_of_the_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    examples = doctest.DocTestParser().get_doctest(
        PAGE.read_text(encoding="utf-8").replace("```", ""), {}, PAGE.name, str(PAGE), 0
    )
    found = doctest.DocTestRunner().run(examples)
    assert found.attempted > 30
    assert found.failed == 0
