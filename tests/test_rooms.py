"""The house: what may import what, and every public name says what it is for."""

import ast
from pathlib import Path

import pytest
from helpers import ROOT

PACKAGE = ROOT / "charnn"
FILES = sorted(PACKAGE.rglob("*.py"))

# The floors of the house, from the ground up: a room may import from its own floor and from lower ones.
FLOORS = [
    {"version", "errors", "config", "files", "wording", "devices", "drawing", "cli"},
    {"text"},
    {"data", "cells", "init", "model", "ngrams"},
    {"inference"},
    {"evaluation", "training", "deployment"},
    {"views", "inside", "memory", "through_time", "lessons"},
    {"train", "predict", "generate", "evaluate", "check", "look", "report", "__main__", "__init__"},
]
COMMANDS = FLOORS[-1]
FLOOR = {place: number for number, places in enumerate(FLOORS) for place in places}


def place_of(module):
    """The wing, or the room of the entrance, that a module's dotted name is in."""
    return [*module.split("."), "__init__"][1]


def name_of(path):
    """A file's dotted module name."""
    return ".".join(("charnn", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")


NAMES = {name_of(path): path for path in FILES}


def imports_of(path):
    """The charnn modules that a file imports, at its top or within a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "charnn")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "charnn":
            for alias in node.names:
                inside = f"{node.module}.{alias.name}"
                yield inside if inside in NAMES else node.module


@pytest.mark.parametrize("path", [path for path in FILES if path.parent != PACKAGE or path.stem != "__init__"],
                         ids=name_of)
def test_nothing_imports_from_a_higher_floor(path):
    floor = FLOOR[place_of(name_of(path))]
    higher = [module for module in imports_of(path) if FLOOR[place_of(module)] > floor]
    assert not higher, f"{name_of(path)} is on floor {floor} and imports {higher} from above it"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_public_thing_says_what_it_is_for(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{path.name}: {node.name}"


def test_cells_fit_on_three_screens():
    assert len((PACKAGE / "cells.py").read_text(encoding="utf-8").splitlines()) <= 3 * 60


def test_the_package_is_typed():
    assert Path(PACKAGE / "py.typed").exists()
