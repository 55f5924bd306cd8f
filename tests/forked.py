"""The command `charnn train` in a process that is forked from one that has imported all it needs."""

import os
import sys

from charnn import cli
from charnn.train import main

NEEDED = [
    "forked",
    "charnn.training.jobs",
    "charnn.training.curves",
    "matplotlib.backends.backend_agg",
    "torch._dynamo",  # an optimizer imports it, in two seconds
]


def train(log, *arguments):
    """The command, in a process of its own; what it prints goes into a file."""
    with open(log, "w", encoding="utf-8") as file:
        sys.stdout = sys.stderr = file
        code = cli.run(main, list(map(str, arguments)))
    os._exit(code)
