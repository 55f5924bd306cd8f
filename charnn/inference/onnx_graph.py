"""An ONNX graph as it is put together: nodes and constants, each value known by its name.

Knows ONNX and no network. Weights may be stored in fewer bytes than they are computed in.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from charnn.config import DTYPES
from charnn.errors import CharnnError
from charnn.version import __version__

try:
    from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper
except ImportError:
    raise CharnnError("a graph of ONNX needs onnx; pip install onnx") from None

OPSET = 18
IR_VERSION = 8  # of the time of opset 18, so that runtimes of that time read it
LARGEST = (1 << 31) - 1  # bytes of a file of protobuf
LARGEST_INT8 = 127
Values = Mapping[str, tuple[Any, Sequence[str | int]]]  # type and shape by name


class Graph:
    """Nodes and constants. `dtype`, one of DTYPES, is what weights are stored in.

    Values of the nodes of a graph that is inside another one need a prefix of their own.
    """

    def __init__(self, dtype: str = DTYPES[0], prefix: str = ""):
        self.dtype, self.prefix = dtype, prefix
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, TensorProto] = {}
        self._named: dict[tuple[Any, ...], str] = {}  # small constants, each once

    # ------------------------------------------------------------ nodes

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """A node; the name of its output. An absent optional input is an empty text."""
        return self.add_several(operator, 1, *inputs, **attributes)[0]

    def add_several(self, operator: str, count: int, *inputs: str, **attributes: Any) -> list[str]:
        """A node of several outputs; their names."""
        place = f"{self.prefix}{operator}_{len(self.nodes)}"
        outputs = [f"{place}_{number}" for number in range(count)]
        self.nodes.append(helper.make_node(operator, inputs, outputs, **attributes))
        return outputs

    def name(self, value: str, name: str) -> None:
        """Gives a value the name that it has as an output of the graph."""
        self.nodes.append(helper.make_node("Identity", [value], [name]))

    def axes(self, operator: str, value: str, *axes: int, **attributes: Any) -> str:
        """Squeeze, Unsqueeze or a Reduce...: an operator whose second input is a list of axes."""
        return self.add(operator, value, self.constant(axes), **attributes)

    def scan(
        self,
        step: "Graph",
        inputs: Values,
        outputs: Values,
        states: Sequence[str],
        sequences: Sequence[str],
    ) -> list[str]:
        """A loop over the first axis of sequences: the last states, and each step's other outputs.

        `step` reads the states and a piece of each sequence, its `inputs` in that order, and gives
        the next states and whatever else are its `outputs`. It may read constants of this graph.
        """
        body = helper.make_graph(step.nodes, "step", _described(inputs), _described(outputs))
        attributes = {"body": body, "num_scan_inputs": len(sequences)}
        return self.add_several("Scan", len(outputs), *states, *sequences, **attributes)

    # ------------------------------------------------------------ constants

    def constant(self, value: Any, dtype: Any = np.int64) -> str:
        """A constant that is stored as it is; equal ones are one."""
        array = np.asarray(value, dtype)
        key = (array.tobytes(), array.dtype.str, array.shape)
        if key not in self._named:
            self._named[key] = self._store(f"constant_{len(self._named)}", array)
        return self._named[key]

    def weight(self, name: str, array: np.ndarray, axis: int = 0) -> str:
        """Weights, which are stored as `dtype` and computed with as float32.

        int8 has a scale for each index of an axis; a vector is then stored as float16.
        """
        if self.dtype == "float32":
            return self._store(name, np.asarray(array, np.float32))
        if self.dtype == "float16" or array.ndim == 1:
            return self.cast(self._store(name, halved(name, array)), np.float32)
        others = tuple(other for other in range(array.ndim) if other != axis)
        scale = np.abs(array).max(others) / LARGEST_INT8
        scale[scale == 0] = 1.0
        rounded = np.round(array / np.expand_dims(scale, others)).astype(np.int8)
        scales = self._store(f"{name}.scale", scale.astype(np.float32))
        return self.add("DequantizeLinear", self._store(name, rounded), scales, axis=axis)

    def whole(self, name: str, array: np.ndarray) -> str:
        """Whole numbers from 0, stored in as few bytes as hold them, and computed with as int64."""
        for kind in (np.uint8, np.int32, np.int64):
            if array.max(initial=0) <= np.iinfo(kind).max:
                return self.cast(self._store(name, array.astype(kind)), np.int64)
        raise OverflowError(f"{name} has numbers that no int64 holds")

    def cast(self, value: str, kind: Any) -> str:
        """A value as another type of numpy."""
        return self.add("Cast", value, to=helper.np_dtype_to_tensor_dtype(np.dtype(kind)))

    def _store(self, name: str, array: np.ndarray) -> str:
        self.constants[name] = numpy_helper.from_array(np.asarray(array, order="C"), name)
        return name

    # ------------------------------------------------------------ the whole

    def model(
        self,
        inputs: Values,
        outputs: Values,
        metadata: Mapping[str, str],
    ) -> bytes:
        """The content of an ONNX file.

        Inputs and outputs have a type of numpy and a shape, in which a text is any size.
        """
        graph = helper.make_graph(
            self.nodes,
            "charnn",
            _described(inputs),
            _described(outputs),
            list(self.constants.values()),
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="charnn",
            producer_version=__version__,
        )
        helper.set_model_props(model, dict(metadata))
        if model.ByteSize() > LARGEST:
            raise CharnnError(
                f"an ONNX file has at most {LARGEST:,} bytes, and this one would have "
                f"{model.ByteSize():,}; train a smaller model"
            )
        return model.SerializeToString(deterministic=True)


def halved(name: str, array: np.ndarray) -> np.ndarray:
    """Weights as float16. Raises CharnnError for those that are too large."""
    largest = np.finfo(np.float16).max
    if np.abs(array).max(initial=0) > largest:
        raise CharnnError(
            f"{name} has weights above {largest:,.0f}, which no float16 holds; choose float32"
        )
    return array.astype(np.float16)


def _described(values: Values) -> list[ValueInfoProto]:
    """Inputs or outputs as ONNX describes them."""
    return [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(kind)), shape)
        for name, (kind, shape) in values.items()
    ]
