"""What anybody should try before a network: no change, the same season, linear autoregression.

`forecast.py` beside it compares networks with them. Axis letters: N rows of the series, B batch,
T time (rows of a window), I input (columns), K rows forecast, M windows.
"""

from collections.abc import Callable

import torch
from torch import Tensor
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


def autoregression(task: Forecast, first: int, last: int) -> Callable[[Tensor], Tensor]:
    """Least squares from a window and a 1 to the rows ahead: a forecaster (B, T, I) -> (B, K).

    It learns from the windows of all origins from `first` to `last`.
    """
    x, windows = task.x.double(), last + 1 - first
    time, inputs = len(task.behind), x.shape[1]
    columns = time * inputs + 1
    squares = torch.empty(columns, columns, dtype=torch.float64)
    squares[:-1, :-1] = squares_of(x, task, first, windows).view(columns - 1, columns - 1)
    ones, origins = torch.ones(windows, 1, dtype=torch.float64), torch.arange(first, last + 1)
    rows = [x[first + behind : first + behind + windows].T for behind in task.behind.tolist()]
    sums = torch.cat([row @ ones for row in rows])  # (T*I, 1)
    squares[:-1, -1:], squares[-1:, :-1], squares[-1, -1] = sums, sums.T, windows
    products = []
    for ahead in task.ahead.split(16):  # not all rows ahead of all windows are held at once
        truth = task.change(origins, ahead).double()  # (M, K)
        products.append(torch.cat([*(row @ truth for row in rows), ones.T @ truth]))
    squares.diagonal().mul_(1 + RIDGE)
    weights = torch.linalg.solve(squares, torch.cat(products, dim=1))  # (T*I + 1, K)
    return lambda past: (past.flatten(1).double() @ weights[:-1] + weights[-1]).float()


def squares_of(x: Tensor, task: Forecast, first: int, windows: int) -> Tensor:
    """The products of all pairs of a window's numbers, summed over M windows: (T, I, T, I).

    The windows of neighbouring origins are the same rows but for the ends, so each pair of columns
    and distance in time is summed once, and from one row of the window to the next only the rows
    that come and go are counted: for 240 rows of 14 columns some hundred times as fast as summing
    over whole windows.
    """
    time, inputs = len(task.behind), x.shape[1]
    step = int(task.behind[1] - task.behind[0]) if time > 1 else 1
    start = first + int(task.behind[0])
    squares = torch.empty(time, inputs, time, inputs, dtype=torch.float64)
    for lag in range(time):
        later, moves = x[lag * step :], time - 1 - lag

        def products(row: int, later: Tensor = later, moves: int = moves) -> Tensor:
            """Of the rows from `row` on, `step` of them for each move: (moves, I, I)."""
            of, by = (rows[row : row + moves * step] for rows in (x, later))
            shape = moves, step, inputs
            return of.reshape(shape).transpose(1, 2) @ by.reshape(shape)

        oldest = x[start : start + windows].T @ later[start : start + windows]  # (I, I)
        changes = products(start + windows) - products(start)
        blocks = torch.cat([oldest.unsqueeze(0), changes]).cumsum(0)  # (T - lag, I, I)
        row = torch.arange(moves + 1)
        squares[row, :, row + lag] = blocks
        squares[row + lag, :, row] = blocks.transpose(1, 2)
    return squares
