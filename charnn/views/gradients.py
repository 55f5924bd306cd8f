"""How strongly the last loss depends on the state at each distance back in time.

Axis letters: S networks or readings, B batch, T time, V symbols, H hidden, L labels.
"""

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import fill
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from torch import Tensor, nn
from torch.nn import functional as F

from charnn.config import Config
from charnn.devices import threads
from charnn.drawing import PrintLine, discard_line, print_table
from charnn.inference.trained import Trained
from charnn.model import build_generator
from charnn.variants import CHANGES, Variant
from charnn.views.fresh_networks import (
    Network,
    freshly_initialised,
    output_of,
    random_letters,
    recorded,
    recorded_layers,
    scale_recurrent_weights,
)
from charnn.views.over_time import (
    LEGEND_WIDTH,
    Compared,
    Curve,
    band,
    legend_beside,
    networks_to_compare,
    steps_back,
    styles,
)

LineStyle = Literal["--", ":"]

STEPS = 100  # letters that are read
SYMBOLS = 16  # that a fresh network knows
ROWS = 32  # sequences read at once
SEEDS = 5  # fresh networks of a curve, or readings of a trained one
DISTANCES = (1, 2, 5, 10, 20, 50, 99)  # steps back that the table shows


def show(arguments: argparse.Namespace, print_line: PrintLine) -> Figure:
    """The picture that the command line asks for."""
    # Clipping is no change to a network that learns nothing: it has a line of its own.
    changes = [name for name in CHANGES if name != "clip"]
    return gradients(networks_to_compare(arguments, changes), arguments.clip, print_line)


def gradients(
    of: Compared, clip: float = Config.clip, print_line: PrintLine = discard_line
) -> Figure:
    """The norm of the last loss's gradient at each distance back, on a logarithmic axis.

    `of`: networks to initialise, by name (`charnn.variants.variants`), or a trained one. Of each
    state the norm of the gradient, the median over the sequences of a batch; the line is the median
    of several networks (of a trained one: of several readings) and the band reaches from the lowest
    to the highest. Dashed: w.r.t. an LSTM's cell state. Dotted, where the gradient of all weights
    is longer than `clip`: what clipping leaves, which scales every distance's share alike.
    """
    if isinstance(of, Trained):
        found = trained_gradients(of)
    else:
        found = {name: fresh_gradients(variant) for name, variant in of.items()}
    _print(found, clip, print_line)
    return _draw(found, clip)


# ---------------------------------------------------------------- the numbers


class Gradients(NamedTuple):
    """The norm of the last loss's gradient at each distance back, in nats per unit of the state.

    Each is the median over the sequences of a batch: one sequence in which the gradient explodes
    would outweigh all others in a mean, and one in which it is 0 would end a geometric mean.
    Column 0 is the last step.
    """

    hidden: np.ndarray  # (S, T) w.r.t. the hidden state
    cell: np.ndarray | None  # (S, T) w.r.t. an LSTM's cell state, None without one
    weights: np.ndarray  # (S,) of the batch's mean loss w.r.t. all weights: what clipping looks at


def at_last_step(network: Network) -> Network:
    """A copy of a network that keeps its states and gives log-probabilities for the last step.

    In 64-bit floats, since the square of what is left of a gradient after 100 steps is too small
    for 32 bits.
    """
    copy = recorded(network).double()
    copy.readout.register_forward_pre_hook(_last_step)
    return copy


def _last_step(readout: nn.Module, inputs: tuple[Any, ...]) -> tuple[Tensor, Tensor]:
    """Replaces a readout's hidden (B, T, D*H) and lengths by the last step alone, (B, 1, D*H)."""
    hidden = inputs[0]
    return hidden[:, -1:], torch.ones(len(hidden), dtype=torch.int64)


def state_gradients(
    network: Network, ids: Tensor, targets: Tensor, labels: Tensor | None = None
) -> list[Gradients]:
    """The gradients in each layer of a network that is `at_last_step`, of one reading: S = 1.

    ids (B, T), targets (B,), labels (B,) for a generator that has labels. A layer's states are
    those of its forward direction. The loss is the NLL of the target after the last step, each
    sequence's own. The derivative w.r.t. an LSTM's hidden state holds the cell state beside it
    fixed; that w.r.t. the cell state includes its effect on the hidden state of the same step, at
    the same output gate.
    """
    output = output_of(network, ids, labels).view(len(ids), -1)  # (B, V) or (B, L)
    losses = F.nll_loss(output, targets, reduction="none")  # (B,)
    # Of each layer h at all steps; for an LSTM then c at all steps.
    kinds = [_states_by_kind(core.states) for core in recorded_layers(network)]
    states = [state for layer in kinds for kind in layer for state in kind]
    weights: list[Tensor] = [weight for weight in network.parameters() if weight.requires_grad]
    # A sequence's states affect its own loss only, so one backward pass serves all.
    found = torch.autograd.grad(losses.sum(), states + weights)
    of_weights = torch.cat([gradient.flatten() for gradient in found[len(states) :]])
    norm_of_weights = (of_weights.norm() / len(ids)).numpy()[None]  # (1,)
    norms = iter([gradient.norm(dim=1).quantile(0.5).item() for gradient in found[: len(states)]])
    gradients_of_layers = []
    for layer in kinds:
        # (1, T) for each kind, the last step first.
        rows = [np.array([[next(norms) for _ in kind][::-1]]) for kind in layer]
        cell = rows[1] if len(rows) == 2 else None
        gradients_of_layers.append(Gradients(rows[0], cell, norm_of_weights))
    return gradients_of_layers


def _states_by_kind(states: Sequence[Any]) -> list[tuple[Tensor, ...]]:
    """States of T steps, each h or (h, c), as h of all steps and, where it is there, c of all."""
    if isinstance(states[0], tuple):
        return list(zip(*states, strict=True))
    return [tuple(states)]


def joined(readings: Iterable[Gradients]) -> Gradients:
    """Several readings as one: S of all."""
    hidden, cell, weights = zip(*readings, strict=True)
    cells = None if cell[0] is None else np.concatenate(cell)
    return Gradients(np.concatenate(hidden), cells, np.concatenate(weights))


def fresh_gradients(variant: Variant) -> Gradients:
    """Of SEEDS freshly initialised networks of one layer that read STEPS random letters.

    The target after them is random too.
    """
    first = variant.config.seed
    with threads(variant.config):
        return joined(_one_fresh_network(variant, seed) for seed in range(first, first + SEEDS))


def _one_fresh_network(variant: Variant, seed: int) -> Gradients:
    """One of those networks: S = 1."""
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        network = build_generator(variant.config, SYMBOLS)
        scale_recurrent_weights(network, variant.scale)
        reading = at_last_step(network)
        ids = torch.randint(SYMBOLS, (ROWS, STEPS))  # (B, T)
        targets = torch.randint(SYMBOLS, (ROWS,))  # (B,)
        return state_gradients(reading, ids, targets)[0]


def trained_gradients(model: Trained) -> dict[str, Gradients]:
    """Of each layer of a trained network, and of SEEDS untrained ones of the same configuration.

    {"layer 1, untrained": ..., "layer 1, trained": ...}. They read random letters of the
    vocabulary; a generator that has labels is conditioned on random ones.
    """
    seeds = range(SEEDS)
    with threads(model.config):
        readings = {
            "untrained": [_read(model, freshly_initialised(model, seed), seed) for seed in seeds],
            "trained": [_read(model, model.network, seed) for seed in seeds],
        }
    return {
        f"layer {layer + 1}, {which}": joined(reading[layer] for reading in several)
        for layer in range(model.config.layers)
        for which, several in readings.items()
    }


def _read(model: Trained, network: Network, seed: int) -> list[Gradients]:
    """One reading of a network with the model's vocabulary: the gradients in each layer, S = 1."""
    generator = torch.Generator().manual_seed(seed)
    ids, labels = random_letters(model, ROWS, STEPS, generator)
    outputs = network.readout.linear.out_features
    targets = torch.randint(outputs, (ROWS,), generator=generator)
    return state_gradients(at_last_step(network), ids, targets, labels)


def median(values: np.ndarray) -> np.ndarray:
    """The median (T,) of several curves (S, T)."""
    return np.median(values, axis=0)


# ---------------------------------------------------------------- the text version


def _print(found: Mapping[str, Gradients], clip: float, print_line: PrintLine) -> None:
    """Some distances, and the gradient of all weights before and after clipping."""
    print_line(
        "norm of the gradient of the last loss, so many steps back "
        "(nats per unit of the hidden state)"
    )
    print_line(
        "weights: that of the gradient w.r.t. all weights; "
        f"clipped: what clipping to {clip:g} leaves of it"
    )
    rows = [["", *map(str, DISTANCES), "weights", "clipped"]]
    for name, values in found.items():
        weights = np.median(values.weights)
        clipped = min(weights, clip)
        rows.append([name, *_at_distances(values.hidden), f"{weights:.2g}", f"{clipped:.2g}"])
        if values.cell is not None:
            rows.append(["  cell state", *_at_distances(values.cell), "", ""])
    print_table(rows, print_line)


def _at_distances(values: np.ndarray) -> Iterator[str]:
    """The median of several curves (S, T) at DISTANCES."""
    return (f"{value:.1e}" for value in median(values)[list(DISTANCES)])


# ---------------------------------------------------------------- the picture


def _draw(found: Mapping[str, Gradients], clip: float) -> Figure:
    """A curve with its band for each network, and in the legend what dashes and dots mean."""
    figure, axes = steps_back(
        "steps back in time",
        "norm of the gradient of the loss\n(nats per unit of the state)",
        "Gradient of the last loss with respect to each earlier state",
        len(found),
    )
    axes.set_yscale("log")
    handles: list[Artist] = []
    notes: dict[str, LineStyle] = {}  # {meaning: the line style that has it}
    for number, curve in enumerate(styles(list(found))):
        # Markers of different curves are not above each other.
        markevery = (number % 5 * 2, 10)
        handles += _draw_curve(axes, curve, found[curve.name], clip, markevery, notes)
    for note, line in notes.items():
        handles.append(Line2D([], [], color="0.3", linewidth=2, linestyle=line, label=note))
    legend_beside(figure, handles)
    return figure


def _draw_curve(
    axes: Axes,
    curve: Curve,
    values: Gradients,
    clip: float,
    markevery: tuple[int, int],
    notes: dict[str, LineStyle],
) -> list[Line2D]:
    """The lines of one network; adds the dashed and the dotted one, where drawn, to `notes`."""
    style = {**curve.style, "markevery": markevery}
    back = np.arange(values.hidden.shape[1])  # (T,)
    middle = median(values.hidden)  # (T,)
    lines = axes.plot(back, middle, label=fill(curve.name, LEGEND_WIDTH), **style)
    band(axes, back, values.hidden, curve.style)
    if values.cell is not None:
        dashed = {**curve.style, "marker": "", "linestyle": "--"}
        axes.plot(back, median(values.cell), **dashed)
        notes["w.r.t. the cell state"] = "--"
    share = np.minimum(1, clip / values.weights)  # (S,): what clipping leaves
    if np.median(share) < 1:
        clipped = median(values.hidden * share[:, None])  # (T,)
        axes.plot(back, clipped, **style, linestyle=":")
        notes[f"clipped to {clip:g}"] = ":"
    return lines
