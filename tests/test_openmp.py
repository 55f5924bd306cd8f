"""How threads wait is chosen before torch is loaded, unless it is or the user has chosen."""

import json
import os
import subprocess
import sys

import pytest
from helpers import ROOT
from programs import SCRIPTS

from charnn.openmp import VARIABLES

OURS = {"OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0"}
SHOW = "import json, os; print(json.dumps([dict(os.environ), charnn.openmp.KNOWN]))"


def chosen(code, **own):
    """The variables within a process of its own after these imports, and what is known of them."""
    clean = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    result = subprocess.run(
        [sys.executable, "-c", f"{code}; {SHOW}"],
        env={**clean, "PYTHONPATH": os.pathsep.join([str(ROOT), str(SCRIPTS)]), **own},
        capture_output=True,
        text=True,
        check=True,
    )
    variables, known = json.loads(result.stdout)
    return {name: variables[name] for name in VARIABLES if name in variables}, known


def test_every_command_and_import_lets_threads_sleep():
    for code in ("import charnn", "import charnn.__main__, charnn.train", "import charnn.cli"):
        assert chosen(code) == (OURS, True), code


@pytest.mark.slow
def test_scripts_that_measure_do_too_although_they_import_torch():
    assert chosen("import measuring, charnn") == (OURS, True)


@pytest.mark.parametrize("name", VARIABLES)
def test_what_the_user_has_chosen_stays(name):
    assert chosen("import charnn", **{name: "7"}) == ({name: "7"}, True)


def test_where_torch_is_loaded_nothing_is_chosen_and_nothing_known():
    code = "import sys; sys.modules['torch'] = None; import charnn"
    assert chosen(code) == ({}, False)
    assert chosen(code, OMP_WAIT_POLICY="PASSIVE") == ({"OMP_WAIT_POLICY": "PASSIVE"}, True)
