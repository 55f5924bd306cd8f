"""python -m charnn.check: text, JSON and exit code."""

import json

from helpers import call, error_of, invented, run, write_folder


def test_exit_code_and_text(planted):
    result = call("charnn.check", planted)
    assert result.returncode == 1
    assert result.stderr == ""
    assert "stop  Arabic: 2,000 lines hold only 108" in result.stdout
    assert "ceiling of the accuracy: 0.98" in result.stdout
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
    names = {"A": invented(300, 0, "abdeg"), "B": invented(300, 1, "ortsu")}
    result = run("charnn.check", write_folder(tmp_path / "good", names))
    assert result.returncode == 0, result
    assert "ceiling of the accuracy: 1.000\n" in result.stdout
    assert result.stdout.splitlines()[-1] == "nothing is wrong with it"


def test_what_cannot_be_checked_is_one_line_or_a_finding(tmp_path):
    assert "nowhere does not exist" in error_of(call("charnn.check", tmp_path / "nowhere"))
    assert "holds no .txt file" in error_of(call("charnn.check", tmp_path))
    twice = write_folder(tmp_path / "twice", {"A": ["Aa"]})
    (twice / "A.TXT").touch()
    result = call("charnn.check", twice)
    assert "A.TXT and A.txt, both of the label 'A'; join them" in error_of(result)
    folder = write_folder(tmp_path / "one", {"A\x1b[2J": ["Aa", "Bb"]})
    result = call("charnn.check", folder)
    assert result.returncode == 1
    assert "a classifier needs at least two" in result.stdout
    assert "cannot be printed" in result.stdout
    assert "set is empty" in result.stdout
    assert "\x1b" not in result.stdout
    assert call("charnn.check", write_folder(tmp_path / "none", {"A": []})).returncode == 1
