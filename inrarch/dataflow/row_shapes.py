"""Which part of a tensor belongs to one row of the batch, and how a stream carries it.

The batch is all axes of a model input but the last. A tensor [batch, a, b, F] is a stream of a*b rows of F features per
row of the batch. Shapes may follow from the size of the batch (a Reshape to the shape of another tensor), so the graph
is run on a batch of a prime size that divides no other size: what this prime divides has the batch in it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx_ir as ir

from inrarch.errors import UserError
from inrarch.graph.attributes import attributes_of
from inrarch.graph.shapes import dims_of
from inrarch.numeric.view import is_arithmetic, name_of
from inrarch.ops import operators

Shape = tuple[int, ...]
_LEAST_PRIME = 5


@dataclass(frozen=True, slots=True)
class RowShape:
    """A stream: `repeat` rows of `features` per row of the batch.

    repeat: 0 for a tensor without the batch (a sum over it): one row per invocation, of all its elements.
    """

    repeat: int
    features: int

    @property
    def elements(self) -> int:
        """Numbers per row of the batch, or per invocation where repeat is 0."""
        return max(self.repeat, 1) * self.features


@dataclass(frozen=True, slots=True)
class Sizes:
    """Shapes of all values of a graph at one size of the batch.

    rows: of the batch, over all its axes. shapes: by value name. integers: values that are computed from shapes.
    """

    rows: int
    shapes: Mapping[str, Shape]
    integers: Mapping[str, npt.NDArray[np.int64]]

    def row_shape(self, name: str) -> RowShape | None:
        """How a stream carries a value; None where the rows of the batch are not its first axes."""
        shape = self.shapes[name]
        size = math.prod(shape)
        if size % self.rows:
            return RowShape(0, size)
        axes = next((k for k in range(len(shape) + 1) if math.prod(shape[:k]) == self.rows), None)
        if axes is None or size == 0:
            return None
        features = shape[-1] if axes < len(shape) else 1
        return RowShape(size // (self.rows * features), features)


def row_shapes(model: ir.Model) -> dict[str, RowShape]:
    """The row shape of every input and computed value that can be a stream, by name; `stream_shape` has the error."""
    sizes = sizes_of(model)
    found = {name: sizes.row_shape(name) for name in sizes.shapes}
    return {name: shape for name, shape in found.items() if shape is not None}


def stream_shape(sizes: Sizes, name: str, place: str) -> RowShape:
    """The row shape of a value. Raises UserError where its layout cannot be a stream. place: begins the message."""
    shape = sizes.row_shape(name)
    if shape is None:
        raise UserError(
            f"tensor {name!r} has shape {_shown(sizes, name)}, in which the rows of the batch do not come first",
            place=place,
            expected="[batch, …, features]: a stream carries one row of the batch after the other",
        )
    return shape


def sizes_of(model: ir.Model) -> Sizes:
    """Shapes of all values for a small batch, or for the model's own where its size is fixed.

    Raises UserError for an input without a batch axis or with coordinates of unknown number.
    """
    fixed = {size for value in _values(model) for size in dims_of(value) or () if isinstance(size, int)}
    batch = _prime(_LEAST_PRIME, fixed)
    inner = _prime(batch + 1, fixed)
    arrays: dict[str, npt.NDArray[np.float64] | npt.NDArray[np.int64]] = {}
    rows = 1
    for value in model.graph.inputs:
        dims = dims_of(value)
        if dims is None or len(dims) < 2 or not isinstance(dims[-1], int):
            shown = "unknown" if dims is None else [dim if dim is not None else "?" for dim in dims]
            raise UserError(
                f"tensor {value.name!r} has shape {shown}",
                place=f"input {value.name!r}",
                expected="rows and a known number of features, [rows, …, features]",
            )
        shape = [dim if isinstance(dim, int) else inner if axis else batch for axis, dim in enumerate(dims)]
        rows = math.prod(shape[:-1])
        arrays[name_of(value)] = np.zeros(shape)
    shapes: dict[str, Shape] = {name: array.shape for name, array in arrays.items()}
    integers: dict[str, npt.NDArray[np.int64]] = {}
    for name, value in model.graph.initializers.items():
        if value.const_value is not None:
            arrays[name] = value.const_value.numpy()
    last_use = {
        name_of(value): index for index, node in enumerate(model.graph) for value in node.inputs if value is not None
    }
    with np.errstate(all="ignore"):  # a row of zeros may be a pole
        for index, node in enumerate(model.graph):
            given = [None if value is None else arrays[name_of(value)] for value in node.inputs]
            results = operators()[node.op_type].evaluate(given, attributes_of(node))
            for value, array in zip(node.outputs, results, strict=False):
                shapes[name_of(value)] = array.shape
                arrays[name_of(value)] = array
                if not is_arithmetic(node):
                    integers[name_of(value)] = array
            for name in {name_of(value) for value in node.inputs if value is not None}:
                if last_use[name] == index:
                    del arrays[name]
    return Sizes(rows, shapes, integers)


def _values(model: ir.Model) -> list[ir.Value]:
    made = [value for node in model.graph for value in node.outputs]
    return [*model.graph.inputs, *model.graph.initializers.values(), *made]


def _prime(least: int, sizes: set[int]) -> int:
    """The first prime from `least` on that divides none of the sizes."""
    number = least
    while any(number % k == 0 for k in range(2, math.isqrt(number) + 1)) or any(s and s % number == 0 for s in sizes):
        number += 1
    return number


def _shown(sizes: Sizes, name: str) -> str:
    """The shape, with N for the rows of the batch."""
    return "[" + ", ".join("N" if size == sizes.rows else str(size) for size in sizes.shapes[name]) + "]"
