"""examples/networks.py: what each network reads, forecasts and learns."""

import pytest
import torch
from comparison import forecasts_of
from first_guesses import seasons_before
from made_series import config, series_of, wave
from networks import NAMES, NOTES, InputDropout, Layout, build, core_of, network_names, newest
from windows import Forecast

from charnn.cores import Bidirectional, Stacked
from charnn.errors import CharnnError
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
    return task.truth(task.validation).abs().mean().item()


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


# ---------------------------------------------------------------- the lecture notes' networks


def test_names_of_networks_are_words_with_or_without_commas():
    assert network_names(["gru-32,dense", "dense"]) == ["gru-32", "dense"]
    assert network_names([" recurrent , gru-32-64"]) == ["recurrent", "gru-32-64"]
    assert network_names(["all"]) == list(NOTES)
    others = [name for name in NOTES if name != "gru-32-64"]
    assert network_names(["gru-32-64,all"]) == ["gru-32-64", *others]
    for asked, message in (
        (["gru32"], "--networks 'gru32' is unknown; .*mean gru-32"),
        ([","], "names none"),
    ):
        with pytest.raises(CharnnError, match=message):
            network_names(asked)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        # Keras's counts for 3 columns, with torch's second bias where Keras has one (GRU: reset_after).
        ("dense-32", (4 * 3 + 1) * 32 + 33),
        ("gru-32", 3 * 32 * (3 + 32 + 2) + 33),
        ("gru-32-dropout", 3 * 32 * (3 + 32 + 2) + 33),
        ("gru-32-64", 3 * 32 * (3 + 32 + 2) + 3 * 64 * (32 + 64 + 2) + 65),
        ("bidirectional-lstm-32", 2 * 4 * 32 * (3 + 32 + 2) + 65),
        ("bidirectional-gru-32", 2 * 3 * 32 * (3 + 32 + 2) + 65),
    ],
)
def test_the_notes_networks_have_their_sizes_and_learn(name, parameters):
    task = Forecast(
        series_of(wave(), wave(seed=1), wave(seed=2)), lookback=8, step=2, delay=4, ahead="last"
    )
    chosen = config(hidden=5, epochs=2, forget_bias=1.0, cell="lstm")
    network = build(name, task, chosen)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters
    history = fit(network, task, chosen, torch.device("cpu"), torch.Generator().manual_seed(0))
    assert history.epochs[-1].validation_loss < validate_no_change(task)
    past = task.past(task.test)
    assert torch.equal(network(past), network(past))  # nothing is dropped when it forecasts


def test_the_stacked_network_drops_what_the_notes_say():
    task = Forecast(series_of(wave()), lookback=6)
    core = build("gru-32-64", task, config()).body
    assert isinstance(core, Stacked)
    assert [layer.dropout.p for layer in core.cores] == [0.1, 0.1]
    assert [layer.core.dropout.p for layer in core.cores] == [0.5, 0.5]
    core = build("gru-32-dropout", task, config()).body
    assert (core.dropout.p, core.core.dropout.p) == (0.2, 0.2)


def test_inputs_are_dropped_in_all_rows_of_a_window_alike():
    class Same(torch.nn.Module):
        hidden_size = 3

        def forward(self, x, state, lengths):
            return x, state

    dropout = InputDropout(Same(), 0.5)
    dropout.train()
    hidden, _ = dropout(torch.ones(50, 4, 3))
    assert torch.equal(hidden, hidden[:, :1].expand(50, 4, 3))
    assert set(hidden.unique().tolist()) == {0.0, 2.0}
    dropout.eval()
    assert torch.equal(dropout(torch.ones(50, 4, 3))[0], torch.ones(50, 4, 3))


def test_both_directions_have_read_the_whole_window():
    task = Forecast(series_of(wave()), lookback=6)
    network = build("bidirectional-gru-32", task, config())
    assert isinstance(network.body, Bidirectional)
    torch.nn.init.ones_(network.linear.weight)
    past = task.past(task.test)
    forwards, _ = network.body.forwards(past)
    backwards, _ = network.body.backwards(past.flip(1))
    expected = torch.cat([forwards[:, -1], backwards[:, -1]], dim=1).sum(1, keepdim=True)
    torch.testing.assert_close(network(past), expected)


@pytest.mark.parametrize("sizes", [(4,), (4, 5)])
@pytest.mark.parametrize("dropout", [0.0, 0.1])
def test_both_directions_have_read_the_whole_window_under_dropout_and_in_layers(sizes, dropout):
    core = core_of(Layout("gru", sizes, dropout, bidirectional=True), 3, config()).eval()
    x = torch.randn(7, 6, 3)
    inside = x
    layers = list(core.cores) if len(sizes) > 1 else [core]
    bare = [layer.core if dropout else layer for layer in layers]
    for layer in bare[:-1]:
        inside, _ = layer(inside)
    forwards, _ = bare[-1].forwards(inside)
    backwards, _ = bare[-1].backwards(inside.flip(1))
    expected = torch.cat([forwards[:, -1], backwards[:, -1]], dim=1)
    torch.testing.assert_close(newest(core, core(x)[0]), expected)


def test_every_name_is_built():
    task = Forecast(series_of(wave()), lookback=6)
    for name in NAMES:
        assert build(name, task, config())(task.past(task.test)).shape == (len(task.test), 1)
