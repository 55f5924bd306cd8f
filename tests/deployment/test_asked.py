"""Whatever is asked for is taken as what it is, or refused in words with a status of the client's."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from charnn.deployment.asked import KINDS, Field, Refused, from_json, from_query


@contextlib.contextmanager
def refusals():
    """Asserts that a refusal has a status of the client's and says what to do."""
    try:
        yield
    except Refused as refused:
        assert refused.status in (400, 413)  # noqa: PT017  # it need not be raised
        assert "; " in str(refused)  # noqa: PT017


@given(
    st.sampled_from([*KINDS]),
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.lists(st.text(max_size=5) | st.integers(), max_size=3),
        st.dictionaries(st.text(max_size=3), st.integers()),
    ),
)
def test_a_field_takes_a_value_of_its_kind_or_refuses_it_in_words(kind, value):
    field = Field("x", kind, "", low=0, high=9, most=3, many=2)
    with refusals():
        found = field.check(value)
        types = {
            "string": str,
            "integer": int,
            "number": (int, float),
            "boolean": bool,
            "array": list,
        }
        assert isinstance(found, types[kind])
        assert found == value


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(content):
    fields = (Field("a", "string", "", None), Field("b", "number", "", 1.0))
    for read in (from_json, from_query):
        with refusals():
            values = read(fields, content)
            assert values.keys() == {"a", "b"}
