"""python -m charnn.check DIR: what is wrong with a data folder, before anybody trains on it.

check_folder is the same from Python. A finding either should stop a user or is worth a look.
"""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from charnn import cli
from charnn.wording import count

if TYPE_CHECKING:
    from charnn.evaluation.quality import Check


# ---------------------------------------------------------------- the command


def main(argv: list[str] | None = None) -> int:
    """Parses, checks, prints; the exit code is 1 when something should stop a user."""
    options = cli.parser("check", "Says what is wrong with a folder of <label>.txt files, before anybody trains\n"
                                  "on it. Exit code 1 when something should stop you, 0 otherwise.")
    options.add_argument("data", metavar="DIR", help="the folder")
    options.add_argument("--json", action="store_true", help="one JSON object, with up to 100 examples of each finding")
    arguments = options.parse_args(argv)
    from charnn.evaluation.quality import check_folder
    check = check_folder(arguments.data)
    if arguments.json:
        about = {**asdict(check), "stop": check.stop}
        for finding in about["findings"]:
            finding["examples"] = finding["examples"][:100]
        print(cli.to_json(about))
    else:
        print(as_text(check, arguments.data))
    return int(check.stop)


def as_text(check: "Check", folder: str) -> str:
    """Labels, what the data allows, and the findings, those that should stop a user first."""
    from charnn.evaluation.quality import STOP, examples
    lines = [f"{folder}: {count(check.lines, 'line')}, {count(check.spellings, 'spelling')}, "
             f"{count(len(check.labels), 'label')}", ""]
    width = max(map(len, ["label", *check.labels]))
    lines.append(f"{'label':{width}} {'lines':>8} {'spellings':>10}")
    lines += [f"{label:{width}} {row['lines']:8,} {row['spellings']:10,}" for label, row in check.labels.items()]
    if check.ceiling is not None:
        lines += ["", f"accuracy that nobody can exceed: {check.ceiling:.3f}"]
        lines.append(f"test lines whose spelling is trained on: {check.random_split_leak:.1%} in a random split"
                     + ("" if check.split_leak is None else f", {check.split_leak:.1%} in charnn's, by spelling"))
    if check.letters_changed:
        shown = [f"{change} ({n:,})" for change, n in check.letters_changed.items()]
        lines.append(f"letters read as ASCII: {examples(shown, 12)}")
    lines.append("")
    for finding in check.findings:
        lines.append(f"{finding.severity}  {finding.text}")
        if finding.examples:
            lines.append(f"      {examples(finding.examples)}")
    stops = sum(finding.severity == STOP for finding in check.findings)
    looks = len(check.findings) - stops
    lines.append(f"{count(stops, 'thing')} should stop you, {looks} worth a look" if check.findings else
                 "nothing is wrong with it")
    return "\n".join(map(cli.printable, lines))


if __name__ == "__main__":
    sys.exit(cli.run(main))
