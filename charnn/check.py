"""python -m charnn.check PATH: problems in names, found before training on them.

From Python: charnn.evaluation.quality.check_data.
"""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from charnn import cli
from charnn.table_options import add_column_options, columns_of
from charnn.terminal import show, to_json
from charnn.wording import counted, printable

if TYPE_CHECKING:
    from charnn.evaluation.quality import Check

JSON_EXAMPLES = 100  # of each finding, at most
SHOWN_LETTERS = 12  # changed letters that are shown, at most


def build_parser() -> cli.Parser:
    """The options."""
    options = cli.parser(
        "check",
        "Reports problems in a folder of <label>.txt files, in a table or in a list of names,\n"
        "before you train on it. The exit code is 1 when a problem should be fixed first, 0\n"
        "otherwise.",
    )
    options.add_argument("data", metavar="PATH", help="the folder or file")
    options.add_argument(
        "--json",
        action="store_true",
        help=f"one JSON object, with up to {JSON_EXAMPLES} examples of each finding",
    )
    add_column_options(options.group("table"))
    return options


def main(argv: list[str] | None = None) -> int:
    """Parses, checks, prints; the exit code is 1 when a finding is serious."""
    arguments = build_parser().parse_args(argv)
    columns = columns_of(arguments)

    from charnn.evaluation.quality import check_data

    check = check_data(arguments.data, columns)
    show(as_json(check) if arguments.json else as_text(check, arguments.data))
    return int(check.stop)


def as_json(check: "Check") -> str:
    """Everything that was found, as one JSON object."""
    about = {**asdict(check), "stop": check.stop}
    for finding in about["findings"]:
        finding["examples"] = finding["examples"][:JSON_EXAMPLES]
    return to_json(about)


def as_text(check: "Check", path: str) -> str:
    """The labels, figures of the data, and the findings, the serious ones first."""
    from charnn.evaluation.quality import STOP, examples

    sizes = (
        counted(check.lines, "line"),
        counted(check.spellings, "spelling"),
        counted(len(check.labels), "label"),
    )
    lines = [f"{path}: {', '.join(sizes)}", "", *label_table(check), *figures(check), ""]
    for finding in check.findings:
        lines.append(f"{finding.severity}  {finding.text}")
        if finding.examples:
            lines.append(f"      {examples(finding.examples)}")
    stops = sum(finding.severity == STOP for finding in check.findings)
    if check.findings:
        looks = len(check.findings) - stops
        lines.append(f"{counted(stops, 'thing')} should stop you, {looks} worth a look")
    else:
        lines.append("nothing is wrong with it")
    return "\n".join(map(printable, lines))


def label_table(check: "Check") -> Iterator[str]:
    """How many lines and spellings each label has."""
    width = max(map(len, ["label", *check.labels]))
    yield f"{'label':{width}} {'lines':>8} {'spellings':>10}"
    for label, row in check.labels.items():
        yield f"{label:{width}} {row['lines']:8,} {row['spellings']:10,}"


def figures(check: "Check") -> Iterator[str]:
    """The ceiling of the accuracy, what a random split would leak, and changed letters."""
    from charnn.evaluation.quality import examples

    if check.ceiling is not None:
        yield ""
        reason = "" if check.ceiling == 1 else " (some spellings carry several labels)"
        yield f"ceiling of the accuracy: {check.ceiling:.3f}{reason}"
        leak = f"{check.random_split_leak:.1%} in a random split"
        if check.split_leak is not None:
            leak += f", {check.split_leak:.1%} in charnn's, by spelling"
        yield f"test lines whose spelling is in the training set: {leak}"
    if check.letters_changed:
        shown = [f"{change} ({n:,})" for change, n in check.letters_changed.items()]
        yield f"letters read as ASCII: {examples(shown, SHOWN_LETTERS)}"


if __name__ == "__main__":
    sys.exit(cli.run(main))
