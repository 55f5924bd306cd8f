#!/usr/bin/env python3
"""Which cell, which preset: the same names, the same split, several seeds, mean ± standard deviation.

    python scripts/compare_cells.py [--data DIR] [--seeds 3] [--presets lecture fast standard best] [--cells gru ...]

Prints the table of README.md: held-out accuracy, macro-F1 and NLL (nats), epochs until training ended, file size.
"""

import argparse
import statistics
import tempfile
import warnings
from pathlib import Path

from charnn.config import CELLS, PRESETS, configure
from charnn.data import bundled_names
from charnn.train import read_parts, train_parts


def main():
    """Trains every row with every seed and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=bundled_names(), help="a folder of <label>.txt files")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--cells", nargs="*", default=CELLS, help="rows of preset standard with these cells")
    parser.add_argument("--presets", nargs="*", default=list(PRESETS), help="rows of these presets as they are")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = {**{f"--cell {cell}": {"cell": cell} for cell in arguments.cells},
            **{f"--preset {preset}": {"preset": preset} for preset in arguments.presets}}
    print("| | accuracy | macro-F1 | NLL | epochs | MB |\n|---|---|---|---|---:|---:|", flush=True)
    for title, values in rows.items():
        found = [measure(arguments.data, configure(**values, seed=seed)) for seed in range(arguments.seeds)]
        *figures, epochs, size = zip(*found, strict=True)
        cells = " | ".join(f"{statistics.fmean(column):.3f} ± {spread(column):.3f}" for column in figures)
        print(f"| `{title}` | {cells} | {statistics.fmean(epochs):.0f} | {size[0]:.2f} |", flush=True)


def spread(column):
    """The standard deviation over seeds; 0 of a single one."""
    return statistics.stdev(column) if len(column) > 1 else 0.0


def measure(data, config):
    """accuracy, macro-F1, NLL on the test part, epochs run, file size in MB."""
    parts = read_parts(data, None, config)
    classifier = train_parts(parts, config, "cpu")
    if classifier.history.interrupted:
        raise KeyboardInterrupt
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        classifier.save(path)
        size = path.stat().st_size / 1e6
    test = classifier.figures["test"]
    return test["accuracy"], test["macro_f1"], test["nll"], len(classifier.history.epochs), size


if __name__ == "__main__":
    main()
