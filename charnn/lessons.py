"""Pictures of what happens before and after a network: letters, batches, splits, sampling.

Each is one function that returns a matplotlib Figure and gives the same as text, line by line, to `say`. Knows no
gate and no hidden state. Axis letters: B batch, T time (letters), V symbols, L labels, N names.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from charnn import data
from charnn.config import LONGEST, Config
from charnn.data import Batch, Names, encoded
from charnn.drawing import BLUE, LIGHT, ORANGE, Say, drawable, name_ticks, quiet, seen, short
from charnn.errors import CharnnError
from charnn.inference.generator import NEWLINE, Generator
from charnn.inference.sampling import narrow
from charnn.inference.trained import Trained
from charnn.inside import unit_of
from charnn.text.letters import UNKNOWN
from charnn.training.parts import encoder
from charnn.wording import count, printable

COLUMNS, READ = 60, 40            # symbols and letters in the picture of one-hot vectors, at most
ROWS, STEPS = 24, 40              # names in the picture of a batch; letters up to which they are written out
LABELS = 40                       # labels in the picture of a split, at most: those with the most copies
LIKELY = 20                       # symbols with a bar of their own among those that may come next


# ---------------------------------------------------------------- letters: a name as one-hot vectors


def letters(model: Trained, name: str, say: Say = quiet) -> Figure:
    """The one-hot vectors (T, V) of a name as the network reads it: a row for each letter, or word, that is read.

    A generator reads a newline first. Of more than 60 symbols only those of the name have a column, and of more than
    40 letters the first have a row. Raises CharnnError for a name of more than 10,000 characters.
    """
    (read,), unit = model.read([name]), unit_of(model)
    symbols = ["unknown", *map(seen, model.vocabulary.symbols)]
    texts = printable(name), printable(read if unit == "letter" else " ".join(read))
    ids, parts = model.vocabulary.encode([read])[0][0].tolist(), list(read) or [""]  # nothing is one unknown symbol
    if model.task == "generate":
        ids, parts = [model.newline, *ids[:len(read)]], [NEWLINE, *read]
    parts = [seen(part) for part in parts]
    vectors = data.one_hot(torch.tensor(ids), len(symbols)).int().numpy()  # (T, V)
    columns = list(range(len(symbols))) if len(symbols) <= COLUMNS else sorted({0, *ids[:READ]})
    left_out = len(symbols) - len(columns)

    say("'{}' is read as \"{}\"".format(*texts))
    say(f"{count(len(ids), unit)}; each becomes {len(symbols):,} numbers: 1 at its id, 0 elsewhere")
    width = max(map(len, parts))
    for part, id_, vector in zip(parts, ids, vectors, strict=True):
        bits = "" if left_out else "  " + "".join(map(str, vector.tolist()))
        say(f"{part.rjust(width)}  id {id_:>{len(str(len(symbols) - 1))}}{bits}"
            + ("" if part == symbols[id_] else f"  ({symbols[id_]})"))

    parts, shown = parts[:READ], vectors[:READ, columns]
    names = [short(symbols[id_]) for id_ in columns]
    figure = Figure(figsize=(max(8.0, 0.36 * len(columns) + 1.8), 0.36 * len(parts) + 2.2), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shown, cmap="Blues", vmin=0, vmax=1.25, aspect="auto")
    for (row, column), bit in np.ndenumerate(shown):
        axes.text(column, row, str(bit), ha="center", va="center", fontsize=11, color="white" if bit else "0.5",
                  fontweight="bold" if bit else "normal")
    name_ticks(axes.set_yticks, [f"{short(part)}  ({id_})" for part, id_ in zip(parts, ids, strict=False)], fontsize=13)
    name_ticks(axes.set_xticks, names, fontsize=12)
    for label, symbol in zip(axes.get_xticklabels(), names, strict=True):
        label.set_rotation(90 if len(symbol) > 1 else 0)  # a word is longer than its column is wide
    _rule(axes, shown.shape)
    axes.set_xlabel(f"{unit}s that the network knows, in the order of their ids"
                    + (f"\n({left_out:,} others, 0 in every row, are left out)" if left_out else ""), fontsize=13)
    axes.set_ylabel(f"{unit} read (id)" + (f",\nfirst {READ} of {len(ids):,}" if len(ids) > READ else ""), fontsize=13)
    figure.suptitle("'{}' is read as \"{}\"".format(*map(short, texts)), fontsize=15, parse_math=False)
    return figure


def _rule(axes: Axes, shape) -> None:
    """Thin lines between the cells of a picture of that many rows and columns."""
    axes.set_yticks(np.arange(shape[0] + 1) - 0.5, minor=True)
    axes.set_xticks(np.arange(shape[1] + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="0.8", linewidth=0.6)
    axes.tick_params(which="both", length=0)


def _read(folder):
    """The names of a folder, or the bundled ones."""
    return data.read_folder(data.bundled_names() if folder is None else folder, LONGEST, one_label=True)


# ---------------------------------------------------------------- batches: how much of them is padding


def batches(folder: str | Path | None = None, say: Say = quiet, batch_size: int = Config.batch_size) -> Figure:
    """An epoch of the training part in batches (B, T), with names as they come and in buckets of like length.

    Counts the padding of both, and draws names of the first batch of each. `folder` holds <label>.txt files, by
    default the bundled names. Raises CharnnError for a folder or a batch size that cannot work.
    """
    config = Config(batch_size=batch_size)
    parts = data.split(_read(folder))
    vocabulary, normalise = encoder(parts, config)
    names = encoded(parts["train"], vocabulary, normalise)
    say(f"{count(len(names.ids), 'name')} of the training part in batches of {batch_size:,}")
    say(f"{'':<27}{'letters':>10}{'padding':>10}  padding's share")
    figure = Figure(figsize=(13, 5.6), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, by_length, what in zip(panels, (False, True), ("as they come", "in buckets of like length"), strict=True):
        epoch = list(data.batches(names, batch_size, torch.Generator().manual_seed(config.seed), by_length=by_length))
        real, padding = padding_of(epoch)
        share = padding / (real + padding)
        say(f"{what:<27}{real:>10,}{padding:>10,}  {share:>15.1%}")
        _draw_batch(axes, epoch[0], vocabulary.symbols)
        axes.set_title(f"Names {what}:\n{share:.1%} of an epoch is padding", fontsize=15)
    longest = max(axes.get_xlim()[1] for axes in panels)
    for axes in panels:
        axes.set_xlim(0, longest)  # a column is a step of time on both sides
    first = len(epoch[0].ids)
    panels[0].set_ylabel(f"{min(ROWS, first)} of the {first:,} names of the first batch", fontsize=13)
    figure.legend(handles=[Patch(facecolor=BLUE, label="letter"),
                           Patch(label="padding", **LIGHT)],
                  loc="outside lower center", ncols=2, frameon=False, fontsize=13)
    return figure


def padding_of(epoch: Sequence[Batch]) -> tuple[int, int]:
    """How many steps of the batches are letters, and how many are padding."""
    real = sum(int(batch.lengths.sum()) for batch in epoch)
    return real, sum(batch.ids.numel() for batch in epoch) - real


def _draw_batch(axes: Axes, batch: Batch, symbols: Sequence[str]) -> None:
    """Names spread evenly over a batch (B, T), a row each: letters dark, padding hatched."""
    chosen = torch.linspace(0, len(batch.ids) - 1, min(ROWS, len(batch.ids))).round().long()
    lengths, longest = batch.lengths[chosen].numpy(), batch.ids.shape[1]
    axes.barh(range(len(chosen)), lengths, color=BLUE, height=0.86)
    axes.barh(range(len(chosen)), longest - lengths, left=lengths, height=0.86, **LIGHT)
    if longest <= STEPS:
        for row, name in enumerate(batch.ids[chosen].tolist()):
            for step, id_ in enumerate(name[:lengths[row]]):
                axes.text(step + 0.5, row, drawable(seen(symbols[id_ - 1]) if id_ else UNKNOWN), color="white",
                          fontsize=10, ha="center", va="center", parse_math=False)
    axes.set(yticks=[], ylim=(len(chosen) - 0.4, -0.6))
    axes.set_xlabel("length of the batch (letters)", fontsize=13)
    axes.spines[["top", "right", "left"]].set_visible(False)


# ---------------------------------------------------------------- splits: names on both sides


def splits(folder: str | Path | None = None, say: Say = quiet, seeds: int = 20) -> Figure:
    """The share of test lines whose spelling stands in the training part too: lines split at random, and by spelling.

    Every line counts as it stands in the <label>.txt files of the folder (by default the bundled names), repeats
    included. A random split gives 80% of the lines to the training part and 10% to the test part; of `seeds` such
    splits the mean and the standard deviation (n - 1) are shown, for each label and for all. A copy under the same
    label gives the answer away, one under another label alone suggests a wrong one. Raises CharnnError for a folder
    that cannot work and for fewer than two seeds.
    """
    if seeds < 2:
        raise CharnnError(f"{seeds} random split has no standard deviation; ask for at least 2")
    names = _read(folder)
    by_spelling = data.split(names)
    held = copies(by_spelling["train"], by_spelling["test"])
    drawn = np.array([copies(*_at_random(names, seed)) for seed in range(seeds)])      # (seeds, L + 1, 3)
    means, deviations = _mean_and_deviation(drawn)                                     # (L + 1, 3) each
    order = np.argsort(-means[:-1, 2], kind="stable")

    say("test lines whose spelling is in the training part too")
    say(f"(at random: mean ± standard deviation of {seeds} splits)")
    width = max(map(len, (*names.labels, "all labels")))
    say(f"{'':<{width}}  {'at random, same label':>22}  {'another label alone':>20}  {'by spelling':>11}")
    for row in (-1, *order.tolist()):
        label = "all labels" if row == -1 else printable(names.labels[row])
        same, other = (f"{100 * mean:.1f} ± {100 * deviation:.1f}%"
                       for mean, deviation in zip(means[row, :2], deviations[row, :2], strict=True))
        tested = f"{held[row, :2].sum() / held[row, 2]:.1%}" if held[row, 2] else "-"
        say(f"{label:<{width}}  {same:>22}  {other:>20}  {tested:>11}")

    order = order[:LABELS]
    figure = Figure(figsize=(10, 0.27 * len(order) + 2.4), layout="constrained")
    axes, rows = figure.subplots(), range(len(order))
    same, other = means[order, :2].T
    axes.barh(rows, same, color=BLUE, label=f"a copy under the same label ({means[-1, 0]:.1%} of all)")
    axes.barh(rows, other, left=same, color=ORANGE, hatch="////", edgecolor="white", linewidth=0,
              label=f"copies under other labels alone ({means[-1, 1]:.1%} of all)")
    axes.errorbar(same + other, rows, xerr=deviations[order, 2], fmt="none", ecolor="black", capsize=3,
                  label="standard deviation of the sum")
    name_ticks(axes.set_yticks, [short(names.labels[label]) for label in order], fontsize=12)
    axes.set(ylim=(len(order) - 0.4, -0.6), xlim=(0, None))
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.set_xlabel("test lines with a copy in the training part (share of the label's)", fontsize=13)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(frameon=False, fontsize=12, loc="outside lower center")
    figure.suptitle(f"Split at random, {100 * means[-1, 2]:.1f} ± {100 * deviations[-1, 2]:.1f}% of the test lines "
                    f"have a copy in training;\nsplit by spelling, {held[-1, :2].sum() / held[-1, 2]:.1%}", fontsize=15)
    return figure


def copies(train: Names, test: Names) -> np.ndarray:
    """For each label, and last for all, (L + 1, 3): test lines with a copy in `train` under the same label, those with
    copies under other labels alone, and all test lines."""
    known, asked = data.fingerprints(train.names), data.fingerprints(test.names)
    pairs = set(zip(known.tolist(), train.targets.tolist(), strict=True))
    same = np.array([pair in pairs for pair in zip(asked.tolist(), test.targets.tolist(), strict=True)])
    kinds = (same, np.isin(asked, known) & ~same, np.ones(len(asked), dtype=bool))
    by_label = [np.bincount(test.targets[kind], minlength=len(test.labels)) for kind in kinds]
    return np.array([[*column, column.sum()] for column in by_label]).T


def _at_random(names: Names, seed: int) -> tuple[Names, Names]:
    """The training and the test part of a split that looks at no spelling."""
    order = np.random.default_rng(seed).permutation(len(names))
    return names.select(order[:int(0.8 * len(names))]), names.select(order[int(0.9 * len(names)):])


def _mean_and_deviation(drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Over the counts (seeds, L + 1, 3) of `copies`: mean and standard deviation (L + 1, 3) of the shares with a copy.

    The third is of the sum of the first two. A split without a test line of a label says nothing of it; nan where
    too few splits do.
    """
    copied, tested = drawn[..., :2], drawn[..., 2:]
    copied = np.concatenate([copied, copied.sum(2, keepdims=True)], axis=2)
    shares = np.ma.array(copied / tested.clip(1), mask=np.broadcast_to(tested == 0, copied.shape))
    return shares.mean(0).filled(np.nan), shares.std(0, ddof=1).filled(np.nan)


# ---------------------------------------------------------------- temperature: what may come next


def temperature(generator: Generator, prefix: str = "", label: str | None = None,
                temperatures: Sequence[float] = (0.5, 1.0, 2.0), top_p: float = 0.9, say: Say = quiet) -> Figure:
    """The probabilities of the letter after a prefix at several temperatures, with the nucleus of `top_p` marked.

    They are those that `generate` draws from. Each title has the entropy -sum p log2 p in bits, of all letters. The
    symbols stand in the same order everywhere, the most probable at temperature 1 first. Raises CharnnError for
    values out of range and as Generator.next_letter does, so for no label where the generator knows some.
    """
    for value in temperatures:
        if not 0 < value <= 100:
            raise CharnnError(f"temperature {value} is out of range; choose above 0 and up to 100")
    if not temperatures or not 0 < top_p <= 1:
        raise CharnnError(f"temperatures {temperatures}, top-p {top_p}; give at least one, and above 0 and up to 1")
    log_probs = generator.next_letter(prefix, label)                                          # (V,)
    order = log_probs.argsort(descending=True, stable=True)[:-1]  # without the unknown symbol, which is never written
    rows = [_drawn_from(log_probs[order], value, top_p) for value in temperatures]            # each two of (V - 1,)
    symbols = ["end" if symbol == NEWLINE and generator.reads == "names" else seen(symbol)
               for symbol in (generator.vocabulary.symbols[id_ - 1] for id_ in order.tolist())]
    shown, rest = symbols[:LIKELY], len(symbols) - LIKELY
    title = ("the first letter" if not prefix else f"the letter after \"{short(prefix)}\"") + (
        f", {short(label)}" if label else "")
    titles = [f"temperature {value:g}: entropy {entropy_of(p):.2f} bits, "
              f"{count(int(kept.sum()), 'letter')} in the nucleus"
              for value, (p, kept) in zip(temperatures, rows, strict=True)]

    say(f"{title}: probability at each temperature; * is in the nucleus (top-p {top_p:g})")
    say(f"{'':>6}" + "".join(f"{value:>9g}" for value in temperatures))
    for place, symbol in enumerate(shown):
        say(f"{symbol:>6}" + "".join(f" {p[place]:>7.3f}{'*' if kept[place] else ' '}" for p, kept in rows).rstrip())
    if rest > 0:
        say("others" + "".join(f" {p[LIKELY:].sum():>7.3f} " for p, _ in rows).rstrip())
    for line in titles:
        say(line)

    figure = Figure(figsize=(10, 2.1 * len(rows) + 1.2), layout="constrained")
    panels = figure.subplots(len(rows), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    places = np.arange(len(shown) + (rest > 0))
    for axes, (p, kept), line in zip(panels, rows, titles, strict=True):
        inside, outside = (np.append(mass[:LIKELY], [mass[LIKELY:].sum()] if rest > 0 else [])
                           for mass in (np.where(kept, p, 0), np.where(kept, 0, p)))
        axes.bar(places, inside, color=BLUE)
        axes.bar(places, outside, bottom=inside, **LIGHT)
        axes.set_title(line, fontsize=14, loc="left")
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.tick_params(axis="x", length=0)
        axes.margins(x=0.02)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylim(0, 1.1 * panels[0].get_ylim()[1])  # shared: a flatter panel is flatter to see
    names = [drawable(symbol) for symbol in shown]
    upright = all(len(name) <= 3 for name in names)  # "end" fits, a code point in place of a letter does not
    name_ticks(panels[-1].set_xticks, names + [count(rest, "other").replace(" ", "\n")] * (rest > 0), fontsize=13,
               rotation=0 if upright else 90)
    panels[-1].set_xlabel("next letter, the most probable at temperature 1 first", fontsize=13)
    figure.supylabel("probability", fontsize=13)
    figure.legend(handles=[Patch(facecolor=BLUE, label=f"in the nucleus (top-p {top_p:g})"),
                           Patch(label="left out by top-p", **LIGHT)],
                  loc="outside lower center", ncols=2, frameon=False, fontsize=13)
    figure.suptitle(f"Probabilities of {title}", fontsize=15, parse_math=False)
    return figure


def entropy_of(probabilities: np.ndarray) -> float:
    """-sum p log2 p in bits (Shannon, 1948) of probabilities (V,); 0 log 0 is 0."""
    some = probabilities[probabilities > 0]
    return float(-(some * np.log2(some)).sum()) + 0.0  # never -0.0


def _drawn_from(log_probs: torch.Tensor, value: float, top_p: float) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (V,) at a temperature, and bool (V,) which of them top-p keeps there."""
    row = log_probs.unsqueeze(0)                                                              # (1, V)
    return (narrow(row, value).double().softmax(1)[0].numpy(),
            narrow(row, value, top_p=top_p).isfinite()[0].numpy())
