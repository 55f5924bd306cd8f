#!/usr/bin/env python3
"""Where does each name of data/names come from? Rebuilds the lists from their sources.

    pip install -c constraints.txt -e ".[test]"       # brings Faker
    python scripts/build_names.py                     # writes data/names/*.txt and README.md
    python scripts/build_names.py --check             # only checks; exit code 1 if stale
    python scripts/build_names.py --source Novák      # where each line of that spelling is from

A language's names are those of data/sources/<Language>.txt, compiled by hand, and those of one
provider of the Faker library (MIT licence) that data/sources/faker-dropped.tsv does not drop.
"""

import importlib
import importlib.util
import sys
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from charnn import cli
from charnn.errors import CharnnError
from charnn.text.letters import spelling

ROOT = Path(__file__).parents[1]
SOURCES, NAMES = ROOT / "data" / "sources", ROOT / "data" / "names"

# The locale, and its list that holds masculine forms, for languages written in Latin letters.
FAKER = {
    "Croatian": ("hr_HR", "last_names"),
    "Czech": ("cs_CZ", "last_names_male"),
    "Danish": ("da_DK", "last_names"),
    "English": ("en_GB", "last_names"),
    "Finnish": ("fi_FI", "last_names"),
    "French": ("fr_FR", "last_names"),
    "German": ("de_DE", "last_names"),
    "Hungarian": ("hu_HU", "last_names"),
    "Italian": ("it_IT", "last_names"),
    "Norwegian": ("no_NO", "last_names"),
    "Polish": ("pl_PL", "male_last_names"),
    "Portuguese": ("pt_PT", "last_names"),
    "Romanian": ("ro_RO", "last_names"),
    "Spanish": ("es_ES", "last_names"),
    "Swedish": ("sv_SE", "last_names"),
    "Turkish": ("tr_TR", "last_names"),
}

README = """# Surnames of {languages} languages

{total:,} surnames, one `<Language>.txt` per language, UTF-8, one name per line, in the language's
own Latin spelling or, for languages of other scripts, in romanisations as people bear them. Written
by `scripts/build_names.py`; mend `data/sources/` and run it again.

**Sources.** *By hand*: compiled from memory as facts, language by language, read again by a second
reader; no list was copied, and no outside source was looked up. *Faker*: the surname list of that
locale in Faker {faker} (MIT licence, © Daniele Faraglia and contributors), less the names in
`data/sources/faker-dropped.tsv`, each with its reason. `python scripts/build_names.py --source
NAME` tells the source of any line. The hand-compiled lists are under charnn's own MIT licence.

**Rules.** Real surnames only, none invented or combined; no given names that are not also surnames,
no double-barrelled names; the masculine or dictionary form; an immigrant surname is listed under
its own language; a name that truly belongs to two languages is listed in both; spellings that are
the same without accents and case are listed once. At most 800 per language, 1,500 for English,
since on names collected by others (`scripts/outside_check.py`) too many English ones were predicted
to be Scottish or Irish: of longer lists those names were kept that two compilers thought common,
and the rest chosen by hash; `surplus` in `faker-dropped.tsv` means a name that was not chosen.

**Few names.** {few}

**What it is not.** A label is a naming tradition, not a nationality or an ethnicity, and the counts
are no frequencies of anything: every name is listed once.

| language | names | by hand | from Faker | known to be weak |
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


def from_faker(language: str) -> list[str]:
    """The names of the language's Faker provider that are not dropped; empty where it has none."""
    if language not in FAKER:
        return []
    locale, attribute = FAKER[language]
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    lines = (SOURCES / "faker-dropped.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    dropped = {name for of, name, _reason in rows if of == language}
    return sorted({name.strip() for name in getattr(provider, attribute)} - dropped)


def collect(language: str) -> Language:
    """The language's names from both sources, without double-barrelled ones, each spelling once."""
    hand, notes = hand_compiled(language)
    locale = FAKER.get(language, ("",))[0]
    source_of: dict[str, str] = {}
    spellings: set[str] = set()
    # By hand first: of two names with one spelling, the one that was compiled is kept.
    for source, names in (("by hand", hand), (f"Faker {locale}", from_faker(language))):
        for name in names:
            if "-" not in name and spelling(name) not in spellings:
                spellings.add(spelling(name))
                source_of[name] = source
    return Language(source_of, notes)


def readme(languages: dict[str, Language]) -> str:
    """The text of data/names/README.md."""
    rows, few = [], []
    for language, (sources, notes) in languages.items():
        by_hand = sum(source == "by hand" for source in sources.values())
        locale = FAKER.get(language, ("",))[0]
        derived = f"{len(sources) - by_hand} ({locale})" if locale else "–"
        rows.append(f"| {language} | {len(sources)} | {by_hand} | {derived} | {notes['weak']} |")
        if "few" in notes:
            few.append(f"{language} has few: {notes['few']}")
    total = sum(len(sources) for sources, _ in languages.values())
    return README.format(
        languages=len(languages),
        total=total,
        faker=version("faker"),
        few=" ".join(few),
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
    stale += [path for path in NAMES.glob("*.txt") if path not in files]
    for path in stale:
        print(f"{path.relative_to(ROOT)} {'differs from its sources' if check else 'written'}")
        if not check and path in files:
            path.write_text(files[path], encoding="utf-8")
        elif not check:
            path.unlink()
    return bool(stale)


def main(argv: list[str] | None = None) -> int:
    """Writes, checks or tells; returns 1 where a check found a difference."""
    options = cli.Parser(description=__doc__, allow_abbrev=False)
    options.add_argument(
        "--check", action="store_true", help="write nothing; exit code 1 if anything would change"
    )
    options.add_argument(
        "--source", metavar="NAME", help="tell where the lines of this spelling come from"
    )
    arguments = options.parse_args(argv)
    if importlib.util.find_spec("faker") is None:
        raise CharnnError('Faker is not installed; pip install -c constraints.txt -e ".[test]"')
    languages = {path.stem: collect(path.stem) for path in sorted(SOURCES.glob("*.txt"))}
    if arguments.source is not None:
        found = sources_of(arguments.source, languages)
        print("\n".join(found) or f"{arguments.source} is in no list")
        return 0
    changed = update(contents(languages), arguments.check)
    return 1 if changed and arguments.check else 0


if __name__ == "__main__":
    sys.exit(cli.run(main))
