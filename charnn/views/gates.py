"""Every gate and state of each layer at each letter of a name, as heat maps.

Scales go from dark to light all the way, so that they can be read in grey. Axis letters: T time,
H hidden.
"""

import argparse
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from charnn.cores import Direction
from charnn.drawing import (
    Picture,
    PrintLine,
    axis_height,
    discard_line,
    letter_axis,
    plain,
    print_table,
    short,
    visible,
)
from charnn.inference.load import load
from charnn.inference.trained import Trained
from charnn.views.watch import (
    conditioning_label,
    recorder,
    recording,
    run,
    shown_symbols,
    unit_of,
)
from charnn.wording import counted

NUMBERED = 40  # units up to which each has its number


def show(arguments: argparse.Namespace, print_line: PrintLine) -> Figure:
    """The picture that the command line asks for."""
    model = load(arguments.model, "cpu")
    return gates(model, arguments.name, arguments.label, print_line)


def gates(
    model: Trained, name: str, label: str | None = None, print_line: PrintLine = discard_line
) -> Figure:
    """Every gate, candidate and state of each layer and direction at each letter of a name.

    Panels are units by letters; units are sorted by their hidden state after the last letter that
    was read. A generator is conditioned on `label`, or on the most probable one if absent. Raises
    CharnnError as `steps` does.
    """
    letters, found, label = steps(model, name, label)
    _print(letters, found, label, print_line)
    title = short(name) if label is None else f"{short(name)} ({short(label)})"
    return _draw(letters, found, title, unit_of(model))


# ---------------------------------------------------------------- the numbers


class Steps(NamedTuple):
    """What one layer did in one direction, at every step."""

    layer: str  # as in `directions_of`
    cell: str  # "GRU"
    backwards: bool  # it read the last letter first
    values: dict[str, np.ndarray]  # gates, candidate, states: (T, H), in the order of the letters


def steps(
    model: Trained, name: str, label: str | None = None
) -> tuple[Sequence[str], list[Steps], str | None]:
    """The letters that a model reads of a name, what each direction of each layer did, the label.

    T letters; the label is what a generator is conditioned on: `label`, or the most probable one
    if absent. Raises CharnnError as `shown_symbols` and `conditioning_label` do.
    """
    symbols = shown_symbols(model, name)
    label = conditioning_label(model, name, label)
    labels = None if label is None else np.array([model.labels.index(label)])
    with recording(model.network) as directions:
        (read,) = run(model, [symbols], labels)
        return read, [_steps_of(direction) for direction in directions], label


def _steps_of(direction: Direction) -> Steps:
    """The Steps of a direction whose RecordingCore has read one name."""
    core, values = recorder(direction), {}
    names = core.gates[0]._fields
    # The plain cell's only field, the candidate, is its hidden state.
    for name in names if len(names) > 1 else ():
        # A gate is a factor from 0 to 1; only the candidate is a value of its own.
        title = name if name == "candidate" else f"{name} gate"
        values[title] = [getattr(gates, name) for gates in core.gates]
    if isinstance(core.states[0], tuple):
        values["cell state"] = [state[1] for state in core.states]
    values["hidden state"] = core.hidden()
    # What read backwards has the last letter first; pictures show letters as they are written.
    order = slice(None, None, -1 if direction.backwards else 1)
    arrays = {title: torch.cat(rows[order]).cpu().numpy() for title, rows in values.items()}
    cell = type(core.cell).__name__.removesuffix("Cell")
    return Steps(direction.name, cell, direction.backwards, arrays)


def is_gate(title: str) -> bool:
    """Whether values of this title lie between 0 and 1; the others lie around 0."""
    return title.endswith("gate")


# ---------------------------------------------------------------- the text version


def _print(
    letters: Sequence[str], found: Sequence[Steps], label: str | None, print_line: PrintLine
) -> None:
    if label is not None:
        print_line(f"conditioned on the label {label}")
    for step in found:
        units = counted(step.values["hidden state"].shape[1], "unit")
        order = ", read from right to left" if step.backwards else ""
        print_line(f"{step.layer}: {step.cell}, {units}{order}")
        rows = [_means(title, values) for title, values in step.values.items()]
        print_table([["", *map(visible, letters)], *rows], print_line)


def _means(title: str, values: np.ndarray) -> list[str]:
    """A row of the table: the mean over the units at each letter, of values (T, H)."""
    if is_gate(title):
        return [f"mean of {title}", *(f"{mean:.2f}" for mean in values.mean(1))]
    return [f"mean size of {title}", *(f"{mean:.2f}" for mean in np.abs(values).mean(1))]


# ---------------------------------------------------------------- the picture


def _draw(letters: Sequence[str], found: Sequence[Steps], title: str, unit: str) -> Figure:
    """A row of panels for each direction of each layer, two rows for an LSTM's six."""
    titles = list(found[0].values)  # all layers have the same cell
    across = 3 if len(titles) == 6 else min(len(titles), 4)
    down = -(-len(titles) // across)
    width = (max(2.6, 0.3 * len(letters) + 0.6) + 0.7) * across + 0.6
    height = (3.3 + axis_height(letters)) * down * len(found) + 0.5
    figure = Picture(figsize=(max(8.0, width), height), layout="constrained")
    figure.suptitle(f"{title}: what each unit does at each {unit}", fontsize=16)
    grid = figure.subplots(down * len(found), across, squeeze=False).reshape(len(found), -1)
    # One scale for all layers, so that their colours can be compared.
    scales = {title: _scale(title, found) for title in titles}
    for step, panels in zip(found, grid, strict=True):
        # What was read last is the first letter for the backward direction.
        last = 0 if step.backwards else -1
        order = np.argsort(-step.values["hidden state"][last], kind="stable")
        for place, (title, values) in enumerate(step.values.items()):
            axes = panels[place]
            _draw_panel(axes, values.T[order], title, scales[title])
            letter_axis(axes, letters, 13)
            arrow = "←" if step.backwards else "→"
            axes.set_xlabel(f"{unit}s, read  {arrow}", fontsize=12)
            first = place % across == 0
            # Rows of a wide layer are too thin for a number.
            numbered = first and len(order) <= NUMBERED
            numbers = (order + 1).tolist() if numbered else []
            axes.set_yticks(range(len(numbers)), numbers, fontsize=7)
            axes.tick_params(axis="y", length=0)
            if first:
                units = counted(len(order), "unit")
                axes.set_ylabel(f"{step.layer}\n{step.cell}, {units}", fontsize=13)
    return plain(figure)


def _scale(title: str, found: Sequence[Steps]) -> tuple[float, float]:
    """The ends of the colour scale of a gate or state, the same in all layers."""
    if is_gate(title):
        return 0.0, 1.0
    top = max(1.0, *(float(np.abs(step.values[title]).max()) for step in found))
    return -top, top


def _draw_panel(axes: Axes, values: np.ndarray, title: str, scale: tuple[float, float]) -> None:
    """One gate or state, values (H, T), with its scale beside it."""
    low, high = scale
    image = axes.imshow(
        values, aspect="auto", cmap="cividis", interpolation="nearest", norm=Normalize(low, high)
    )
    axes.set_title(title, fontsize=14)
    ticks = [low, (low + high) / 2, high]
    axes.figure.colorbar(image, ax=axes, aspect=25, pad=0.02, format="%.3g", ticks=ticks)
