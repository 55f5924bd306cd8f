"""python -m charnn.compare: the curves of two trainings, and what of their difference is chance.

From Python: charnn.evaluation.versus and charnn.training.curves.curves_of_several.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charnn import cli
from charnn.errors import CharnnError
from charnn.table_options import add_column_options, columns_of
from charnn.terminal import show, tell, to_json
from charnn.wording import counted, listed

if TYPE_CHECKING:
    from charnn.evaluation.versus import Chosen, Versus
    from charnn.inference.classifier import Classifier
    from charnn.training.runs import Recorded

PICTURE = "compare.png"


def main(argv: list[str] | None = None) -> None:
    """Parses, draws both curves, compares the models, prints what is beyond chance."""
    arguments = parse(argv)
    from charnn.config import Config
    from charnn.drawing import as_bytes
    from charnn.files import write
    from charnn.training.curves import Line, curves_of_several

    runs = [run_of(folder) for folder in arguments.runs]
    unit, other = (Config.from_dict((run.model or run.begun or {})["config"]).unit for run in runs)
    if unit != other and {unit, other} != {"name", "text"}:
        raise CharnnError(
            f"{runs[0].folder} predicts for each {unit} and {runs[1].folder} for each {other}; "
            "give two of one kind"
        )
    lines = [Line(str(run.folder), run.epochs, run.best) for run in runs]
    figure = curves_of_several(lines, unit if unit == other else "text")
    sentences, versus = compared(runs, arguments)
    with cli.output_folder(arguments.out, "compare", [PICTURE]) as folder:
        write(folder / PICTURE, as_bytes(figure))
    if arguments.json:
        show(to_json({"runs": [str(run.folder) for run in runs], "said": sentences, **versus}))
    else:
        show("\n".join(sentences))
    tell(f"{folder / PICTURE}   the picture")


def build_parser() -> cli.Parser:
    """The options."""
    options = cli.parser(
        "compare",
        "Draws the curves of two trainings into one picture. Of two classifiers it also says\n"
        "whether one is right more often than the other beyond chance, on the test names that\n"
        "both have and neither was trained on.",
    )
    options.add_argument(
        "runs", nargs=2, metavar="RUN", help="a run's folder, such as runs/names-1"
    )
    options.add_argument(
        "--data", metavar="PATH", help="names to compare on in place of the runs' test sets"
    )
    options.add_argument(
        "--out",
        metavar="DIR",
        help=f"where {PICTURE} goes (default: the first free runs/compare-N)",
    )
    options.add_argument("--json", action="store_true", help="one JSON object")
    add_column_options(options.group("table"))
    return options


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The options. Raises CharnnError for those that do not go together."""
    arguments = build_parser().parse_args(argv)
    arguments.columns = columns_of(arguments)
    first, second = arguments.runs
    if Path(first).resolve() == Path(second).resolve():
        raise CharnnError(f"{first} was given twice; give two runs")
    if arguments.out is not None:
        cli.check_free(Path(arguments.out), [PICTURE])
    return arguments


def run_of(folder: str) -> "Recorded":
    """A run with at least one epoch. Raises CharnnError for what is none."""
    from charnn.training.runs import is_run, recorded

    if not is_run(Path(folder)):
        raise CharnnError(
            f"{folder} is no run; give the folder of a training, such as runs/names-1"
        )
    run = recorded(Path(folder))
    if run.model is None and run.begun is None:
        raise CharnnError(f"{folder}: {run.remark}")
    if not run.epochs:
        raise CharnnError(f"{folder} has no complete epoch yet; compare it later")
    return run


# ---------------------------------------------------------------- which differences are chance


def compared(
    runs: list["Recorded"], arguments: argparse.Namespace
) -> tuple[list[str], dict[str, Any]]:
    """Sentences about two runs, and the figures in them."""
    from charnn.inference.classifier import Classifier
    from charnn.inference.load import load
    from charnn.training.runs import MODEL

    without = [run for run in runs if run.model is None]
    if without:
        said = [f"{run.folder} has no model ({run.state}: {run.remark})." for run in without]
        return [*said, "So only the curves are compared."], {}
    models = [load(run.folder / MODEL, "cpu") for run in runs]
    sentences = [figures_of(run) for run in runs]
    same = runs[0].model and runs[1].model and runs[0].model["data"] == runs[1].model["data"]
    if not same:
        sentences.append("These figures are of different data, so they say little of each other.")
    first, second = models
    if isinstance(first, Classifier) and isinstance(second, Classifier):
        return beyond_chance(runs, (first, second), arguments, sentences)
    if arguments.data is not None:
        raise CharnnError("--data is for classifiers; measure generators with charnn.evaluate")
    if same:
        sentences.append(
            "Whether this difference is chance is not tested: that is done for classifiers alone."
        )
    return sentences, {}


def figures_of(run: "Recorded") -> str:
    """A run's figures on its own test set."""
    test = run.figures or {}
    if "accuracy" in test:
        return (
            f"{run.folder}: accuracy {test['accuracy']:.3f}, macro-F1 {test['macro_f1']:.3f}, "
            f"NLL {test['nll']:.3f} on a test set of {test['n']:,}."
        )
    return (
        f"{run.folder}: {test['bits_per_char']:.3f} bits per character, perplexity "
        f"{test['perplexity']:.2f} on a test set of {test['n']:,}."
    )


def beyond_chance(
    runs: list["Recorded"],
    models: tuple["Classifier", "Classifier"],
    arguments: argparse.Namespace,
    sentences: list[str],
) -> tuple[list[str], dict[str, Any]]:
    """What McNemar's test says of two classifiers, after those sentences."""
    from charnn.evaluation.versus import comparable, in_both, versus
    from charnn.text.names import read_names
    from charnn.training.runs import test_names

    if arguments.data is not None:
        longest = min(model.config.longest for model in models)
        names = read_names(arguments.data, longest, 1, columns=arguments.columns)
    else:
        raw = any(model.config.raw for model in models)
        names = in_both(test_names(runs[0]), test_names(runs[1]), raw)
        if not len(names):
            said = "Their test sets have nothing in common, so which is better is not known; --data"
            return [*sentences, f"{said} gives names to compare them on."], {}
    chosen = comparable(*models, names)
    unit = models[0].config.unit
    sentences += [*of_labels(runs, models), *left_out(chosen, unit)]
    if not len(chosen.names):
        return [*sentences, "Nothing is left to compare them on; --data gives others."], {}
    found = versus(*models, chosen.names)
    figures = {**found._asdict(), "beyond_chance": found.beyond_chance}
    return [*sentences, *in_words(runs, found, unit)], figures


def of_labels(runs: list["Recorded"], models: tuple["Classifier", "Classifier"]) -> list[str]:
    """Which labels only one of them knows."""
    from charnn.text.labels import as_label

    known = [set(map(as_label, model.labels)) for model in models]
    said = []
    for run, own, others in zip(runs, known, reversed(known), strict=True):
        if own - others:
            what = counted(len(own - others), "label")
            said.append(f"{run.folder} alone knows {what}: {listed(sorted(own - others))}.")
    if said:
        shared = counted(len(known[0] & known[1]), "label")
        said.append(f"They are compared on what has one of the {shared} that both know.")
    return said


def left_out(chosen: "Chosen", unit: str) -> list[str]:
    """Which names (or texts) are not compared on."""
    kinds = (
        (chosen.met, "that one of them was trained on or chosen by"),
        (chosen.unknown, "with a label that only one of them knows"),
        (chosen.repeated, "that stand there more than once"),
    )
    return [f"Left out: {counted(count, unit)} {which}." for count, which in kinds if count]


def in_words(runs: list["Recorded"], found: "Versus", unit: str) -> list[str]:
    """What the test says, as sentences."""
    from charnn.evaluation.versus import CHANCE

    first, second = (str(run.folder) for run in runs)
    accuracy = [f"{right / found.n:.3f}" for right in found.right]
    only = found.only
    said = (
        f"On the same {counted(found.n, unit)}, new to both, {first} has an accuracy of "
        f"{accuracy[0]} and {second} of {accuracy[1]}: {counted(only[0], unit)} only {first} gets "
        f"right, and {only[1]:,} only {second}."
    )
    if not any(only):
        return [f"{said} So there is nothing to tell them apart by."]
    better = first if only[0] > only[1] else second
    verdict = f"{better} is better beyond chance" if found.beyond_chance else "This may be chance"
    return [
        said,
        f"{verdict}: between two equally good ones a difference as large or larger has a "
        f"probability of {found.p:.2g} (McNemar's exact test, p below {CHANCE} is beyond chance).",
    ]


if __name__ == "__main__":
    sys.exit(cli.run(main))
