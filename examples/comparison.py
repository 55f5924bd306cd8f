"""Trains networks, and measures them and simpler methods on the same windows.

What `forecast.py` beside it shows; knows no file and no option. Axis letters: B batch, T time (rows
of a window), I input (columns), K rows forecast, M windows.
"""

import sys
from collections.abc import Callable, Sequence
from statistics import mean
from typing import NamedTuple

import torch
from first_guesses import autoregression, seasons_before
from forecast_shown import LINEAR, NO_CHANGE, SEASON, Errors
from networks import DENSE, RECURRENT, Ahead, build, is_dense
from torch import Tensor
from windows import Forecast

from charnn.config import Config
from charnn.training.history import Epoch, History
from charnn.training.loop import fit

MOST_WEIGHTS = 5_000  # of the autoregression: its square, 200 MB, is solved for them


@torch.inference_mode()
def forecasts_of(forecaster: Callable[[Tensor], Tensor], task: Forecast, origins: Tensor) -> Tensor:
    """A forecaster's changes from all origins: (M,) -> (M, K)."""
    changes = torch.empty(len(origins), len(task.ahead))
    # Small results kept one by one between large blocks would hold on to a gigabyte of those.
    for some, into in zip(origins.split(1024), changes.split(1024), strict=True):
        into.copy_(forecaster(task.past(some)))
    return changes


def errors(changes: Tensor, task: Forecast) -> Errors:
    """Of changes (M, K) forecast from the test set's origins, in the target's units."""
    truth = task.truth(task.test)
    off = task.values(task.test, changes) - task.values(task.test, truth)
    by_row = off.abs().mean(0)  # (K,)
    of_level = (changes - truth).double().abs().mean() * task.unit
    rmse = off.square().mean().sqrt()
    figures = (by_row.mean(), by_row.mean() / task.spread, rmse, of_level, by_row[0], by_row[-1])
    return Errors(*(figure.item() for figure in figures))


class TrainedNetwork(NamedTuple):
    """One network of the comparison."""

    name: str
    seed: int
    network: Ahead
    history: History

    @property
    def validation_loss(self) -> float:
        """Of the weights that were kept."""
        return self.history.epochs[self.history.best - 1].validation_loss


class Comparison(NamedTuple):
    """Each method's errors, of a network for each seed; and the networks."""

    found: dict[str, list[Errors]]
    trained: list[TrainedNetwork]

    @property
    def best(self) -> TrainedNetwork:
        """By validation loss: of the recurrent networks, if any, the best by mean, its best seed.

        No test window is looked at.
        """
        recurrent = [one for one in self.trained if not is_dense(one.name)] or self.trained
        losses = {one.name: list[float]() for one in recurrent}
        for one in recurrent:
            losses[one.name].append(one.validation_loss)
        name = min(losses, key=lambda name: (mean(losses[name]), name))
        of_name = [one for one in recurrent if one.name == name]
        return min(of_name, key=lambda one: (one.validation_loss, one.seed))


def train(name: str, task: Forecast, config: Config, seed: int) -> TrainedNetwork:
    """Trains the network of that name, and says how it went on standard error."""
    torch.manual_seed(seed)
    network, order = build(name, task, config), torch.Generator().manual_seed(seed)
    title = f"{titled(name, config)}, seed {seed}"
    windows = min(len(task.training), task.batches_per_epoch * task.batch_size)  # of an epoch

    def on_epoch(epoch: Epoch) -> None:
        if sys.stderr.isatty():
            line = f"{title}: epoch {epoch.epoch}, validation loss {epoch.validation_loss:.4f}, "
            line += f"{windows / epoch.per_second:.1f} s"
            print(f"{line:79}", end="\r", file=sys.stderr, flush=True)

    history = fit(network, task, config, torch.device("cpu"), order, on_epoch=on_epoch)
    if history.interrupted:  # the table would not show that a network was cut short
        raise KeyboardInterrupt
    best = history.epochs[history.best - 1]
    print(
        f"{title}: epoch {history.best} of {len(history.epochs)} kept, validation "
        f"loss {best.validation_loss:.4f}, {best.validation_accuracy:.0%} nearer than no change",
        file=sys.stderr,
    )
    return TrainedNetwork(name, seed, network, history)


def titled(name: str, config: Config) -> str:
    """What a network is called in the table and the pictures."""
    titles = {DENSE: "dense network", RECURRENT: f"recurrent network ({config.cell})"}
    return titles.get(name, name)


def compare(task: Forecast, config: Config, names: Sequence[str], seeds: int) -> Comparison:
    """Each method's `errors`, and the networks of these names, trained."""
    simple = {
        NO_CHANGE: seasons_before(task, task.test, 1),  # the newest value, of a season of one row
        f"{SEASON} ({task.season} rows)": seasons_before(task, task.test, task.season),
    }
    weights = len(task.behind) * task.x.shape[1] + 1
    if weights <= MOST_WEIGHTS:
        # It chooses nothing on the validation set, so it learns from it too.
        linear = autoregression(task, int(task.training[0]), int(task.validation[-1]))
        simple[LINEAR] = forecasts_of(linear, task, task.test)
    else:
        print(
            f"{LINEAR} left out: {weights:,} weights for each row forecast, more than "
            f"{MOST_WEIGHTS:,}, would take gigabytes and minutes",
            file=sys.stderr,
        )
    found = {name: [errors(changes, task)] for name, changes in simple.items()}
    trained = []
    for name in names:
        title = titled(name, config)
        found[title] = []
        for seed in range(seeds):
            trained.append(train(name, task, config, seed))
            changes = forecasts_of(trained[-1].network, task, task.test)
            found[title].append(errors(changes, task))
    return Comparison(found, trained)
