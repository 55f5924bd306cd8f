"""The house as the source has it: which file or wing is on which floor, and who imports whom.

FLOORS is the one place that says it: the tests of the import law and scripts/draw_house.py read it
here. Knows nothing of what the files do: it parses them and runs none of them.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

from charnn.errors import CharnnError

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "charnn"


class Floor(NamedTuple):
    """One floor: its files in the entrance (charnn/*.py), in reading order, and its wings."""

    places: tuple[str, ...]
    title: str = ""  # of the box around the floor's files in the entrance
    purpose: str = ""  # of that box; a wing says its own in its __init__.py


# From the ground up: a file may import from its own floor and from those below it.
FLOORS = (
    Floor(
        (
            "version",
            "errors",
            "wording",
            "checks",
            "terminal",
            "prompt",
            "waiting",
            "signals",
            "options",
            "config",
            "presets",
            "variants",
            "files",
            "table_options",
            "openmp",
            "blas",
            "devices",
            "notebook",
            "line_chart",
            "drawing",
            "parsing",
            "cli",
            "commands",
            "generate_options",
        ),
        "shared",
        "What everything else may use.",
    ),
    Floor(("text",)),
    Floor(
        (
            "data",
            "cells",
            "multiplicative",
            "init",
            "through_steps",
            "through_time",
            "cores",
            "readouts",
            "model",
            "ngram_counts",
            "ngram_weights",
            "ngram_arrays",
            "name_lengths",
            "ngrams",
            "word_ngrams",
            "kneser_ney",
        ),
        "spine",
        "The lecture's path: tensors, one step, weights, many steps, network; n-grams.",
    ),
    Floor(("inference",)),
    Floor(("evaluation", "training", "deployment")),
    Floor(("views",)),
    Floor(
        (
            "train",
            "predict",
            "evaluate",
            "generate",
            "runs",
            "compare",
            "check",
            "look",
            "report",
            "export",
            "serve",
            "completion",
            "sklearn",
            "__main__",
            "__init__",
        ),
        "commands",
        "They parse, call and print; __init__ and sklearn are what Python programs import.",
    ),
)
COMMANDS = FLOORS[-1].places
FLOOR_OF = {place: number for number, floor in enumerate(FLOORS) for place in floor.places}


class Box(NamedTuple):
    """A wing, or the files of the entrance that are on the same floor."""

    title: str  # "text/", or a floor's own title
    purpose: str
    floor: int
    rooms: tuple[str, ...]  # the files' names without .py, in reading order
    imports: tuple[str, ...]  # the titles of the boxes that its files import from


# ---------------------------------------------------------------- what the source says


def modules_of(package: Path = PACKAGE) -> dict[str, Path]:
    """Every file of the package by its dotted module name: {"charnn.text.letters": path}."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = path
    return found


def imports_of(path: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    """The charnn modules that a file imports, at its top or within a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from charnn import cli` imports the module charnn.cli, if there is one
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in modules else node.module for name in inside]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] == "charnn")


def place_of(module: str) -> str:
    """The wing that a module's dotted name is in, or its file's name in the entrance."""
    return [*module.split("."), "__init__"][1]


def floor_of(module: str) -> int:
    """The floor that a module is on. Raises CharnnError for one that FLOORS does not have."""
    place = place_of(module)
    if place not in FLOOR_OF:
        raise CharnnError(
            f"charnn/{place} is on no floor; give it one in FLOORS of scripts/house.py"
        )
    return FLOOR_OF[place]


def in_reading_order(rooms: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Rooms with what each imports: a room comes after those it imports, otherwise by name.

    Raises CharnnError for rooms that import each other.
    """
    within = {room: set(imported) & rooms.keys() for room, imported in rooms.items()}
    sorter = TopologicalSorter(within)
    try:
        sorter.prepare()
    except CycleError as error:
        raise CharnnError(
            f"{' imports '.join(error.args[1][::-1])}: a cycle; "
            "move what they share into a file below both"
        ) from None
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order += ready
        sorter.done(*ready)
    return tuple(order)


def boxes_of(modules: Mapping[str, Path]) -> list[Box]:
    """The boxes of the house, from the ground up; on one floor in the order of FLOORS."""
    imports = {module: set(imports_of(path, modules)) for module, path in modules.items()}
    members: dict[str, list[str]] = {}
    for module in sorted(modules, key=lambda name: (floor_of(name), rank_of(name))):
        members.setdefault(title_of(module, modules), []).append(module)

    boxes = []
    for title, inside in members.items():
        imported = {title_of(name, modules) for module in inside for name in imports[module]}
        others = tuple(other for other in members if other in imported and other != title)
        floor = floor_of(inside[0])
        if title.endswith("/"):
            wing = f"charnn.{title.removesuffix('/')}"
            files = {module: imports[module] for module in inside if module != wing}
            rooms = in_reading_order(files)
            purpose = first_sentence(modules[wing])
        else:
            rooms, purpose = tuple(inside), FLOORS[floor].purpose
        names = tuple("__init__" if room == "charnn" else room.split(".")[-1] for room in rooms)
        boxes.append(Box(title, purpose, floor, names, others))
    return boxes


def rank_of(module: str) -> int:
    """A module's position among the places of its floor."""
    return FLOORS[floor_of(module)].places.index(place_of(module))


def title_of(module: str, modules: Mapping[str, Path]) -> str:
    """The title of the box that a module is in."""
    place = place_of(module)
    is_wing = modules.get(f"charnn.{place}", PACKAGE).name == "__init__.py"
    return f"{place}/" if is_wing else FLOORS[floor_of(module)].title


def first_sentence(path: Path) -> str:
    """The first sentence of a file's docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    text = ast.get_docstring(tree) or "It does not say."
    return " ".join(text.split()).split(". ")[0].removesuffix(".") + "."


def arrows_of(boxes: Iterable[Box]) -> list[tuple[str, str]]:
    """(imported, importing) for each pair of boxes that import, less those that follow from others.

    What text lends to model, and model to inference, need not be drawn from text to inference.
    """
    imports = {box.title: box.imports for box in boxes}
    reached: dict[str, set[str]] = {}
    for title in in_reading_order(imports):
        through = [reached[other] for other in imports[title]]
        reached[title] = set(imports[title]).union(*through)
    return [
        (lower, upper)
        for upper in imports
        for lower in imports[upper]
        if not any(lower in reached[other] for other in imports[upper])
    ]
