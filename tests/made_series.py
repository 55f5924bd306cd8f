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


WEATHER = (  # the columns of the Max Planck Institute's weather file, which the notes forecast
    "Date Time,p (mbar),T (degC),Tpot (K),Tdew (degC),rh (%),VPmax (mbar),VPact (mbar),"
    "VPdef (mbar),sh (g/kg),H2OC (mmol/mol),rho (g/m**3),wv (m/s),max. wv (m/s),wd (deg)"
)


def write_weather(path, rows, seed=0):
    """A file of that file's shape: days, years and slow weather in the temperature, noise beside it."""
    draw, row = np.random.default_rng(seed), np.arange(rows)
    slow = np.zeros(rows)
    for after, noise in enumerate(0.25 * draw.normal(size=rows - 1), start=1):
        slow[after] = 0.998 * slow[after - 1] + noise
    day, year = (np.cos(2 * np.pi * row / length) for length in (144, 52_596))
    values = 10 + 0.1 * slow[:, np.newaxis] + draw.normal(size=(rows, 14))
    values[:, 1] = 9 - 12 * year - 4 * day + slow
    values[:, 2] = values[:, 1] + 273.15 + 0.1 * draw.normal(size=rows)
    dates = np.datetime64("2009-01-01T00:10:00") + row * np.timedelta64(10, "m")
    with path.open("w", encoding="utf-8") as file:
        file.write(WEATHER + "\n")
        for date, numbers in zip(dates.tolist(), values.tolist(), strict=True):
            file.write(
                ",".join([f"{date:%d.%m.%Y %H:%M:%S}", *(f"{x:.2f}" for x in numbers)]) + "\n"
            )
    return path


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
