"""examples/forecast_shown.py: what is said of forecasts, and their picture."""

import numpy as np
import pytest
from forecast_shown import LINEAR, Curve, Errors, curves, picture, table, verdict
from made_series import series_of, wave
from series import calendar

NETWORK = "recurrent network (gru)"


def found(*maes, no_change=2.0, linear=1.0):
    """A comparison in which each method has these errors, whichever way they are counted."""
    methods = {
        "no change": [no_change],
        "linear autoregression": [linear],
        "recurrent network (gru)": maes,
    }
    return {name: [Errors(*[mae] * 6) for mae in seeds] for name, seeds in methods.items()}


@pytest.mark.parametrize(
    ("maes", "said", "not_worth"),
    [
        (
            (0.9, 0.9),
            ["55.0% better than no change, more", "10.0% better than linear autoregression, more"],
            None,
        ),
        (
            (0.7, 1.2),
            [
                "52.5% better than no change, more",
                "5.0% better than linear autoregression, no more",
            ],
            None,
        ),
        (
            (1.5, 1.5),
            ["25.0% better than no change, more", "50.0% worse than linear autoregression"],
            LINEAR,
        ),
        ((2.5,), ["25.0% worse than no change", "150.0% worse than linear autoregression"], LINEAR),
    ],
)
def test_the_verdict_says_better_or_worse_and_if_the_seeds_differ_by_as_much(maes, said, not_worth):
    words = verdict(found(*maes), NETWORK, 100)
    assert [part for part in said if part not in words] == [], words
    assert ("not worth its trouble" in words) == (not_worth is not None)
    assert not_worth is None or f"here: {not_worth} is simpler" in words


def test_the_verdict_names_the_better_of_two_that_beat_the_network():
    few = verdict(found(3.0, 3.1, no_change=1.0, linear=2.0), NETWORK, 7)
    assert "here: no change is simpler" in few
    assert "few, 7: other years may say otherwise" in few
    # There is no percentage of nothing, and no error below 0.
    assert "better than no change" not in verdict(found(1.0, no_change=0.0), NETWORK, 30)


def test_the_table_has_a_spread_for_several_seeds_and_columns_for_several_rows_ahead():
    head, no_change, linear, network = table(found(1.0, 3.0), [1]).splitlines()
    assert head.split() == ["MAE", "MAE", "in", "sd", "RMSE"]
    assert no_change.split() == ["no", "change", *["2.000"] * 3]
    assert linear.split() == ["linear", "autoregression", *["1.000"] * 3]
    assert network.split("(gru)")[1].split() == ["2.000", "±", "1.414"] * 3  # 2 / sqrt(2)
    assert table(found(1.0), [2, 4, 6]).splitlines()[0].endswith("RMSE  MAE at +2  MAE at +6")
    assert table(found(1.0), [1], logarithm=True).splitlines()[0].endswith("RMSE  MAE of log")


def test_the_verdict_is_beside_every_simpler_method_and_the_seeds_of_both():
    methods = found(0.9, 1.1) | {
        "same season (7 rows)": [Errors(*[4.0] * 6)],
        "dense-32": [Errors(*[mae] * 6) for mae in (1.0, 1.4)],
        "another": [Errors(*[0.1] * 6)],
    }
    words = verdict(methods, NETWORK, 100)
    assert "75.0% better than same season (7 rows), more than the seeds differ" in words
    # 0.2 off; sqrt(0.1414^2 + 0.2828^2) = 0.3162, of 1.2
    assert "16.7% better than dense-32, no more than the seeds differ (± 26.4%)" in words
    assert "another" not in words


def test_the_curves_have_a_panel_for_each_network_and_lines_for_each_seed():
    drawn = [Curve(name, [3.0, 2.0, 1.0], [3.0, 2.5, 2.6], 2) for name in "aabcd"]
    figure = curves("error", drawn, 2.8)
    panels = [axes for axes in figure.axes if axes.get_title()]
    assert [axes.get_title() for axes in panels] == list("abcd")
    assert [len(axes.get_lines()) for axes in panels] == [2 * 3 + 1, 4, 4, 4]
    training, validation, kept, no_change = panels[1].get_lines()
    assert list(training.get_ydata()) == [3.0, 2.0, 1.0]
    assert list(validation.get_ydata()) == [3.0, 2.5, 2.6]
    assert (list(kept.get_xdata()), list(kept.get_ydata())) == ([2], [2.5])
    assert list(no_change.get_ydata()) == [2.8, 2.8]


def test_single_rows_ahead_are_one_line_and_those_beyond_the_end_another():
    series, delay = series_of(wave(300)), 5
    _, dates = calendar(series, 25, delay)
    origins = np.arange(200, 300)
    made = np.arange(100.0)[:, np.newaxis]
    (axes,) = picture("x", series.values[:, 0], dates, origins, np.array([delay]), made).axes
    _, _, forecast, beyond = axes.get_lines()
    shown = np.arange(209, 295)  # of which the truth is known, 90 rows before the end
    assert list(forecast.get_xdata()) == list(dates[shown + delay])
    assert list(forecast.get_ydata()) == list(shown - 200.0)
    assert list(beyond.get_xdata()) == list(dates[[299, *range(300, 305)]])
    assert list(beyond.get_ydata()) == [series.values[299, 0], 95, 96, 97, 98, 99]


def test_the_picture_has_what_was_what_was_forecast_and_what_lies_beyond():
    for ahead in (np.array([1]), np.array([1, 2, 3])):
        series, delay = series_of(wave(300)), ahead[-1]
        _, dates = calendar(series, 25, delay)
        origins = np.arange(299, 238, -delay)[::-1]
        made = np.ones((len(origins), len(ahead)))
        (axes,) = picture("price ($)", series.values[:, 0], dates, origins, ahead, made).axes
        past, truth, *made, beyond = axes.get_lines()
        assert past.get_xdata()[-1] == truth.get_xdata()[0] == dates[origins[0]]
        assert truth.get_xdata()[-1] == beyond.get_xdata()[0] == dates[299]
        assert beyond.get_xdata()[-1] == dates[-1] > series.dates[-1]
        assert len(made) == (1 if len(ahead) == 1 else len(origins) - 1)
        assert axes.get_ylabel() == "price ($)"
