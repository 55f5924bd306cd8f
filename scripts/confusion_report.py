#!/usr/bin/env python3
"""The confusion matrix of a model on a folder of names: as a picture, as CSV and as one page to hand to somebody.

    python scripts/confusion_report.py [--model FILE] --data DIR [--unseen] [--out DIR]

Writes confusion.png, confusion.csv and report.html, which needs no network and no other file.
"""

import sys
from pathlib import Path

from charnn import cli
from charnn.errors import CharnnError


def main(argv=None):
    """Parses, measures, writes the three files, prints where they are."""
    options = cli.Parser(description=__doc__, formatter_class=cli.RAW, allow_abbrev=False)
    cli.add_model(options)
    options.add_argument("--data", metavar="DIR", required=True, help="a folder of <label>.txt files, one name a line")
    options.add_argument("--unseen", action="store_true", help="leave out the spellings that the model was made from")
    options.add_argument("--out", metavar="DIR", help="their folder (default: the first free runs/<data>-report-N)")
    arguments = options.parse_args(argv)

    from charnn.evaluation.measure import measure
    from charnn.evaluation.report import FILES, report_files
    from charnn.files import write
    from charnn.inference.load import load
    if arguments.out is not None:
        cli.check_free(Path(arguments.out), FILES)
    data = Path(arguments.data).resolve().name
    classifier = load(arguments.model, arguments.device)
    if classifier.task != "classify":
        raise CharnnError(f"{arguments.model} is a generator; give a classifier's model file")
    evaluation = measure(classifier, arguments.data, arguments.unseen)
    title = f"{Path(arguments.model or 'The bundled model').name} on {data}"
    contents = report_files(classifier, evaluation, title)
    out = cli.make_folder(arguments.out, f"{data}-report")
    cli.check_free(out, FILES)
    for name, content in contents.items():
        write(out / name, content)
        print(out / name)


if __name__ == "__main__":
    sys.exit(cli.run(main))
