"""Windows of a series, as a task that charnn's training loop can learn.

What `forecast.py` beside it trains on; knows no network. Axis letters: N rows of the series,
B batch, T time (rows of a window), I input (columns), K rows forecast, M windows.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from series import Series
from torch import Tensor, nn
from torch.nn import functional as F
from transforms import TRANSFORMS, Transform, inputs, levels

from charnn.errors import CharnnError
from charnn.wording import counted, quoted

FARTHEST = 1e12  # of a scaled number: sums of its squares are finite in float32
LOSSES = {"mae": F.l1_loss, "mse": F.mse_loss}


class Batch(NamedTuple):
    """Windows and how far the target goes after each, scaled."""

    past: Tensor  # (B, T, I)
    truth: Tensor  # (B, K)
    carries: bool = False  # no window goes on where one of the batch before ended

    def to(self, device: torch.device) -> "Batch":
        """The same batch on another device."""
        return Batch(self.past.to(device), self.truth.to(device))


class Forecast:
    """What `fit` has to know: windows of a series, and how good forecasts of what follows are.

    A window is named by its newest row, its origin, and holds every `step`-th of `lookback` rows;
    forecast is the path of the rows `step`, 2 * `step`, ... `delay` after it, or the last of them
    alone. A forecast is how far the target's level will be from the origin's, in units of how far
    it goes within `delay` rows. Batches are picked from the series, which is all that is held; an
    epoch has all training windows, or `batches` batches of windows drawn anew. The oldest 70% of
    rows are for training, then 10% for validation, 20% for the test; a window belongs to the set
    that holds all rows that it forecasts, its past may lie before. Raises CharnnError where there
    is nothing to learn.
    """

    def __init__(
        self,
        series: Series,
        lookback: int = 14,
        step: int = 1,
        delay: int = 1,
        season: int = 1,
        loss: str = "mae",
        batch_size: int = 64,
        ahead: str = "path",
        batches: int | None = None,
        transform: str = "none",
    ) -> None:
        self.transform = TRANSFORMS[transform]
        oldest = int(self.transform.difference)  # the first row that a window may hold
        rows, past = len(series.values), oldest + lookback - step  # the first origin
        needed = max(10 * delay, -(-10 * (oldest + lookback + delay) // 7), oldest + season + delay)
        if rows < needed:
            raise CharnnError(
                f"{series.path} holds {counted(rows, 'row')}; --lookback {lookback}, "
                f"--delay {delay} and --season {season} need {needed:,}: "
                "give more rows or choose smaller values"
            )
        first_step = step if ahead == "path" else delay
        self.behind = torch.arange(step - lookback, 1, step)  # (T,) from the origin
        self.ahead = torch.arange(first_step, delay + 1, first_step)  # (K,) from the origin
        first, second = rows * 70 // 100, rows * 80 // 100
        level = levels(series, self.transform)  # (N, I)
        target = level[:, 0]
        self.target = series.values[:, 0]  # (N,) as it is
        with np.errstate(all="ignore"):  # check_scale finds what overflows
            read = inputs(level, self.transform)  # (N, I)
            check_changing(series, read[oldest:first], self.transform)
            mean, spread = read[oldest:first].mean(0), read[oldest:first].std(0)  # (I,)
            off = target[delay:first] - target[: first - delay]
            # Of a series that repeats itself after `delay` rows nothing would be left of it.
            self.unit = max(math.sqrt(np.square(off).mean()), target[:first].std() / 1000)
            self.spread = self.target[:first].std()
            x, scaled = (read - mean) / spread, target / self.unit
            check_scale(series, np.append(spread, [self.unit, self.spread]), x, scaled)
        self.x = torch.from_numpy(x.astype(np.float32))  # (N, I)
        self.level = torch.from_numpy(scaled)  # (N,) float64
        # Origins (M,) of each set. In the test each window has a season before it.
        self.training = torch.arange(past, first - delay)
        self.validation = torch.arange(max(past, first - first_step), second - delay)
        self.test = torch.arange(max(past, season - 1, second - first_step), rows - delay)
        self.season, self.batch_size, self.error = season, batch_size, LOSSES[loss]
        every = -(-len(self.training) // batch_size)
        self.batches_per_epoch = every if batches is None else min(every, batches)

    def past(self, origins: Tensor) -> Tensor:
        """Origins (B,) -> windows (B, T, I)."""
        return self.x[origins.unsqueeze(1) + self.behind]

    def truth(self, origins: Tensor) -> Tensor:
        """Origins (B,) -> how far the target goes from each (B, K)."""
        return self.change(origins, self.ahead)

    def change(self, origins: Tensor, rows: Tensor) -> Tensor:
        """How far the target's level is from the origins' (B,) so many rows (K,) later: (B, K)."""
        origins = origins.unsqueeze(1)
        return (self.level[origins + rows] - self.level[origins]).float()

    def values(self, origins: Tensor, changes: Tensor) -> Tensor:
        """Origins (B,) and how far the target goes from each (B, K) -> its values (B, K)."""
        level = (self.level[origins].unsqueeze(1) + changes) * self.unit
        return level.exp() if self.transform.logarithm else level

    def batches(self, origins: Tensor, size: int = 1024) -> Iterator[Batch]:
        """Origins (M,) -> batches of that size, in order."""
        return (Batch(self.past(some), self.truth(some)) for some in origins.split(size))

    def training_batches(self, generator: torch.Generator) -> Iterator[Batch]:
        """One epoch, drawn by the generator."""
        order = torch.randperm(len(self.training), generator=generator)
        order = order[: self.batches_per_epoch * self.batch_size]
        return self.batches(self.training[order], self.batch_size)

    def validation_batches(self) -> Iterator[Batch]:
        """The validation set, always in the same order."""
        return self.batches(self.validation)

    def output(self, network: nn.Module, batch: Batch, state: None) -> tuple[Tensor, None]:
        """The forecasts (B, K); a window leaves no state behind."""
        return network(batch.past), None

    def loss(self, output: Tensor, batch: Batch) -> tuple[Tensor, int]:
        """The sum of the windows' mean losses, of scaled values, and how many windows there are."""
        return self.error(output, batch.truth, reduction="none").mean(1).sum(), len(output)

    def correct(self, output: Tensor, batch: Batch) -> Tensor:
        """How many windows' forecasts are nearer to the truth than no change.

        `fit` calls their share accuracy.
        """
        off = (output - batch.truth).abs().mean(1)  # (B,)
        return (off < batch.truth.abs().mean(1)).sum()


def check_changing(series: Series, training: np.ndarray, transform: Transform) -> None:
    """Raises CharnnError for a column that is the same in all of the training set's rows (N, I)."""
    least, most = training.min(0), training.max(0)
    # The differences of a line differ by what rounding leaves.
    same = np.flatnonzero(most - least <= 1e-9 * np.maximum(abs(least), abs(most)))
    if not len(same):
        return
    column = same[0]
    what = f"is {series.values[0, column]:g}"
    if transform.difference and most[column]:
        what = "rises equally from row to row"
    advice = "leave the column out" if column else "choose another --target or --transform"
    raise CharnnError(
        f"{series.path}: {series.columns[column]!r} {what} in all of the training set, the first "
        f"{len(training) + transform.difference:,} rows; {advice}"
    )


def check_scale(series: Series, scales: np.ndarray, x: np.ndarray, level: np.ndarray) -> None:
    """Raises CharnnError for a column that is too large or too small to be computed with.

    `scales` are the columns' (I,), then two of the target; x (N, I) and level (N,) are scaled.
    """
    target = 0
    # The squares of numbers of that scale are numbers too; nan is in no range.
    usable = (scales > 1e-100) & (scales < 1e100)
    far = ~(np.append(abs(x).max(0), [np.ptp(level), 0]) < FARTHEST)
    wrong = np.flatnonzero(~usable | far)
    if not len(wrong):
        return
    column = wrong[0] if wrong[0] < x.shape[1] else target
    values = series.values[:, column]
    advice = "give it in another unit" if column == target else "leave the column out"
    raise CharnnError(
        f"{series.path}: {quoted(series.columns[column])} goes from {values.min():g} to "
        f"{values.max():g}, too large, too small or too far from the training set to be computed "
        f"with; {advice}"
    )
