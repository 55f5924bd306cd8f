"""examples/dates_and_numbers.py: each way of writing is read right or refused with the line."""

from datetime import datetime

import numpy as np
import programs  # noqa: F401  (finds the examples' modules)
import pytest
from dates_and_numbers import deciding_mark, decimal_mark, number, numbers, read_dates
from hypothesis import given
from hypothesis import strategies as st

from charnn.errors import CharnnError


def places(texts):
    return [f"s.csv, line {row}" for row in range(2, len(texts) + 2)]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("1987-05-15", datetime(1987, 5, 15)),
        ("1987-05", datetime(1987, 5, 1)),
        ("1987-05-15 09:30", datetime(1987, 5, 15, 9, 30)),
        ("1987-05-15T09:30:10Z", datetime(1987, 5, 15, 9, 30, 10)),
        ("1987-05-15T09:30+02:00", datetime(1987, 5, 15, 7, 30)),
        ("31.12.2020 00:10:00", datetime(2020, 12, 31, 0, 10)),
        ("31.12.2020 00:10", datetime(2020, 12, 31, 0, 10)),
        ("31.12.2020", datetime(2020, 12, 31)),
        ("1.2.2020 9:05", datetime(2020, 2, 1, 9, 5)),
        ("31/12/2020", datetime(2020, 12, 31)),
        ("12/31/2020 23:59:59", datetime(2020, 12, 31, 23, 59, 59)),
        ("31-12-2020 00:10", datetime(2020, 12, 31, 0, 10)),
        (" 31.12.2020 ", datetime(2020, 12, 31)),
        ("5/5/2020", datetime(2020, 5, 5)),
    ],
)
def test_a_date_is_read(text, date):
    assert read_dates([text], places([text])) == [date]


@given(
    st.lists(st.datetimes(datetime(1000, 1, 1)), min_size=13, unique=True),
    st.sampled_from(["%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S"]),
)
def test_dates_come_back(dates, way):
    dates = sorted(date.replace(microsecond=0) for date in dates)
    texts = [date.strftime(way) for date in dates]
    either = "/" in way and all(int(part) <= 12 for text in texts for part in text[:5].split("/"))
    if not either:
        assert read_dates(texts, places(texts)) == dates


def test_the_order_of_day_and_month_is_that_of_all_rows():
    days = np.arange("2020-01-01", "2020-02-01", dtype="datetime64[D]").tolist()
    for way in ("%d/%m/%Y", "%m/%d/%Y"):
        texts = [day.strftime(way) for day in days]
        assert [date.date() for date in read_dates(texts, places(texts))] == days
    # No day above the 12th: only one reading has the oldest row first.
    texts = ["02/01/2020", "01/02/2020"]
    assert read_dates(texts, places(texts)) == [datetime(2020, 1, 2), datetime(2020, 2, 1)]
    texts = ["01/02/2020", "02/01/2020"]
    assert read_dates(texts, places(texts)) == [datetime(2020, 1, 2), datetime(2020, 2, 1)]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["01/02/2020", "01/03/2020"], "line 2: '01/02/2020' may begin with the day or"),
        (["02/01/2020", "01/02/2020", "01/01/2020"], "line 2: .* may begin with the day or"),
        (["31.12.2020", "2021-01-01"], "line 3: '2021-01-01' is no date that is written as"),
        (["31.12.2020", "01/01/2021"], "line 3: '01/01/2021' is no date that is written as"),
        (["2020-12-31", "01.01.2021"], "line 3: '01.01.2021' is no date; write it as 1987-05-15"),
        (["31.12.2020", "12.31.2020"], "line 3: '12.31.2020' is no date"),
        (["13/12/2020", "12/13/2020"], "line 3: '12/13/2020' is no date"),
        (["30/02/2020"], "line 2: '30/02/2020' is no date"),
        (["31.12.2020 24:10"], "line 2: '31.12.2020 24:10' is no date"),
        (["31.12.20"], "line 2: '31.12.20' is no date"),
        (["31.12.20201"], "is no date"),
        (["31.12/2020"], "is no date"),
        (["x", "31.12.2020"], "line 2: 'x' is no date"),
        ([""], "line 2: '' is no date"),
    ],
)
def test_a_date_that_cannot_be_read_is_refused_with_its_line(texts, message):
    with pytest.raises(CharnnError, match=message):
        read_dates(texts, places(texts))


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["1", "-2", "+3"], [1, -2, 3]),
        (["1.5", "-.5", "2."], [1.5, -0.5, 2]),
        (["1,5", "-,5", "2"], [1.5, -0.5, 2]),
        (["1.234,5", "1.234", "12.345.678"], [1234.5, 1234, 12345678]),
        (["1,234.5", "1,234", "12,345,678"], [1234.5, 1234, 12345678]),
        (["0,123", "1,234"], [0.123, 1.234]),  # no number above a thousand begins with 0
        (["1234,567", "1,234"], [1234.567, 1.234]),
        (["12,345,678", "1,234"], [12345678, 1234]),
        (["1.234", "2"], [1.234, 2]),
        (["1e3", "-2.5E-1"], [1000, -0.25]),
        (["1,5e3"], [1500]),
        (["996.52", " 1307.75 "], [996.52, 1307.75]),
    ],
)
def test_numbers_are_read_with_the_decimal_mark_of_the_table(texts, values):
    mark = decimal_mark([texts], places(texts))
    assert [number(text, mark) for text in texts] == values


@given(
    st.lists(st.decimals(-10_000_000, 10_000_000, places=2), min_size=1),
    st.sampled_from([("", "."), ("", ","), (",", "."), (".", ",")]),
)
def test_numbers_of_every_country_come_back(values, signs):
    thousands, decimal = signs
    marks = str.maketrans({",": thousands, ".": decimal})
    texts = [f"{value:,.2f}".translate(marks) for value in values]
    mark = decimal_mark([texts], places(texts))
    assert mark == decimal
    assert [number(text, mark) for text in texts] == [float(value) for value in values]


def test_what_could_be_a_thousand_or_one_is_refused_with_its_line():
    with pytest.raises(CharnnError, match="line 3: '1,234' may be above a thousand"):
        decimal_mark([["12", "1,234"]], ["s.csv, line 2", "s.csv, line 3"])
    # Another column of the same table says which.
    assert decimal_mark([["12", "1,234"], ["0", "2,5"]], ["a", "b"]) == ","


@pytest.mark.parametrize("mark", [".", ","])
@pytest.mark.parametrize("text", ["x", "?0.2", "1,2.3,4", "1 234", "inf", "--1", "1.2.3", "1,23,4"])
def test_words_are_no_numbers(text, mark):
    assert number(text, mark) is None


def test_a_number_of_another_country_is_none_in_this_one():
    assert number("1,5", ".") is None
    assert number("1.5", ",") is None


CELLS = st.text("0123456789.,-+eE_ ١", max_size=9) | st.sampled_from(["nan", "inf", "1e999", "x"])


@given(
    st.lists(CELLS | st.decimals(-9999, 9999, places=2).map(str), max_size=6), st.sampled_from(".,")
)
def test_many_numbers_are_read_as_one_by_one(texts, mark):
    alone = [number(text, mark) for text in texts]
    expected = [np.nan if value is None else value for value in alone]
    finite = [value if np.isfinite(value) else np.nan for value in numbers(texts, mark)]
    expected = [value if np.isfinite(value) else np.nan for value in expected]
    np.testing.assert_array_equal(finite, expected)


def test_the_first_number_that_can_be_but_one_decides():
    assert deciding_mark([["1", "1,234"], ["x", "1.234"]]) is None
    assert deciding_mark([["1", "1,234"], ["x", "1,5"], ["2.5", ""]]) == ","
