"""python -m charnn.evaluate: how good a model is on a folder of <label>.txt files."""

import sys

from charnn import cli
from charnn.config import LONGEST


def main(argv: list[str] | None = None) -> None:
    """Parses, measures, prints a table or one JSON object."""
    options = cli.parser("evaluate", "Measures a model on every name of a folder of <label>.txt files.")
    cli.add_model(options)
    options.add_argument("--data", metavar="DIR", required=True, help="a folder of <label>.txt files, one name a line")
    options.add_argument("--json", action="store_true", help="one JSON object, losses in nats")
    arguments = options.parse_args(argv)

    from charnn.classifier import load
    from charnn.data import read_folder, relabel
    from charnn.metrics import confusion, figures, per_label
    classifier = load(arguments.model, arguments.device)
    data = relabel(read_folder(arguments.data, LONGEST, one_label=True), classifier.labels, "the model")
    log_probs = classifier.log_proba(data.names)
    headline, labels = figures(log_probs, data.targets), per_label(confusion(log_probs, data.targets))
    rows = {label: {name: column[i].item() for name, column in labels._asdict().items()}
            for i, label in enumerate(data.labels)}
    if arguments.json:
        print(cli.to_json({**headline, "labels": data.labels, "per_label": rows}))
        return
    width = max(map(len, data.labels))
    print(f"{headline['n']:,} names: accuracy {headline['accuracy']:.3f}, macro-F1 {headline['macro_f1']:.3f}, "
          f"NLL {headline['nll']:.3f} nats\n")
    print(f"{'label':{width}} {'names':>7} {'precision':>10} {'recall':>7} {'F1':>6}")
    for label, row in rows.items():
        print(f"{label:{width}} {row['n']:7,} {row['precision']:10.3f} {row['recall']:7.3f} {row['f1']:6.3f}")


if __name__ == "__main__":
    sys.exit(cli.run(main))
