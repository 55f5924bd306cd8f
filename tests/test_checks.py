"""Values of a wrong kind are named before anything is computed with them."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from charnn import checks
from charnn.errors import CharnnError

ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.lists(st.integers()),
    st.dictionaries(st.text(), st.integers()),
    st.builds(object),
)


@pytest.mark.parametrize(
    ("check", "value", "result"),
    [
        (checks.whole, 5, 5),
        (checks.whole, np.int64(5), 5),
        (checks.whole, np.uint8(5), 5),
        (checks.whole, torch.tensor(5), 5),
        (checks.number, 1, 1.0),
        (checks.number, np.float32(0.5), 0.5),
        (checks.number, np.int32(2), 2.0),
        (checks.flag, np.True_, True),
        (checks.text, np.str_("a"), "a"),
        (checks.path, "a/b", Path("a/b")),
        (checks.path, Path("a"), Path("a")),
    ],
)
def test_a_value_comes_back_as_pythons_own_kind(check, value, result):
    found = check("value", value)
    assert found == result
    assert type(found) is type(result)


@pytest.mark.parametrize(
    ("check", "value", "message"),
    [
        (checks.whole, 5.0, "value 5.0 is no whole number"),
        (checks.whole, "5", "value '5' is no whole number"),
        (checks.whole, True, "value True is no whole number"),
        (checks.whole, np.array([5]), r"value array\(\[5\]\) is no whole number"),
        (checks.number, "0.5", "value '0.5' is no number"),
        (checks.number, float("nan"), "value nan is not finite"),
        (checks.number, float("-inf"), "value -inf is not finite"),
        (checks.number, 10**400, "value 1000.* is no number that fits"),
        (checks.number, None, "value None is no number"),
        (checks.flag, 1, "value 1 is neither True nor False"),
        (checks.text, b"a", "value b'a' is no text"),
        (checks.path, {"a": ["b"]}, "is no path; give the path of a file or folder"),
        (checks.path, None, "value None is no path"),
        (checks.path, 3.5, "value 3.5 is no path"),
        (checks.path, "", "value is an empty text"),
        (checks.path, "a\0b", r"value 'a\\x00b' holds a null character"),
    ],
)
def test_a_value_of_a_wrong_kind_is_named(check, value, message):
    with pytest.raises(CharnnError, match=message):
        check("value", value)


@pytest.mark.parametrize(
    "check", [checks.whole, checks.number, checks.flag, checks.text, checks.path]
)
@given(value=ANYTHING)
def test_whatever_is_passed_is_taken_or_refused_in_one_short_line(check, value):
    message = ""
    try:
        check("value", value)
    except CharnnError as error:
        message = str(error)
    assert len(message) < 400
    assert not message or message.isprintable()


@pytest.mark.parametrize("value", [["a", "b"], ("a", "b"), iter("ab"), np.array(["a", "b"])])
def test_names_are_a_list_from_whatever_goes_through_them(value):
    assert checks.names(value) == ["a", "b"]


@pytest.mark.parametrize("value", ["ab", b"ab", {"a": 1}, 5, None])
def test_what_is_no_list_of_names_is_named(value):
    with pytest.raises(CharnnError, match=r"is (one string|no list of names); give a list"):
        checks.names(value)
