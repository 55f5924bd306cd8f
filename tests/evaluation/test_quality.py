"""Every planted fault of a data folder is found, and its figures are right."""

import shutil

import numpy as np
import pytest
from helpers import invented, write_folder

from charnn.evaluation.line_findings import damaged
from charnn.evaluation.quality import LOOK, STOP, check_data
from charnn.text.letters import spelling
from charnn.text.names import read_folder


def test_every_planted_fault_is_found(planted):
    check = check_data(planted)
    found = {(finding.severity, finding.kind) for finding in check.findings}
    assert found >= {
        (STOP, "unreadable"),
        (LOOK, "empty"),
        (STOP, "near-empty"),
        (LOOK, "near-empty"),
        (LOOK, "imbalance"),
        (STOP, "repeats"),
        (LOOK, "repeats"),
        (LOOK, "shared"),
        (STOP, "contained"),
        (STOP, "too long"),
        (LOOK, "long"),
        (LOOK, "digits"),
        (LOOK, "several words"),
        (LOOK, "damaged"),
        (LOOK, "unknown letters"),
        (LOOK, "script"),
        (LOOK, "no letter"),
        (LOOK, "missing"),
        (LOOK, "alike"),
    }
    assert check.stop
    severities = [finding.severity for finding in check.findings]
    assert severities == sorted(severities, reverse=True)  # what should stop comes first


@pytest.mark.parametrize(
    ("kind", "severity", "text", "example"),
    [
        ("repeats", STOP, "Arabic: 2,000 lines hold only 108 different spellings", ": 19 times"),
        (
            "repeats",
            LOOK,
            "1,897 lines of 3,437 repeat a spelling of the same label",
            "(Arabic): 19 times",
        ),
        ("contained", STOP, "40 of Copy's 60 spellings are also under Good", ""),
        ("near-empty", STOP, "1 label with fewer than 10 spellings", "Tiny (3)"),
        ("near-empty", LOOK, "1 label with fewer than 50 spellings", "Small (20)"),
        ("unreadable", STOP, "Latin.txt, line 1: byte 0xfc (byte 1 of the file) is not UTF-8", ""),
        ("empty", LOOK, "Empty.txt holds no name", ""),
        ("imbalance", LOOK, "Good has 403 times the spellings of Tiny", "Good (1,209)"),
        ("too long", STOP, "1 line longer than 100 characters", "Good.txt, line 1205: 'yyy"),
        ("long", LOOK, "1 line of 50 characters or more", "Good.txt, line 1204: 'xxx"),
        ("digits", LOOK, "1 line with a digit", "Good.txt, line 1201: 'Agent 007'"),
        ("several words", LOOK, "1 line of 3 words", "Good.txt, line 1202: 'Jean de la Tour'"),
        (
            "damaged",
            LOOK,
            "1 line with letters that a wrong encoding has damaged",
            "Good.txt, line 1203: 'MÃ¼ller'",
        ),
        ("alike", LOOK, "1 label written in several ways", "Small and small"),
        ("unknown letters", LOOK, "2 characters without an ASCII form", "'🙂' (1)"),
        ("script", LOOK, "1 line in Han script", "Good.txt, line 1207: '王'"),
        ("no letter", LOOK, "1 line without a letter", "Good.txt, line 1206: '🙂'"),
    ],
)
def test_a_finding_says_what_and_where(planted, kind, severity, text, example):
    matching = [
        finding
        for finding in check_data(planted).findings
        if (finding.kind, finding.severity) == (kind, severity)
    ]
    assert len(matching) == 1
    assert text in matching[0].text
    assert not example or any(example in shown for shown in matching[0].examples)


@pytest.mark.parametrize("name", ["Müller", "Éric", "Čapek", "Иванов", "Šimić", "O’Neil"])
def test_damage_is_seen_and_a_healthy_name_is_not_taken_for_it(name):
    assert not damaged(name)
    assert damaged(name.encode().decode("cp1252", errors="replace"))
    assert damaged(name.encode().decode("latin-1"))


def test_names_that_ascii_cannot_tell_apart_are_compared_as_written(tmp_path):
    han = ["王", "汪", "网", "往"]  # all of them Wang
    names = {"A": [*han, *invented(60, 0)], "B": invented(60, 1)}
    check = check_data(write_folder(tmp_path / "d", names))
    assert (check.labels["A"]["spellings"], check.ceiling) == (64, 1)
    assert not check.stop


def test_figures_of_the_folder_are_worked_out_by_hand(tmp_path):
    names = {"A": ["Bo", "Bo", "Cy", *invented(60, 0)], "B": ["bó", *invented(56, 1)]}
    check = check_data(write_folder(tmp_path / "d", names))
    assert (check.lines, check.spellings) == (120, 118)
    assert check.labels == {
        "A": {"lines": 63, "spellings": 62},
        "B": {"lines": 57, "spellings": 57},
    }
    assert check.ceiling == pytest.approx(119 / 120)
    # Three lines have two copies each; both miss the training set with the probability 0.2 squared.
    assert check.random_split_leak == pytest.approx(3 * (1 - 0.2**2) / 120)
    assert check.split_leak == 0
    assert check.letters_changed == {"ó -> o": 1}


@pytest.mark.filterwarnings("ignore:.*planted")
def test_a_random_split_leaks_as_often_as_was_worked_out(planted, tmp_path):
    readable = tmp_path / "planted"
    shutil.copytree(planted, readable, ignore=shutil.ignore_patterns("Latin.txt"))
    names = np.array(list(map(spelling, read_folder(readable, 1000).names)))
    shares = []
    for seed in range(30):
        order = np.random.default_rng(seed).permutation(len(names))
        cut, end = int(0.8 * len(names)), int(0.9 * len(names))
        shares.append(np.isin(names[order[end:]], names[order[:cut]]).mean())
    assert check_data(planted).random_split_leak == pytest.approx(np.mean(shares), abs=0.01)


def test_invisible_characters_are_counted(tmp_path):
    names = {
        "A": ["An\u200bna", "\ufeffAda\u200b\u200b", "soft\u00adhyphen"],
        "B": ["می\u200cخواهم"],
    }
    check = check_data(write_folder(tmp_path / "d", names))
    (finding,) = (finding for finding in check.findings if finding.kind == "invisible")
    assert (finding.severity, finding.count) == (LOOK, 5)
    assert finding.text.startswith("5 invisible characters in 3 lines;")
    assert finding.examples[0] == (
        "U+200B ZERO WIDTH SPACE, 3 times, first in A.txt, line 1: 'An\\u200bna'"
    )
    assert {example[:6] for example in finding.examples} == {"U+200B", "U+FEFF", "U+00AD"}
    clean = check_data(write_folder(tmp_path / "clean", {"A": ["Anna"], "B": names["B"]}))
    assert not any(finding.kind == "invisible" for finding in clean.findings)


def test_one_file_of_names_is_checked_as_a_folder_is(tmp_path):
    names = [*invented(60, 0), "Agent 007"]
    folder = write_folder(tmp_path / "d", {"Spies": names})
    alone, in_folder = check_data(folder / "Spies.txt"), check_data(folder)
    assert alone.labels == in_folder.labels == {"Spies": {"lines": 61, "spellings": 61}}
    assert not alone.stop  # a generator learns from one list
    assert [finding for finding in in_folder.findings if finding.kind != "labels"] == alone.findings
    (tmp_path / "none.txt").touch()
    assert "no name" in check_data(tmp_path / "none.txt").findings[0].text
