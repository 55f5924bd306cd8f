"""The weights of a network: what each is called in a model file, and its shape.

The names are those of torch's network, `build_network` in charnn/model.py, which a test compares.
Knows no array's values. Axis letters: V symbols, I input, H hidden, D directions, L labels.
"""

from typing import NamedTuple

from charnn.config import CELLS, Config
from charnn.inference import numpy_cells

Expected = dict[str, tuple[tuple[int, ...], str]]  # the shape and type of each array, by its name


class Loop(NamedTuple):
    """The weights of one layer in one direction."""

    prefix: str  # of their names, such as "core.cores.1.backwards"
    inputs: int  # I

    def names(self, cell: str) -> dict[str, str]:
        """The name in a file of each weight, by its name in the cell."""
        if cell.startswith("torch-"):
            return {name: f"{self.prefix}.module.{name}_l0" for name in _shapes(cell, 0, 0)}
        return {name: f"{self.prefix}.cell.{name}" for name in _shapes(cell, 0, 0)}


def cell_class(cell: str) -> type[numpy_cells.Cell]:
    """The numpy cell of that name in CELLS; torch's own compute what ours do."""
    return getattr(numpy_cells, CELLS[cell.removeprefix("torch-")])


def _shapes(cell: str, inputs: int, hidden: int) -> dict[str, tuple[int, ...]]:
    return cell_class(cell).shapes(inputs, hidden)


def layers(config: Config, symbols: int, labels: int) -> list[list[Loop]]:
    """Each layer's loops, the lowest layer first: one, or the forward and the backward one."""
    found = []
    inputs = config.embedding or symbols
    if config.task == "generate":
        inputs += labels  # the label's one-hot vector comes after the symbol's
    directions = (".forwards", ".backwards") if config.bidirectional else ("",)
    for layer in range(config.layers):
        prefix = f"core.cores.{layer}" if config.layers > 1 else "core"
        found.append([Loop(prefix + direction, inputs) for direction in directions])
        inputs = len(directions) * config.hidden
    return found


def expected(config: Config, symbols: int, labels: int) -> Expected:
    """The arrays of a network for V = symbols and L = labels, as `checkpoint.check` asks them."""
    shapes: dict[str, tuple[int, ...]] = {}
    if config.embedding:
        shapes["embedding.weight"] = (symbols, config.embedding)
    for layer in layers(config, symbols, labels):
        for loop in layer:
            names = loop.names(config.cell)
            for name, shape in _shapes(config.cell, loop.inputs, config.hidden).items():
                shapes[names[name]] = shape
    width = config.hidden * (2 if config.bidirectional else 1)  # D*H
    if config.readout == "pooled":
        width *= 2  # the mean and the maximum
    outputs = symbols if config.task == "generate" else labels
    shapes["readout.linear.weight"] = (outputs, width)
    shapes["readout.linear.bias"] = (outputs,)
    return {name: (shape, "float32") for name, shape in shapes.items()}
