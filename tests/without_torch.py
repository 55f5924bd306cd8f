"""A process in which torch and the libraries that come with it cannot be found."""

import json
import subprocess
import sys

from helpers import ROOT

# The last two are not in an installation without torch either.
ABSENT = ("torch", "matplotlib", "sklearn", "scipy", "joblib", "threadpoolctl")
# Runs one command after the other in a process in which those packages cannot be found.
PROGRAM = """
import contextlib, importlib, io, json, sys
from importlib.machinery import PathFinder

find_real = PathFinder.find_spec

def find(name, path=None, target=None):
    return None if name.partition(".")[0] in {absent!r} else find_real(name, path, target)

PathFinder.find_spec = find
from charnn import cli

for command, *arguments in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.run(importlib.import_module(f"charnn.{{command}}").main, arguments)
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
"""


def run_without(folder, *commands, **environment):
    """(exit code, standard output, standard error) of each command."""
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(absent=ABSENT), json.dumps(commands)],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    return list(map(json.loads, result.stdout.splitlines()))
