"""examples/series.py: what it reads, what is wrong with a file, its season and dates to come."""

import warnings

import forecast
import numpy as np
import pytest
import series as series_module
from helpers import call, error_of
from made_series import WEATHER, write_series
from series import calendar, read_series

from charnn.errors import CharnnError


@pytest.mark.parametrize(
    ("unit", "start", "season", "following"),
    [
        ("h", "2020-01-01T00", 24, "2020-01-03T02:00:00"),
        ("D", "2020-01-01", 365, "2020-02-20"),
        ("W", "2020-01-01", 52, "2020-12-16"),
    ],
)
def test_the_spacing_of_the_dates_tells_the_season_and_the_dates_to_come(
    tmp_path, unit, start, season, following
):
    series = read_series(write_series(tmp_path / "s.csv", start, unit, x=range(50)), "x")
    rows, dates = calendar(series, None, 1)
    assert (rows, str(dates[-1])) == (season, following)
    assert calendar(series, 9, 1)[0] == 9


@pytest.mark.parametrize(
    ("months", "day", "season", "to_come"),
    [
        (1, "15", 12, ["2022-01-15", "2022-02-15"]),
        (1, None, 12, ["2022-01-31", "2022-02-28"]),
        (3, "01", 4, ["2022-01-01", "2022-04-01"]),
    ],
)
def test_months_are_no_gaps_and_go_on_by_the_calendar(tmp_path, months, day, season, to_come):
    start = "2019-01" if months == 1 else "2018-04"
    firsts = np.arange(start, "2022-01", months, dtype="datetime64[M]")
    last_days = [str((month + 1).astype("datetime64[D]") - 1) for month in firsts]
    dates = [f"{month}-{day}" for month in firsts] if day else last_days
    lines = ["date,x\n", *(f"{date},1\n" for date in dates)]
    (tmp_path / "s.csv").write_text("".join(lines), encoding="utf-8")
    rows, dates = calendar(read_series(tmp_path / "s.csv", "x"), None, 2)
    assert (rows, list(map(str, dates[-2:]))) == (season, to_come)


def test_what_a_file_may_look_like(tmp_path):
    (tmp_path / "s.csv").write_bytes(
        b'\xef\xbb\xbf"When", "a","word","b"\r\n'
        b'"2020-01-01T09:00+01:00",1,x,2\r\n\r\n'
        b'"2020-01-01 09:00",3,,4e2\r\n'
    )
    with pytest.warns(UserWarning, match="no numbers in word"):
        series = read_series(tmp_path / "s.csv", "b")
    assert series.columns == ["b", "a"]
    assert series.values.tolist() == [[2, 1], [400, 3]]
    assert list(map(str, series.dates)) == ["2020-01-01T08:00:00", "2020-01-01T09:00:00"]
    (tmp_path / "s.csv").write_text("month,x\n1987-05,1\n1987-06,2\n", encoding="utf-8")
    series = read_series(tmp_path / "s.csv", "x")
    assert list(map(str, series.dates)) == ["1987-05-01", "1987-06-01"]


def weather(rows=300, delimiter=",", mark="."):
    """A file of the weather file's shape, and its temperatures."""
    draw = np.random.default_rng(0)
    dates = np.datetime64("2020-12-31T00:10") + np.arange(rows) * np.timedelta64(10, "m")
    values = np.round(draw.normal(900, 500, (rows, 14)), 2)
    names = WEATHER.split(",")
    lines = [delimiter.join(f'"{name}"' for name in names)]
    for date, row in zip(dates.tolist(), values, strict=True):
        numbers = [f"{value:.2f}".replace(".", mark) for value in row]
        lines.append(delimiter.join([date.strftime("%d.%m.%Y %H:%M:%S"), *numbers]))
    return "\n".join(lines) + "\n", dates, values


@pytest.mark.parametrize(
    ("delimiter", "mark", "encoding"),
    [(",", ".", "utf-8"), (";", ",", "utf-8-sig"), (";", ".", "utf-8"), ("\t", ",", "utf-16")],
)
def test_the_weather_file_of_the_notes_is_read(tmp_path, delimiter, mark, encoding):
    text, dates, values = weather(delimiter=delimiter, mark=mark)
    (tmp_path / "weather.csv").write_text(text, encoding=encoding)
    series = read_series(tmp_path / "weather.csv", "T (degC)")
    assert (series.dates == dates.astype("datetime64[s]")).all()
    assert series.columns[:3] == ["T (degC)", "p (mbar)", "Tpot (K)"]
    assert np.array_equal(series.values, values[:, [1, 0, *range(2, 14)]])
    assert calendar(series, None, 1)[0] == 144  # a day


def test_rows_that_stand_there_twice_are_left_out_with_a_warning(tmp_path):
    text, dates, _ = weather(60)
    lines = text.splitlines(keepends=True)
    (tmp_path / "s.csv").write_text("".join([*lines[:41], *lines[31:]]), encoding="utf-8")
    with pytest.warns(UserWarning, match="10 rows left out that are the same as one above"):
        series = read_series(tmp_path / "s.csv", "T (degC)")
    assert (series.dates == dates.astype("datetime64[s]")).all()


def test_numbers_above_a_thousand_are_read_as_they_are_written(tmp_path):
    text = "date;x;y\n01.01.2020;1.234,5;2\n02.01.2020;12.345.678;3\n"
    (tmp_path / "s.csv").write_text(text, encoding="utf-8")
    assert read_series(tmp_path / "s.csv", "x").values.tolist() == [[1234.5, 2], [12345678, 3]]


def test_columns_are_chosen_by_name(tmp_path):
    (tmp_path / "s.csv").write_text(
        'date,a,word,b,"c, d"\n2020-01-01,1,x,2,\n2020-01-02,3,y,4,\n', encoding="utf-8"
    )
    for asked, columns, values in (
        (["b"], ["a", "b"], [[1, 2], [3, 4]]),
        (["b,a", "b"], ["a", "b"], [[1, 2], [3, 4]]),
        (["a"], ["a"], [[1], [3]]),
        ([], ["a"], [[1], [3]]),
    ):
        series = read_series(tmp_path / "s.csv", "a", columns=asked)
        assert (series.columns, series.values.tolist()) == (columns, values)
    for asked, message in (
        (["e"], r"no column 'e', or several; choose --columns from \['a', 'word', 'b', 'c, d'\]"),
        (["date"], "no column 'date'"),
        (["word"], "line 2: 'word' is 'x'"),
        (["c, d"], "line 2: 'c, d' is ''"),
    ):
        with pytest.raises(CharnnError, match=message):
            read_series(tmp_path / "s.csv", "a", columns=asked)


@pytest.mark.parametrize("chunk", [1, 5_000])
@pytest.mark.parametrize(
    ("rows", "columns", "values"),
    [
        # A column that is not asked for might have thousands with dots, or decimal commas.
        (["192.168.100.100,1.100", "192.168.100.101,2.5"], ["T"], [1.1, 2.5]),
        (['"1,5",1.100', '"1,5",2.200'], ["T"], [1.1, 2.2]),
        (['1.5,"1,100"', '1.5,"2,100.5"'], ["T"], [1100, 2100.5]),
        # Of all columns, one that begins with a word is not read.
        (["10.0.0.1,1.100", "192.168.100.100,2.200"], None, [1.1, 2.2]),
        (["none,1.100", '"1,5",2.200'], None, [1.1, 2.2]),
    ],
)
def test_a_column_that_is_not_read_does_not_say_how_numbers_are_written(
    tmp_path, monkeypatch, rows, columns, values, chunk
):
    monkeypatch.setattr(series_module, "CHUNK", chunk)
    lines = [f"2000-01-0{day},{row}" for day, row in enumerate(rows, start=1)]
    (tmp_path / "s.csv").write_text("\n".join(["Date,Host,T", *lines]), encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the column that is left out
        series = read_series(tmp_path / "s.csv", "T", columns=columns)
    assert series.columns == ["T"]
    assert series.values[:, 0].tolist() == values


def test_a_comma_that_may_be_either_is_an_error_only_where_it_is_read(tmp_path):
    rows = ['2000-01-01,"1,100",1.5', '2000-01-02,"2,200",2']
    (tmp_path / "s.csv").write_text("\n".join(["Date,a,T", *rows]), encoding="utf-8")
    assert read_series(tmp_path / "s.csv", "T", columns=["T"]).values.tolist() == [[1.5], [2]]
    with pytest.raises(CharnnError, match="'1,100' may be above a thousand"):
        read_series(tmp_path / "s.csv", "a", columns=["a"])


@pytest.mark.parametrize(
    ("number", "last", "values"),
    [
        ("1.234", "0,5", [1234, 0.5]),  # the mark is known only from the last row
        ("1.234", "0.5", [1.234, 0.5]),
        ("7", "8", [7, 8]),
        ("1,234", "5.5", [1234, 5.5]),
    ],
)
def test_rows_wait_until_one_says_how_numbers_are_written(
    tmp_path, monkeypatch, number, last, values
):
    monkeypatch.setattr(series_module, "CHUNK", 7)
    dates = np.datetime64("2020-01-01") + np.arange(40)
    rows = [f"{date};{number};3" for date in dates[:-1]] + [f"{dates[-1]};{last};4"]
    (tmp_path / "s.csv").write_text("\n".join(["date;x;y", *rows]), encoding="utf-8")
    series = read_series(tmp_path / "s.csv", "x")
    assert series.values.tolist() == [[values[0], 3]] * 39 + [[values[1], 4]]
    assert (series.dates == dates).all()


def test_errors_name_the_line_wherever_a_chunk_begins(tmp_path, monkeypatch):
    monkeypatch.setattr(series_module, "CHUNK", 7)
    for wrong in range(30):
        rows = [f"2020-01-{row + 1:02},1.5,{'?' if row == wrong else row}" for row in range(30)]
        # A blank line and a copy of the row before it move the lines, but not the error's.
        rows[5:5] = ["", rows[4]]
        (tmp_path / "s.csv").write_text("\n".join(["date,x,y", *rows]), encoding="utf-8")
        line = wrong + 2 + 2 * (wrong >= 5)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if wrong == 0:  # a column that begins with a word is left out
                assert read_series(tmp_path / "s.csv", "x").columns == ["x"]
                continue
            with pytest.raises(CharnnError, match=rf"line {line}: 'y' is '\?'"):
                read_series(tmp_path / "s.csv", "x")


@pytest.mark.parametrize(
    ("rows", "unit", "last"),
    [
        (60, "D", "9999-12-31"),
        (60, "W", "9999-12-31"),
        (60, "D", "0001-03-01"),
        (30, "D", "9500-12-31"),
    ],
)
def test_dates_that_no_calendar_could_draw_are_one_error(tmp_path, rows, unit, last):
    start = np.datetime64(last) - (rows - 1) * np.timedelta64(1, unit)
    path = write_series(tmp_path / "s.csv", start, unit, x=range(rows))
    with pytest.raises(CharnnError, match=r"give dates of the years 500 to 9500"):
        calendar(read_series(path, "x"), 7, 5)


GOOD = "date,x,y\n" + "".join(f"2020-01-{day:02},{day % 5},{day % 3}\n" for day in range(1, 31))
CONSTANT_AT_FIRST = "date,x,y\n" + "".join(
    f"20{year}-{month:02}-01,{month},{int(year > 95)}\n"
    for year in range(60, 100)
    for month in range(1, 13)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "s.csv is empty"),
        ("date,Temp,y\n2020-01-01,1,2\n", "choose --target from ['Temp', 'y']"),
        ("date,x,x\n2020-01-01,1,2\n", "or several"),
        ("date,x\n", "holds 0 rows"),
        ("date;x\n2020-01-01;3\n", "holds 1 row"),
        ("date,x\n2020-01-01,\xff\n2020-01-02,3\n", "line 2: 'x' is"),
        ("\0\xff", "has no column 'x'"),
        (
            "date;x;y\n01.01.2020;1,5;2\n02.01.2020;1.5;2\n",
            "line 3: 'x' is '1.5'; give a number in each row, with a decimal comma",
        ),
        (
            "date;x;y\n01.01.2020;1,234;2\n02.01.2020;1,500;2\n",
            "line 2: '1,234' may be above a thousand or have a decimal comma",
        ),
        (
            "date,x\n01/02/2020,1\n01/03/2020,2\n",
            "line 2: '01/02/2020' may begin with the day or with the month",
        ),
        (
            GOOD.replace("2020-01-05", "05.01.2020"),
            "s.csv, line 6: '05.01.2020' is no date; write it",
        ),
        (GOOD.replace("2020-01-05", "2020-01-04"), "line 6: '2020-01-04' repeats the date above"),
        (GOOD.replace("2020-01-05", "2019-01-04"), "line 6: '2019-01-04' is before the date above"),
        (GOOD.replace("05,0,2", "05,,2"), "line 6: 'x' is ''; give a number"),
        (GOOD.replace("05,0,2", "05,0,nan"), "line 6: 'y' is 'nan'; give a number"),
        (GOOD.replace("05,0,2", "05,-inf,2"), "line 6: 'x' is '-inf'"),
        (GOOD.replace("05,0,2", "05,?0.2,2"), "line 6: 'x' is '?0.2'"),
        (GOOD.replace("01,1,1", "01,,1"), "line 2: 'x' is ''"),
        (GOOD.replace("01,1,1", "01,1,"), "line 2: 'y' is ''"),
        (GOOD.replace("05,0,2", "05,0"), "line 6: 2 values under 3 names"),
        (GOOD, "holds 30 rows; --lookback 14, --delay 1 and --season 365 need 366"),
        (CONSTANT_AT_FIRST, "'y' is 0 in all of the training set, the first 336 rows"),
        (
            "date,x\n" + "".join(f"2020-01-01 00:{minute:02},{minute}\n" for minute in range(60)),
            "rows 60 seconds apart no season is known; give --season",
        ),
    ],
)
def test_each_file_that_cannot_be_used_is_one_line(tmp_path, text, message):
    (tmp_path / "s.csv").write_bytes(text.encode("latin-1"))
    result = call(
        forecast.main, "--series", tmp_path / "s.csv", "--target", "x", "--out", tmp_path / "out"
    )
    assert message in error_of(result)
    assert "s.csv" in error_of(result)
    assert not (tmp_path / "out").exists()
