"""The multiplicative GRU in ONNX, which has no operator for it: a Scan, a graph for each step.

The equations are those of charnn/multiplicative.py. Knows no text.

Axis letters: B batch, T time, I input, H hidden.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from charnn.inference.onnx_graph import Graph, Values


class Scan(NamedTuple):
    """A multiplicative GRU's weights in a graph."""

    graph: Graph
    prefix: str  # of their names in the graph
    arrays: Mapping[str, np.ndarray]  # by their names in the cell

    def project(self, x: str, gathers: bool) -> str:
        """W x + b and s = 1 + S x (T, B, 4H) of floats (T, B, I), or of ids (T, B) if `gathers`."""
        graph, named = self.graph, self.arrays
        both = np.concatenate([named["weight_ih"], named["weight_sx"]]).T  # (I, 4H)
        bias = np.concatenate([named["bias_ih"], np.ones(len(named["weight_sx"]))])  # (4H,)
        weight = graph.weight(f"{self.prefix}.W", both, 1)
        found = graph.add("Gather", weight, x) if gathers else graph.add("MatMul", x, weight)
        return graph.add("Add", found, graph.constant(bias, np.float32))

    def run(self, projected: str, real: str, start: str) -> tuple[str, str]:
        """All steps: hidden states (T, B, H) and the last one (B, H).

        `projected` is (T, B, 4H) and `start` (B, H); `real` (T, B, 1) says which steps are letters,
        at which alone the state changes: an empty text if all are.
        """
        graph, size = self.graph, len(self.arrays["weight_sx"])
        weight_hh = graph.weight(f"{self.prefix}.R", self.arrays["weight_hh"].T, 1)  # (H, 3H)
        bias_hh = graph.constant(self.arrays["bias_hh"], np.float32)
        two_and_one, one_and_one = (graph.constant([n * size, size]) for n in (2, 1))
        parts = graph.constant([2 * size, size, size])
        names = [f"{self.prefix}.{name}" for name in ("h", "p", "real", "next", "hidden")]
        h, p, is_real, next_h, hidden = names
        body = Graph(prefix=f"{self.prefix}.")
        p_r_z, p_n, s = body.add_several("Split", 3, p, parts, axis=1)
        product = body.add("MatMul", body.add("Mul", h, s), weight_hh)
        q_r_z, q_n = body.add_several(
            "Split", 2, body.add("Add", product, bias_hh), two_and_one, axis=1
        )
        r_z = body.add("Sigmoid", body.add("Add", p_r_z, q_r_z))
        r, z = body.add_several("Split", 2, r_z, one_and_one, axis=1)
        n = body.add("Tanh", body.add("Add", p_n, body.add("Mul", r, q_n)))
        new = body.add("Add", n, body.add("Mul", z, body.add("Sub", h, n)))
        if real:
            new = body.add("Where", is_real, new, h)
        body.name(new, next_h)
        body.name(new, hidden)
        state: tuple[Any, list[str | int]] = (np.float32, ["B", size])
        inputs: Values = {h: state, p: (np.float32, ["B", 4 * size])}
        if real:
            inputs = {**inputs, is_real: (np.bool_, ["B", 1])}
        sequences = [projected, real] if real else [projected]
        last, all_of_them = graph.scan(
            body, inputs, {next_h: state, hidden: state}, [start], sequences
        )
        return all_of_them, last


def real_steps(graph: Graph, lengths: str, time: str) -> str:
    """Which steps of a padded batch are letters: lengths (B,), T -> bool (B, T)."""
    steps = graph.add("Range", graph.constant(0), time, graph.constant(1))  # (T,)
    return graph.add("Less", steps, graph.axes("Unsqueeze", lengths, 1))


def letters_of(graph: Graph, lengths: str, hidden: str) -> str:
    """Which steps of a padded sequence (T, B, any) are letters: lengths (B,) -> bool (T, B, 1)."""
    time = graph.axes("Squeeze", graph.add("Shape", hidden, start=0, end=1))
    real = graph.add("Transpose", real_steps(graph, lengths, time), perm=[1, 0])
    return graph.axes("Unsqueeze", real, 2)
