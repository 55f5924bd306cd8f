"""A network that forecasts a series of numbers, such as a temperature or a price, and what its forecasts are worth.

    python examples/forecast.py --series temperatures.csv --target Temp --lookback 14 --delay 1

charnn is about characters, but its cells read numbers too: its cores and its training loop get a task and a readout of
their own. `series.py` reads the file: the first column is the date, every other column of numbers is read, one of them,
the target, is forecast. On the newest fifth of the rows four methods that anybody should try first make the same
forecasts: was it worth it?

Axis letters: N rows of the series, B batch, T time (rows of a window), I input (columns), H hidden, K rows forecast.
"""

import math
import sys
from dataclasses import fields
from pathlib import Path
from statistics import mean, stdev
from typing import NamedTuple

import numpy as np
import torch
from matplotlib.dates import ConciseDateFormatter
from matplotlib.figure import Figure
from series import Series, calendar, read_series
from torch import Tensor, nn
from torch.nn import functional as F

from charnn import cli
from charnn.config import Config, configure, flag_of
from charnn.drawing import as_bytes
from charnn.errors import CharnnError
from charnn.files import write
from charnn.model import Core, Dropout, build_core
from charnn.training.loop import fit
from charnn.wording import count

DEFAULTS = {"cell": "gru", "nonlinearity": "tanh", "init": "uniform", "forget_bias": 0.0, "hidden": 64, "layers": 1,
            "dropout": 0.0, "epochs": 40, "learning_rate": 0.01, "batch_size": 64, "patience": 8}
NO_CHANGE, LINEAR = "no change", "linear autoregression"


# ---------------------------------------------------------------- the task and the networks


class Batch(NamedTuple):
    """Windows and what came after each, scaled."""

    past: Tensor   # (B, T, I)
    truth: Tensor  # (B, K)
    carries: bool = False  # no window goes on where one of the batch before ended

    def to(self, device):
        """The same batch on another device."""
        return Batch(self.past.to(device), self.truth.to(device))


class Forecast:
    """What `fit` has to know: windows of a series, and how good a forecast of what comes after each is.

    A window is named by its newest row, its origin, and holds every `step`-th of `lookback` rows; forecast are the rows
    `step`, 2 * `step`, ... `delay` after it. Batches are picked from the series, which is all that is held. Its oldest
    70% of rows are for training, then 10% for validation, 20% for the test; a window belongs to the part that holds
    all rows that it forecasts, its past may lie before. Raises CharnnError where there is nothing to learn.
    """

    def __init__(self, series: Series, lookback=14, step=1, delay=1, season=1, loss="mae", batch_size=64):
        rows, past = len(series.values), lookback - step
        if rows < (needed := max(10 * delay, -(-10 * (lookback + delay) // 7), season + delay)):
            raise CharnnError(f"{series.path} holds {count(rows, 'row')}; --lookback {lookback}, --delay {delay} and "
                              f"--season {season} need {needed:,}: give more rows or choose smaller values")
        first, second = rows * 70 // 100, rows * 80 // 100
        training = series.values[:first]
        for name, column in zip(series.columns, training.T, strict=True):
            if column.min() == column.max():
                raise CharnnError(f"{series.path}: {name!r} is {column[0]:g} in all of the training part, the first "
                                  f"{first:,} rows; leave the column out")
        self.mean, self.unit = training[:, 0].mean(), training[:, 0].std()  # of the target
        self.x = torch.from_numpy((series.values - training.mean(0)) / training.std(0)).float()  # (N, I)
        self.behind, self.ahead = torch.arange(step - lookback, 1, step), torch.arange(step, delay + 1, step)  # T, K
        self.training = torch.arange(past, first - delay)  # origins: (M,)
        self.validation = torch.arange(max(past, first - step), second - delay)
        self.test = torch.arange(max(past, season - 1, second - step), rows - delay)  # each with a season before it
        self.season, self.batch_size, self.error = season, batch_size, {"mae": F.l1_loss, "mse": F.mse_loss}[loss]

    def past(self, origins: Tensor) -> Tensor:
        """Origins (B,) -> windows (B, T, I)."""
        return self.x[origins.unsqueeze(1) + self.behind]

    def truth(self, origins: Tensor) -> Tensor:
        """Origins (B,) -> the target after each (B, K)."""
        return self.x[origins.unsqueeze(1) + self.ahead, 0]

    def batches(self, origins: Tensor, size: int = 1024):
        """Origins (M,) -> batches of that size, in order."""
        return (Batch(self.past(some), self.truth(some)) for some in origins.split(size))

    @property
    def batches_per_epoch(self) -> int:
        """How many batches `training_batches` gives."""
        return -(-len(self.training) // self.batch_size)

    def training_batches(self, generator: torch.Generator):
        """One epoch, shuffled by the generator."""
        order = torch.randperm(len(self.training), generator=generator)
        return self.batches(self.training[order], self.batch_size)

    def validation_batches(self):
        """The validation part, always in the same order."""
        return self.batches(self.validation)

    def output(self, network: nn.Module, batch: Batch, state: None) -> tuple[Tensor, None]:
        """The forecasts (B, K); a window leaves no state behind."""
        return network(batch.past), None

    def loss(self, output: Tensor, batch: Batch) -> tuple[Tensor, int]:
        """The sum of the windows' mean losses, of scaled values, and how many windows it is over."""
        return self.error(output, batch.truth, reduction="none").mean(1).sum(), len(output)

    def correct(self, output: Tensor, batch: Batch) -> Tensor:
        """How many windows' forecasts are nearer to the truth than no change: what `fit` calls accuracy."""
        return ((output - batch.truth).abs().mean(1) < (batch.past[:, -1, :1] - batch.truth).abs().mean(1)).sum()


def recurrent(task: Forecast, config: Config) -> nn.Module:
    """Layers of charnn's cells, which read I numbers in place of letters: (B, T, I) -> (B, T, H) and a state."""
    return build_core(config, task.x.shape[1], one_hot=0)


def dense(task: Forecast, config: Config) -> nn.Module:
    """As many hidden units, which see all of a window at once: (B, T, I) -> (B, H)."""
    return nn.Sequential(nn.Flatten(), nn.Linear(len(task.behind) * task.x.shape[1], config.hidden), nn.ReLU())


class Ahead(nn.Module):
    """The newest value of the target, and how far from it each row to come will be; untrained it says "no change"."""

    def __init__(self, body: nn.Module, hidden: int, ahead: int, dropout: float = 0.0):
        super().__init__()
        self.body, self.dropout, self.linear = body, Dropout(dropout), nn.Linear(hidden, ahead)
        for parameter in self.linear.parameters():  # no change
            nn.init.zeros_(parameter)

    def forward(self, past: Tensor) -> Tensor:
        """Windows (B, T, I) -> forecasts (B, K)."""
        hidden = self.body(past)
        hidden = hidden[0][:, -1] if isinstance(self.body, Core) else hidden  # a core's are (B, T, H), and its state
        return past[:, -1, :1] + self.linear(self.dropout(hidden))


# ---------------------------------------------------------------- what anybody should try first, and the comparison


def seasons_before(task: Forecast, origins: Tensor, season: int) -> Tensor:
    """The value a season before each row forecast, or more until it is known: origins (B,) -> forecasts (B, K)."""
    seasons = -(-task.ahead // season)  # (K,)
    return task.x[origins.unsqueeze(1) + task.ahead - seasons * season, 0]


def autoregression(task: Forecast, origins: Tensor):
    """Least squares from the window and a 1 to each row ahead; returns the forecaster (B, T, I) -> (B, K)."""
    inputs = nn.Sequential(nn.Flatten(), nn.ConstantPad1d((0, 1), 1.0))  # (B, T*I + 1)
    squares = products = 0  # sums over all windows are enough, so this too holds few at a time
    for batch in task.batches(origins):
        x = inputs(batch.past.double())
        squares, products = squares + x.T @ x, products + x.T @ batch.truth.double()
    weights = torch.linalg.lstsq(squares, products, driver="gelsd").solution  # (T*I + 1, K), also of equal columns
    return lambda past: (inputs(past.double()) @ weights).float()


@torch.inference_mode()
def answers(forecaster, task: Forecast, origins: Tensor) -> Tensor:
    """A forecaster's answers to the windows of all origins: (M,) -> (M, K)."""
    return torch.cat([forecaster(task.past(some)) for some in origins.split(1024)])


def compare(task: Forecast, config: Config, seeds: int):
    """Each method's `errors` on the test part, for each seed, and the network of the least validation loss."""
    linear = autoregression(task, torch.arange(task.training[0], task.validation[-1] + 1))  # it chooses nothing
    figures = {name: [errors(forecast, task)] for name, forecast in (
        (NO_CHANGE, seasons_before(task, task.test, 1)),  # the newest value, of a season of one row
        (f"same season ({task.season} rows)", seasons_before(task, task.test, task.season)),
        (LINEAR, answers(linear, task, task.test)))}
    for name, build in (("dense network", dense), (f"recurrent network ({config.cell})", recurrent)):
        figures[name], trained = [], []
        for seed in range(seeds):
            torch.manual_seed(seed)
            network = Ahead(build(task, config), config.hidden, len(task.ahead), config.dropout)
            history = fit(network, task, config, torch.device("cpu"), torch.Generator().manual_seed(seed))
            if history.interrupted:  # the table would not show that a network was cut short
                raise KeyboardInterrupt
            best = history.epochs[history.best - 1]
            print(f"{name}, seed {seed}: epoch {history.best} of {len(history.epochs)} kept, validation loss "
                  f"{best.validation_loss:.4f}, {best.validation_accuracy:.0%} nearer than no change", file=sys.stderr)
            figures[name].append(errors(answers(network, task, task.test), task))
            trained.append((best.validation_loss, seed, network))
    return figures, min(trained)[2]


def errors(forecast: Tensor, task: Forecast) -> list[float]:
    """Of test forecasts (M, K), in the target's units: MAE, RMSE, MAE at the first and at the last row ahead."""
    off = (forecast - task.truth(task.test)).double() * task.unit
    by_row = off.abs().mean(0)  # (K,)
    return torch.stack([by_row.mean(), off.square().mean().sqrt(), by_row[0], by_row[-1]]).tolist()


def table(figures: dict[str, list[list[float]]], ahead: Tensor) -> str:
    """A line for each method, mean ± standard deviation where there are several seeds."""
    heads = ["MAE", "RMSE", f"MAE at +{ahead[0]}", f"MAE at +{ahead[-1]}"][:4 if len(ahead) > 1 else 2]
    digits = max(0, 3 - math.floor(math.log10(max(figures[NO_CHANGE][0][0], 1e-9))))  # four that count
    lines = [" " * 36 + "".join(f"{head:>18}" for head in heads)]
    for name, seeds in figures.items():
        cells = (f"{mean(column):.{digits}f}" + (f" ± {stdev(column):.{digits}f}" if len(seeds) > 1 else "")
                 for column in list(zip(*seeds, strict=True))[:len(heads)])
        lines.append(f"{name:36}" + "".join(map("{:>18}".format, cells)))
    return "\n".join(lines)


def verdict(figures: dict[str, list[list[float]]], apart: int) -> str:
    """Is the last method, the recurrent network, worth it: its MAE beside two simple ones', of windows `apart`."""
    *_, (name, seeds) = figures.items()
    maes, lines = [mae for mae, *_ in seeds], [f"By MAE the {name} is"]
    for other in (NO_CHANGE, LINEAR):
        off = mean(maes) - (mae := max(figures[other][0][0], 1e-9))
        lines.append(f"  {100 * abs(off) / mae:.1f}% {'worse' if off > 0 else 'better'} than {other}")
        if len(maes) > 1:
            more = "more" if abs(off) > stdev(maes) else "no more"
            lines[-1] += f", {more} than its seeds differ (± {100 * stdev(maes) / mae:.1f}%)"
    if mean(maes) > (best := min((figures[other][0][0], other) for other in (NO_CHANGE, LINEAR)))[0]:
        lines.append(f"It is not worth its trouble here: {best[1]} is simpler and no worse")
    lines += [f"Windows that do not overlap are few, {apart}: other years may say otherwise"] if apart < 30 else []
    return "\n".join(lines)


# ---------------------------------------------------------------- the picture, and the command


def picture(label: str, target: np.ndarray, dates: np.ndarray, origins: np.ndarray, ahead: np.ndarray,
            forecasts: np.ndarray) -> Figure:
    """The end of a target (N,), and forecasts (P, K) from origins (P,), the last beyond the dates that have a truth."""
    last = len(target) - 1
    style = {"color": "#D55E00", "linewidth": 2}  # vermilion, of Okabe and Ito (2008)
    shown = origins >= last - max(90, 8 * ahead[-1])
    origins, forecasts, first = origins[shown], forecasts[shown], origins[shown][0]
    start = max(0, first - (last - first) // 4)
    axes = (figure := Figure(figsize=(11, 5), layout="constrained")).subplots()
    axes.axvspan(dates[last], dates[-1], color="0.9", linewidth=0)
    axes.plot(dates[start:first + 1], target[start:first + 1], color="0.6", label="past")
    axes.plot(dates[first:last + 1], target[first:], color="black", label="truth")
    rows, values = origins[:, None] + [0, *ahead], np.column_stack([target[origins], forecasts])  # (P, 1 + K)
    paths = (rows[:-1].T, values[:-1].T) if len(ahead) > 1 else (rows[:-1, 1], values[:-1, 1])  # of one row: a line
    made = axes.plot(dates[paths[0]], paths[1], marker="o" if len(ahead) > 1 else None, markevery=[0], **style)
    made[0].set_label(f"forecast {count(ahead[-1], 'row')} ahead")
    axes.plot(dates[rows[-1]], values[-1], "o:", markevery=[0, -1], label="beyond the end: truth not known", **style)
    axes.set_ylabel(label, fontsize=14, parse_math=False)
    axes.set_xlabel("date", fontsize=14)
    axes.tick_params(labelsize=12)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(axes.xaxis.get_major_locator()))
    axes.xaxis.get_offset_text().set_fontsize(12)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper left", ncols=4, frameon=False, fontsize=13)
    return figure


def parse(argv: list[str] | None):
    """The options of the command line, and the Config within them. Raises CharnnError for what cannot work."""
    options = cli.Parser("python examples/forecast.py", description=__doc__.split("\n\n")[0], allow_abbrev=False)
    options.add_argument("--series", metavar="FILE", required=True, help="a CSV file whose first column is the date")
    options.add_argument("--target", metavar="COLUMN", required=True, help="the column to forecast")
    options.add_argument("--unit", metavar="TEXT", help="what it is measured in, for the picture")
    own = {"lookback": (14, "rows of the past in a window"), "step": (1, "keep every N-th row of a window"),
           "delay": (1, "forecast the rows up to N ahead, every one or every --step"),
           "season": (None, "rows of a season; None is by the dates"), "seeds": (3, "networks of each kind")}
    for name, (default, text) in own.items():
        options.add_argument(f"--{name}", type=int, default=default, metavar="N", help=f"{text} (default: {default})")
    options.add_argument("--loss", choices=("mae", "mse"), default="mae", help="what is made small (default: mae)")
    for option in (option for option in fields(Config) if option.name in DEFAULTS):
        text = "windows per step" if option.name == "batch_size" else option.metadata["help"]
        options.add_argument(flag_of(option.name), type=option.type, default=DEFAULTS[option.name],
                             metavar=cli.VALUES[option.type], help=f"{text} (default: %(default)s)")
    options.add_argument("--out", metavar="DIR", help="where the files go (default: the first free runs/<series>-N)")
    given = options.parse_args(argv)
    for name in own:
        value = getattr(given, name)
        if value is not None and value < 1:
            raise CharnnError(f"--{name} {value} is out of range; choose 1 or more")
        if name in ("lookback", "delay") and given.step > 0 and value % given.step:
            raise CharnnError(f"--{name} {value} is no multiple of --step {given.step}; choose one, or another --step")
    return given, configure(bidirectional=False, weight_decay=0.01, **{name: getattr(given, name) for name in DEFAULTS})


def main(argv: list[str] | None = None) -> None:
    """Reads, trains, prints what every method is worth, writes the picture and its numbers."""
    given, config = parse(argv)
    if given.out is not None:
        cli.check_free(Path(given.out), ("forecast.csv", "forecast.png"))
    series = read_series(Path(given.series), given.target)
    season, dates = calendar(series, given.season, given.delay)
    task = Forecast(series, given.lookback, given.step, given.delay, season, given.loss, config.batch_size)
    print(f"{series.path}: {count(len(task.x), 'row')} of {', '.join(series.columns)}; windows: {len(task.training):,} "
          f"training, {len(task.validation):,} validation, {len(task.test):,} test", file=sys.stderr)
    figures, network = compare(task, config, given.seeds)
    print(f"{given.target}, {count(given.delay, 'row')} ahead, {count(len(task.test), 'window')} never seen, of which "
          f"{(apart := -(-len(task.test) // given.delay)):,} do not overlap\n\n{table(figures, task.ahead)}\n")
    print(verdict(figures, apart))
    origins = torch.arange(len(task.x) - 1, int(task.test[0]) - 1, -given.delay).flip(0)  # no row is forecast twice
    forecasts = answers(network, task, origins).numpy() * task.unit + task.mean
    origins, ahead, target = origins.numpy(), task.ahead.numpy(), series.values[:, 0]
    lines = [f"{dates[row]},{target[row] if row < len(target) else ''},{value:.7g},{target[origin]}"
             for origin, values in zip(origins, forecasts, strict=True)
             for row, value in zip(origin + ahead, values, strict=True)]
    out, label = cli.make_folder(given.out, series.path.stem), given.target + (f" ({given.unit})" if given.unit else "")
    write(out / "forecast.csv", "\n".join(["date,truth,forecast,no change", *lines, ""]).encode())
    write(out / "forecast.png", as_bytes(picture(label, target, dates, origins, ahead, forecasts)))
    print(f"\n{out / 'forecast.csv'}, {out / 'forecast.png'}: forecasts of the seed with the least validation loss")


if __name__ == "__main__":
    sys.exit(cli.run(main))
