"""The networks of charnn.model as ONNX graphs, from a model file's arrays.

The equations are those of charnn/cells.py: ONNX's operators RNN, LSTM and GRU are the same cells
with their gates in another order; onnx_scan.py has what is none of these. Layers, directions and
readouts follow cores.py and readouts.py. Knows no text.

Axis letters: B batch, T time, V symbols, I input, H hidden, D directions, G gates of a cell,
S tensors of a state, L labels.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from charnn.config import Config
from charnn.errors import CharnnError
from charnn.inference import weights
from charnn.inference.onnx_graph import Graph, Values
from charnn.inference.onnx_scan import Scan, letters_of
from charnn.inference.weights import Loop
from charnn.wording import listed


class Operator(NamedTuple):
    """ONNX's operator for a cell."""

    name: str
    gates: tuple[int, ...]  # torch's number of each gate, in ONNX's order
    states: int = 1  # tensors (B, H) of its state
    attributes: Mapping[str, Any] = {}  # read, never changed


LSTM = Operator("LSTM", (0, 3, 1, 2), states=2)  # torch: i f g o; ONNX: i o f c, where c is our g
OPERATORS = {
    "rnn": Operator("RNN", (0,)),
    "lstm": LSTM,
    "lstm-peephole": LSTM,
    # torch: r z n; ONNX: z r h, where h is our n. The reset gate scales the product, as in torch.
    "gru": Operator("GRU", (1, 0, 2), attributes={"linear_before_reset": 1}),
    "gru-multiplicative": Operator("Scan", (0, 1, 2)),
}
PEEPHOLES = [0, 2, 1]  # ours: i f o; ONNX: i o f
PLACE_OF_PEEPHOLES = 7  # among the inputs of LSTM


class Steps(NamedTuple):
    """What a loop gives, or a layer of one or two: names of values."""

    hidden: str  # (T, B, D*H)
    last: str  # (B, D*H): the hidden state after the last step of each direction
    state: list[str]  # tensors (1, B, H)


def operator_of(config: Config) -> Operator:
    """ONNX's operator for a configuration's cell. Raises CharnnError where it has none."""
    operator = OPERATORS.get(config.cell.removeprefix("torch-"))
    if operator is None:
        raise CharnnError(
            f"ONNX has no operator for {config.cell}; train one with --cell {listed(OPERATORS)}"
        )
    return operator


def states_of(config: Config) -> int:
    """S: how many tensors (B, H) a generator's state has."""
    return config.layers * operator_of(config).states


class Network:
    """A network in a graph, from a model file's arrays; V = symbols, L = labels."""

    def __init__(
        self,
        graph: Graph,
        config: Config,
        symbols: int,
        labels: int,
        arrays: Mapping[str, np.ndarray],
    ):
        self.graph, self.config, self.arrays = graph, config, arrays
        self.symbols, self.labels = symbols, labels

    # ------------------------------------------------------------ whole networks

    def classify(self, ids: str, lengths: str) -> str:
        """ids (B, T), lengths (B,) -> log-probabilities (B, L)."""
        graph = self.graph
        by_step = graph.add("Transpose", ids, perm=[1, 0])  # (T, B)
        steps = self.layers(by_step, None, graph.cast(lengths, np.int32))
        # Backwards the last step is at the first letter, where this direction has read everything.
        last = self.config.readout == "last"
        features = steps.last if last else self.pooled(steps.hidden, lengths)
        return graph.add("LogSoftmax", self.linear(features), axis=1)

    def step(self, ids: str, labels: str | None, state: str) -> tuple[str, str]:
        """ids (B, T), labels (B,) if any, state (S, B, H) -> log-probabilities (B, T, V), state."""
        graph, count = self.graph, states_of(self.config)
        tensors = [state]
        if count > 1:
            tensors = graph.add_several("Split", count, state, axis=0, num_outputs=count)
        by_step = graph.add("Transpose", ids, perm=[1, 0])  # (T, B)
        steps = self.layers(by_step, labels, "", tensors)
        log_probs = graph.add("LogSoftmax", self.linear(steps.hidden), axis=2)  # (T, B, V)
        after = graph.add("Concat", *steps.state, axis=0)  # (S, B, H)
        return graph.add("Transpose", log_probs, perm=[1, 0, 2]), after

    # ------------------------------------------------------------ many steps

    def layers(
        self, ids: str, labels: str | None, lengths: str, state: Sequence[str] = ()
    ) -> Steps:
        """All layers: ids (T, B), labels (B,), lengths (B,) int32 or an empty text, state."""
        states = operator_of(self.config).states
        x, after = self.vectors(ids, labels), list[str]()
        for number, loops in enumerate(weights.layers(self.config, self.symbols, self.labels)):
            start = state[number * states : (number + 1) * states]
            found = [self.loop(loop, ids, x, lengths, start) for loop in loops]
            steps = found[0] if len(found) == 1 else self.both(found)
            x = steps.hidden
            after += steps.state
        return Steps(steps.hidden, steps.last, after)

    def both(self, found: Sequence[Steps]) -> Steps:
        """Two directions side by side."""
        hidden = self.graph.add("Concat", *(steps.hidden for steps in found), axis=2)
        last = self.graph.add("Concat", *(steps.last for steps in found), axis=1)
        return Steps(hidden, last, [])

    def vectors(self, ids: str, labels: str | None) -> str:
        """What the lowest layer reads (T, B, I); an empty text where that is one-hot letters."""
        graph = self.graph
        if self.config.embedding:
            table = graph.weight("embedding.weight", self.arrays["embedding.weight"])
            letters = graph.add("Gather", table, ids)  # (T, B, I)
        elif labels is None:
            return ""
        else:
            letters = self.one_hot(ids, self.symbols)  # (T, B, V)
        if labels is None:
            return letters
        label = graph.axes("Unsqueeze", self.one_hot(labels, self.labels), 0)  # (1, B, L)
        time_batch = graph.add("Shape", ids)
        shape = graph.add("Concat", time_batch, graph.constant([self.labels]), axis=0)
        return graph.add("Concat", letters, graph.add("Expand", label, shape), axis=2)

    def loop(self, loop: Loop, ids: str, x: str, lengths: str, state: Sequence[str]) -> Steps:
        """One layer in one direction: it reads x (T, B, I), or without it ids (T, B)."""
        graph, operator = self.graph, operator_of(self.config)
        named = {name: self.arrays[stored] for name, stored in loop.names(self.config.cell).items()}
        if operator.name == "Scan":
            return self.scan(Scan(graph, loop.prefix, named), ids, x, lengths, state)
        peepholes = named.pop("weight_ch", None)
        ordered = {name: in_order(array, operator.gates) for name, array in named.items()}
        if x:
            x_weight = graph.weight(f"{loop.prefix}.W", ordered["weight_ih"][None], 1)
        else:
            x, x_weight = self.letters(loop, ids, ordered["weight_ih"])
        biases = np.concatenate([ordered["bias_ih"], ordered["bias_hh"]])
        inputs = [
            x,
            x_weight,  # (1, G*H, I)
            graph.weight(f"{loop.prefix}.R", ordered["weight_hh"][None], 1),  # (1, G*H, H)
            graph.constant(biases[None], np.float32),  # (1, 2*G*H)
            lengths,
            *state,
        ]
        if peepholes is not None:
            inputs += [""] * (PLACE_OF_PEEPHOLES - len(inputs))
            inputs.append(graph.constant(peepholes[PEEPHOLES].reshape(1, -1), np.float32))
        attributes: dict[str, Any] = {"hidden_size": self.config.hidden, **operator.attributes}
        if loop.prefix.endswith("backwards"):
            attributes["direction"] = "reverse"  # within each sequence's own length
        if operator.name == "RNN":
            attributes["activations"] = [self.config.nonlinearity.capitalize()]
        outputs = 1 + operator.states
        hidden, *after = graph.add_several(operator.name, outputs, *inputs, **attributes)
        return Steps(graph.axes("Squeeze", hidden, 1), graph.axes("Squeeze", after[0], 0), after)

    def scan(self, scan: Scan, ids: str, x: str, lengths: str, state: Sequence[str]) -> Steps:
        """The same of a cell for which there is no operator."""
        graph, backwards = self.graph, scan.prefix.endswith("backwards")
        steps, real = scan.project(x or ids, gathers=not x), ""  # (T, B, 4H)
        if lengths:
            lengths = graph.cast(lengths, np.int64)
            real = letters_of(graph, lengths, steps)
        own = {"batch_axis": 1, "time_axis": 0}  # each sequence within its own length
        if backwards:
            steps = graph.add("ReverseSequence", steps, lengths, **own)
        if state:
            start = graph.axes("Squeeze", state[0], 0)  # (B, H)
        else:
            rows = graph.add("Shape", steps, start=1, end=2)
            shape = graph.add("Concat", rows, graph.constant([self.config.hidden]), axis=0)
            start = graph.add("ConstantOfShape", shape)  # float32 zeros
        hidden, last = scan.run(steps, real, start)
        if backwards:
            hidden = graph.add("ReverseSequence", hidden, lengths, **own)
        return Steps(hidden, last, [graph.axes("Unsqueeze", last, 0)])

    def letters(self, loop: Loop, ids: str, weight_ih: np.ndarray) -> tuple[str, str]:
        """What a layer that reads letters alone has as x (T, B, I) and as weights (1, G*H, I).

        One-hot vectors; or, where there are more symbols than rows of the weights, each symbol's
        column of the weights, and ones on a diagonal for the product that the operator makes.
        """
        graph, name, rows = self.graph, f"{loop.prefix}.W", len(weight_ih)
        if self.symbols <= rows:
            return self.one_hot(ids, self.symbols), graph.weight(name, weight_ih[None], 1)
        x = graph.add("Gather", graph.weight(name, weight_ih.T), ids)  # (T, B, G*H)
        square = graph.add("ConstantOfShape", graph.constant([rows, rows]))  # float32 zeros
        return x, graph.axes("Unsqueeze", graph.add("EyeLike", square), 0)

    def one_hot(self, ids: str, size: int) -> str:
        """ids (...) -> one-hot vectors (..., size)."""
        off_on = self.graph.constant([0, 1], np.float32)
        return self.graph.add("OneHot", ids, self.graph.constant([size]), off_on)

    # ------------------------------------------------------------ readouts

    def pooled(self, hidden: str, lengths: str) -> str:
        """The mean and the maximum (B, 2*D*H) of hidden (T, B, D*H) over the letters."""
        graph = self.graph
        real = letters_of(graph, lengths, hidden)
        letters = graph.add("Where", real, hidden, graph.constant(0, np.float32))
        total = graph.axes("ReduceSum", letters, 0, keepdims=0)  # (B, D*H)
        letter_counts = graph.axes("Unsqueeze", graph.cast(lengths, np.float32), 1)  # (B, 1)
        mean = graph.add("Div", total, letter_counts)
        padded = graph.add("Where", real, hidden, graph.constant(-np.inf, np.float32))
        top = graph.axes("ReduceMax", padded, 0, keepdims=0)  # (B, D*H)
        return graph.add("Concat", mean, top, axis=1)

    def linear(self, features: str) -> str:
        """Logits (..., outputs) of features."""
        weight = self.arrays["readout.linear.weight"].T
        bias = self.graph.constant(self.arrays["readout.linear.bias"], np.float32)
        product = self.graph.add("MatMul", features, self.graph.weight("readout", weight, 1))
        return self.graph.add("Add", product, bias)


def in_order(weights: np.ndarray, gates: Sequence[int]) -> np.ndarray:
    """Weights (G*H, ...) with the gates in that order."""
    split = np.split(weights, len(gates))
    return np.concatenate([split[gate] for gate in gates])


# ---------------------------------------------------------------- whole graphs

Metadata = Mapping[str, str]


class Mixed(NamedTuple):
    """Log-probabilities (B, T, V) of a network and of what stands beside it."""

    log_probs: str
    input: Values  # what is read beside the ids, the labels and the network's state
    after: str  # what is to be read so at the next step
    output: Values


# A graph, its ids (B, T), labels (B,) or None and the network's log-probabilities (B, T, V).
Beside = Callable[[Graph, str, str | None, str], Mixed]


def classifier_model(graph: Graph, log_probs: str, labels: int, metadata: Metadata) -> bytes:
    """A graph that reads ids (B, T) and lengths (B,) and gives log-probabilities (B, L)."""
    graph.name(log_probs, "log_probs")
    inputs = {"ids": (np.int64, ["B", "T"]), "lengths": (np.int64, ["B"])}
    return graph.model(inputs, {"log_probs": (np.float32, ["B", labels])}, metadata)


def writer_model(network: Network, metadata: Metadata, beside: Beside | None = None) -> bytes:
    """A graph of a generator's steps: ids (B, T), labels (B,) if any, and state (S, B, H).

    It gives the log-probabilities (B, T, V) of what comes next, and the state after the last step.
    `beside` adds what stands beside the network, with inputs and outputs of its own.
    """
    graph, config = network.graph, network.config
    state: tuple[Any, list[str | int]] = (np.float32, [states_of(config), "B", config.hidden])
    label = {"labels": (np.int64, ["B"])} if network.labels else {}
    inputs: Values = {"ids": (np.int64, ["B", "T"]), **label, "state": state}
    outputs: Values = {
        "log_probs": (np.float32, ["B", "T", network.symbols]),
        "next_state": state,
    }
    labels = "labels" if network.labels else None
    log_probs, after = network.step("ids", labels, "state")
    found = [log_probs, after]
    if beside is not None:
        mixed = beside(graph, "ids", labels, log_probs)
        found = [mixed.log_probs, after, mixed.after]
        inputs, outputs = {**inputs, **mixed.input}, {**outputs, **mixed.output}
    for value, name in zip(found, outputs, strict=True):
        graph.name(value, name)
    return graph.model(inputs, outputs, metadata)
