"""What is printed of a training: the name to try its model with."""

import shlex

import pytest

from charnn.training.jobs import to_try


@pytest.mark.parametrize(
    ("names", "tried"),
    [
        (["Ünal", "Smith"], "Ünal"),
        (["--top", "-5", "12", "", "a" * 41, "a\x1bb", "O'Neil"], "O'Neil"),
        (["van der Berg"], "van der Berg"),
        (["a{0}$HOME"], "a{0}$HOME"),
        (["12", "\u202eabc"], "a text of yours"),
    ],
)
def test_a_name_to_try_is_easy_to_type_and_quoted(names, tried):
    assert shlex.split(to_try(names)) == [tried]
