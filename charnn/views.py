"""Pictures of what happens inside a network: one function each, which returns a matplotlib Figure.

    from charnn import load, views
    views.gates(load(), "Satoshi")

`say` is given a compact text version, line by line: say=print shows it. Knows layout; the numbers come from inside.py
and memory.py. Scales go from dark to light or light to dark all the way, so that they can be read in grey.

Axis letters: N letters of all texts, T time, H hidden, L labels.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from torch import nn

from charnn import inside
from charnn.drawing import COLOURS, MARKERS, STYLES, Say, drawable, name_ticks, plain, quiet, say_table, seen, short
from charnn.errors import CharnnError
from charnn.inference.trained import Trained
from charnn.inside import Neuron, unit_of
from charnn.ngrams import Ngrams
from charnn.wording import count

FOR, AGAINST = COLOURS[:2]
NUMBERED = 40  # units up to which each has its number
LABELS, NEURONS = 6, 4          # that are shown at most
NAMES, LINES, WIDTH = 8, 5, 64  # of neurons: names, lines of running text and their letters
SECOND_BIAS = """\
The textbook's count has one bias per gate. torch's cells, and so ours, keep a second one that is added to it; only
a GRU's candidate needs both, since its reset gate stands between them."""


# ---------------------------------------------------------------- gates


def gates(model: Trained, name: str, label: str | None = None, say: Say = quiet) -> Figure:
    """Every gate, candidate and state of each layer and direction at each letter of a name, units by letters.

    Units are sorted by their hidden state after the last letter that was read. A generator is told the label, or the
    most probable one if absent. Raises CharnnError as `inside.steps`.
    """
    letters, found, label = inside.steps(model, name, label)
    if label is not None:
        say(f"told that the label is {label}")
    columns = list(found[0].values)  # all layers have the same cell
    for step in found:
        say(f"{step.layer}: {step.cell}, {count(step.values['hidden state'].shape[1], 'unit')}"
            + (", read from right to left" if step.backwards else ""))
        rows = [[f"{'mean' if column.endswith('gate') else 'mean size'} of {column}", *(f"{mean:.2f}" for mean in (
            values if column.endswith("gate") else np.abs(values)).mean(1))] for column, values in step.values.items()]
        say_table([["", *map(seen, letters)], *rows], say)
    across = min(len(columns), 4) if len(columns) != 6 else 3  # an LSTM's six panels in two rows
    down = -(-len(columns) // across)
    width = (max(2.6, 0.3 * len(letters) + 0.6) + 0.7) * across + 0.6
    figure = Figure(figsize=(max(8.0, width), (3.3 + _depth(letters)) * down * len(found) + 0.5), layout="constrained")
    figure.suptitle(f"{short(name)}{'' if label is None else f' ({short(label)})'}: what each unit does at each "
                    f"{unit_of(model)}", fontsize=16)
    grid = figure.subplots(down * len(found), across, squeeze=False).reshape(len(found), -1)
    for step, panels in zip(found, grid, strict=True):
        order = np.argsort(-step.values["hidden state"][0 if step.backwards else -1], kind="stable")
        for place, (column, values) in enumerate(step.values.items()):
            axes, gate = panels[place], column.endswith("gate")
            top = 1.0 if gate else max(1.0, *(np.abs(other.values[column]).max() for other in found))
            image = axes.imshow(values.T[order], aspect="auto", cmap="cividis", interpolation="nearest",
                                norm=Normalize(0.0 if gate else -top, top))
            axes.set_title(column, fontsize=14)
            numbers = order + 1 if len(order) <= NUMBERED and place % across == 0 else []
            axes.set_yticks(range(len(numbers)), numbers, fontsize=7)
            axes.tick_params(axis="y", length=0)
            _letter_axis(axes, letters, 13)
            axes.set_xlabel(f"{unit_of(model)}s, read  {'←' if step.backwards else '→'}", fontsize=12)
            if place % across == 0:
                axes.set_ylabel(f"{step.layer}\n{step.cell}, {count(len(order), 'unit')}", fontsize=13)
            figure.colorbar(image, ax=axes, aspect=25, pad=0.02, format="%.3g",
                            ticks=[image.norm.vmin, (image.norm.vmin + top) / 2, top])
    return plain(figure)


# ---------------------------------------------------------------- beliefs and why


def beliefs(model: Trained, name: str, say: Say = quiet) -> Figure:
    """The probabilities of the labels after each letter of a name: of the six that rise highest at any letter.

    The last is what `predict` says. Raises CharnnError as `inside.shown`, and of a generator without labels.
    """
    letters = inside.shown(model, name)
    rows = model.beliefs(name)  # (T, L)
    for letter, row in zip(letters, rows, strict=True):
        said = ", ".join(f"{label} {p:.2f}" for label, p in model.rank(np.log(row[None]))[0])
        say(f"{seen(letter):{max(map(len, letters))}}  {said}")
    shown = np.argsort(-rows.max(0), kind="stable")[:LABELS]
    shown = shown[np.argsort(-rows[-1][shown], kind="stable")]
    figure = Figure(figsize=(max(8.0, 0.55 * len(letters) + 4.5), 4.8 + _depth(letters)), layout="constrained")
    axes, handles = figure.subplots(), []
    for place, i in enumerate(shown.tolist()):
        handles += axes.plot(rows[:, i], color=COLOURS[place], marker=MARKERS[place], linestyle=STYLES[place],
                             linewidth=3.2 if place == 0 else 1.8, markersize=8, clip_on=False, zorder=3 - place / 10,
                             label=f"{short(model.labels[i])}  {rows[-1, i]:.2f}")
    others = 1 - rows[:, shown].sum(1)
    if len(model.labels) > len(shown):
        handles.append(axes.fill_between(
            range(len(letters)), others, color="0.85", zorder=0,
            label=f"{count(len(model.labels) - len(shown), 'other')} together  {others[-1]:.2f}"))
    _letter_axis(axes, letters, 15)
    axes.set_xlabel(f"{unit_of(model)}s read so far", fontsize=14)
    axes.set_ylabel("probability", fontsize=14)
    axes.set_ylim(0, 1)
    figure.suptitle(f"{short(name)}: the answer after each {unit_of(model)}", fontsize=16)
    axes.tick_params(axis="y", labelsize=12)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    _legend(axes, handles, f"after the last {unit_of(model)}")
    return plain(figure)


def why(model: Trained, name: str, say: Say = quiet) -> Figure:
    """Which letters speak for and against the answer, and what they say of the second best (occlusion).

    A bar is what the answer's log-probability loses when that letter alone is hidden: `Classifier.occlusion`. Raises
    CharnnError as `inside.shown`, and for a generator.
    """
    if model.task != "classify":
        raise CharnnError("a generator has never read the unknown symbol that would hide a letter; give a classifier")
    letters, unit = inside.shown(model, name), unit_of(model)
    lost = model.occlusion(name)  # (T, L)
    (answer, p), *rest = model.predict(name, top=2)
    of_answer = lost[:, model.labels.index(answer)]
    say(f"{answer} {p:.2f}: nats that its log-probability loses when one {unit} is hidden")
    if not model.config.letter_dropout:
        say(f"(Trained with --letter-dropout 0, the network never met a hidden {unit}: this is a guess.)")
    say_table([["", *map(seen, letters)], ["", *(f"{value:+.2f}" for value in of_answer)]], say)
    figure = Figure(figsize=(max(8.0, 0.55 * len(letters) + 4.5), 4.8 + _depth(letters)), layout="constrained")
    axes, handles, places = figure.subplots(), [], np.arange(len(letters))
    for chosen, colour, hatch, side in ((of_answer >= 0, FOR, "", "for"), (of_answer < 0, AGAINST, "///", "against")):
        if not chosen.any():
            continue
        handles.append(axes.bar(places[chosen], of_answer[chosen], color=colour, hatch=hatch, edgecolor="white",
                                width=0.7, label=f"speaks {side} {short(answer)}  {p:.2f}"))
    for second, p_second in rest:
        handles += axes.plot(places, lost[:, model.labels.index(second)], "kD", markersize=8, markerfacecolor="white",
                             label=f"the same for {short(second)}  {p_second:.2f}")
    axes.axhline(0, color="black", linewidth=1)
    _letter_axis(axes, letters, 15)
    axes.set_xlabel(f"{unit} that is hidden", fontsize=14)
    axes.set_ylabel("log-probability lost (nats)", fontsize=14)
    figure.suptitle(f"{short(name)}: which {unit}s speak for {short(answer)}, which against", fontsize=16)
    axes.tick_params(axis="y", labelsize=12)
    axes.margins(y=0.1)
    axes.grid(alpha=0.25, axis="y")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    _legend(axes, handles)
    return plain(figure)


# ---------------------------------------------------------------- neurons


def neurons(model: Trained, data: str | None = None, say: Say = quiet) -> Figure:
    """The hidden units that follow something simple, shown over real text: the strongest correlations first.

    `data` is what to read, as in `inside.real_texts`. Half of the letters chose the units; the correlations and the
    letters shown are of the other half. Raises CharnnError as `real_texts` does, and for a text that is too short.
    """
    texts, targets = inside.real_texts(model, data)
    hidden, where = inside.hidden_units(model, texts, targets)
    traits = {trait: np.concatenate(values) for trait, *values in
              zip(inside.TRAITS, *(inside.traits_of(text).values() for text in texts), strict=True)}
    found = inside.neurons(hidden, where, traits, NEURONS)
    text, running = "".join(texts), model.reads == "text"
    rows = [row for row in _rows(texts) if row[0] >= len(text) // 2]
    if not found or not rows:
        raise CharnnError("what is read is too short, or all the same: half of it chooses the units and the other half "
                          "shows them; give more with --data")
    top = max(1.0, *(float(np.abs(neuron.values).max()) for neuron in found))  # of relu units above 1
    say(f"{count(len(where), 'hidden unit')} over {len(text):,} letters; r is Pearson's correlation on the half that "
        "did not choose the units")
    columns, lines = (1, LINES) if running else (2, NAMES)
    panels = -(-len(found) // columns)
    figure = Figure(figsize=(11.5, (lines * 0.32 + 1) * panels + 1.2), layout="constrained")
    figure.suptitle("hidden units that follow something simple", fontsize=16)
    grid = figure.subplots(panels, columns, squeeze=False).flatten()
    for neuron, axes in zip(found, grid, strict=False):
        chosen = _telling(rows, traits[neuron.trait], lines, running)
        image = _show_neuron(axes, neuron, text, chosen, top)
        say(f"\n{neuron.layer}, unit {neuron.unit}: {neuron.trait}, r = {neuron.r:+.2f}")
        for start, end in chosen[:2]:
            say("  " + "".join(letter if letter.isprintable() else "·" for letter in text[start:end]))
            say("  " + "".join(str(round(4.5 + 4.5 * value / top)) for value in neuron.values[start:end].tolist()))
    say(f"\nThe digits are the unit's value: 0 is {-top:.3g}, 9 is {top:.3g}.")
    for axes in grid[len(found):]:
        axes.remove()
    bar = figure.colorbar(image, ax=grid[:len(found)].tolist(), location="bottom", aspect=50, shrink=0.6)
    bar.set_label("hidden state", fontsize=13)
    return plain(figure)


def _rows(texts):
    """Where the lines of texts start and end when they stand one after the other, those of more than WIDTH cut."""
    found, start = [], 0
    for text in texts:
        for line in text.split("\n"):
            found += [(start + cut, start + min(cut + WIDTH, len(line))) for cut in range(0, len(line), WIDTH)]
            start += len(line) + 1
        start -= 1  # a text ends without a newline
    return found


def _telling(rows, trait, most, consecutive):
    """`most` rows in which a trait (N,) changes most, in order; of running text rows that follow each other."""
    change = np.array([trait[start:end].std() for start, end in rows])
    if consecutive:
        first = int(np.convolve(change, np.ones(min(most, len(change))), "valid").argmax())
        return rows[first:first + most]
    return [rows[i] for i in np.sort(np.argsort(-change, kind="stable")[:most])]


def _show_neuron(axes: Axes, neuron: Neuron, text: str, rows: Sequence[tuple[int, int]], top: float):
    """One unit over rows of text, each letter on the colour of the value after it; □ for one that the font lacks."""
    longest = max(12, *(end - start for start, end in rows))
    values = np.full((len(rows), longest), np.nan)
    for row, (start, end) in enumerate(rows):
        values[row, :end - start] = neuron.values[start:end]
    image = axes.imshow(values, aspect="auto", cmap="Blues", norm=Normalize(-top, top), interpolation="nearest")
    for row, (start, end) in enumerate(rows):
        for column, letter in enumerate(text[start:end]):
            axes.text(column, row, letter if drawable(letter) == letter else "□", ha="center", va="center",
                      family="DejaVu Sans Mono", fontsize=min(14, 560 / longest),
                      color="white" if values[row, column] > 0.2 * top else "black")
    axes.set_title(f"{neuron.layer}, unit {neuron.unit}:\n{neuron.trait}, r = {neuron.r:+.2f}", fontsize=13)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    return image


# ---------------------------------------------------------------- summary


def summary(network: nn.Module, ngrams: Ngrams | None = None, say: Say = quiet) -> Figure:
    """The weights of each layer of a network, and the multiply-adds that a letter costs there."""
    rows = list(inside.summary(network))
    totals = {field: sum(getattr(row, field) for row in rows)
              for field in ("weights", "second_bias", "per_character", "per_text")}
    lines = [[name.replace("_", " ") for name in inside.Layer._fields]]
    lines += [[f"{cell:,}" if isinstance(cell, int) else cell for cell in row] for row in rows]
    lines.append(["total", "", "", "", "", *(f"{total:,}" for total in totals.values())])
    say_table(lines, say, left=(0, 1, 4))
    weights = totals["weights"] + totals["second_bias"]
    say(f"\n{weights:,} weights in all, {4 * weights:,} bytes.")
    say("Per character and per text: multiply-adds of the matrix products.")
    if totals["second_bias"]:
        say(SECOND_BIAS)
    if ngrams:
        say(f"Beside the network answer the counts of {len(ngrams.codes):,} runs of up to {ngrams.order} letters.")
    figure = Figure(figsize=(12, 0.75 * len(rows) + 1.9), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for axes, what, numbers in ((left, "weights", [row.weights + row.second_bias for row in rows]),
                                (right, "multiply-adds per character", [row.per_character for row in rows])):
        bars = axes.barh(range(len(rows)), numbers, color=COLOURS[0], height=0.6)
        axes.bar_label(bars, [f"{number:,}" for number in numbers], padding=5, fontsize=13)
        axes.set_xlabel(what, fontsize=14)
        axes.set(xlim=(0, 1.3 * max(*numbers, 1)), xticks=[])
        axes.spines[["top", "right", "bottom"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
    left.set_yticks(range(len(rows)), [f"{row.layer}\n{row.kind}: {row.inputs:,} → {row.outputs:,}" for row in rows],
                    fontsize=13)
    left.invert_yaxis()
    figure.suptitle(f"{weights:,} weights, {totals['per_character']:,} multiply-adds per character", fontsize=16)
    return plain(figure)


def _depth(letters):
    """How much higher a picture has to be for what stands below its letter axis, in inches: words stand upright."""
    longest = max(len(short(seen(letter))) for letter in letters)
    return 0.12 * longest if longest > 1 else 0.0


def _letter_axis(axes, letters, size):
    """The letters, or words, along the horizontal axis."""
    names = [short(seen(letter)) for letter in letters]
    name_ticks(axes.set_xticks, names, rotation=90 if max(map(len, names)) > 1 else 0,
               fontsize=size if len(letters) <= 24 else size - 4)
    axes.set_xlim(-0.5, len(letters) - 0.5)


def _legend(axes, handles, title=None):
    """What was drawn, beside the axes; each named here, since matplotlib hides a name that starts with "_"."""
    axes.legend(handles, [handle.get_label() for handle in handles], frameon=False, fontsize=13, loc="center left",
                bbox_to_anchor=(1.01, 0.5), title=title, title_fontsize=13)
