"""The examples in docstrings print what they say."""

import doctest
import importlib

import pytest
from house import modules_of

WITH_EXAMPLES = [
    name for name, path in modules_of().items() if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_of_a_module_print_what_they_say(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted, f"{name} has `>>>` but no example that is run"
    assert not result.failed, f"{result.failed} of {result.attempted} examples of {name} fail"
