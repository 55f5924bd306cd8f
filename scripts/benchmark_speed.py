#!/usr/bin/env python3
"""How fast training is: our loop against the lecture's, and our cells against torch's, in one run.

    python scripts/benchmark_speed.py [--data DIR] [--threads 2]
    python scripts/benchmark_speed.py --predict MODEL ... [--names 200000]

Prints two tables, or with --predict one of how fast those models (and fastText, where it is installed) label a file
of distinct names, file in to file out. Times are medians of alternating rounds: other work on the machine slows
all rows alike, so read the ratios.
"""

import argparse
import importlib.util
import random
import statistics
import tempfile
import time
import warnings
from pathlib import Path

import torch

from charnn import predict
from charnn.config import configure
from charnn.data import bundled_names, read_folder
from charnn.model import CORES, build_network
from charnn.text.letters import to_ascii
from charnn.training.loop import fit
from charnn.training.parts import encoder, read_parts
from charnn.training.tasks import Classify

LECTURE = Path(__file__).parents[1] / "examples" / "lecture.py"
B, T, V, H = 256, 12, 60, 128


def seconds(work):
    """How long a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def medians(works, rounds):
    """The median seconds of each of the works, which take turns."""
    for work in works.values():
        work()  # warm up
    times = [{name: seconds(work) for name, work in works.items()} for _ in range(rounds)]
    return {name: statistics.median(row[name] for row in times) for name in works}


def training_step(kind):
    """One training step of a core alone on B names of T letters: forward, loss at every step, backward."""
    torch.manual_seed(0)
    core, ids = CORES[kind](V, H), torch.randint(0, V, (B, T))

    def step():
        core.zero_grad()
        core(ids)[0].square().mean().backward()
    return step


def lecture_loop(data, steps):
    """The notes' program on the folder: `steps` single names."""
    spec = importlib.util.spec_from_file_location("lecture", LECTURE)
    lecture = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lecture)
    names = lecture.read_folder(data)
    return lambda: lecture.train(names, steps, report=0)


def our_loop(parts, **values):
    """One epoch of charnn.train's loop on the training part."""
    config = configure(epochs=1, **values)
    vocabulary, normalise = encoder(parts, config)
    task = Classify(parts["train"], parts["validation"], vocabulary, normalise, config)
    labels = len(parts["train"].labels)

    def epoch():
        network = build_network(config, len(vocabulary), labels)
        fit(network, task, config, torch.device("cpu"), torch.Generator().manual_seed(0))
    return epoch


def distinct_names(data, number):
    """Invented names: the first half of one real name and the second half of another."""
    draw, real, names = random.Random(0), read_folder(data).names, {}
    while len(names) < number:
        one, other = draw.choices(real, k=2)
        names[one[:(len(one) + 1) // 2] + other[len(other) // 2:]] = None
    return list(names)


def charnn_file(model, source, folder):
    """python -m charnn.predict --input --output, its model loaded each time."""
    def work():
        target = folder / "labels.tsv"
        target.unlink(missing_ok=True)
        predict.main(["--model", model, "--input", str(source), "--output", str(target)])
    return work


def fasttext_file(data, source, folder):
    """fastText with the n-grams of scripts/benchmark.py, file in to file out; two epochs, since speed is all we ask."""
    import fasttext
    mark = lambda name: f"^{to_ascii(name).lower().replace(' ', '_')}$"  # noqa: E731
    known = read_folder(data)
    train = folder / "train.txt"
    train.write_text("".join(f"__label__{target} {mark(name)}\n"
                             for target, name in zip(known.targets, known.names, strict=True)), encoding="utf-8")
    model = fasttext.train_supervised(str(train), minn=1, maxn=4, epoch=2, dim=50, verbose=0)

    def work():
        names = source.read_text(encoding="utf-8").splitlines()
        labels, probabilities = model.f.multilinePredict([mark(name) + "\n" for name in names], 1, 0.0, "strict")
        (folder / "fasttext.tsv").write_text("".join(
            f"{name}\t{label}\t{p:.4f}\n" for name, [label], [p] in zip(names, labels, probabilities, strict=True)),
            encoding="utf-8")
    return work


def predict_table(models, data, number):
    """Names per second from file to file."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        source = folder / "names.txt"
        source.write_text("".join(f"{name}\n" for name in distinct_names(data, number)), encoding="utf-8")
        works = {model: charnn_file(model, source, folder) for model in models}
        if importlib.util.find_spec("fasttext"):
            works["fastText"] = fasttext_file(data, source, folder)
        times = medians(works, rounds=3)
    print(f"{number:,} distinct names, {torch.get_num_threads()} threads (fastText reads on one)\n")
    print("| model | names per second |\n|---|---:|")
    for name, spent in times.items():
        print(f"| {name} | {number / spent:,.0f} |")


def main():
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=bundled_names(), help="a folder of <label>.txt files")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--predict", nargs="+", metavar="MODEL", help="files that charnn.train wrote")
    parser.add_argument("--names", type=int, default=200_000, help="how many --predict labels (default: %(default)s)")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    warnings.simplefilter("ignore")
    if arguments.predict:
        predict_table(arguments.predict, arguments.data, arguments.names)
        return

    print(f"A core's training step: batch {B}, {T} letters, hidden {H}, {arguments.threads} threads\n")
    print("| cell | ours, ms | torch's, ms | ours / torch's |\n|---|---:|---:|---:|")
    for kind in ("rnn", "gru", "lstm"):
        times = medians({name: training_step(name) for name in (kind, f"torch-{kind}")}, rounds=40)
        ours, theirs = times[kind] * 1e3, times[f"torch-{kind}"] * 1e3
        print(f"| {kind} | {ours:.1f} | {theirs:.1f} | {ours / theirs:.2f} |", flush=True)

    steps = 1000
    parts = read_parts(arguments.data, None, configure())
    loops = {"examples/lecture.py": lecture_loop(arguments.data, steps),
             "--cell rnn --hidden 128": our_loop(parts, cell="rnn", hidden=128),
             "--cell rnn --hidden 128 --preset lecture": our_loop(parts, preset="lecture", cell="rnn", hidden=128),
             "the default": our_loop(parts)}
    times = medians(loops, rounds=3)
    names = {name: steps if "lecture.py" in name else len(parts["train"]) for name in loops}
    slowest = times["examples/lecture.py"] / steps
    print(f"\nTraining on {arguments.data}, validation after the epoch included\n")
    print("| loop | names per second | times the lecture's |\n|---|---:|---:|")
    for name, spent in times.items():
        print(f"| {name} | {names[name] / spent:,.0f} | {slowest / (spent / names[name]):.0f} |")


if __name__ == "__main__":
    main()
