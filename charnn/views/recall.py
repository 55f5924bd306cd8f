"""How often a symbol that was read N steps ago is recalled.

By networks that learn to, or by a linear classifier of a trained network's hidden states. Axis
letters: S networks, B batch, T time, V symbols.
"""

import argparse
from collections.abc import Iterator, Mapping
from textwrap import fill
from typing import NamedTuple

import numpy as np
import torch
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from torch import Tensor, nn
from torch.nn import functional as F

from charnn.data import NextStepBatch
from charnn.devices import threads
from charnn.drawing import PrintLine, discard_line, print_table
from charnn.errors import CharnnError
from charnn.inference.trained import Trained
from charnn.model import EveryStep, GeneratorNetwork, build_core
from charnn.terminal import tell
from charnn.training.loop import fit
from charnn.variants import BATCHES, CHANGES, Variant
from charnn.views.fresh_networks import scale_recurrent_weights
from charnn.views.over_time import (
    LEGEND_WIDTH,
    Compared,
    band,
    legend_beside,
    networks_to_compare,
    steps_back,
    styles,
)
from charnn.views.probe import BACK, classes_of, probed_recall
from charnn.views.watch import unit_of
from charnn.waiting import watched
from charnn.wording import counted

# Networks that learn: they recall one of the first half of SYMBOLS amid letters of the second half.
SYMBOLS = 16
STEPS = 100  # letters that are read after the symbol
ROWS = 32  # sequences of a batch
NETWORKS = 3  # fresh networks of a curve
HELD_OUT = 2000  # fresh sequences that recall is measured on
MOST_BATCHES = 1_000_000
DELAYS = (1, 2, 5, 10, 20, 50, 100)  # steps back that the table shows
PROBE_DELAYS = (0, 1, 2, 3, 5, 10, 15, 20, 25)  # of a trained network that is probed


def show(arguments: argparse.Namespace, print_line: PrintLine) -> Figure:
    """The picture that the command line asks for; a line on standard error for each curve."""
    if not 1 <= arguments.batches <= MOST_BATCHES:
        raise CharnnError(
            f"--batches {arguments.batches} is out of range; choose from 1 to {MOST_BATCHES}"
        )
    compared = networks_to_compare(arguments, list(CHANGES))
    return recall(compared, arguments.batches, print_line, note=tell)


def recall(
    of: Compared,
    batches: int = BATCHES,
    print_line: PrintLine = discard_line,
    note: PrintLine = discard_line,
) -> Figure:
    """How often a symbol that was read N steps ago is recalled.

    `of`: networks to initialise, by name (`charnn.variants.variants`), which first learn to from
    `batches` batches; or a trained one, which learns nothing more: a linear classifier reads its
    hidden states. The line is the mean of several networks, the band reaches from the lowest to the
    highest. `note` gets a line for each curve that is done.
    """
    measured = measure_probes(of) if isinstance(of, Trained) else measure_learned(of, batches, note)
    _print(measured, print_line)
    return _draw(measured)


class Measured(NamedTuple):
    """Curves of accuracies, and what they mean."""

    curves: dict[str, np.ndarray]  # (S, 1 + T) each: 0, 1, ... T steps after the symbol
    thing: str  # what is recalled: "symbol", "letter" or "word"
    chance: float  # the accuracy of guessing
    title: str
    delays: tuple[int, ...]  # those that the table shows
    learned: bool  # whether networks learned to recall, or a trained one was probed


# ---------------------------------------------------------------- networks that learn to recall


class Recall:
    """A symbol is read, then STEPS random letters; the target at each step is that symbol.

    The symbol is one of the first half of the ids, the letters are of the second half. A
    `charnn.training.tasks.Task`: NLLLoss on log-probabilities (B, 1 + T, V / 2).
    """

    def __init__(self, batches: int, generator: torch.Generator):
        self.batches_per_epoch = batches
        self.held_out = self.batch(HELD_OUT, generator)

    def batch(self, rows: int, generator: torch.Generator) -> NextStepBatch:
        """Random sequences, and the symbol of each as the target of all of its steps."""
        half = SYMBOLS // 2
        symbol = torch.randint(half, (rows, 1), generator=generator)  # (B, 1)
        letters = torch.randint(half, SYMBOLS, (rows, STEPS), generator=generator)  # (B, T)
        ids = torch.cat([symbol, letters], dim=1)  # (B, 1 + T)
        return NextStepBatch(ids, symbol.expand(-1, 1 + STEPS), None)

    def training_batches(self, generator: torch.Generator) -> Iterator[NextStepBatch]:
        """All of the training, each batch of new random sequences."""
        return (self.batch(ROWS, generator) for _ in range(self.batches_per_epoch))

    def validation_batches(self) -> list[NextStepBatch]:
        """The sequences that recall is measured on; nothing is learned from or chosen by them."""
        return [self.held_out]

    def output(self, network: nn.Module, batch: NextStepBatch, state: None) -> tuple[Tensor, None]:
        """The network's log-probabilities (B, 1 + T, V / 2) of the symbol at each step."""
        return network(batch.ids)[0], None

    def loss(self, output: Tensor, batch: NextStepBatch) -> tuple[Tensor, int]:
        """The sum of the losses (nats) and how many steps it is over."""
        losses = F.nll_loss(output.flatten(0, 1), batch.targets.flatten(), reduction="sum")
        return losses, batch.targets.numel()

    def correct(self, output: Tensor, batch: NextStepBatch) -> Tensor:
        """At how many steps the right symbol was the most probable one."""
        return (output.argmax(2) == batch.targets).sum()


def measure_learned(
    compared: Mapping[str, Variant], batches: int, note: PrintLine = discard_line
) -> Measured:
    """The recall that each of the networks learns."""
    curves = {}
    for name, variant in compared.items():
        curves[name] = learned_recall(variant, batches)
        note(f"{name}: {counted(len(curves[name]), 'network')} trained")
    title = f"Recall after learning from {batches} batches"
    return Measured(curves, "symbol", 2 / SYMBOLS, title, DELAYS, learned=True)


def learned_recall(variant: Variant, batches: int) -> np.ndarray:
    """How well NETWORKS freshly initialised networks learn to predict a symbol that they have read.

    Accuracies (S, 1 + T): 0, 1, ... T steps after the symbol. Raises CharnnError when training ends
    in numbers that are not finite.
    """
    first = variant.config.seed
    seeds = watched(range(first, first + NETWORKS), NETWORKS)
    return np.stack([_learn(variant, batches, seed) for seed in seeds])


def _learn(variant: Variant, batches: int, seed: int) -> np.ndarray:
    """One of them: (1 + T,)."""
    with torch.random.fork_rng([]), threads(variant.config):
        torch.manual_seed(seed)
        core = build_core(variant.config, SYMBOLS)
        scale_recurrent_weights(core, variant.scale)
        readout = EveryStep(core.hidden_size, SYMBOLS // 2)
        network = GeneratorNetwork(core, readout, SYMBOLS)
        generator = torch.Generator().manual_seed(seed)
        task = Recall(batches, generator)
        try:
            fit(network, task, variant.config, torch.device("cpu"), generator)
        except CharnnError:  # it would advise another learning rate, which is no option here
            raise CharnnError(
                f"the loss of a network ({variant.config.cell}, seed {seed}) was not finite while "
                "it learned to recall; choose a smaller --scale or --clip"
            ) from None
        with torch.inference_mode():
            output, _ = task.output(network, task.held_out, None)
            right = output.argmax(2) == task.held_out.targets  # (B, 1 + T)
    return right.double().mean(0).numpy()


# ---------------------------------------------------------------- a trained network, probed


def measure_probes(model: Trained) -> Measured:
    """What can be recalled from the hidden states of a trained network and of an untrained one."""
    curves = {name: accuracies[None] for name, accuracies in probed_recall(model).items()}
    thing = unit_of(model)
    title = f"What a linear classifier finds of each earlier {thing} in the hidden state"
    chance = 1 / classes_of(model)
    return Measured(curves, thing, chance, title, PROBE_DELAYS, learned=False)


# ---------------------------------------------------------------- text and picture


def _print(measured: Measured, print_line: PrintLine) -> None:
    """The accuracy at some distances."""
    print_line(
        f"accuracy at recalling the {measured.thing} seen N steps ago; "
        f"chance is {measured.chance:.3g}:"
    )
    longest = min(values.shape[1] for values in measured.curves.values())
    delays = [delay for delay in measured.delays if delay < longest]
    rows = [["N", *map(str, delays)]]
    for name, values in measured.curves.items():
        rows.append([name, *(f"{value:.2f}" for value in values.mean(0)[delays])])
    print_table(rows, print_line)


def _draw(measured: Measured) -> Figure:
    """A curve with its band for each network, and a dotted line for chance."""
    figure, axes = steps_back(
        f"steps since the {measured.thing} was seen",
        f"accuracy (share of {measured.thing}s recalled)",
        measured.title,
        len(measured.curves),
    )
    if measured.learned:
        axes.set_xscale("log")
        axes.set_xticks(DELAYS, list(map(str, DELAYS)))
        axes.minorticks_off()
    else:
        axes.set_xlim(-0.5, BACK + 0.5)
    # A logarithmic axis has no place for 0 steps.
    start = 1 if measured.learned else 0
    handles: list[Artist] = []
    for number, (name, style) in enumerate(styles(list(measured.curves))):
        values = measured.curves[name][:, start:]  # (S, T)
        back = np.arange(start, start + values.shape[1])
        markevery = [delay - 1 for delay in DELAYS] if measured.learned else (number % 3, 3)
        label = fill(name, LEGEND_WIDTH)
        handles += axes.plot(back, values.mean(0), label=label, markevery=markevery, **style)
        band(axes, back, values, style)
    chance = f"chance ({measured.chance:.3g})"
    line = axes.axhline(measured.chance, color="0.3", linestyle=":", linewidth=2, label=chance)
    axes.set_ylim(0, 1.03)
    legend_beside(figure, [*handles, line])
    return figure
