"""The house: what may import what, how long things may be, and that each says what it is for.

Which file is on which floor is said in scripts/house.py, FLOORS.
"""

import ast
from graphlib import CycleError, TopologicalSorter

import pytest
from house import COMMANDS, FLOOR_OF, PACKAGE, floor_of, imports_of, modules_of, place_of

MODULES = modules_of()
FILES = list(MODULES.values())
IMPORTS = {module: set(imports_of(path, MODULES)) for module, path in MODULES.items()}

LONGEST_FILE = 300  # lines
LONGEST_FUNCTION = 50  # lines, from `def` to its end
NO_TORCH = ("charnn.text", "charnn.ngrams", "charnn.inference")  # but for torch's engine
ENGINES_OF_TORCH = {"charnn.inference.torch_engine"}

module = pytest.mark.parametrize("module", MODULES)


def tree_of(module):
    """A module's syntax tree."""
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def is_within(module, wing):
    """Whether a module is this one or inside it."""
    return module == wing or module.startswith(f"{wing}.")


# ---------------------------------------------------------------- the import law


@pytest.mark.parametrize("module", [name for name in MODULES if name != "charnn"])
def test_nothing_imports_from_a_higher_floor(module):
    floor = floor_of(module)
    higher = sorted(name for name in IMPORTS[module] if floor_of(name) > floor)
    assert not higher, f"{module} is on floor {floor} and imports {higher} from above it"


def test_no_files_import_each_other_in_a_circle():
    circle = []
    try:
        TopologicalSorter(IMPORTS).prepare()
    except CycleError as error:
        circle = error.args[1]
    assert not circle, " is imported by ".join(circle)


@pytest.mark.parametrize("wing", ["charnn.inference", "charnn.deployment"])
def test_what_answers_never_imports_training(wing):
    for module in MODULES:
        if is_within(module, wing):
            training = [name for name in IMPORTS[module] if is_within(name, "charnn.training")]
            assert not training, f"{module} imports {training}"


def test_nothing_imports_a_command():
    commands = {f"charnn.{name}" for name in COMMANDS}
    for module in MODULES:
        imported = sorted(IMPORTS[module] & commands)
        assert not imported, f"{module} imports {imported}; move what they share into a wing"


@pytest.mark.parametrize(
    "module",
    [
        name
        for name in MODULES
        if any(is_within(name, wing) for wing in NO_TORCH) and name not in ENGINES_OF_TORCH
    ],
)
def test_no_torch_below_the_seam(module):
    imported = set()
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    torch = sorted(
        name
        for name in imported
        if "torch" in name.split(".")
        or name in ("charnn.data", "charnn.cells", "charnn.init", "charnn.model")
    )
    assert not torch, f"{module} imports {torch}: tensors belong to charnn.data, model and engines"


def test_the_floors_name_only_what_there_is():
    absent = sorted(FLOOR_OF.keys() - {place_of(module) for module in MODULES})
    assert not absent, f"take {absent} out of FLOORS in scripts/house.py"


# ---------------------------------------------------------------- what a reader needs


@module
def test_every_public_thing_says_what_it_is_for(module):
    tree = tree_of(module)
    assert ast.get_docstring(tree), f"{module} has no docstring"
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for node in [*tree.body, *(node for one in classes for node in one.body)]:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        overload = any(ast.unparse(decorator) == "overload" for decorator in node.decorator_list)
        assert overload or ast.get_docstring(node), f"{module}: {node.name} has no docstring"


def test_no_file_is_too_long():
    too_long = {}
    for path in FILES:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST_FILE:
            too_long[path.relative_to(PACKAGE).as_posix()] = lines
    assert not too_long, f"of more than {LONGEST_FILE} lines: {too_long}"


def test_no_function_is_too_long():
    too_long = {}
    for module in MODULES:
        for node in ast.walk(tree_of(module)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = node.end_lineno - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    too_long[f"{module}.{node.name}"] = lines
    assert not too_long, f"of more than {LONGEST_FUNCTION} lines: {too_long}"


def test_cells_fit_on_three_screens():
    assert len((PACKAGE / "cells.py").read_text(encoding="utf-8").splitlines()) <= 3 * 70


def test_the_package_is_typed():
    assert (PACKAGE / "py.typed").exists()
