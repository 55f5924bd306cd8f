"""python -m charnn.runs: the trainings in a folder, with their figures, the best first.

From Python: charnn.training.runs.runs_in.
"""

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charnn import cli
from charnn.terminal import show, to_json
from charnn.wording import printable

if TYPE_CHECKING:
    from charnn.training.runs import Recorded

SHOWN = {  # of the figures, and how
    "accuracy": "accuracy {:.3f}",
    "macro_f1": "macro-F1 {:.3f}",
    "bits_per_char": "{:.3f} bits per character",
}


def build_parser() -> cli.Parser:
    """The options."""
    options = cli.parser(
        "runs",
        "Lists the trainings in a folder: their data, preset, figures on the test set and time.\n"
        "Those on the same data stand together, the best first; those without a model come last.",
    )
    options.add_argument(
        "folder", nargs="?", default="runs", metavar="DIR", help="(default: %(default)s)"
    )
    options.add_argument("--json", action="store_true", help="one JSON list, losses in nats")
    return options


def main(argv: list[str] | None = None) -> None:
    """Parses, reads the runs, prints a table or one JSON list."""
    arguments = build_parser().parse_args(argv)

    from charnn.training.runs import runs_in

    runs = runs_in(Path(arguments.folder))
    if arguments.json:
        show(to_json([as_dictionary(run) for run in runs]))
    elif not runs:
        show(f"{arguments.folder} holds no run")
    else:
        print_rows([("run", "data", "preset", "figures", "time", "state"), *map(as_row, runs)])


def as_row(run: "Recorded") -> tuple[str, ...]:
    """A run's cells in the table."""
    figures = run.figures or {}
    shown = [text.format(figures[name]) for name, text in SHOWN.items() if name in figures]
    time = "-" if run.seconds is None else str(timedelta(seconds=round(run.seconds)))
    return (
        printable(run.folder),
        printable(run.data or "-"),
        run.preset or "-",
        ", ".join(shown) or "-",
        time,
        printable(f"{run.state}: {run.remark}"),
    )


def as_dictionary(run: "Recorded") -> dict[str, Any]:
    """A run for JSON."""
    return {
        "run": str(run.folder),
        "state": run.state,
        "remark": run.remark,
        "task": run.task,
        "data": run.data,
        "preset": run.preset,
        "seconds": run.seconds,
        "figures": run.model and run.model["figures"],
    }


def print_rows(rows: list[tuple[str, ...]]) -> None:
    """Rows of text in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        show("  ".join(cells).rstrip())


if __name__ == "__main__":
    sys.exit(cli.run(main))
