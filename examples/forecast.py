"""A network that forecasts a series of numbers, such as a temperature or a price. Is it worth it?

    python examples/forecast.py --series temperatures.csv --target Temp --lookback 14 --delay 1

charnn is about characters, but its cells read numbers too: its cores and its training loop get a
task and a readout of their own. `series.py` reads the file: the first column is the date, every
other column of numbers is read, one of them, the target, is forecast. `windows.py` makes a task of
it. On the newest fifth of the rows four methods that anybody should try first make the same
forecasts; `forecast_shown.py` prints and draws the comparison.

Axis letters: N rows of the series, B batch, T time (rows of a window), I input (columns), H hidden,
K rows forecast, M windows.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import NamedTuple

import torch
from forecast_shown import LINEAR, NO_CHANGE, Errors, picture, table, verdict
from series import calendar, read_series
from torch import Tensor, nn
from windows import LOSSES, Forecast

from charnn import cli
from charnn.config import Config, flag_of
from charnn.devices import threads
from charnn.drawing import as_bytes
from charnn.errors import CharnnError
from charnn.files import write
from charnn.model import Core, Dropout, build_core
from charnn.presets import configure
from charnn.table_options import add_table_options, table_options
from charnn.training.loop import fit
from charnn.wording import counted

DEFAULTS = {
    "cell": "gru",
    "nonlinearity": "tanh",
    "init": "uniform",
    "forget_bias": 0.0,
    "hidden": 64,
    "layers": 1,
    "dropout": 0.0,
    "epochs": 40,
    "learning_rate": 0.01,
    "batch_size": 64,
    "patience": 8,
}
FILES = ("forecast.csv", "forecast.png")


# ---------------------------------------------------------------- the networks


def recurrent(task: Forecast, config: Config) -> nn.Module:
    """Layers of charnn's cells, which read I numbers: (B, T, I) -> (B, T, H) and a state."""
    return build_core(config, task.x.shape[1], one_hot_inputs=0)


def dense(task: Forecast, config: Config) -> nn.Module:
    """As many hidden units, which see all of a window at once: (B, T, I) -> (B, H)."""
    inputs = len(task.behind) * task.x.shape[1]
    return nn.Sequential(nn.Flatten(), nn.Linear(inputs, config.hidden), nn.ReLU())


class Ahead(nn.Module):
    """The target's newest value, and how far from it each row to come will be.

    Untrained it says "no change".
    """

    def __init__(self, body: nn.Module, hidden: int, ahead: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.body, self.dropout = body, Dropout(dropout)
        self.linear = nn.Linear(hidden, ahead)
        for parameter in self.linear.parameters():
            nn.init.zeros_(parameter)

    def forward(self, past: Tensor) -> Tensor:
        """Windows (B, T, I) -> forecasts (B, K)."""
        hidden = self.body(past)
        if isinstance(self.body, Core):  # it gives hidden states (B, T, H) and its last state
            hidden = hidden[0][:, -1]  # (B, H)
        change: Tensor = self.linear(self.dropout(hidden))  # (B, K)
        return past[:, -1, :1] + change


# ---------------------------------------------------------------- what anybody should try first


def seasons_before(task: Forecast, origins: Tensor, season: int) -> Tensor:
    """The value a season before each row forecast: origins (B,) -> forecasts (B, K).

    As many seasons before as it takes for the value to be known.
    """
    seasons = -(-task.ahead // season)  # (K,)
    return task.x[origins.unsqueeze(1) + task.ahead - seasons * season, 0]


def autoregression(task: Forecast, origins: Tensor) -> Callable[[Tensor], Tensor]:
    """Least squares from a window and a 1 to the rows ahead: a forecaster (B, T, I) -> (B, K)."""
    inputs = nn.Sequential(nn.Flatten(), nn.ConstantPad1d((0, 1), 1.0))  # (B, T*I + 1)
    columns = len(task.behind) * task.x.shape[1] + 1
    # Sums over all windows are enough, so this too holds few windows at a time.
    squares = torch.zeros(columns, columns, dtype=torch.float64)
    products = torch.zeros(columns, len(task.ahead), dtype=torch.float64)
    for batch in task.batches(origins):
        x = inputs(batch.past.double())
        squares += x.T @ x
        products += x.T @ batch.truth.double()
    # gelsd also solves for columns that are equal, which have no unique solution.
    weights = torch.linalg.lstsq(squares, products, driver="gelsd").solution  # (T*I + 1, K)
    return lambda past: (inputs(past.double()) @ weights).float()


# ---------------------------------------------------------------- the comparison


@torch.inference_mode()
def forecasts_of(forecaster: Callable[[Tensor], Tensor], task: Forecast, origins: Tensor) -> Tensor:
    """A forecaster's forecasts from all origins: (M,) -> (M, K)."""
    return torch.cat([forecaster(task.past(some)) for some in origins.split(1024)])


def errors(forecasts: Tensor, task: Forecast) -> Errors:
    """Of forecasts (M, K) from the test set's origins, in the target's units."""
    off = (forecasts - task.truth(task.test)).double() * task.unit
    by_row = off.abs().mean(0)  # (K,)
    rmse = off.square().mean().sqrt()
    return Errors(*(figure.item() for figure in (by_row.mean(), rmse, by_row[0], by_row[-1])))


class TrainedNetwork(NamedTuple):
    """One network of the comparison."""

    validation_loss: float
    seed: int
    network: Ahead


def train(name: str, body: nn.Module, task: Forecast, config: Config, seed: int) -> TrainedNetwork:
    """Trains a network with that body, and says how it went on standard error."""
    network = Ahead(body, config.hidden, len(task.ahead), config.dropout)
    order = torch.Generator().manual_seed(seed)
    with threads(config):
        history = fit(network, task, config, torch.device("cpu"), order)
    if history.interrupted:  # the table would not show that a network was cut short
        raise KeyboardInterrupt
    best = history.epochs[history.best - 1]
    print(
        f"{name}, seed {seed}: epoch {history.best} of {len(history.epochs)} kept, validation "
        f"loss {best.validation_loss:.4f}, {best.validation_accuracy:.0%} nearer than no change",
        file=sys.stderr,
    )
    return TrainedNetwork(best.validation_loss, seed, network)


def compare(task: Forecast, config: Config, seeds: int) -> tuple[dict[str, list[Errors]], Ahead]:
    """Each method's `errors` for each seed, and the best recurrent network by validation loss."""
    # Autoregression chooses nothing on the validation set, so it learns from it too.
    known = torch.arange(int(task.training[0]), int(task.validation[-1]) + 1)
    linear = autoregression(task, known)
    simple = {
        NO_CHANGE: seasons_before(task, task.test, 1),  # the newest value, of a season of one row
        f"same season ({task.season} rows)": seasons_before(task, task.test, task.season),
        LINEAR: forecasts_of(linear, task, task.test),
    }
    found = {name: [errors(forecasts, task)] for name, forecasts in simple.items()}
    trained: list[TrainedNetwork] = []
    for name, build in (
        ("dense network", dense),
        (f"recurrent network ({config.cell})", recurrent),
    ):
        found[name], trained = [], []
        for seed in range(seeds):
            torch.manual_seed(seed)
            trained.append(train(name, build(task, config), task, config, seed))
            forecasts = forecasts_of(trained[-1].network, task, task.test)
            found[name].append(errors(forecasts, task))
    return found, min(trained, key=lambda one: (one.validation_loss, one.seed)).network


# ---------------------------------------------------------------- the command


def parse(argv: list[str] | None) -> tuple[argparse.Namespace, Config]:
    """The options, and the Config within them. Raises CharnnError for what cannot work."""
    options = cli.Parser(description=__doc__, formatter_class=cli.RAW, allow_abbrev=False)
    options.add_argument(
        "--series", metavar="FILE", required=True, help="a table whose first column is the date"
    )
    options.add_argument("--target", metavar="COLUMN", required=True, help="the column to forecast")
    options.add_argument("--unit", metavar="TEXT", help="what it is measured in, for the picture")
    own = {
        "lookback": (14, "rows of the past in a window"),
        "step": (1, "keep every N-th row of a window"),
        "delay": (1, "forecast the rows up to N ahead, every one or every --step"),
        "season": (None, "rows of a season; None is by the dates"),
        "seeds": (3, "networks of each kind"),
    }
    for name, (rows, text) in own.items():
        options.add_argument(
            f"--{name}", type=int, default=rows, metavar="N", help=f"{text} (default: {rows})"
        )
    options.add_argument(
        "--loss", choices=LOSSES, default="mae", help="what is made small (default: mae)"
    )
    for option in (option for option in fields(Config) if option.name in DEFAULTS):
        text = "windows per step" if option.name == "batch_size" else option.metadata["help"]
        default = DEFAULTS[option.name]
        options.add_argument(
            flag_of(option.name),
            type=type(default),
            default=default,
            metavar=cli.VALUES[type(default)],
            help=f"{text} (default: %(default)s)",
        )
    options.add_argument(
        "--out", metavar="DIR", help="where the files go (default: the first free runs/<series>-N)"
    )
    add_table_options(options)
    given = options.parse_args(argv)
    for name in own:
        value = getattr(given, name)
        if value is not None and value < 1:
            raise CharnnError(f"--{name} {value} is out of range; choose 1 or more")
    for name in ("lookback", "delay"):
        if getattr(given, name) % given.step:
            raise CharnnError(
                f"--{name} {getattr(given, name)} is no multiple of "
                f"--step {given.step}; choose one, or another --step"
            )
    values = {name: getattr(given, name) for name in DEFAULTS}
    return given, configure(bidirectional=False, weight_decay=0.01, **values)


def main(argv: list[str] | None = None) -> None:
    """Reads, trains, prints what every method is worth, writes the picture and its numbers."""
    given, config = parse(argv)
    if given.out is not None:
        cli.check_free(Path(given.out), FILES)
    series = read_series(Path(given.series), given.target, table_options(given))
    season, dates = calendar(series, given.season, given.delay)
    task = Forecast(
        series, given.lookback, given.step, given.delay, season, given.loss, config.batch_size
    )
    print(
        f"{series.path}: {counted(len(task.x), 'row')} of {', '.join(series.columns)}; windows: "
        f"{len(task.training):,} training, {len(task.validation):,} validation, "
        f"{len(task.test):,} test",
        file=sys.stderr,
    )
    found, network = compare(task, config, given.seeds)
    apart = -(-len(task.test) // given.delay)
    print(
        f"{given.target}, {counted(given.delay, 'row')} ahead, "
        f"{counted(len(task.test), 'window')} never seen, of which {apart:,} do not overlap\n\n"
        f"{table(found, int(task.ahead[0]), int(task.ahead[-1]))}\n"
    )
    print(verdict(found, apart))

    # From the newest row backwards, so far apart that no row is forecast twice.
    newest_first = torch.arange(len(task.x) - 1, int(task.test[0]) - 1, -given.delay)
    scaled = forecasts_of(network, task, newest_first.flip(0)).numpy()
    forecasts = scaled * task.unit + task.mean
    origins, ahead, target = newest_first.flip(0).numpy(), task.ahead.numpy(), series.values[:, 0]
    lines = [
        f"{dates[row]},{target[row] if row < len(target) else ''},{value:.7g},{target[origin]}"
        for origin, values in zip(origins, forecasts, strict=True)
        for row, value in zip(origin + ahead, values, strict=True)
    ]
    label = given.target + (f" ({given.unit})" if given.unit else "")
    image = as_bytes(picture(label, target, dates, origins, ahead, forecasts))
    out = cli.make_folder(given.out, series.path.stem)
    write(out / FILES[0], "\n".join(["date,truth,forecast,no change", *lines, ""]).encode())
    write(out / FILES[1], image)
    print(
        f"\n{out / FILES[0]}, {out / FILES[1]}: forecasts of the seed with the least validation "
        "loss"
    )


if __name__ == "__main__":
    sys.exit(cli.run(main))
