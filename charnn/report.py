"""python -m charnn.report: a classifier's confusion matrix as a picture, as CSV and as one page.

From Python: charnn.evaluation.report.report_files.
"""

import sys
from pathlib import Path

from charnn import cli
from charnn.errors import CharnnError
from charnn.table_options import add_column_options, columns_of
from charnn.terminal import show


def build_parser() -> cli.Parser:
    """The options."""
    options = cli.parser(
        "report",
        "Measures a classifier on every name of a folder of <label>.txt files, or of a table.\n"
        "Writes the confusion matrix as confusion.png and confusion.csv, and report.html, a page\n"
        "with all figures that needs no network and no other file.",
    )
    cli.add_model(options)
    cli.add_device(options)
    cli.add_backend(options)
    options.add_argument("--data", metavar="PATH", required=True, help="the folder or table")
    cli.add_measuring(options)
    options.add_argument(
        "--out",
        metavar="DIR",
        help="where the files go (default: the first free runs/<data>-report-N)",
    )
    add_column_options(options.group("table"))
    return options


def main(argv: list[str] | None = None) -> None:
    """Parses, measures, writes the three files, prints where they are."""
    arguments = build_parser().parse_args(argv)
    columns = columns_of(arguments)

    from charnn.evaluation.measure import measure
    from charnn.evaluation.report import FILES, report_files
    from charnn.files import write
    from charnn.inference.classifier import Classifier
    from charnn.inference.load import load

    if arguments.out is not None:
        # Measuring may take a while: say now what would be said again before writing.
        cli.check_free(Path(arguments.out), FILES)
    model = load(arguments.model, arguments.device, arguments.backend)
    if not isinstance(model, Classifier):
        raise CharnnError(f"{arguments.model} is a generator; give a classifier's model file")
    evaluation = measure(
        model, arguments.data, arguments.unseen, bool(arguments.skip_unknown_labels), columns
    )
    path = Path(arguments.data).resolve()
    data = path.stem if path.is_file() else path.name
    title = f"{Path(arguments.model or 'The bundled model').name} on {data}"
    contents = report_files(model, evaluation, title)
    with cli.output_folder(arguments.out, f"{data}-report", FILES) as folder:
        for name, content in contents.items():
            write(folder / name, content)
            show(str(folder / name))


if __name__ == "__main__":
    sys.exit(cli.run(main))
