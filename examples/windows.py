"""Windows of a series, as a task that charnn's training loop can learn.

What `forecast.py` beside it trains on; knows no network. Axis letters: N rows of the series,
B batch, T time (rows of a window), I input (columns), K rows forecast, M windows.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from series import Series
from torch import Tensor, nn
from torch.nn import functional as F

from charnn.errors import CharnnError
from charnn.wording import counted

LOSSES = {"mae": F.l1_loss, "mse": F.mse_loss}


class Batch(NamedTuple):
    """Windows and what came after each, scaled."""

    past: Tensor  # (B, T, I)
    truth: Tensor  # (B, K)
    carries: bool = False  # no window goes on where one of the batch before ended

    def to(self, device: torch.device) -> "Batch":
        """The same batch on another device."""
        return Batch(self.past.to(device), self.truth.to(device))


class Forecast:
    """What `fit` has to know: windows of a series, and how good forecasts of what follows are.

    A window is named by its newest row, its origin, and holds every `step`-th of `lookback` rows;
    forecast are the rows `step`, 2 * `step`, ... `delay` after it. Batches are picked from the
    series, which is all that is held. Its oldest 70% of rows are for training, then 10% for
    validation, 20% for the test; a window belongs to the set that holds all rows that it forecasts,
    its past may lie before. Raises CharnnError where there is nothing to learn.
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
    ) -> None:
        rows, past = len(series.values), lookback - step
        needed = max(10 * delay, -(-10 * (lookback + delay) // 7), season + delay)
        if rows < needed:
            raise CharnnError(
                f"{series.path} holds {counted(rows, 'row')}; --lookback {lookback}, "
                f"--delay {delay} and --season {season} need {needed:,}: "
                "give more rows or choose smaller values"
            )
        first, second = rows * 70 // 100, rows * 80 // 100
        training = series.values[:first]
        for name, column in zip(series.columns, training.T, strict=True):
            if column.min() == column.max():
                raise CharnnError(
                    f"{series.path}: {name!r} is {column[0]:g} in all of the "
                    f"training set, the first {first:,} rows; leave the column out"
                )
        self.mean, self.unit = training[:, 0].mean(), training[:, 0].std()  # of the target
        scaled = (series.values - training.mean(0)) / training.std(0)
        self.x = torch.from_numpy(scaled).float()  # (N, I)
        self.behind = torch.arange(step - lookback, 1, step)  # (T,) from the origin
        self.ahead = torch.arange(step, delay + 1, step)  # (K,) from the origin
        # Origins (M,) of each set. In the test each window has a season before it.
        self.training = torch.arange(past, first - delay)
        self.validation = torch.arange(max(past, first - step), second - delay)
        self.test = torch.arange(max(past, season - 1, second - step), rows - delay)
        self.season, self.batch_size, self.error = season, batch_size, LOSSES[loss]

    def past(self, origins: Tensor) -> Tensor:
        """Origins (B,) -> windows (B, T, I)."""
        return self.x[origins.unsqueeze(1) + self.behind]

    def truth(self, origins: Tensor) -> Tensor:
        """Origins (B,) -> the target after each (B, K)."""
        return self.x[origins.unsqueeze(1) + self.ahead, 0]

    def batches(self, origins: Tensor, size: int = 1024) -> Iterator[Batch]:
        """Origins (M,) -> batches of that size, in order."""
        return (Batch(self.past(some), self.truth(some)) for some in origins.split(size))

    @property
    def batches_per_epoch(self) -> int:
        """How many batches `training_batches` gives."""
        return -(-len(self.training) // self.batch_size)

    def training_batches(self, generator: torch.Generator) -> Iterator[Batch]:
        """One epoch, shuffled by the generator."""
        order = torch.randperm(len(self.training), generator=generator)
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
        unchanged = (batch.past[:, -1, :1] - batch.truth).abs().mean(1)
        return (off < unchanged).sum()
