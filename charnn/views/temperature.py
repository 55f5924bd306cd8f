"""The probabilities of the next letter at several temperatures. Axis letters: V symbols."""

import argparse
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from charnn.drawing import (
    BLUE,
    LIGHT,
    Picture,
    PrintLine,
    discard_line,
    drawable,
    name_ticks,
    short,
    visible,
)
from charnn.errors import CharnnError
from charnn.inference.generator import NEWLINE, Generator
from charnn.inference.load import load
from charnn.inference.sampling import narrow, softmax
from charnn.views.watch import unit_of
from charnn.wording import counted

LIKELY = 20  # symbols with a bar of their own, at most
TEMPERATURES = (0.5, 1.0, 2.0)
TOP_P = 0.9


def show(arguments: argparse.Namespace, print_line: PrintLine) -> Figure:
    """The picture that the command line asks for. Raises CharnnError for a classifier."""
    model = load("generator" if arguments.model is None else arguments.model, "cpu")
    if not isinstance(model, Generator):
        raise CharnnError(f"{arguments.model} is a classifier; give a generator's model file")
    if arguments.label is None and len(model.labels) > 1:
        raise CharnnError(
            f"the next letter depends on the label; add --label, such as --label {model.labels[0]}"
        )
    return temperature(model, arguments.prefix, arguments.label, print_line=print_line)


def temperature(
    generator: Generator,
    prefix: str = "",
    label: str | None = None,
    temperatures: Sequence[float] = TEMPERATURES,
    top_p: float = TOP_P,
    print_line: PrintLine = discard_line,
) -> Figure:
    """The probabilities of the letter after a prefix at several temperatures, with the nucleus.

    They are those that `generate` draws from; the nucleus is what `top_p` keeps. Each title has the
    entropy -sum p log2 p in bits, of all letters. The symbols are in the same order everywhere, the
    most probable at temperature 1 first. Raises CharnnError for values out of range and as
    Generator.next_letter does, so for no label where the generator knows some.
    """
    _check(temperatures, top_p)
    log_probs = generator.next_letter(prefix, label)  # (V,)
    # The unknown symbol is left out: it is never generated.
    order = 1 + np.argsort(-log_probs[1:], kind="stable")  # (V - 1,)
    distributions = [distribution_at(log_probs[order], value, top_p) for value in temperatures]
    symbols = [_name_of(generator, id_) for id_ in order.tolist()]
    unit = unit_of(generator)
    title = _title(prefix, label, unit)
    _print(title, symbols, distributions, top_p, unit, print_line)
    return _draw(title, symbols, distributions, top_p, unit)


# ---------------------------------------------------------------- the numbers


class Distribution(NamedTuple):
    """What the next symbol is drawn from at a temperature."""

    temperature: float
    probabilities: np.ndarray  # (V,), float64
    kept: np.ndarray  # (V,) bool: those that top-p keeps

    def title(self, unit: str) -> str:
        """The temperature with its figures; `unit` is "letter" or "word"."""
        return (
            f"temperature {self.temperature:g}: entropy {entropy_of(self.probabilities):.2f} bits, "
            f"{counted(int(self.kept.sum()), unit)} in the nucleus"
        )


def distribution_at(log_probs: np.ndarray, temperature: float, top_p: float) -> Distribution:
    """Log-probabilities (V,) at a temperature, and which of them top-p keeps there."""
    row = log_probs[None]  # (1, V)
    probabilities = softmax(narrow(row, temperature).astype(np.float64))[0]
    kept = np.isfinite(narrow(row, temperature, top_p=top_p))[0]
    return Distribution(temperature, probabilities, kept)


def entropy_of(probabilities: np.ndarray) -> float:
    """-sum p log2 p in bits (Shannon, 1948) of probabilities (V,); 0 log 0 is 0."""
    positive = probabilities[probabilities > 0]
    return float(-(positive * np.log2(positive)).sum()) + 0.0  # never -0.0


def _check(temperatures: Sequence[float], top_p: float) -> None:
    """Raises CharnnError for values out of range."""
    for value in temperatures:
        if not 0 < value <= 100:
            raise CharnnError(f"temperature {value} is out of range; choose above 0 and up to 100")
    if not temperatures:
        raise CharnnError(f"temperatures {temperatures} are none; give at least one")
    if not 0 < top_p <= 1:
        raise CharnnError(f"top-p {top_p} is out of range; choose above 0 and up to 1")


# ---------------------------------------------------------------- text and picture


def _name_of(generator: Generator, id_: int) -> str:
    """A symbol as it can be seen; the newline that ends a name is "end"."""
    symbol = generator.vocabulary.symbols[id_ - 1]
    return "end" if symbol == NEWLINE and generator.ends_at_newline else visible(symbol)


def _title(prefix: str, label: str | None, unit: str) -> str:
    title = f'the {unit} after "{short(prefix)}"' if prefix else f"the first {unit}"
    return f"{title}, {short(label)}" if label else title


def _print(
    title: str,
    symbols: Sequence[str],
    distributions: Sequence[Distribution],
    top_p: float,
    unit: str,
    print_line: PrintLine,
) -> None:
    """A row for each of the most probable symbols, then what each temperature's title says."""
    print_line(f"{title}: probability at each temperature; * is in the nucleus (top-p {top_p:g})")
    heads = (f"{distribution.temperature:>9g}" for distribution in distributions)
    print_line(f"{'':>6}" + "".join(heads))
    for place, symbol in enumerate(symbols[:LIKELY]):
        line = f"{symbol:>6}"
        for _, probabilities, kept in distributions:
            line += f" {probabilities[place]:>7.3f}{'*' if kept[place] else ' '}"
        print_line(line.rstrip())
    if len(symbols) > LIKELY:
        sums = (f" {p[LIKELY:].sum():>7.3f} " for _, p, _ in distributions)
        print_line("others" + "".join(sums).rstrip())
    for distribution in distributions:
        print_line(distribution.title(unit))


def _draw(
    title: str,
    symbols: Sequence[str],
    distributions: Sequence[Distribution],
    top_p: float,
    unit: str,
) -> Figure:
    """A panel for each temperature, one below the other."""
    figure = Picture(figsize=(10, 2.1 * len(distributions) + 1.2), layout="constrained")
    panels = figure.subplots(len(distributions), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for axes, distribution in zip(panels, distributions, strict=True):
        _draw_bars(axes, distribution, unit)
    # The panels share their height, so that a flat distribution looks flat.
    panels[0].set_ylim(0, 1.1 * panels[0].get_ylim()[1])
    _name_bars(panels[-1], symbols)
    panels[-1].set_xlabel(f"next {unit}, the most probable at temperature 1 first", fontsize=13)
    figure.supylabel("probability", fontsize=13)
    inside = Patch(facecolor=BLUE, label=f"in the nucleus (top-p {top_p:g})")
    outside = Patch(label="left out by top-p", **LIGHT)
    figure.legend(
        handles=[inside, outside],
        loc="outside lower center",
        ncols=2,
        frameon=False,
        fontsize=13,
    )
    figure.suptitle(f"Probabilities of {title}", fontsize=15, parse_math=False)
    return figure


def _draw_bars(axes: Axes, distribution: Distribution, unit: str) -> None:
    """A bar for each of the most probable symbols and one for all others; the nucleus is dark."""
    _, probabilities, kept = distribution
    inside = _likely_and_rest(np.where(kept, probabilities, 0))
    outside = _likely_and_rest(np.where(kept, 0, probabilities))
    places = np.arange(len(inside))
    axes.bar(places, inside, color=BLUE)
    axes.bar(places, outside, bottom=inside, **LIGHT)
    axes.set_title(distribution.title(unit), fontsize=14, loc="left")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.tick_params(axis="x", length=0)
    axes.margins(x=0.02)
    axes.spines[["top", "right"]].set_visible(False)


def _likely_and_rest(probabilities: np.ndarray) -> np.ndarray:
    """The first LIKELY probabilities of (V,), and the sum of the others if there are any."""
    if len(probabilities) <= LIKELY:
        return probabilities
    return np.append(probabilities[:LIKELY], probabilities[LIKELY:].sum())


def _name_bars(axes: Axes, symbols: Sequence[str]) -> None:
    """The symbols below the bars."""
    names = [drawable(symbol) for symbol in symbols[:LIKELY]]
    # "end" fits below a bar, a code point in place of a letter does not.
    upright = all(len(name) <= 3 for name in names)
    if len(symbols) > LIKELY:
        names.append(counted(len(symbols) - LIKELY, "other").replace(" ", "\n"))
    name_ticks(axes.set_xticks, names, fontsize=13, rotation=0 if upright else 90)
