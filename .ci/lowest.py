"""Prints constraints for pip: the lowest version that pyproject.toml allows of each library.

Tools that only test, and torch, stay at the versions of constraints.txt.
"""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ("test", "docs", "bench")  # extras that no user needs
DATA = ("pandas", "polars", "datasets")  # of the tests' extra what a user has beside charnn

project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
extras = project["optional-dependencies"]
needed = [*project["dependencies"], *(one for x in extras if x not in TOOLS for one in extras[x])]
needed += [one for one in extras["test"] if one.startswith(DATA)]
pins = re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
lowest = dict(re.match(r"([\w.-]+)>=([\w.]+)", one).groups() for one in needed if ">=" in one)
lowest.pop("torch")
for name, version in {**dict(pins), **lowest}.items():
    print(f"{name}=={version}")
