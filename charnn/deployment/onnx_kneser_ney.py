"""The n-grams of what comes next in an ONNX graph: charnn/kneser_ney.py in standard operators.

Axis letters: B batch, T time, N positions (B * T), V symbols, R contexts, E entries, C context.
"""

import numpy as np

from charnn.deployment.onnx_ngrams import find
from charnn.inference.onnx_graph import Graph, Values
from charnn.inference.onnx_network import Mixed
from charnn.kneser_ney import KneserNey, Length

LAST, NEXT_LAST = "last", "next_last"  # the symbols read before a step, and before the next one


def mixed(ngrams: KneserNey, graph: Graph, ids: str, labels: str | None, log_probs: str) -> Mixed:
    """The product of a network's log-probabilities (B, T, V) and those of the n-grams.

    ids (B, T), labels (B,) or None. The graph then reads the last symbols before the ids, too:
    C of them, counted from 1, and 0 where there is none.
    """
    context = max(ngrams.order - 1, 1)
    counted_from_1 = graph.add("Add", ids, graph.constant(1))
    read = graph.add("Concat", LAST, counted_from_1, axis=1)  # (B, C + T)
    both = graph.add("Add", log_probs, scores(graph, ngrams, read, labels))
    end = graph.constant([np.iinfo(np.int64).max])
    after = graph.add("Slice", read, graph.constant([-context]), end, graph.constant([1]))
    kept: Values = {LAST: (np.int64, ["B", context])}
    log_softmax = graph.add("LogSoftmax", both, axis=2)
    return Mixed(log_softmax, kept, after, {NEXT_LAST: kept[LAST]})


def scores(graph: Graph, ngrams: KneserNey, read: str, labels: str | None) -> str:
    """scale · log p(c | h), (B, T, V), float32.

    `read` (B, C + T) are the ids that were read, counted from 1, with 0 before the beginning, of
    which the first C are those before the call; labels (B,).
    """
    shape = graph.add("Shape", read)  # (2,): B, C + T
    batch, width = graph.add_several("Split", 2, shape, num_outputs=2)
    context = max(ngrams.order - 1, 1)
    time = graph.add("Sub", width, graph.constant([context]))
    label = graph.constant([[1]])  # (B, 1) or (1, 1): labels are counted from 1, too
    if labels is not None:
        label = graph.add("Add", graph.axes("Unsqueeze", labels, 1), label)
    flat = graph.constant([-1])
    found = graph.add(
        "Expand", graph.constant([[1 / ngrams.symbols]], np.float32), of_all(graph, batch, time)
    )
    code = graph.constant([[0]])
    for length, table in enumerate(ngrams.lengths):
        base = ngrams.symbols + 1
        if length:
            start = graph.constant([context - length + 1])
            stop = graph.add("Add", time, start)
            digits = graph.add("Slice", read, start, stop, graph.constant([1]))  # (B, T)
            power = graph.constant(base ** (length - 1))
            code = graph.add("Add", code, graph.add("Mul", digits, power))
        of_label = graph.add("Mul", label, graph.constant(base**length))
        whole = graph.add("Add", code, of_label)
        size = graph.add("Concat", batch, time, axis=0)
        query = graph.add("Reshape", graph.add("Expand", whole, size), flat)  # (N,)
        found = sharpened(graph, table, length, query, found, ngrams.symbols)
    logs = graph.add("Mul", graph.add("Log", found), graph.constant(ngrams.scale, np.float32))
    whole_shape = graph.add("Concat", batch, time, graph.constant([ngrams.symbols]), axis=0)
    return graph.add("Reshape", logs, whole_shape)


def of_all(graph: Graph, batch: str, time: str) -> str:
    """The shape (N, 1)."""
    return graph.add("Concat", graph.add("Mul", batch, time), graph.constant([1]), axis=0)


def sharpened(
    graph: Graph, table: Length, length: int, query: str, found: str, symbols: int
) -> str:
    """Probabilities (N, V) after contexts of a length, from those after shorter ones.

    `query` (N,) are the codes of the contexts; where one was not counted, nothing changes.
    """
    name = f"ngrams.{length}"
    place, known = find(
        graph, query, table.contexts, graph.whole(f"{name}.contexts", table.contexts)
    )
    sizes = graph.whole(f"{name}.sizes", table.size)
    firsts = graph.add("CumSum", sizes, graph.constant(0), exclusive=1)  # (R,)
    zero = graph.constant(0)
    count = graph.add("Where", known, graph.add("Gather", sizes, place), zero)  # (N,)
    most = graph.add("ReduceMax", count, keepdims=0)
    numbers = graph.add("Range", zero, most, graph.constant(1))  # (K,)
    inside = graph.add("Less", numbers, graph.axes("Unsqueeze", count, 1))  # (N, K)
    which = graph.add("NonZero", inside)  # (2, E)
    row, number = (
        graph.axes("Squeeze", part, 0)
        for part in graph.add_several("Split", 2, which, axis=0, num_outputs=2)
    )
    first = graph.add("Gather", graph.add("Gather", firsts, place), row)
    entry = graph.add("Add", first, number)
    value = graph.add("Gather", graph.weight(f"{name}.shares", table.share), entry)
    column = graph.add("Gather", graph.whole(f"{name}.last", table.last), entry)
    where = graph.add("Add", graph.add("Mul", row, graph.constant(symbols)), column)
    rows = graph.add("Shape", query)
    nothing = graph.add("ConstantOfShape", graph.add("Mul", rows, graph.constant([symbols])))
    # Not ScatterND, which onnxruntime runs on several threads: the order would change.
    added = graph.add("ScatterElements", nothing, where, value, reduction="add")
    shape = graph.add("Concat", rows, graph.constant([symbols]), axis=0)
    backoff = graph.add("Gather", graph.constant(table.backoff, np.float32), place)  # (N,)
    backed_off = graph.add("Mul", found, graph.axes("Unsqueeze", backoff, 1))
    sharper = graph.add("Add", backed_off, graph.add("Reshape", added, shape))
    return graph.add("Where", graph.axes("Unsqueeze", known, 1), sharper, found)
