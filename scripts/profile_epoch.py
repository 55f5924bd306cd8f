#!/usr/bin/env python3
"""Where does the time of an epoch go, and how near is it to what the machine can do?

    python scripts/profile_epoch.py [--data DIR] [--preset standard] [--threads 2]

The floor is the multiply-adds of one epoch, forward and twice as many backward, over the rate at
which this machine multiplies matrices of the same shape. The table gives each kind's share of the
time that torch's own operations took by themselves; "Python and the rest" is what the clock shows
beyond them. Measured in one run, so read the ratios.
"""

import sys
import warnings
from typing import Any

import measuring
import torch
from torch.profiler import ProfilerActivity, profile

from charnn import cli
from charnn.cells import Cell
from charnn.cores import Unrolled, forward_layers, layers_of
from charnn.presets import configure

KINDS = {  # of torch's operations: the first kind with a word that is in the operation's name
    "matrix products": ("mm", "linear"),
    "the optimizer and clipping": ("adam", "foreach", "norm"),
    "gates: sigmoid, tanh and what joins them": (
        "sigmoid",
        "tanh",
        "lerp",
        "mul",
        "add",
        "sub",
        "neg",
        "rsub",
        "div",
    ),
    "gathers, copies, sums": (
        "index",
        "embedding",
        "copy",
        "cat",
        "stack",
        "gather",
        "select",
        "sum",
        "fill",
        "zero",
        "sort",
        "clone",
        "slice",
        "unbind",
    ),
}


def kind_of(operation: str) -> str:
    """Which of KINDS an operation such as aten::addmm is."""
    name = operation.lower().split("::")[-1]
    for kind, words in KINDS.items():
        if any(word in name for word in words):
            return kind
    return "other operations"


def products(network: measuring.ClassifierNetwork) -> tuple[int, int]:
    """Multiply-adds per letter and per name.

    The first layer's input product does not count: its columns are gathered, not multiplied.
    """
    per_letter = 0
    for layer, core in enumerate(layers_of(network.core)):
        for name, weight in core.named_parameters():
            if "weight_hh" in name or (layer and "weight_ih" in name):
                per_letter += weight.numel()
    return per_letter, network.readout.get_parameter("linear.weight").numel()


def first_cell(network: measuring.ClassifierNetwork) -> Cell:
    """The cell that reads left to right in the lowest layer; no preset has one of torch's own."""
    core = forward_layers(network.core)[0]
    if not isinstance(core, Unrolled):
        raise TypeError(f"{core} has no cell of charnn's")
    return core.cell


def rate(rows: int, hidden: int, gates: int) -> float:
    """Multiply-adds per second of the recurrent product, (rows, H) times (H, G·H), at best."""
    left, right = torch.rand(rows, hidden), torch.rand(hidden, gates * hidden)

    def multiply() -> None:
        for _ in range(20):
            left @ right

    seconds = min(measuring.timed(multiply)[1] for _ in range(20))
    return 20 * rows * hidden * gates * hidden / seconds


class Profile:
    """An epoch of a classifier's training, timed alone and once more with torch's profiler."""

    def __init__(self, training: measuring.ClassifierTraining) -> None:
        self.training, self.network = training, training.network()
        self.order = torch.Generator().manual_seed(0)
        self.names = len(training.task.train.lengths)
        self.letters = int(training.task.train.lengths.sum())
        self.epoch_seconds()  # warm up
        self.seconds = min(self.epoch_seconds() for _ in range(3))
        with profile(activities=[ProfilerActivity.CPU]) as found:
            profiled = self.epoch_seconds()
        self.shares = shares(found.key_averages(), profiled)

    def epoch_seconds(self) -> float:
        """The seconds of one more epoch, its validation aside."""
        return self.names / self.training.fit(self.network, self.order).epochs[0].per_second

    def steps(self) -> int:
        """Letters that the network reads in an epoch, padding included."""
        return sum(batch.ids.numel() for batch in self.training.task.training_batches(self.order))


def shares(events: Any, seconds: float) -> dict[str, float]:
    """Each kind's share of an epoch of that many seconds, from the profiler's events."""
    spent: dict[str, float] = {}
    for event in events:
        kind = kind_of(event.key)
        spent[kind] = spent.get(kind, 0.0) + event.self_cpu_time_total / 1e6
    spent["Python and the rest"] = max(seconds - sum(spent.values()), 0.0)
    total = sum(spent.values())
    return {kind: took / total for kind, took in spent.items()}


def main(argv: list[str] | None = None) -> None:
    """Measures and prints."""
    options = measuring.parser(__doc__)
    measuring.add_data(options)
    options.add_argument(
        "--preset", default="standard", help="what is trained (default: %(default)s)"
    )
    measuring.add_threads(options)
    arguments = options.parse_args(argv)
    torch.set_num_threads(arguments.threads)
    warnings.simplefilter("ignore")

    config = configure(arguments.preset, epochs=1)
    parts = measuring.read_parts(arguments.data, None, config)
    epoch = Profile(measuring.ClassifierTraining(parts, config))

    cell = first_cell(epoch.network)
    speed = rate(min(config.batch_size, epoch.names), cell.hidden_size, cell.gate_count)
    per_letter, per_name = products(epoch.network)
    steps = epoch.steps()
    # Backward takes two products for each one forward: for the input's gradient and the weight's.
    multiply_adds = 3 * (steps * per_letter + epoch.names * per_name)
    floor = multiply_adds / speed
    print(
        f"--preset {arguments.preset}, {arguments.threads} threads: {epoch.names:,} names, "
        f"{epoch.letters:,} letters, {steps / epoch.letters - 1:.1%} padding"
    )
    print(
        f"an epoch takes {epoch.seconds:.2f} s, {epoch.names / epoch.seconds:,.0f} names per second"
    )
    print(
        f"its {multiply_adds / 1e9:.1f} billion multiply-adds take {floor:.2f} s at the "
        f"{speed / 1e9:.0f} billion per second of its largest product: "
        f"{epoch.seconds / floor:.1f} times the floor\n"
    )
    measuring.print_header("part of an epoch", "share:")
    for kind, share in sorted(epoch.shares.items(), key=lambda item: -item[1]):
        measuring.print_row(kind, f"{share:.0%}")


if __name__ == "__main__":
    sys.exit(cli.run(main))
