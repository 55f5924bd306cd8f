"""The surname lists of other projects: which of them data/names takes names from, and how to read.

Faker and Mimesis are read where pip installed them. The npm package @faker-js/faker is read from
the tarball that `npm pack` fetches; what it holds is kept in data/sources/faker-js/, so that the
lists can be built without npm.
"""

import importlib
import importlib.util
import json
import re
import tarfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

from charnn.errors import CharnnError

SOURCES = Path(__file__).parents[1] / "data" / "sources"
FAKER_JS = "10.6.0"  # the version that data/sources/faker-js/ is from


class Source(NamedTuple):
    """A list of surnames of a library."""

    library: str  # "Faker", "faker-js" or "Mimesis"
    locale: str
    lists: str = ""  # their names in the library, those with masculine forms, with a plus between
    only: bool = False  # take the names that data/sources/taken.tsv has, not all but the dropped

    def __str__(self) -> str:
        return f"{self.library} {self.locale}"


def _faker(locale: str, lists: str = "last_names", only: bool = False) -> Source:
    return Source("Faker", locale, lists, only)


def _faker_js(locale: str, lists: str = "generic", only: bool = False) -> Source:
    return Source("faker-js", locale, lists, only)


def _mimesis(locale: str, lists: str = "", only: bool = True) -> Source:
    return Source("Mimesis", locale, lists, only)


# The sources of a language in the order in which they fill its list.
LISTS = {
    "Azerbaijani": (
        _faker("az_AZ", "last_names_male+last_names_unisex"),
        _faker_js("az", "male"),
        _mimesis("az", only=False),
    ),
    "Croatian": (_faker("hr_HR"),),
    "Czech": (
        _faker("cs_CZ", "last_names_male"),
        _faker_js("cs_CZ", "male", only=True),
        _mimesis("cs"),
    ),
    "Danish": (_faker("da_DK"), _mimesis("da")),
    "Dutch": (_faker("nl_NL", only=True), _faker_js("nl", only=True)),
    "English": (_faker("en_GB"),),
    "Estonian": (_faker("et_EE", "last_names_est"), _mimesis("et", only=False)),
    "Finnish": (_faker("fi_FI"), _mimesis("fi")),
    "French": (_faker("fr_FR"), _mimesis("fr")),
    "Georgian": (_faker("ka_GE", only=True),),
    "German": (
        _faker("de_DE"),
        _faker("de_AT", only=True),
        _faker("de_CH", only=True),
        _faker_js("de", only=True),
    ),
    "Greek": (_faker("el_GR", "last_names_male", only=True),),
    "Hebrew": (_faker("he_IL", only=True), _faker_js("he", only=True)),
    "Hungarian": (_faker("hu_HU"), _mimesis("hu")),
    "Icelandic": (_mimesis("is", "male"),),
    "Indonesian": (_faker("id_ID", "last_names_male"), _faker_js("id_ID", "male")),
    "Italian": (_faker("it_IT"),),
    "Latvian": (
        _faker("lv_LV", "last_names_male+last_names_nonbinary"),
        _faker_js("lv", "male+generic"),
    ),
    "Macedonian": (
        _faker("mk_MK", "last_names_male", only=True),
        _faker_js("mk", "male+generic", only=True),
    ),
    "Norwegian": (_faker("no_NO"), _mimesis("no"), _faker_js("nb_NO", only=True)),
    "Polish": (
        _faker("pl_PL", "male_last_names"),
        _faker("pl_PL", "unisex_last_names", only=True),
    ),
    "Portuguese": (_faker("pt_PT"), _mimesis("pt-br")),
    "Romanian": (_faker("ro_RO"),),
    "Serbian": (_faker_js("sr_RS_latin"),),
    "Slovak": (_faker("sk_SK", "last_names_male"), _faker_js("sk", "male")),
    "Slovenian": (_faker("sl_SI"), _faker_js("sl_SI")),
    "Spanish": (_faker("es_ES"),),
    "Swedish": (_faker("sv_SE"), _mimesis("sv")),
    "Turkish": (_faker("tr_TR"), _faker_js("tr", only=True), _mimesis("tr")),
    "Ukrainian": (_faker("uk_UA", "last_names_male", only=True),),
    "Yoruba": (_faker("yo_NG", "last_names_male"), _faker_js("yo_NG")),
    "Zulu": (_faker("zu_ZA", "last_names_male"), _faker_js("zu_ZA")),
}


def check_installed() -> None:
    """Refuses to go on where a library is absent."""
    for module, library in (("faker", "Faker"), ("mimesis", "Mimesis")):
        if importlib.util.find_spec(module) is None:
            raise CharnnError(
                f'{library} is not installed; pip install -c constraints.txt -e ".[test]"'
            )


def _faker_names(source: Source) -> list[str]:
    module = importlib.import_module(f"faker.providers.person.{source.locale}")
    return [name for part in source.lists.split("+") for name in getattr(module.Provider, part)]


def _mimesis_names(source: Source) -> list[str]:
    (folder,) = importlib.util.find_spec("mimesis").submodule_search_locations
    path = Path(folder) / "datasets" / source.locale / "person.json"
    surnames = json.loads(path.read_text(encoding="utf-8"))["surnames"]
    if not source.lists:
        return surnames
    return [name for part in source.lists.split("+") for name in surnames[part]]


def _kept_faker_js(locale: str) -> Path:
    return SOURCES / "faker-js" / f"{locale}.txt"


def _faker_js_names(source: Source) -> list[str]:
    return _kept_faker_js(source.locale).read_text(encoding="utf-8").splitlines()


READERS = {"Faker": _faker_names, "faker-js": _faker_js_names, "Mimesis": _mimesis_names}


@cache
def _table(file: str) -> dict[str, dict[str, str]]:
    """{language: {name: what its row says}} of a table of data/sources."""
    table: dict[str, dict[str, str]] = {}
    for line in (SOURCES / file).read_text(encoding="utf-8").splitlines():
        language, name, said = line.split("\t")
        table.setdefault(language, {})[name] = said
    return table


def names_of(language: str, source: Source) -> list[str]:
    """The names of this source that are not dropped, sorted, as data/names is to spell them."""
    found = {name.strip() for name in READERS[source.library](source)}
    found -= _table("dropped.tsv").get(language, {}).keys()
    if not source.only:
        return sorted(found)
    taken = _table("taken.tsv")[language]  # name -> its romanisations, or empty
    return [
        spelt for name in sorted(found & taken.keys()) for spelt in (taken[name] or name).split(",")
    ]


def faker_js_lists(tarball: Path) -> dict[Path, str]:
    """{path: text} of data/sources/faker-js as the npm package of FAKER_JS has the names."""
    files: dict[Path, str] = {}
    with tarfile.open(tarball) as package:

        def text(member: str) -> str:
            file = package.extractfile(f"package/{member}")
            assert file is not None, f"{member} is a folder"
            return file.read().decode("utf-8")

        if (version := json.loads(text("package.json"))["version"]) != FAKER_JS:
            raise CharnnError(f"{tarball}: version {version}, not {FAKER_JS}")
        files[SOURCES / "faker-js" / "LICENSE"] = text("LICENSE")
        for source in (source for sources in LISTS.values() for source in sources):
            if source.library == "faker-js":
                start = rf"import.*\.\./({source.locale}-[\w-]+\.js)"
                (chunk,) = re.findall(start, text(f"dist/locale/{source.locale}.js"))
                names = _in_chunk(text(f"dist/{chunk}"), source.lists.split("+"))
                files[_kept_faker_js(source.locale)] = "".join(f"{name}\n" for name in names)
    return files


def _in_chunk(chunk: str, wanted: list[str]) -> list[str]:
    """The names of these lists of a locale's minified program, as `A.B`.split(`.`) or [`A`]."""
    (last_name,) = re.findall(r"last_name:\{(.*?)\}", chunk, re.DOTALL)
    lists = {}
    for key, joined, mark, several in re.findall(
        r"(\w+):(?:`([^`]*)`\.split\(`(.)`\)|\[([^\]]*)\])", last_name
    ):
        lists[key] = joined.split(mark) if mark else re.findall(r"`([^`]*)`", several)
    return [name for key in wanted for name in lists[key]]
