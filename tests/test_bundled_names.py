"""The surnames of data/names: what a program can check, with file and line when it fails."""

import os
import subprocess
import sys
from itertools import combinations

import pytest
from helpers import ROOT

from charnn.data import bundled_names
from charnn.text.letters import spelling, to_ascii

FILES = sorted((ROOT / "data" / "names").glob("*.txt"))
NAMES = {path.stem: path.read_bytes().decode("utf-8").split("\n") for path in FILES}
FEW = {"Korean", "Vietnamese"}  # languages with few surnames; data/names/README.md says why
ONE_LETTER = {"O", "U"}

# Letters beyond a-z. The languages that are not here are of other scripts and are romanised in plain ASCII.
LETTERS = {
    "Croatian": "čćđšž",
    "Czech": "áčďéěíňóřšťúůýžöüä",
    "Danish": "æøåéöü",
    "Dutch": "éëïöèüá",
    "English": "",
    "Finnish": "äöåšž",
    "French": "àâçéèêëîïôöûüùÿœæ",
    "German": "äöüßé",
    "Hungarian": "áéíóöőúüű",
    "Irish": "áéíóú",
    "Italian": "àèéìòù",
    "Lithuanian": "ąčęėįšųūž",
    "Norwegian": "æøåéèôòöäü",
    "Polish": "ąćęłńóśźż",
    "Portuguese": "áâãàçéêíóôõúü",
    "Romanian": "ăâîșț",
    "Scottish": "",
    "Spanish": "áéíñóúüç",
    "Swedish": "åäöéüèá",
    "Turkish": "çğıöşüâî",
    "Vietnamese": "àáâãèéêìíòóôõùúýăđĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
}
TUTORIAL = {
    "Arabic",
    "Chinese",
    "Czech",
    "Dutch",
    "English",
    "French",
    "German",
    "Greek",
    "Irish",
    "Italian",
    "Japanese",
    "Korean",
    "Polish",
    "Portuguese",
    "Russian",
    "Scottish",
    "Spanish",
    "Vietnamese",
}

language = pytest.mark.parametrize("language", NAMES)


def lines(language):
    """(place, name) of every line, the place as file:line."""
    assert NAMES[language][-1] == "", f"{language}.txt: the last line has no line end"
    return [
        (f"data/names/{language}.txt:{number}", name)
        for number, name in enumerate(NAMES[language][:-1], start=1)
    ]


def test_there_are_the_languages_that_a_user_looks_for():
    assert set(NAMES) >= TUTORIAL | {"Turkish"}
    assert len(NAMES) >= 24
    # Those of the clone, or a copy where charnn is installed from a wheel.
    assert sorted(os.listdir(bundled_names())) == sorted(os.listdir(ROOT / "data" / "names"))


@language
def test_lines_are_clean(language):
    letters = set("abcdefghijklmnopqrstuvwxyz" + LETTERS.get(language, ""))
    for place, name in lines(language):
        assert name, f"{place}: an empty line"
        assert name == " ".join(name.split()), f"{place}: {name!r} has spare spaces"
        odd = set(name.replace("İ", "i").lower()) - letters - set(" '")
        assert not odd, f"{place}: {name!r} has {odd}, not in the alphabet of {language}"
        assert any(letter.isupper() for letter in name), f"{place}: {name!r} has no capital"
        assert 2 <= len(name) <= 30 or name in ONE_LETTER, (
            f"{place}: {name!r} is too short or too long"
        )
        assert "?" not in to_ascii(name), (
            f"{place}: {name!r} has a letter that to_ascii does not know"
        )


@language
def test_no_spelling_stands_twice(language):
    first = {}
    for place, name in lines(language):
        assert spelling(name) not in first, f"{place}: {name!r} repeats {first[spelling(name)]}"
        first[spelling(name)] = place


@language
def test_there_are_enough_names(language):
    assert len(lines(language)) >= (100 if language in FEW else 300), (
        f"{language}: {len(lines(language))} names"
    )


@pytest.mark.parametrize(("left", "right"), list(combinations(sorted(NAMES), 2)))
def test_no_language_is_a_copy_of_another(left, right):
    left_names, right_names = (
        {spelling(name) for _, name in lines(language)} for language in (left, right)
    )
    shared = len(left_names & right_names) / min(len(left_names), len(right_names))
    assert shared < 0.4, f"{left} and {right} share {shared:.0%} of the smaller list"


def test_the_files_are_what_their_sources_give():
    script = ROOT / "scripts" / "build_names.py"
    result = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, encoding="utf-8", check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    told = subprocess.run(
        [sys.executable, script, "--source", "Yildirim"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert "Turkish: Yıldırım: " in told.stdout
