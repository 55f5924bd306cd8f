"""python -m charnn.evaluate: how good a model is on names or on a text.

From Python: measure and measure_generator of charnn.evaluation.measure.
"""

import sys
from typing import Any

from charnn import cli
from charnn.table_options import add_column_options, columns_of
from charnn.terminal import show, to_json
from charnn.wording import counted


def build_parser() -> cli.Parser:
    """The options."""
    options = cli.parser(
        "evaluate",
        "Measures a classifier on every name of a folder of <label>.txt files or of a table, or a\n"
        "generator on the kind of data it was trained on: such names, a list, or a text.",
    )
    cli.add_model(options)
    cli.add_device(options)
    cli.add_backend(options)
    options.add_argument("--data", metavar="PATH", required=True, help="the folder or file")
    cli.add_measuring(options)
    options.add_argument("--json", action="store_true", help="one JSON object, losses in nats")
    add_column_options(options.group("table"))
    return options


def main(argv: list[str] | None = None) -> None:
    """Parses, measures, prints tables or one JSON object."""
    arguments = build_parser().parse_args(argv)
    columns = columns_of(arguments)

    from charnn.evaluation.measure import measure, measure_generator
    from charnn.inference.generator import Generator
    from charnn.inference.load import load

    model = load(arguments.model, arguments.device, arguments.backend)
    chosen = (arguments.data, arguments.unseen, bool(arguments.skip_unknown_labels), columns)
    if isinstance(model, Generator):
        figures = measure_generator(model, *chosen)
        text = generator_as_text(figures)
    else:
        figures = measure(model, *chosen).figures
        text = as_text(figures)
    show(to_json(figures) if arguments.json else text)


def generator_as_text(figures: dict[str, Any]) -> str:
    """A generator's figures and, where it knows labels, those of it as a classifier."""
    text = (
        f"{counted(figures['n'], 'character')}: "
        f"{figures['nats_per_char']:.4f} nats per character, "
        f"{figures['bits_per_char']:.4f} bits, perplexity {figures['perplexity']:.3f}"
    )
    if "tokens" in figures:
        tokens = counted(figures["tokens"], "token")
        text += f"\n{tokens}: {figures['nats_per_token']:.4f} nats per token"
    if "classification" in figures:
        text += "\n\nas a classifier, by Bayes' rule:\n" + as_text(figures["classification"])
    return text


def as_text(figures: dict[str, Any]) -> str:
    """The figures as tables: the headline, accuracy against coverage, label by label."""
    from charnn.evaluation.measure import headline, whose

    lines = [whose(figures), ""]
    for title, value, remark in headline(figures):
        lines.append(f"{title:17} {value:7.3f}   {remark}")

    lines.append(f"\n{'unknown below':>14} {'answered':>9} {'accuracy':>9}")
    for row in figures["coverage"]:
        # Where no name is answered, there is no accuracy.
        accuracy = "-" if row["accuracy"] is None else f"{row['accuracy']:.3f}"
        lines.append(f"{row['unknown_below']:14.2f} {row['coverage']:9.1%} {accuracy:>9}")

    width, unit = max(map(len, figures["labels"])), f"{figures['unit']}s"
    lines.append(f"\n{'label':{width}} {unit:>7} {'precision':>10} {'recall':>7} {'F1':>6}")
    for label, row in figures["per_label"].items():
        lines.append(
            f"{label:{width}} {row['n']:7,} {row['precision']:10.3f} {row['recall']:7.3f} "
            f"{row['f1']:6.3f}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(cli.run(main))
