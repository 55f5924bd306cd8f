"""Scripts and examples, which are no part of the package, run as a user runs them."""

import contextlib
import io
import runpy
import subprocess
import sys
import warnings

from helpers import ROOT

SCRIPTS, EXAMPLES = ROOT / "scripts", ROOT / "examples"
# As for a program that is started there: the modules that several share are beside it.
sys.path += [str(SCRIPTS), str(EXAMPLES)]


def commands(folder):
    """The files of a folder that are run, those that are only imported left out."""
    return [
        path
        for path in sorted(folder.glob("*.py"))
        if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
    ]


def run_program(path, *arguments):
    """`python <path> <arguments>` within this process, its own last lines included."""
    out, err = io.StringIO(), io.StringIO()
    argv, sys.argv = sys.argv, [str(path), *map(str, arguments)]
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("default")
        try:
            runpy.run_path(str(path), run_name="__main__")
            code = 0
        except SystemExit as end:
            code = end.code or 0
        finally:
            sys.argv = argv
    return subprocess.CompletedProcess([path, *arguments], code, out.getvalue(), err.getvalue())
