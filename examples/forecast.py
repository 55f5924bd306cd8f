"""Networks that forecast a series of numbers, such as a temperature or a price. Are they worth it?

    python examples/forecast.py --series temperatures.csv --target Temp --lookback 14 --delay 1

charnn is about characters, but its cells read numbers too: its cores and its training loop get a
task and a readout of their own. `series.py` reads the file: the first column is the date, every
other column of numbers is read, one of them, the target, is forecast. `windows.py` makes a task of
it, and `networks.py` the networks. On the newest fifth of the rows the methods of
`first_guesses.py`, which anybody should try first, make the same forecasts (`comparison.py`), and
`forecast_shown.py` prints and draws what they are worth.

Axis letters: N rows of the series, B batch, T time (rows of a window), I input (columns), K rows
forecast, M windows.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
import torch
from comparison import Comparison, TrainedNetwork, compare, forecasts_of, titled
from forecast_shown import Curve, curves, picture, table, verdict
from networks import ALL, DENSE, NAMES, RECURRENT, network_names
from series import calendar, read_series
from transforms import TRANSFORMS
from windows import LOSSES, Forecast

from charnn import cli
from charnn.config import Config, flag_of
from charnn.devices import threads
from charnn.drawing import as_bytes
from charnn.errors import CharnnError
from charnn.files import write
from charnn.presets import configure
from charnn.table_options import add_table_options, table_options
from charnn.wording import counted

DEFAULTS = {
    "cell": "gru",
    "nonlinearity": "tanh",
    "init": "uniform",
    "forget_bias": 0.0,
    "hidden": 64,
    "layers": 1,
    "dropout": 0.0,
    "optimizer": "adamw",
    "epochs": 40,
    "learning_rate": 0.01,
    "batch_size": 64,
    "patience": 8,
}
FILES = ("forecast.csv", "forecast.png", "curves.png")


# ---------------------------------------------------------------- the command


def parse(argv: list[str] | None) -> tuple[argparse.Namespace, Config]:
    """The options, and the Config within them. Raises CharnnError for what cannot work."""
    options = cli.Parser(description=__doc__, allow_abbrev=False)
    add_options(options)
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
    for name in NUMBERS:
        value = getattr(given, name)
        if value is not None and value < 1:
            raise CharnnError(f"--{name} {value} is out of range; choose 1 or more")
    for name in ("lookback", "delay") if given.ahead == "path" else ("lookback",):
        if getattr(given, name) % given.step:
            raise CharnnError(
                f"--{name} {getattr(given, name)} is no multiple of "
                f"--step {given.step}; choose one, or another --step"
            )
    given.networks = network_names(given.networks)
    values = {name: getattr(given, name) for name in DEFAULTS}
    return given, configure(bidirectional=False, weight_decay=0.01, **values)


NUMBERS = {
    "lookback": (14, "rows of the past in a window"),
    "step": (1, "keep every N-th row of a window"),
    "delay": (1, "forecast the rows up to N ahead, every one or every --step; see --ahead"),
    "season": (None, "rows of a season; None is by the dates"),
    "seeds": (3, "networks of each kind"),
    "batches": (None, "batches of an epoch, of windows drawn anew; None is all windows"),
}


def add_options(options: argparse.ArgumentParser) -> None:
    """The options that are this program's own."""
    options.add_argument(
        "--series", metavar="TABLE", required=True, help="a table whose first column is the date"
    )
    options.add_argument("--target", metavar="COLUMN", required=True, help="the column to forecast")
    options.add_argument(
        "--columns",
        metavar="COLUMN",
        nargs="+",
        help="the columns read beside the target, also as A,B,C (default: all that hold numbers; "
        "the target's own name for none)",
    )
    options.add_argument(
        "--transform",
        choices=TRANSFORMS,
        default="none",
        help="read and forecast differences from row to row, logarithms, or differences of "
        "logarithms, of all columns; errors stay in the target's own units (default: none)",
    )
    options.add_argument("--unit", metavar="TEXT", help="what it is measured in, for the picture")
    for name, (rows, text) in NUMBERS.items():
        options.add_argument(
            f"--{name}", type=int, default=rows, metavar="N", help=f"{text} (default: {rows})"
        )
    options.add_argument(
        "--ahead",
        choices=("path", "last"),
        default="path",
        help="all rows up to --delay ahead, or the last of them alone (default: path)",
    )
    options.add_argument(
        "--networks",
        metavar="NAME",
        nargs="+",
        default=[DENSE, RECURRENT],
        help=f"which networks, also as A,B,C: {', '.join(NAMES)}; the first two are of --hidden, "
        f"--cell, --layers and --dropout, the others are the lecture notes', {ALL} of them "
        f"together (default: {DENSE},{RECURRENT})",
    )
    options.add_argument(
        "--loss", choices=LOSSES, default="mae", help="what is made small (default: mae)"
    )


def main(argv: list[str] | None = None) -> None:
    """Reads, trains, prints what every method is worth, writes the pictures and the numbers."""
    given, config = parse(argv)
    if given.out is not None:
        cli.check_free(Path(given.out), FILES)
    series = read_series(Path(given.series), given.target, table_options(given), given.columns)
    season, dates = calendar(series, given.season, given.delay)
    task = Forecast(
        series,
        given.lookback,
        given.step,
        given.delay,
        season,
        given.loss,
        config.batch_size,
        given.ahead,
        given.batches,
        given.transform,
    )
    print(
        f"{series.path}: {counted(len(task.x), 'row')} of {', '.join(series.columns)}; windows: "
        f"{len(task.training):,} training, {len(task.validation):,} validation, "
        f"{len(task.test):,} test",
        file=sys.stderr,
    )
    with threads(config):
        comparison = compare(task, config, given.networks, given.seeds)
    best = comparison.best
    apart = -(-len(task.test) // given.delay)
    print(
        f"{given.target}, {counted(given.delay, 'row')} ahead, "
        f"{counted(len(task.test), 'window')} never seen, of which {apart:,} do not overlap; "
        f"1 sd is {task.spread:.4g}\n\n"
        f"{table(comparison.found, task.ahead.tolist(), task.transform.logarithm)}\n"
    )
    print(verdict(comparison.found, titled(best.name, config), apart))
    with threads(config):
        contents = shown(comparison, task, config, given, dates)
    out = cli.make_folder(given.out, series.path.stem)
    for name, content in zip(FILES, contents, strict=True):
        write(out / name, content)
    print(
        f"\n{', '.join(str(out / name) for name in FILES)}: forecasts of "
        f"{titled(best.name, config)}, the seed with the least validation loss"
    )


def shown(
    comparison: Comparison,
    task: Forecast,
    config: Config,
    given: argparse.Namespace,
    dates: np.ndarray,
) -> list[bytes]:
    """The contents of FILES: the best network's forecasts, their picture, and all curves."""
    label = given.target + (f" ({given.unit})" if given.unit else "")
    # From the newest row backwards, so far apart that no row is forecast twice.
    apart = given.delay if len(task.ahead) > 1 else 1
    newest = torch.arange(len(task.x) - 1, int(task.test[0]) - 1, -apart).flip(0)
    changes = forecasts_of(comparison.best.network, task, newest)
    forecasts, origins = task.values(newest, changes).numpy(), newest.numpy()
    ahead, target = task.ahead.numpy(), task.target
    lines = [
        f"{dates[row]},{target[row] if row < len(target) else ''},{value:.7g},{target[origin]}"
        for origin, values in zip(origins, forecasts, strict=True)
        for row, value in zip(origin + ahead, values, strict=True)
    ]
    return [
        "\n".join(["date,truth,forecast,no change", *lines, ""]).encode(),
        as_bytes(picture(label, target, dates, origins, ahead, forecasts)),
        as_bytes(curves(*curves_of(comparison.trained, task, config, label))),
    ]


def curves_of(
    trained: Sequence[TrainedNetwork], task: Forecast, config: Config, label: str
) -> tuple[str, list[Curve], float]:
    """What they are of, the losses of each network by epoch, and the loss of no change."""
    squared = task.error is LOSSES["mse"]
    scale = task.unit**2 if squared else task.unit
    what = "mean squared error" if squared else "mean absolute error"
    of = f"the logarithm of {label}" if task.transform.logarithm else label
    nothing = torch.zeros(len(task.validation), len(task.ahead))
    no_change = task.error(nothing, task.truth(task.validation)).item() * scale
    drawn = [
        Curve(
            titled(one.name, config),
            [epoch.train_loss * scale for epoch in one.history.epochs],
            [epoch.validation_loss * scale for epoch in one.history.epochs],
            one.history.best,
        )
        for one in trained
    ]
    return f"{what}\nof {of}", drawn, no_change


if __name__ == "__main__":
    sys.exit(cli.run(main))
