"""Pictures of how far back a network reaches: gradients, and what it recalls.

Each is one function that returns a matplotlib Figure and gives the same as text, line by line, to `say`. Knows what the
numbers of memory.py mean; it does not compute them. Axis letters: S networks or readings, T steps.
"""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from charnn import memory as far_back
from charnn.config import CELLS, COMPARED, Config
from charnn.drawing import COLOURS, MARKERS, Say, quiet, say_table
from charnn.inference.trained import Trained
from charnn.inside import unit_of
from charnn.memory import DELAYS, DISTANCES, Gradients, Variant
from charnn.wording import count

SIZE = 14  # points: legible on a slide


# ---------------------------------------------------------------- curves over steps back in time


def styles(names: Sequence[str]) -> Iterator[tuple[str, dict]]:
    """How each curve is drawn: (name, what plot() takes); those of a cell or layer share colour and marker.

    A cell is what stands before the comma. The first of several of a cell is what the others are compared with: thin,
    pale, with open markers.
    """
    cells = [name.split(",")[0] for name in names]
    order = CELLS if set(cells) <= set(CELLS) else list(dict.fromkeys(cells))  # a cell looks the same everywhere
    for name, cell, at in zip(names, cells, range(len(names)), strict=True):
        colour, marker = (choice[order.index(cell) % len(choice)] for choice in (COLOURS, MARKERS))
        compared = cells.index(cell) == at and cells.count(cell) > 1
        yield name, {"color": colour, "marker": marker, "markersize": 8, "alpha": 0.55 if compared else 1.0,
                     "linewidth": 1.5 if compared else 2.8, "markerfacecolor": "white" if compared else colour}


def steps_back(xlabel: str, ylabel: str, title: str, curves: int) -> tuple[Figure, Axes]:
    """Empty axes for curves over steps back in time, high enough for the legend of so many."""
    figure = Figure(figsize=(11, max(5.8, 0.6 * curves + 2)), layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel(xlabel, fontsize=SIZE)
    axes.set_ylabel(ylabel, fontsize=SIZE)
    axes.set_title(title, fontsize=SIZE + 1)
    axes.tick_params(labelsize=SIZE - 1)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def band(axes: Axes, x: np.ndarray, values: np.ndarray, style: Mapping) -> None:
    """From the lowest to the highest of several curves (S, T)."""
    axes.fill_between(x, values.min(0), values.max(0), color=style["color"], alpha=0.15, linewidth=0)


def gradients(of: Mapping[str, Variant] | Trained, clip: float = Config.clip, say: Say = quiet) -> Figure:
    """How strongly the last loss depends on the state at each distance back, on a logarithmic axis.

    `of`: networks to draw anew, by name (`memory.variants`), or a trained one. Of each state the norm of the gradient,
    the median over the sequences of a batch; the line is the median of several networks (of a trained one: of several
    readings) and the band reaches from the lowest to the highest. Dashed: w.r.t. an LSTM's cell state. Dotted, where
    the gradient of all weights is longer than `clip`: what clipping leaves, which scales every distance's share alike.
    """
    if isinstance(of, Trained):
        found = far_back.trained_gradients(of)
    else:
        found = {name: far_back.fresh_gradients(variant) for name, variant in of.items()}
    say_gradients(found, clip, say)
    figure, axes = steps_back("steps back in time", "norm of the gradient of the loss\n(nats per unit of the state)",
                              "What the last loss still feels of each earlier step", len(found))
    axes.set_yscale("log")
    handles, notes = [], {}
    for number, (name, style) in enumerate(styles(list(found))):
        values, back = found[name], np.arange(found[name].hidden.shape[1])
        mark = {"markevery": (number % 5 * 2, 10)}
        handles += axes.plot(back, middle(values.hidden), label=fill(name, 24), **style, **mark)
        band(axes, back, values.hidden, style)
        if values.cell is not None:
            axes.plot(back, middle(values.cell), **{**style, "marker": ""}, linestyle="--")
            notes["w.r.t. the cell state"] = "--"
        share = np.minimum(1, clip / values.weights)
        if np.median(share) < 1:
            axes.plot(back, middle(values.hidden * share[:, None]), **style, **mark, linestyle=":")
            notes[f"clipped to {clip:g}"] = ":"
    handles += [Line2D([], [], color="0.3", linewidth=2, linestyle=line, label=note) for note, line in notes.items()]
    figure.legend(handles=handles, loc="outside right upper", fontsize=SIZE - 1, frameon=False)
    return figure


def middle(values: np.ndarray) -> np.ndarray:
    """The median (T,) of several curves (S, T)."""
    return np.median(values, axis=0)


def say_gradients(found: Mapping[str, Gradients], clip: float, say: Say) -> None:
    """The text of `gradients`: some distances, and the gradient of all weights before and after clipping."""
    say("norm of the gradient of the last loss, so many steps back (nats per unit of the hidden state)")
    say(f"weights: that of the gradient w.r.t. all weights; clipped: what clipping to {clip:g} leaves of it")
    rows = [["", *map(str, DISTANCES), "weights", "clipped"]]
    for name, values in found.items():
        weights = np.median(values.weights)
        ends = [f"{weights:.2g}", f"{min(weights, clip):.2g}"]
        rows.append([name, *(f"{value:.1e}" for value in middle(values.hidden)[list(DISTANCES)]), *ends])
        if values.cell is not None:
            rows.append(["  cell state", *(f"{value:.1e}" for value in middle(values.cell)[list(DISTANCES)]), "", ""])
    say_table(rows, say)


def memory(of: Mapping[str, Variant] | Trained, batches: int = COMPARED["batches"], say: Say = quiet,
           note: Say = quiet) -> Figure:
    """How often a symbol that was seen N steps ago is recalled.

    `of`: networks to draw anew, by name, which first learn to from `batches` batches; or a trained one, which learns
    nothing more: a linear classifier is asked of its hidden state. The line is the mean of several networks, the band
    reaches from the lowest to the highest. `note` hears of each curve that is done.
    """
    trained, found = isinstance(of, Trained), {}
    if trained:
        found = {name: values[None] for name, values in far_back.probed_recall(of).items()}
    else:
        for name, variant in of.items():
            found[name] = far_back.learned_recall(variant, batches)
            note(f"{name}: {count(len(found[name]), 'network')} trained")
    chance = 1 / far_back.classes_of(of) if trained else 2 / far_back.SYMBOLS
    thing = unit_of(of) if trained else "symbol"
    say_recall(found, chance, thing, say)
    figure, axes = steps_back(f"steps since the {thing} was seen", f"accuracy (share of {thing}s recalled)",
                              f"What a linear classifier finds of each earlier {thing} in the hidden state" if trained
                              else f"Recall after learning from {batches} batches", len(found))
    if trained:
        axes.set_xlim(-0.5, far_back.BACK + 0.5)
    else:
        axes.set_xscale("log")
        axes.set_xticks(DELAYS, list(map(str, DELAYS)))
        axes.minorticks_off()
    start = 0 if trained else 1
    handles = []
    for number, (name, style) in enumerate(styles(list(found))):
        values = found[name][:, start:]
        back = np.arange(start, start + values.shape[1])
        handles += axes.plot(back, values.mean(0), label=fill(name, 24), **style,
                             markevery=(number % 3, 3) if trained else [d - 1 for d in DELAYS])
        band(axes, back, values, style)
    handles.append(axes.axhline(chance, color="0.3", linestyle=":", linewidth=2, label=f"chance ({chance:.3g})"))
    axes.set_ylim(0, 1.03)
    figure.legend(handles=handles, loc="outside right upper", fontsize=SIZE - 1, frameon=False)
    return figure


def say_recall(found: Mapping[str, np.ndarray], chance: float, thing: str, say: Say) -> None:
    """The text of `memory`: the accuracy at some distances."""
    say(f"accuracy at recalling the {thing} seen N steps ago; chance is {chance:.3g}:")
    longest = min(values.shape[1] for values in found.values())
    shown = [n for n in (DELAYS if thing == "symbol" else (0, 1, 2, 3, 5, 10, 15, 20, 25)) if n < longest]
    say_table([["N", *map(str, shown)], *([name, *(f"{value:.2f}" for value in values.mean(0)[shown])]
                                      for name, values in found.items())], say)
