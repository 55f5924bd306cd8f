"""The rooms of the package: data flows one way, and every public name says what it is for."""

import ast
from pathlib import Path

import pytest
from conftest import ROOT

ROOMS = ["__init__", "errors", "config", "letters", "data", "ngrams", "words", "text", "cells", "init", "model",
         "metrics", "checkpoint", "sampling", "tasks", "loop", "trained", "classifier", "generator", "bulk", "nearest",
         "learn", "cli", "evaluate", "drawing", "report", "inside", "lessons", "views",
         "memory", "through_time", "train", "predict", "generate", "check", "look", "__main__"]
FILES = sorted((ROOT / "charnn").glob("*.py"))


def imports_of(path):
    """The rooms that a module imports, at its top or within a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "charnn":
            yield from (alias.name if alias.name in ROOMS else "__init__" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("charnn."):
            yield node.module.split(".")[1]


def test_every_room_is_on_the_list():
    assert sorted(path.stem for path in FILES) == sorted(ROOMS)


@pytest.mark.parametrize("path", [path for path in FILES if path.stem != "__init__"], ids=lambda path: path.stem)
def test_a_room_imports_only_rooms_above_it(path):
    below = [room for room in imports_of(path) if ROOMS.index(room) >= ROOMS.index(path.stem)]
    assert not below, f"{path.name} imports {below}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_public_thing_says_what_it_is_for(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{path.name}: {node.name}"


def test_cells_fit_on_three_screens():
    assert len((ROOT / "charnn" / "cells.py").read_text(encoding="utf-8").splitlines()) <= 3 * 60


def test_the_package_is_typed():
    assert Path(ROOT / "charnn" / "py.typed").exists()
