#!/usr/bin/env python3
"""Where does each name of data/names come from? Rebuilds the lists from their sources.

    pip install -c constraints.txt -e ".[test]"       # brings Faker, Mimesis
    python scripts/build_names.py                     # writes data/names/*.txt and README.md
    python scripts/build_names.py --check             # only checks; exit code 1 if stale
    python scripts/build_names.py --source Novák      # where each line of that spelling is from

    npm pack @faker-js/faker@10.6.0                   # read its lists of surnames again
    python scripts/build_names.py --faker-js faker-js-faker-10.6.0.tgz

A language's names are those of data/sources/<Language>.txt, compiled by hand, and those that are
taken from lists of the libraries Faker, Mimesis and @faker-js/faker (all MIT licence): where
scripts/name_lists.py says `only`, the names in data/sources/taken.tsv, and elsewhere all that
data/sources/dropped.tsv does not drop.
"""

import hashlib
import sys
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import name_lists

from charnn import cli
from charnn.text.letters import spelling

ROOT = Path(__file__).parents[1]
SOURCES, NAMES = ROOT / "data" / "sources", ROOT / "data" / "names"

# Of a longer list the names that are taken are chosen by hash.
MOST, MOST_OF = 1200, {"English": 1500}

README = """# Surnames of {languages} languages

{total:,} surnames, one `<Language>.txt` per language, UTF-8, one name per line, in the language's
own Latin spelling or, for languages of other scripts, in romanisations as people bear them. Written
by `scripts/build_names.py`; mend `data/sources/` and run it again.

**Sources.** *By hand*: compiled from memory as facts, language by language, and for 32 languages
read again by a second reader; no list was copied, and no outside source was looked up. *From
lists*: the surnames of that locale in [Faker](https://pypi.org/project/Faker/) {faker} (MIT
licence, © Daniele Faraglia and contributors), [Mimesis](https://pypi.org/project/mimesis/)
{mimesis} (MIT licence, © Isaak Uchakaev) and
[@faker-js/faker](https://www.npmjs.com/package/@faker-js/faker) {faker_js} (MIT licence, © its
contributors, `data/sources/faker-js/LICENSE`), less the names in
`data/sources/dropped.tsv`, each with its reason. Of lists in another script, and of those in which
only some names are of use, the names in `data/sources/taken.tsv`, with their romanisations. `python
scripts/build_names.py --source NAME` tells the source of any line. The hand-compiled lists are
under charnn's own MIT licence.

**Rules.** Real surnames only, none invented or combined; no given names that are not also surnames,
no double-barrelled names; the masculine or dictionary form; an immigrant surname is listed under
its own language; a name that truly belongs to two languages is listed in both; spellings that are
the same without accents and case are listed once. At most 1,200 per language (of models that
never saw the validation names, one that had at most 800 was 1.3 percentage points less often right
on them), 1,500 for English, since on names collected by others (`scripts/outside_check.py`) too
many English ones were predicted to be Scottish or Irish: of longer lists those names were kept that
two compilers thought common, and the rest chosen by hash; `surplus` in `dropped.tsv` means a name
that was not chosen.

**Lists that were left out.**
{left_out}

**Few names.** {few}

**What it is not.** A label is a naming tradition, not a nationality or an ethnicity, and the counts
are no frequencies of anything: every name is listed once.

| language | names | by hand | from lists | known to be weak |
|---|---:|---:|---|---|
{rows}
"""


class Language(NamedTuple):
    """A language's names, each with its source, and the notes of whoever compiled them."""

    sources: dict[str, str]  # name -> "by hand" or such as "Faker tr_TR"
    notes: dict[str, str]  # "weak", and where there are few "few"


def hand_compiled(language: str) -> tuple[list[str], dict[str, str]]:
    """The language's own names and its notes, {"weak": ..., "few": ...}."""
    lines = (SOURCES / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    notes = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    return [line for line in lines if not line.startswith("#")], notes


def by_hash(name: str) -> str:
    """What puts names into an order that has nothing to do with them."""
    return hashlib.sha256(spelling(name).encode()).hexdigest()


def collect(language: str) -> Language:
    """The language's names from all sources, without double-barrelled ones, each spelling once."""
    hand, notes = hand_compiled(language)
    source_of: dict[str, str] = {}
    spellings: set[str] = set()

    def add(names: list[str], source: str, most: int | None) -> None:
        first = {}  # of two names with one spelling, the one that comes first is kept
        for name in names:
            if "-" not in name and spelling(name) not in spellings:
                first.setdefault(spelling(name), name)
        for name in sorted(first.values(), key=by_hash)[:most]:
            spellings.add(spelling(name))
            source_of[name] = source

    add(hand, "by hand", None)
    for source in name_lists.LISTS.get(language, ()):
        room = max(0, MOST_OF.get(language, MOST) - len(source_of))
        add(name_lists.names_of(language, source), str(source), room)
    return Language(source_of, notes)


def readme(languages: dict[str, Language]) -> str:
    """The text of data/names/README.md."""
    rows, few = [], []
    for language, (sources, notes) in languages.items():
        counts = Counter(sources.values())
        by_hand = counts.pop("by hand", 0)
        lists = [str(source) for source in name_lists.LISTS.get(language, ())]
        listed = (
            ", ".join(f"{counts[name]} ({name})" for name in dict.fromkeys(lists) if counts[name])
            or "–"
        )
        rows.append(f"| {language} | {len(sources)} | {by_hand} | {listed} | {notes['weak']} |")
        if "few" in notes:
            few.append(f"{language} has few: {notes['few']}")
    total = sum(len(sources) for sources, _ in languages.values())
    return README.format(
        languages=len(languages),
        total=total,
        faker=version("faker"),
        faker_js=name_lists.FAKER_JS,
        mimesis=version("mimesis"),
        few=" ".join(few),
        left_out=(SOURCES / "left-out.md").read_text(encoding="utf-8").strip(),
        rows="\n".join(rows),
    )


def contents(languages: dict[str, Language]) -> dict[Path, str]:
    """{path: text} of every file of data/names."""
    files = {}
    for language, (sources, _) in languages.items():
        in_order = sorted(sources, key=lambda name: (spelling(name), name))
        files[NAMES / f"{language}.txt"] = "".join(f"{name}\n" for name in in_order)
    return {**files, NAMES / "README.md": readme(languages)}


def sources_of(name: str, languages: dict[str, Language]) -> list[str]:
    """A line for each list that has a name of this spelling."""
    return [
        f"{language}: {listed}: {source}"
        for language, (sources, _) in languages.items()
        for listed, source in sources.items()
        if spelling(listed) == spelling(name)
    ]


def update(files: dict[Path, str], check: bool) -> bool:
    """Writes what differs, or with `check` only says so. Returns whether anything did."""
    stale = [
        path
        for path, text in files.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path in stale:
        print(f"{path.relative_to(ROOT)} {'differs from its sources' if check else 'written'}")
        if not check:
            path.write_text(files[path], encoding="utf-8")
    return bool(stale)


def remove(paths: list[Path], check: bool) -> bool:
    """Removes files that have no source, or with `check` only says so. Returns whether any is."""
    for path in paths:
        print(f"{path.relative_to(ROOT)} {'has no source' if check else 'removed'}")
        if not check:
            path.unlink()
    return bool(paths)


def main(argv: list[str] | None = None) -> int:
    """Writes, checks or tells; returns 1 where a check found a difference."""
    options = cli.Parser(description=__doc__, allow_abbrev=False)
    options.add_argument(
        "--check", action="store_true", help="write nothing; exit code 1 if anything would change"
    )
    options.add_argument(
        "--source", metavar="NAME", help="tell where the lines of this spelling come from"
    )
    options.add_argument(
        "--faker-js",
        type=Path,
        metavar="TARBALL",
        help="first read data/sources/faker-js/ again from this file of `npm pack`",
    )
    arguments = options.parse_args(argv)
    name_lists.check_installed()
    changed = False
    if arguments.faker_js is not None:
        changed = update(name_lists.faker_js_lists(arguments.faker_js), arguments.check)
    languages = {path.stem: collect(path.stem) for path in sorted(SOURCES.glob("*.txt"))}
    if arguments.source is not None:
        found = sources_of(arguments.source, languages)
        print("\n".join(found) or f"{arguments.source} is in no list")
        return 0
    files = contents(languages)
    changed |= update(files, arguments.check)
    changed |= remove([path for path in NAMES.glob("*.txt") if path not in files], arguments.check)
    return 1 if changed and arguments.check else 0


if __name__ == "__main__":
    sys.exit(cli.run(main))
