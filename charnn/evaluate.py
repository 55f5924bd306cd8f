"""python -m charnn.evaluate: how good a model is on names or on a text.

measure and measure_writing are the same from Python.
"""

import sys

from charnn import cli
from charnn.wording import count


def main(argv: list[str] | None = None) -> None:
    """Parses, measures, prints tables or one JSON object."""
    options = cli.parser("evaluate", "Measures a classifier on every name of a folder of <label>.txt files, or a\n"
                                     "generator on what it was trained on: such a folder, a file of names, a text.")
    cli.add_model(options)
    options.add_argument("--data", metavar="PATH", required=True, help="the folder or file")
    options.add_argument("--unseen", action="store_true", help="leave out the spellings that the model was made from")
    options.add_argument("--json", action="store_true", help="one JSON object, losses in nats")
    arguments = options.parse_args(argv)

    from charnn.evaluation.measure import measure, measure_writing
    from charnn.inference.load import load
    model = load(arguments.model, arguments.device)
    if model.task == "generate":
        figures = measure_writing(model, arguments.data, arguments.unseen)
        text = writing_as_text(figures)
    else:
        figures = measure(model, arguments.data, arguments.unseen).figures
        text = as_text(figures)
    print(cli.to_json(figures) if arguments.json else text)


def writing_as_text(figures: dict) -> str:
    """A generator's figures, and as a classifier's what they are by Bayes' rule."""
    text = (f"{count(figures['n'], 'character')}: {figures['nats_per_char']:.4f} nats per character, "
            f"{figures['bits_per_char']:.4f} bits, perplexity {figures['perplexity']:.3f}")
    if "classification" in figures:
        text += "\n\nas a classifier, by Bayes' rule:\n" + as_text(figures["classification"])
    return text


def as_text(figures: dict) -> str:
    """The figures as tables: the headline, accuracy against coverage, label by label."""
    from charnn.evaluation.measure import headline, whose
    lines = [whose(figures), ""]
    lines += [f"{title:17} {value:7.3f}   {remark}" for title, value, remark in headline(figures)]
    lines.append(f"\n{'unknown below':>14} {'answered':>9} {'accuracy':>9}")
    for row in figures["coverage"]:
        accuracy = "-" if row["accuracy"] is None else f"{row['accuracy']:.3f}"
        lines.append(f"{row['unknown_below']:14.2f} {row['coverage']:9.1%} {accuracy:>9}")
    width = max(map(len, figures["labels"]))
    lines.append(f"\n{'label':{width}} {figures['unit'] + 's':>7} {'precision':>10} {'recall':>7} {'F1':>6}")
    lines += [f"{label:{width}} {row['n']:7,} {row['precision']:10.3f} {row['recall']:7.3f} {row['f1']:6.3f}"
              for label, row in figures["per_label"].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(cli.run(main))
