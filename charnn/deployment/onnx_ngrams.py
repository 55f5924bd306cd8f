"""The n-gram models of letters in an ONNX graph: charnn/ngrams.py in standard operators.

An n-gram's code is searched in the table of codes by halving, and its row of the table is stored
without zeros, since most labels have no name with a given n-gram.

Axis letters: B batch, T time, G n-grams, E entries that are not 0, L labels, N n-grams of a name,
K entries of a row.
"""

import numpy as np

from charnn.inference.onnx_graph import Graph
from charnn.inference.onnx_scan import real_steps
from charnn.ngrams import Ngrams


def scores(graph: Graph, ngrams: Ngrams, ids: str, lengths: str) -> str:
    """ids (B, T), lengths (B,) -> the n-grams' scores (B, L), up to a constant for each name."""
    queries = codes_of_names(graph, ngrams, ids, lengths)
    total = sum_of_rows(graph, ngrams, queries)  # (B, L)
    # What all labels have in common changes no answer, and without it the result keeps more digits.
    letter = ngrams.letter - ngrams.letter.mean()
    ends = ngrams.ends + ngrams.prior
    letters = graph.cast(graph.axes("Unsqueeze", lengths, 1), np.float64)  # (B, 1)
    by_letter = graph.add("Mul", letters, graph.constant(letter, np.float64))
    total = graph.add("Add", graph.add("Add", total, by_letter), graph.constant(ends, np.float64))
    if ngrams.of_length is not None:
        longest = graph.constant(len(ngrams.of_length) - 1)
        table = graph.constant(ngrams.of_length, np.float64)  # (T, L)
        of_length = graph.add("Gather", table, graph.add("Min", lengths, longest))  # (B, L)
        total = graph.add("Add", total, of_length)
    scaled = graph.add("Mul", total, graph.constant(ngrams.scale, np.float64))
    return graph.cast(scaled, np.float32)


def codes_of_names(graph: Graph, ngrams: Ngrams, ids: str, lengths: str) -> str:
    """The codes (B, N) of the n-grams of names, as `charnn.ngrams.ngram_codes` has them.

    Those beyond a name's end are of ends alone, which no table has.
    """
    base, pad = ngrams.base, ngrams.order - 1
    end, one = graph.constant(base - 1), graph.constant(1)
    time = graph.axes("Squeeze", graph.add("Shape", ids, start=1, end=2))
    real = real_steps(graph, lengths, time)
    letters = graph.add("Where", real, graph.add("Add", ids, one), end)  # (B, T)
    padded = graph.add("Pad", letters, graph.constant([0, pad, 0, pad]), end)  # (B, T + 2 * pad)
    found, codes = [], ""
    for length in range(1, ngrams.order + 1):
        digits = between(graph, padded, length - 1, 0)
        if codes:
            shifted = graph.add("Mul", between(graph, codes, 0, 1), graph.constant(base))
            codes = graph.add("Add", shifted, digits)  # (B, T + 2 * pad - length + 1)
        else:
            codes = digits
        ends_alone = pad - length + 1  # n-grams on each side that have no letter
        found.append(between(graph, codes, ends_alone, ends_alone))  # (B, T + length - 1)
    return graph.add("Concat", *found, axis=1)


def between(graph: Graph, value: str, left: int, right: int) -> str:
    """The columns of (B, ...) without some on the left and some on the right."""
    if not left and not right:
        return value
    stop = -right if right else np.iinfo(np.int64).max
    start_stop_axis = (graph.constant([number]) for number in (left, stop, 1))
    return graph.add("Slice", value, *start_stop_axis)


def find(graph: Graph, queries: str, table: np.ndarray, codes: str) -> tuple[str, str]:
    """The places (B, N) of queries in a table of codes (G,) in order, and whether they are there.

    The place is the last whose code is not above the query's, found by halving.
    """
    last = graph.constant(len(table) - 1)
    place = graph.add("Mul", queries, graph.constant(0))
    for power in reversed(range((len(table) - 1).bit_length())):
        further = graph.add("Add", place, graph.constant(1 << power))
        further = graph.add("Min", further, last)
        not_above = graph.add("LessOrEqual", graph.add("Gather", codes, further), queries)
        place = graph.add("Where", not_above, further, place)
    return place, graph.add("Equal", graph.add("Gather", codes, place), queries)


def sum_of_rows(graph: Graph, ngrams: Ngrams, queries: str) -> str:
    """The sum (B, L) of the table's rows for n-grams (B, N), as float64: they are many."""
    labels = len(ngrams.names)
    row, label = ngrams.entries // labels, ngrams.entries % labels  # (E,)
    codes = graph.whole("ngrams.codes", ngrams.codes)
    sizes = graph.whole("ngrams.sizes", np.bincount(row, minlength=len(ngrams.codes)))  # (G,)
    firsts = graph.add("CumSum", sizes, graph.constant(0), exclusive=1)  # (G,)
    label_of_entry = graph.whole("ngrams.labels", label)
    value_of_entry = graph.weight(
        "ngrams.values", ngrams.weights(np.arange(len(ngrams.codes)))[row, label]
    )

    place, known = find(graph, queries, ngrams.codes, codes)
    zero, one = graph.constant(0), graph.constant(1)
    count = graph.add("Where", known, graph.add("Gather", sizes, place), zero)  # (B, N)
    most = graph.add("ReduceMax", count, keepdims=0)
    numbers = graph.add("Range", zero, most, one)  # (K,)
    inside = graph.add("Less", numbers, graph.axes("Unsqueeze", count, 2))  # (B, N, K)
    which = graph.add("NonZero", inside)  # (3, number of entries)
    name, ngram, number = (
        graph.axes("Squeeze", part, 0)
        for part in graph.add_several("Split", 3, which, axis=0, num_outputs=3)
    )
    pairs = [graph.axes("Unsqueeze", part, 1) for part in (name, ngram)]
    first = graph.add("GatherND", graph.add("Gather", firsts, place), column_pairs(graph, *pairs))
    entry = graph.add("Add", first, number)
    value = graph.cast(graph.add("Gather", value_of_entry, entry), np.float64)
    label_value = graph.add("Gather", label_of_entry, entry)
    batch = graph.add("Shape", queries, start=0, end=1)
    shape = graph.add("Concat", batch, graph.constant([labels]), axis=0)  # of (B, L)
    size = graph.add("Mul", batch, graph.constant([labels]))
    nothing = graph.cast(graph.add("ConstantOfShape", size), np.float64)  # (B*L,) zeros
    where = graph.add("Add", graph.add("Mul", name, graph.constant(labels)), label_value)
    # Not ScatterND, which onnxruntime runs on several threads: two of them may add to one place.
    total = graph.add("ScatterElements", nothing, where, value, reduction="add")
    return graph.add("Reshape", total, shape)


def column_pairs(graph: Graph, first: str, second: str) -> str:
    """Two columns of indices, (..., 1) each, as pairs (..., 2)."""
    return graph.add("Concat", first, second, axis=1)
