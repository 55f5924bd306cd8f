"""How much of a batch is padding: names as they come, and in buckets of like length.

Axis letters: B batch, T time (letters).
"""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from charnn import data
from charnn.config import MAX_CHARACTERS, Config
from charnn.data import Batch, bundled_names, encoded, read_folder, split
from charnn.drawing import BLUE, LIGHT, Picture, PrintLine, discard_line, drawable, visible
from charnn.text.letters import UNKNOWN_SYMBOL
from charnn.training.parts import encoding_of
from charnn.wording import counted

ROWS = 24  # names in the picture of a batch, at most
WRITTEN_OUT = 40  # steps of a batch up to which its letters are written out


def show(arguments: argparse.Namespace, print_line: PrintLine) -> Figure:
    """The picture that the command line asks for."""
    return batches(arguments.data, print_line, arguments.batch_size)


def batches(
    folder: str | Path | None = None,
    print_line: PrintLine = discard_line,
    batch_size: int = Config.batch_size,
) -> Figure:
    """An epoch of the training set in batches (B, T), with names as they come and in buckets.

    Counts the padding of both, and draws names of the first batch of each. `folder` holds
    <label>.txt files, by default the bundled names. Raises CharnnError for a folder or a batch size
    that cannot work.
    """
    config = Config(batch_size=batch_size)
    path = bundled_names() if folder is None else folder
    names = read_folder(path, MAX_CHARACTERS, one_label=True)
    train = split(names)["train"]
    vocabulary, normalise = encoding_of(train, config)
    training_set = encoded(train, vocabulary, normalise)
    epochs = [
        epoch_of("as they come", training_set, config, by_length=False),
        epoch_of("in buckets of like length", training_set, config, by_length=True),
    ]
    _print(epochs, len(train), batch_size, print_line)
    return _draw(epochs, vocabulary.symbols)


class Epoch(NamedTuple):
    """One pass over the training set."""

    order: str  # how the names are put into batches
    first: Batch
    letters: int  # steps that are letters
    padding: int  # steps that are not

    @property
    def share(self) -> float:
        """Padding's share of all steps."""
        return self.padding / (self.letters + self.padding)


def epoch_of(order: str, training_set: Batch, config: Config, by_length: bool) -> Epoch:
    """An epoch of names all encoded in one batch."""
    generator = torch.Generator().manual_seed(config.seed)
    made = list(data.batches(training_set, config.batch_size, generator, by_length=by_length))
    return Epoch(order, made[0], *padding_of(made))


def padding_of(epoch: Iterable[Batch]) -> tuple[int, int]:
    """How many steps of the batches are letters, and how many are padding."""
    letters = steps = 0
    for batch in epoch:
        letters += int(batch.lengths.sum())
        steps += batch.ids.numel()
    return letters, steps - letters


def _print(epochs: Sequence[Epoch], names: int, batch_size: int, print_line: PrintLine) -> None:
    """A table of the letters and the padding."""
    print_line(f"{counted(names, 'name')} of the training set in batches of {batch_size:,}")
    print_line(f"{'':<27}{'letters':>10}{'padding':>10}  padding's share")
    for epoch in epochs:
        print_line(
            f"{epoch.order:<27}{epoch.letters:>10,}{epoch.padding:>10,}  {epoch.share:>15.1%}"
        )


def _draw(epochs: Sequence[Epoch], symbols: Sequence[str]) -> Figure:
    """A panel for each epoch: names of its first batch."""
    figure = Picture(figsize=(13, 5.6), layout="constrained")
    panels = figure.subplots(1, len(epochs), sharey=True)
    for axes, epoch in zip(panels, epochs, strict=True):
        _draw_batch(axes, epoch.first, symbols)
        axes.set_title(
            f"Names {epoch.order}:\n{epoch.share:.1%} of an epoch is padding", fontsize=15
        )
    # A column is a step of time on both sides.
    longest = max(axes.get_xlim()[1] for axes in panels)
    for axes in panels:
        axes.set_xlim(0, longest)
    rows = len(epochs[-1].first.ids)
    panels[0].set_ylabel(f"{min(ROWS, rows)} of the {rows:,} names of the first batch", fontsize=13)
    handles = [Patch(facecolor=BLUE, label="letter"), Patch(label="padding", **LIGHT)]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False, fontsize=13)
    return figure


def _draw_batch(axes: Axes, batch: Batch, symbols: Sequence[str]) -> None:
    """Names spread evenly over a batch (B, T), a row each: letters dark, padding hatched."""
    rows = min(ROWS, len(batch.ids))
    chosen = torch.linspace(0, len(batch.ids) - 1, rows).round().long()
    lengths, longest = batch.lengths[chosen].numpy(), batch.ids.shape[1]
    axes.barh(range(rows), lengths, color=BLUE, height=0.86)
    axes.barh(range(rows), longest - lengths, left=lengths, height=0.86, **LIGHT)
    if longest <= WRITTEN_OUT:
        for row, ids in enumerate(batch.ids[chosen].tolist()):
            for step, id_ in enumerate(ids[: lengths[row]]):
                letter = drawable(visible(symbols[id_ - 1])) if id_ else UNKNOWN_SYMBOL
                axes.text(
                    step + 0.5,
                    row,
                    letter,
                    color="white",
                    fontsize=10,
                    ha="center",
                    va="center",
                    parse_math=False,
                )
    axes.set(yticks=[], ylim=(rows - 0.4, -0.6))
    axes.set_xlabel("length of the batch (letters)", fontsize=13)
    axes.spines[["top", "right", "left"]].set_visible(False)
