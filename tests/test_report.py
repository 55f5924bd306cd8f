"""python -m charnn.report, as a user runs it."""

import subprocess
import sys

from helpers import ROOT, call, call_script, error_of, load_script

from charnn import report
from charnn.evaluation.report import FILES


def test_it_writes_the_three_files_and_overwrites_none(model, folder, tmp_path):
    arguments = ["--model", model, "--data", folder, "--unseen", "--out", tmp_path / "report"]
    result = call("charnn.report", *arguments)
    assert result.returncode == 0, result
    assert [line.rsplit("/", 1)[1] for line in result.stdout.splitlines()] == list(FILES)
    contents = {name: (tmp_path / "report" / name).read_bytes() for name in FILES}
    page = contents["report.html"].decode()
    assert "model.safetensors on tiny" in page
    assert "these are left out" in page
    assert str(tmp_path) not in page
    message = error_of(call("charnn.report", *arguments))
    assert "already holds confusion.png, confusion.csv, report.html" in message
    assert contents == {name: (tmp_path / "report" / name).read_bytes() for name in FILES}


def test_what_cannot_be_measured_leaves_no_folder(tmp_path):
    out = tmp_path / "report"
    message = error_of(call("charnn.report", "--data", tmp_path / "nowhere", "--out", out))
    assert "nowhere does not exist" in message
    assert not out.exists()


def test_a_generator_has_no_confusion_matrix(folder):
    message = error_of(call("charnn.report", "--model", "generator", "--data", folder))
    assert "is a generator; give a classifier's model file" in message


def test_the_script_is_the_command(tmp_path):
    script = load_script(ROOT / "scripts" / "confusion_report.py")
    assert script.main is report.main
    message = error_of(call_script("confusion_report", "--data", tmp_path / "nowhere"))
    assert "does not exist" in message


def test_help_needs_neither_torch_nor_matplotlib_and_measuring_names_needs_no_torch():
    program = (
        "import sys\n"
        "from charnn.report import main\n"
        "try: main(['--help'])\n"
        "except SystemExit as end: assert end.code == 0\n"
        "assert not {'torch', 'matplotlib', 'numpy'} & set(sys.modules)\n"
        "import charnn.evaluation.measure, charnn.evaluation.quality, charnn.evaluation.report\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "usage: python -m charnn.report" in done.stdout
