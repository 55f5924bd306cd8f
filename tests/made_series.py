"""Series of numbers for the tests of the examples that forecast one."""

from pathlib import Path

import numpy as np
import programs  # noqa: F401  (finds the examples' modules)
from series import Series

from charnn.presets import configure


def write_series(path, start="2020-01-01", unit="D", **columns):
    """A CSV file of columns of equal length, a row for each unit of time from the start."""
    rows = list(zip(*columns.values(), strict=True))
    dates = np.datetime64(start) + np.arange(len(rows)).astype(f"timedelta64[{unit}]")
    lines = [",".join(["date", *columns])]
    lines += [",".join(map(str, (date, *values))) for date, values in zip(dates, rows, strict=True)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def series_of(*columns):
    """A Series of those columns, a row for each day; the first one is the target."""
    values = np.array(columns, dtype=float).T
    dates = np.datetime64("2020-01-01") + np.arange(len(values))
    return Series(Path("series.csv"), dates, [f"c{i}" for i in range(len(columns))], values)


def wave(rows=400, noise=0.1, seed=0):
    """A sine of 25 rows and noise."""
    sine = np.sin(np.arange(rows) * 2 * np.pi / 25)
    return sine + noise * np.random.default_rng(seed).normal(size=rows)


def autoregressive(rows=2000, seed=0):
    """x' = 3 + 0.6 x - 0.3 x of the row before + noise of standard deviation 1."""
    noise, x = np.random.default_rng(seed).normal(size=rows), [4.0, 4.0]
    for each in noise[2:]:
        x.append(3 + 0.6 * x[-1] - 0.3 * x[-2] + each)
    return np.array(x)


def config(**values):
    """A configuration whose network is trained in a moment."""
    small = {
        "bidirectional": False,
        "weight_decay": 0.0,
        "dropout": 0.0,
        "cell": "gru",
        "hidden": 8,
        "epochs": 15,
        "batch_size": 32,
        "learning_rate": 0.02,
    }
    return configure(**{**small, **values})
