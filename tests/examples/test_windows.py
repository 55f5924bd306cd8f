"""examples/windows.py: the windows of a series, and the sets that they belong to."""

import numpy as np
import pytest
import torch
from first_guesses import seasons_before
from made_series import series_of, wave
from windows import Forecast

from charnn.errors import CharnnError


def test_a_window_is_every_step_th_row_up_to_its_origin_and_its_truth_the_target_after_it():
    rows = np.arange(60.0)
    task = Forecast(series_of(rows, rows**2), lookback=6, step=2, delay=4)
    unscaled = task.x[:, 0].numpy() * rows[:42].std() + rows[:42].mean()
    assert unscaled.tolist() == pytest.approx(rows.tolist(), abs=1e-4)
    past, truth, _ = next(task.batches(torch.tensor([10, 17])))
    assert torch.equal(past[0], task.x[[6, 8, 10]])
    assert torch.equal(past[1], task.x[[13, 15, 17]])
    assert (truth * task.unit).tolist() == [pytest.approx([2, 4])] * 2  # from the origin
    assert task.values(torch.tensor([10, 17]), truth).tolist() == [
        pytest.approx([12, 14]),
        pytest.approx([19, 21]),
    ]


def test_only_the_series_is_held():
    task = Forecast(series_of(wave(2000)), lookback=500)
    held = sum(value.numel() for value in vars(task).values() if isinstance(value, torch.Tensor))
    assert held < 3 * 2000 + 500 + 10
    assert len(next(iter(task.training_batches(torch.Generator())))[0]) == task.batch_size


@pytest.mark.parametrize(("step", "delay"), [(1, 1), (1, 3), (2, 6)])
def test_no_part_forecasts_a_row_of_another(step, delay):
    task = Forecast(series_of(wave(100)), lookback=10, step=step, delay=delay, season=7)
    sets = (task.training, 0, 70), (task.validation, 70, 80), (task.test, 80, 100)
    for origins, first, end in sets:
        rows = origins.unsqueeze(1) + task.ahead
        assert rows.min() >= first
        assert rows.max() == end - 1  # and none is left out at the end
        assert (origins.unsqueeze(1) + task.behind).min() >= 0
    assert (task.validation[0] + task.ahead[0], task.test[0] + task.ahead[0]) == (70, 80)


def test_every_test_window_has_a_season_before_it():
    task = Forecast(series_of(np.arange(100.0)), lookback=10, season=95, delay=3)
    assert task.test.tolist() == [94, 95, 96]
    values = task.values(task.test, seasons_before(task, task.test, 95))[:, 0]
    assert values.tolist() == pytest.approx([0, 1, 2], abs=1e-4)


def test_every_epoch_has_every_training_window_once():
    task = Forecast(series_of(np.arange(100.0)), lookback=5, batch_size=16)
    batches = list(task.training_batches(torch.Generator().manual_seed(0)))
    assert len(batches) == task.batches_per_epoch
    newest = torch.cat([batch.past[:, -1, 0] for batch in batches])
    assert not torch.equal(newest, newest.sort().values)
    assert torch.equal(newest.sort().values, task.x[task.training, 0])


def test_the_scale_is_that_of_the_training_part():
    values = wave(200)
    task = Forecast(series_of(values), lookback=6, delay=3)
    assert task.spread == values[:140].std()
    assert task.x[:140].mean().item() == pytest.approx(0, abs=1e-6)
    assert task.x[:140].std(correction=0).item() == pytest.approx(1)
    # What is forecast: in units of how far the target goes within `delay` rows.
    last = task.truth(torch.arange(137))[:, -1]
    assert last.square().mean().item() == pytest.approx(1, rel=1e-5)


def test_a_series_that_repeats_itself_exactly_has_a_scale():
    task = Forecast(series_of(np.tile(np.arange(10.0), 20)), lookback=6, delay=10, ahead="last")
    assert task.unit > 0
    assert torch.isfinite(task.truth(task.test)).all()


def test_the_last_row_alone_is_exactly_delay_rows_ahead():
    rows = np.arange(300.0)
    task = Forecast(series_of(rows), lookback=12, step=6, delay=20, ahead="last")
    assert task.ahead.tolist() == [20]
    origins = torch.tensor([30, 100])
    assert task.values(origins, task.truth(origins)).tolist() == [
        [pytest.approx(50)],
        [pytest.approx(120)],
    ]
    for origins, first, end in (
        (task.training, 0, 210),
        (task.validation, 210, 240),
        (task.test, 240, 300),
    ):
        assert (int(origins[0]) + 20 >= first, int(origins[-1]) + 20) == (True, end - 1)
    assert (int(task.validation[0]) + 20, int(task.test[0]) + 20) == (210, 240)


def test_an_epoch_of_some_batches_is_drawn_anew():
    task = Forecast(series_of(np.arange(300.0)), lookback=5, batch_size=16, batches=3)
    order, drawn = torch.Generator().manual_seed(0), []
    for _ in range(2):
        batches = list(task.training_batches(order))
        assert len(batches) == task.batches_per_epoch == 3
        newest = torch.cat([batch.past[:, -1, 0] for batch in batches]).tolist()
        assert len(set(newest)) == 3 * 16
        drawn.append(newest)
    assert set(drawn[0]) != set(drawn[1])
    every = Forecast(series_of(np.arange(300.0)), lookback=5, batch_size=16, batches=1000)
    assert (
        every.batches_per_epoch
        == len(list(every.training_batches(order)))
        == -(-len(every.training) // 16)
    )


def test_the_loss_may_be_the_squared_error():
    series = series_of(wave())
    absolute, squared = (Forecast(series, loss=loss) for loss in ("mae", "mse"))
    batch = next(absolute.validation_batches())
    off = (0.5 - batch.truth).mean(1)
    half = torch.full_like(batch.truth, 0.5)
    assert absolute.loss(half, batch)[0] == pytest.approx(off.abs().sum().item())
    assert squared.loss(half, batch)[0] == pytest.approx(off.square().sum().item())


def test_a_series_that_is_too_short_needs_as_many_rows_as_it_says():
    for options in (
        {"lookback": 14},
        {"lookback": 6, "delay": 4, "step": 2},
        {"lookback": 2, "season": 50},
        {"lookback": 6, "delay": 3, "transform": "diff", "ahead": "last"},
        {"lookback": 2, "season": 50, "transform": "diff"},
    ):
        with pytest.raises(CharnnError, match=r"need \d+:") as error:
            Forecast(series_of(wave(5)), **options)
        needed = int(str(error.value).split(" need ")[1].split(":")[0])
        task = Forecast(series_of(wave(needed)), **options)
        assert min(map(len, (task.training, task.validation, task.test))) > 0


def jump(value):
    """A wave whose newest value is another."""
    return np.append(wave(399), value)


@pytest.mark.parametrize("transform", ["none", "diff"])
@pytest.mark.parametrize("ahead", ["path", "last"])
@pytest.mark.parametrize(
    "columns",
    [
        [wave() * 1e300],
        [wave() * 1.1e308],
        [wave() * 1e-200],
        [wave() * 1e-320],
        [jump(1e300)],
        [jump(1e40)],
        [wave(), wave(seed=1) * 1e300],
        [wave(), wave(seed=1) * 1e-200],
        [wave(), jump(-1e40)],
    ],
)
def test_numbers_that_cannot_be_computed_with_are_one_error_with_the_column(
    columns, ahead, transform
):
    with pytest.raises(CharnnError, match=rf"'c{len(columns) - 1}' goes from .* to .*; "):
        Forecast(series_of(*columns), delay=2, ahead=ahead, transform=transform)


@pytest.mark.parametrize("scale", [1e-30, 1e-6, 1e9, 1e30])
def test_scaled_numbers_are_the_same_in_any_unit(scale):
    usual, other = (Forecast(series_of(wave() * unit)) for unit in (1, scale))
    torch.testing.assert_close(other.x, usual.x)
    torch.testing.assert_close(other.level, usual.level)
