"""examples/networks.py: what each network reads, forecasts and learns."""

import pytest
import torch
from comparison import forecasts_of
from first_guesses import seasons_before
from made_series import config, series_of, wave
from networks import build
from windows import Forecast

from charnn.training.loop import fit, validate


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru", "torch-gru"])
@pytest.mark.parametrize("layers", [1, 2])
def test_every_cell_reads_several_columns_and_says_no_change_before_it_has_learned(cell, layers):
    task = Forecast(series_of(wave(), wave(seed=1), wave(seed=2)), lookback=6, step=2, delay=4)
    for name in ("recurrent", "dense"):
        chosen = config(cell=cell, layers=layers, epochs=2)
        network = build(name, task, chosen)
        no_change = seasons_before(task, task.test, 1)
        assert torch.equal(network(task.past(task.test)), no_change)
        history = fit(network, task, chosen, torch.device("cpu"), torch.Generator().manual_seed(0))
        assert history.epochs[-1].validation_loss < validate_no_change(task)
        assert network(task.past(task.test)).shape == (len(task.test), 2)


def test_a_forecast_is_a_step_from_the_newest_value_by_the_hidden_state_after_the_newest_row():
    task = Forecast(series_of(wave(), wave(seed=1)), lookback=6)
    network = build("recurrent", task, config())
    torch.nn.init.ones_(network.linear.weight)
    past = task.past(task.test)
    hidden, _ = network.body(past)
    torch.testing.assert_close(network(past), hidden[:, 5].sum(1, keepdim=True))


def validate_no_change(task):
    """The validation loss of the forecast that nothing changes."""
    no_change = forecast.seasons_before(task, task.validation, 1)
    return (no_change - task.truth(task.validation)).abs().mean().item()


def test_fit_keeps_the_best_weights_and_its_accuracy_is_the_share_nearer_than_no_change():
    torch.manual_seed(0)
    task = Forecast(series_of(wave(120, noise=1.0)), lookback=10)
    chosen = config(epochs=60, patience=4)
    network = build("recurrent", task, chosen)
    history = fit(network, task, chosen, torch.device("cpu"), torch.Generator().manual_seed(0))
    losses = [epoch.validation_loss for epoch in history.epochs]
    assert len(losses) == history.best + 4 < 60
    answers = forecasts_of(network, task, task.validation)
    truth, unchanged = (
        task.truth(task.validation),
        seasons_before(task, task.validation, 1),
    )
    nearer = (answers - truth).abs() < (unchanged - truth).abs()
    loss, accuracy = validate(network, task, torch.device("cpu"))
    assert loss == min(losses) == pytest.approx((answers - truth).abs().mean().item())
    assert accuracy == pytest.approx(nearer.float().mean().item())
