"""How long work still takes: said once, if it is long, from the speed that it had."""

import pytest

from charnn import waiting
from charnn.waiting import Forecast, long_work_told, watched, watched_file
from charnn.wording import about_duration


@pytest.fixture
def clock(monkeypatch):
    """A clock that only moves when a test moves it."""
    now = [0.0]
    monkeypatch.setattr(waiting.time, "monotonic", lambda: now[0])
    return now


def said_of(pieces, seconds_each, clock, capsys):
    """What is told while so many pieces take so long each; asserts that none is lost."""
    done = []
    for piece in watched(range(pieces), pieces):
        done.append(piece)
        clock[0] += seconds_each
    assert done == list(range(pieces))
    return capsys.readouterr().err


def test_long_work_is_told_once(clock, capsys):
    with long_work_told():
        # After four pieces, of which the first is not measured, 96 are left at a second each.
        assert said_of(100, 1, clock, capsys) == "about 2 minutes to go\n"


@pytest.mark.parametrize(("pieces", "seconds"), [(12, 1), (5, 0), (1, 50), (0, 1)])
def test_short_work_is_not(pieces, seconds, clock, capsys):
    with long_work_told():
        assert said_of(pieces, seconds, clock, capsys) == ""


def test_nothing_is_told_where_no_command_runs(clock, capsys):
    assert said_of(100, 1, clock, capsys) == ""


def test_a_part_of_watched_work_is_not_told_of(clock, capsys):
    with long_work_told():
        for _ in watched(range(2), 2):
            assert said_of(100, 1, clock, capsys) == ""
        assert said_of(100, 1, clock, capsys) != "", "afterwards it is"


def test_what_was_done_before_does_not_count(clock):
    forecast = Forecast(total=1000, done=900)
    answers = []
    for _ in range(100):
        clock[0] += 1
        answers.append(forecast.after(1))
    assert [answer for answer in answers if answer] == [about_duration(97)]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (11, "about 10 seconds"),
        (47, "about 50 seconds"),
        (100, "about 2 minutes"),
        (3600, "about 60 minutes"),
        (3 * 3600, "about 3 hours"),
    ],
)
def test_a_duration_is_rough(seconds, text):
    assert about_duration(seconds) == text


def test_a_file_is_told_of_as_it_is_read(clock, capsys, tmp_path):
    path = tmp_path / "names.txt"
    path.write_bytes(b"Hinton\n" * 1000)
    with open(path, "rb") as file:
        read = watched_file(file)
        while read.read(70):
            clock[0] += 1
    assert capsys.readouterr().err == "about 2 minutes to go\n"
