"""What anybody should try before a network: no change, the same season, linear autoregression.

`forecast.py` beside it compares networks with them. Axis letters: N rows of the series, B batch,
T time (rows of a window), I input (columns), K rows forecast, M windows.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from windows import Forecast

# Added to the squares, as a share of them: of columns that are equal or nearly so, such as a
# temperature in two units, it makes one solution; far too small to be seen in any forecast.
RIDGE = 1e-9


def seasons_before(task: Forecast, origins: Tensor, season: int) -> Tensor:
    """The value a season before each row forecast: origins (B,) -> changes (B, K).

    As many seasons before as it takes for the value to be known.
    """
    seasons = -(-task.ahead // season)  # (K,)
    return task.change(origins, task.ahead - seasons * season)


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
    squares.diagonal().mul_(1 + RIDGE)
    weights = torch.linalg.solve(squares, products)  # (T*I + 1, K)
    return lambda past: (inputs(past.double()) @ weights).float()
