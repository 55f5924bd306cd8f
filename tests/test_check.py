"""python -m charnn.check: every planted fault is found, and a good folder is left in peace."""

import json

import numpy as np
import pytest
from helpers import call, error_of, write_folder

from charnn.evaluation.quality import LOOK, STOP, check_folder, damaged


def invented(count, seed, letters="aeioubdgklmnprst"):
    """That many different names."""
    draw, names = np.random.default_rng(seed), set()
    while len(names) < count:
        names.add("".join(draw.choice(list(letters), 7)).capitalize())
    return sorted(names)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """A folder with every fault that the check knows."""
    good, few = invented(1200, 0), invented(108, 1)
    folder = write_folder(tmp_path_factory.mktemp("check") / "planted", {
        "Good": [*good, "Agent 007", "Jean de la Tour", "MÃ¼ller", "x" * 60, "y" * 150, "🙂", "王", "Łukasz", "Žižek"],
        "Arabic": [few[i % 108] for i in range(2000)],
        "Copy": [*good[:40], *invented(20, 2)],
        "Capitals": [*invented(60, 3), *(name.upper() for name in invented(60, 3)[:5])],
        "Tiny": ["Aa", "Bb", "Cc"], "Small": invented(20, 4), "small": invented(80, 5), "Empty": [" ", ""]})
    (folder / "Latin.txt").write_bytes("Müller\n".encode("latin-1"))
    return folder


def test_every_planted_fault_is_found(planted):
    check = check_folder(planted)
    found = {(finding.severity, finding.kind) for finding in check.findings}
    assert found >= {
        (STOP, "unreadable"), (LOOK, "empty"), (STOP, "near-empty"), (LOOK, "near-empty"), (LOOK, "imbalance"),
        (STOP, "repeats"), (LOOK, "repeats"), (LOOK, "shared"), (STOP, "contained"), (STOP, "too long"), (LOOK, "long"),
        (LOOK, "digits"), (LOOK, "several words"), (LOOK, "damaged"), (LOOK, "unknown letters"), (LOOK, "script"),
        (LOOK, "no letter"), (LOOK, "missing"), (LOOK, "alike")}
    assert check.stop
    severities = [finding.severity for finding in check.findings]
    assert severities == sorted(severities, reverse=True)  # what should stop comes first


@pytest.mark.parametrize(("kind", "severity", "text", "example"), [
    ("repeats", STOP, "Arabic: 2,000 lines hold only 108 different spellings", ": 19 times"),
    ("repeats", LOOK, "1,897 lines of 3,437 repeat a spelling of the same label", "(Arabic): 19 times"),
    ("contained", STOP, "40 of Copy's 60 spellings stand under Good too", ""),
    ("near-empty", STOP, "1 label with fewer than 10 spellings", "Tiny (3)"),
    ("near-empty", LOOK, "1 label with fewer than 50 spellings", "Small (20)"),
    ("unreadable", STOP, "Latin.txt, line 1: byte 0xfc (byte 1 of the file) is not UTF-8", ""),
    ("empty", LOOK, "Empty.txt holds no name", ""),
    ("imbalance", LOOK, "Good has 403 times the spellings of Tiny", "Good (1,209)"),
    ("too long", STOP, "1 line longer than 100 characters", "Good.txt, line 1205: 'yyy"),
    ("long", LOOK, "1 line of 50 characters and more", "Good.txt, line 1204: 'xxx"),
    ("digits", LOOK, "1 line with a digit", "Good.txt, line 1201: 'Agent 007'"),
    ("several words", LOOK, "1 line of 3 words", "Good.txt, line 1202: 'Jean de la Tour'"),
    ("damaged", LOOK, "1 line with letters that a wrong encoding has damaged", "Good.txt, line 1203: 'MÃ¼ller'"),
    ("alike", LOOK, "1 label written in several ways", "Small and small"),
    ("unknown letters", LOOK, "2 characters that ASCII has nothing for", "'🙂' (1)"),
    ("script", LOOK, "1 line in Han script", "Good.txt, line 1207: '王'"),
    ("no letter", LOOK, "1 line without a letter", "Good.txt, line 1206: '🙂'"),
])
def test_a_finding_says_what_and_where(planted, kind, severity, text, example):
    matching = [finding for finding in check_folder(planted).findings
                if (finding.kind, finding.severity) == (kind, severity)]
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
    check = check_folder(write_folder(tmp_path / "d", {"A": [*han, *invented(60, 0)], "B": invented(60, 1)}))
    assert (check.labels["A"]["spellings"], check.ceiling) == (64, 1)
    assert not check.stop


def test_figures_of_the_folder_are_worked_out_by_hand(tmp_path):
    folder = write_folder(tmp_path / "d", {"A": ["Bo", "Bo", "Cy", *invented(60, 0)], "B": ["bó", *invented(56, 1)]})
    check = check_folder(folder)
    assert (check.lines, check.spellings) == (120, 118)
    assert check.labels == {"A": {"lines": 63, "spellings": 62}, "B": {"lines": 57, "spellings": 57}}
    assert check.ceiling == pytest.approx(119 / 120)
    assert check.random_split_leak == pytest.approx(3 * (1 - 0.2**2) / 120)  # three lines, each with two copies
    assert check.split_leak == 0
    assert check.letters_changed == {"ó -> o": 1}


@pytest.mark.filterwarnings("ignore:.*planted")
def test_a_random_split_leaks_as_often_as_was_worked_out(planted):
    from charnn.data import read_folder
    from charnn.text.letters import spelling
    (planted / "Latin.txt").rename(planted / "Latin.moved")
    try:
        names = np.array(list(map(spelling, read_folder(planted, 1000).names)))
    finally:
        (planted / "Latin.moved").rename(planted / "Latin.txt")
    shares = []
    for seed in range(30):
        order = np.random.default_rng(seed).permutation(len(names))
        cut, end = int(0.8 * len(names)), int(0.9 * len(names))
        shares.append(np.isin(names[order[end:]], names[order[:cut]]).mean())
    assert check_folder(planted).random_split_leak == pytest.approx(np.mean(shares), abs=0.01)


def test_exit_code_and_text(planted):
    result = call("charnn.check", planted)
    assert result.returncode == 1
    assert result.stderr == ""
    assert "stop  Arabic: 2,000 lines hold only 108" in result.stdout
    assert "accuracy that nobody can exceed: 0.98" in result.stdout
    assert "0.0% in charnn's, by spelling" in result.stdout
    assert "Ł -> L (1)" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("worth a look")


def test_json_has_everything(planted):
    result = call("charnn.check", "--json", planted)
    assert result.returncode == 1
    about = json.loads(result.stdout)
    assert about["stop"] is True
    assert about["labels"]["Arabic"] == {"lines": 2000, "spellings": 108}
    assert {"severity", "kind", "text", "count", "examples"} == set(about["findings"][0])


def test_a_good_folder_is_left_in_peace(tmp_path):
    folder = write_folder(tmp_path / "good", {"A": invented(300, 0, "abdeg"), "B": invented(300, 1, "ortsu")})
    result = call("charnn.check", folder)
    assert result.returncode == 0
    assert result.stdout.splitlines()[-1] == "nothing is wrong with it"


def test_what_cannot_be_checked_is_one_line_or_a_finding(tmp_path):
    assert "nowhere does not exist" in error_of(call("charnn.check", tmp_path / "nowhere"))
    assert "holds no .txt file" in error_of(call("charnn.check", tmp_path))
    write_folder(tmp_path / "twice", {"A": ["Aa"]}), (tmp_path / "twice" / "A.TXT").touch()
    assert "A.TXT and A.txt, both of the label 'A'; join them" in error_of(call("charnn.check", tmp_path / "twice"))
    folder = write_folder(tmp_path / "one", {"A\x1b[2J": ["Aa", "Bb"]})
    result = call("charnn.check", folder)
    assert result.returncode == 1
    assert "a classifier needs at least two" in result.stdout
    assert "cannot be printed" in result.stdout
    assert "part is empty" in result.stdout
    assert "\x1b" not in result.stdout
    assert call("charnn.check", write_folder(tmp_path / "none", {"A": []})).returncode == 1
