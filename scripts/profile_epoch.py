#!/usr/bin/env python3
"""Where the time of an epoch goes, and how near it is to what the machine can do.

    python scripts/profile_epoch.py [--data DIR] [--preset standard] [--threads 2]

The floor is the multiply-adds of one epoch, forward and twice as many backward, over the rate at which this machine
multiplies matrices of the same shape. The table shares out the time that torch's own operations took by themselves;
"Python and the rest" is what the clock shows beyond them. Measured in one run, so read the ratios.
"""

import argparse
import time
import warnings

import torch
from torch.profiler import ProfilerActivity, profile

from charnn.config import configure
from charnn.data import bundled_names
from charnn.model import Stacked, build_network
from charnn.training.loop import fit
from charnn.training.parts import encoder, read_parts
from charnn.training.tasks import Classify

KINDS = {  # of torch's operations, the first that fits
    "matrix products": ("mm", "linear"),
    "the optimizer and clipping": ("adam", "foreach", "norm"),
    "gates: sigmoid, tanh and what joins them": ("sigmoid", "tanh", "lerp", "mul", "add", "sub", "neg", "rsub", "div"),
    "gathers, copies, sums": ("index", "embedding", "copy", "cat", "stack", "gather", "select", "sum", "fill", "zero",
                              "sort", "clone", "slice", "unbind"),
}


def kind_of(operation):
    """Which of KINDS an operation such as aten::addmm is."""
    name = operation.lower().split("::")[-1]
    return next((kind for kind, parts in KINDS.items() if any(part in name for part in parts)), "other operations")


def products(network):
    """Multiply-adds per letter and per name: of every matrix but the first layer's, which is gathered."""
    cores = network.core.cores if isinstance(network.core, Stacked) else [network.core]
    per_letter = sum(weight.numel() for layer, core in enumerate(cores) for name, weight in core.named_parameters()
                     if "weight_hh" in name or (layer and "weight_ih" in name))
    return per_letter, network.readout.linear.weight.numel()


def rate(rows, hidden, gates):
    """Multiply-adds per second of the recurrent product, (rows, H) times (H, G·H), at best."""
    left, right = torch.rand(rows, hidden), torch.rand(hidden, gates * hidden)
    best = 0.0
    for _ in range(20):
        start = time.perf_counter()
        for _ in range(20):
            left @ right
        best = max(best, 20 * rows * hidden * gates * hidden / (time.perf_counter() - start))
    return best


def main(argv=None):
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=bundled_names(), help="a folder of <label>.txt files")
    parser.add_argument("--preset", default="standard")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args(argv)
    torch.set_num_threads(arguments.threads)
    warnings.simplefilter("ignore")

    config = configure(arguments.preset, epochs=1)
    parts = read_parts(arguments.data, None, config)
    vocabulary, normalise = encoder(parts, config)
    task = Classify(parts["train"], parts["validation"], vocabulary, normalise, config)
    network = build_network(config, len(vocabulary), len(parts["train"].labels))
    order = torch.Generator().manual_seed(0)
    epoch = lambda: fit(network, task, config, torch.device("cpu"), order).epochs[0].per_second  # noqa: E731
    epoch()  # warm up
    names = len(parts["train"])
    seconds = names / max(epoch() for _ in range(3))
    with profile(activities=[ProfilerActivity.CPU]) as found:
        profiled = names / epoch()

    per_letter, per_name = products(network)
    steps = sum(batch.ids.numel() for batch in task.training_batches(order))  # letters, padding included
    cell = (network.core.cores[0] if isinstance(network.core, Stacked) else network.core)
    cell = getattr(cell, "forwards", cell).cell
    speed = rate(min(config.batch_size, names), cell.hidden_size, cell.gate_count)
    floor = 3 * (steps * per_letter + names * per_name) / speed
    letters = int(task.train.lengths.sum())
    print(f"--preset {arguments.preset}, {arguments.threads} threads: {names:,} names, {letters:,} letters, "
          f"{steps / letters - 1:.1%} padding")
    print(f"an epoch takes {seconds:.2f} s, {names / seconds:,.0f} names per second")
    print(f"its {floor * speed / 1e9:.1f} billion multiply-adds take {floor:.2f} s at the {speed / 1e9:.0f} billion "
          f"per second of its largest product: {seconds / floor:.1f} times the floor\n")
    spent = {}
    for event in found.key_averages():
        kind = kind_of(event.key)
        spent[kind] = spent.get(kind, 0.0) + event.self_cpu_time_total / 1e6
    spent["Python and the rest"] = max(profiled - sum(spent.values()), 0.0)
    print("| part of an epoch | share |\n|---|---:|")
    for kind, took in sorted(spent.items(), key=lambda item: -item[1]):
        print(f"| {kind} | {took / sum(spent.values()):.0%} |")


if __name__ == "__main__":
    main()
