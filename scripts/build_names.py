#!/usr/bin/env python3
"""Rebuilds data/names/ from its sources, and tells the source of every name.

    pip install -c constraints.txt -e ".[test]"       # brings Faker
    python scripts/build_names.py                     # writes data/names/*.txt and its README.md
    python scripts/build_names.py --check             # writes nothing; exit code 1 if anything would change
    python scripts/build_names.py --source Novák      # where each line of that spelling comes from

A language's names are those of data/sources/<Language>.txt, compiled by hand, and those of one
provider of the Faker library (MIT licence) that data/sources/faker-dropped.tsv does not drop.
"""

import argparse
import importlib
import sys
from importlib.metadata import version
from pathlib import Path

from charnn.text.letters import spelling

ROOT = Path(__file__).parents[1]
SOURCES, NAMES = ROOT / "data" / "sources", ROOT / "data" / "names"

# The provider's list that holds masculine forms, for languages written in Latin letters.
FAKER = {
    "Croatian": ("hr_HR", "last_names"), "Czech": ("cs_CZ", "last_names_male"), "Danish": ("da_DK", "last_names"),
    "English": ("en_GB", "last_names"), "Finnish": ("fi_FI", "last_names"), "French": ("fr_FR", "last_names"),
    "German": ("de_DE", "last_names"), "Hungarian": ("hu_HU", "last_names"), "Italian": ("it_IT", "last_names"),
    "Norwegian": ("no_NO", "last_names"), "Polish": ("pl_PL", "male_last_names"), "Portuguese": ("pt_PT", "last_names"),
    "Romanian": ("ro_RO", "last_names"), "Spanish": ("es_ES", "last_names"), "Swedish": ("sv_SE", "last_names"),
    "Turkish": ("tr_TR", "last_names"),
}

README = """# Surnames of {languages} languages

{total:,} surnames, one `<Language>.txt` per language, UTF-8, one name per line, in the language's own Latin
spelling or, for languages of other scripts, in romanisations as people bear them. Written by
`scripts/build_names.py`; mend `data/sources/` and run it again.

**Sources.** *By hand*: compiled from memory as facts, language by language, read again by a second reader; no
list was copied, and no outside source was looked up. *Faker*: the surname list of that locale in Faker {faker}
(MIT licence, © Daniele Faraglia and contributors), less the names in `data/sources/faker-dropped.tsv`, each with its
reason. `python scripts/build_names.py --source NAME` tells the source of any line. The hand-compiled lists are
under charnn's own MIT licence.

**Rules.** Real surnames only, none invented or combined; no given names that are not also surnames, no
double-barrelled names; the masculine or dictionary form; an immigrant surname stands under its own language;
a name that truly belongs to two languages stands in both; spellings that are the same without accents and case stand
once. At most 800 per language, 1,500 for English, which was taken for Scottish and Irish too often when names
collected by others were asked (`scripts/outside_check.py`): of longer lists those names were kept that two compilers
thought common, and the rest drawn by hash; `surplus` in `faker-dropped.tsv` means a name that was not drawn.

**Few names.** {few}

**What it is not.** A label is a naming tradition, not a nationality or an ethnicity, and the counts are no
frequencies of anything: every name stands once.

| language | names | by hand | from Faker | known to be weak |
|---|---:|---:|---|---|
{rows}
"""


def hand_compiled(language):
    """The language's own names and its notes, {"weak": ..., "few": ...}."""
    lines = (SOURCES / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    notes = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    return [line for line in lines if not line.startswith("#")], notes


def from_faker(language):
    """The names of the language's Faker provider that are not dropped; empty where it has none."""
    if language not in FAKER:
        return []
    locale, attribute = FAKER[language]
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    rows = (line.split("\t") for line in (SOURCES / "faker-dropped.tsv").read_text(encoding="utf-8").splitlines())
    dropped = {name for of, name, _reason in rows if of == language}
    return sorted({name.strip() for name in getattr(provider, attribute)} - dropped)


def build():
    """{path: text} of every file of data/names, and {language: {name: source}}."""
    files, sources, rows, few = {}, {}, [], []
    for path in sorted(SOURCES.glob("*.txt")):
        language = path.stem
        hand, notes = hand_compiled(language)
        source_of, spellings = {}, set()
        locale = FAKER.get(language, ("",))[0]
        for name, source in [*((n, "by hand") for n in hand), *((n, f"Faker {locale}") for n in from_faker(language))]:
            if "-" not in name and spelling(name) not in spellings:  # no double-barrelled names, no spelling twice
                spellings.add(spelling(name))
                source_of[name] = source
        sources[language] = source_of
        in_order = sorted(source_of, key=lambda name: (spelling(name), name))
        files[NAMES / f"{language}.txt"] = "".join(f"{name}\n" for name in in_order)
        by_hand = sum(source == "by hand" for source in source_of.values())
        derived = f"{len(source_of) - by_hand} ({locale})" if locale else "–"
        rows.append(f"| {language} | {len(source_of)} | {by_hand} | {derived} | {notes['weak']} |")
        if "few" in notes:
            few.append(f"{language} has few: {notes['few']}")
    files[NAMES / "README.md"] = README.format(
        languages=len(sources), total=sum(map(len, sources.values())), faker=version("faker"),
        few=" ".join(few), rows="\n".join(rows))
    return files, sources


def main():
    """Writes, checks or tells."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if anything would change")
    parser.add_argument("--source", metavar="NAME", help="tell where the lines of this spelling come from")
    arguments = parser.parse_args()
    files, sources = build()
    if arguments.source is not None:
        found = [f"{language}: {name}: {source}" for language, source_of in sources.items()
                 for name, source in source_of.items() if spelling(name) == spelling(arguments.source)]
        print("\n".join(found) or f"{arguments.source} is in no list")
        return 0
    stale = [path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    stale += [path for path in NAMES.glob("*.txt") if path not in files]
    for path in stale:
        print(f"{path.relative_to(ROOT)} {'differs from its sources' if arguments.check else 'written'}")
        if not arguments.check and path in files:
            path.write_text(files[path], encoding="utf-8")
        elif not arguments.check:
            path.unlink()
    return 1 if stale and arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())
