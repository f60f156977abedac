"""Writing nodes into a growing graph: names that recall where they come from, shapes, each distinct node once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.graph.shapes import Dims, broadcast, dims_of, matmul, same_shape, to_shape

Number = Fraction | int | float


class Emitter:
    """Collects the nodes and constants of a graph under construction.

    Equal nodes (operator, inputs, attributes; operands of Add and Mul in any order) are written once. Shapes and types
    of the results are set from those of the operands. Names start with the scope and never repeat.
    """

    def __init__(self, taken: Sequence[str] = ()) -> None:
        self.nodes: list[ir.Node] = []
        self.constants: list[ir.Value] = []
        self._names = set(taken)
        self._last_number: dict[str, int] = {}  # by name: the search for a free one does not start again
        self._scope = "taylor"
        self._known: dict[Any, ir.Value] = {}
        self._temporary: set[int] = set()

    def enter(self, scope: str) -> None:
        """Names of the following nodes start with this."""
        self._scope = scope

    def unique(self, name: str) -> str:
        """This name, or this name with a number after a point; taken from now on."""
        candidate = name
        while candidate in self._names:
            self._last_number[name] = self._last_number.get(name, 0) + 1
            candidate = f"{name}.{self._last_number[name]}"
        self._names.add(candidate)
        return candidate

    def append(self, node: ir.Node) -> None:
        """Add a node that exists already (its names are known to be taken)."""
        self.nodes.append(node)

    def apply(
        self,
        operator: str,
        inputs: Sequence[ir.Value | None],
        attributes: Mapping[str, Any] | None = None,
        *,
        dims: Dims | None = None,
        dtype: ir.DataType | None = None,
        fresh: bool = False,
    ) -> ir.Value:
        """One node; its result has the shape `dims` and the given type, or that of the first input.

        `fresh` writes it even where there is an equal one.
        """
        key = _key(operator, inputs, attributes)
        known = self._known.get(key)
        if known is not None and not fresh:
            return known
        name = self.unique(f"{self._scope}/{operator}")
        node = ir.node(operator, inputs, attributes or {}, name=name)
        node.version = None
        result: ir.Value = node.outputs[0]
        result.name = self.unique(f"{name}_output")
        result.shape = to_shape(dims)
        if dtype is None:
            first = next(value for value in inputs if value is not None)
            result.type = first.type
        else:
            result.type = ir.TensorType(dtype)
        self.nodes.append(node)
        self._known[key] = result
        self._temporary.add(id(result))
        return result

    def name(self, value: ir.Value, node_name: str, value_name: str) -> None:
        """Give the result of a node written here its final name; a value that has one already keeps it."""
        if id(value) in self._temporary:
            self._temporary.remove(id(value))
            self._names -= {value.name, value.producer().name}
            value.name = self.unique(value_name)
            value.producer().name = self.unique(node_name)

    def is_known(self, operator: str, inputs: Sequence[ir.Value | None]) -> bool:
        """Whether this node (without attributes) would cost nothing because it is there."""
        return _key(operator, inputs, None) in self._known

    def constant(self, array: np.ndarray[Any, Any], name: str) -> ir.Value:
        """An initializer; equal arrays under equal names are stored once."""
        key = ("constant", name, array.dtype.str, array.shape, array.tobytes())
        if key not in self._known:
            unique = self.unique(name)
            value = ir.Value(
                name=unique,
                shape=ir.Shape(array.shape),
                type=ir.TensorType(ir.DataType.from_numpy(array.dtype)),
                const_value=ir.Tensor(array, name=unique),
            )
            self.constants.append(value)
            self._known[key] = value
        return self._known[key]

    def number(self, number: Number, like: ir.Value) -> ir.Value:
        """A scalar initializer of the same type as `like`."""
        array = np.asarray(float(number), dtype=like.dtype.numpy())
        return self.constant(array, f"number_{float(number) + 0.0:g}")

    def elementwise(self, operator: str, *inputs: ir.Value, dtype: ir.DataType | None = None) -> ir.Value:
        """An element-wise operator with broadcasting."""
        return self.apply(operator, inputs, dims=broadcast(map(dims_of, inputs)), dtype=dtype)

    def add(self, a: ir.Value, b: ir.Value) -> ir.Value:
        """a + b."""
        return self.elementwise("Add", a, b)

    def subtract(self, a: ir.Value, b: ir.Value) -> ir.Value:
        """a - b."""
        return self.elementwise("Sub", a, b)

    def multiply(self, a: ir.Value, b: ir.Value) -> ir.Value:
        """a x b, element by element."""
        return self.elementwise("Mul", a, b)

    def negate(self, value: ir.Value) -> ir.Value:
        """-value."""
        return self.elementwise("Neg", value)

    def scale(self, value: ir.Value, number: Number) -> ir.Value:
        """number x value; nothing for 1, Neg for -1."""
        if number == 1:
            return value
        if number == -1:
            return self.negate(value)
        return self.multiply(value, self.number(number, value))

    def cast(self, value: ir.Value, to: ir.DataType) -> ir.Value:
        """The value in another type; nothing where it has it."""
        if value.dtype == to:
            return value
        return self.apply("Cast", (value,), {"to": to.value}, dims=dims_of(value), dtype=to)

    def matmul(self, a: ir.Value, b: ir.Value) -> ir.Value:
        """MatMul(a, b)."""
        return self.apply("MatMul", (a, b), dims=matmul(dims_of(a), dims_of(b)))

    def shape(self, value: ir.Value) -> ir.Value:
        """Shape(value): int64 vector."""
        dims = dims_of(value)
        return self.apply("Shape", (value,), dims=None if dims is None else (len(dims),), dtype=ir.DataType.INT64)

    def full(self, coefficient: ir.Value, like: ir.Value) -> ir.Value:
        """The coefficient with exactly the shape of `like`, to which it must be broadcastable."""
        if same_shape(dims_of(coefficient), dims_of(like)):
            return coefficient
        return self.apply("Expand", (coefficient, self.shape(like)), dims=dims_of(like))

    def full_along(self, coefficient: ir.Value, like: ir.Value, axes: Sequence[int]) -> ir.Value:
        """The coefficient with the rank of `like` and its size along these axes; other axes may still have size 1."""
        given, wanted = dims_of(coefficient), dims_of(like)
        if given is not None and wanted is not None and len(given) == len(wanted):
            along = [axis % len(wanted) for axis in axes]
            if same_shape(tuple(given[a] for a in along), tuple(wanted[a] for a in along)):
                return coefficient
        return self.full(coefficient, like)

    def zeros(self, like: ir.Value, *, fresh: bool = False) -> ir.Value:
        """Zeros with the shape of `like`."""
        zero = self.number(0, like)
        return self.apply("Expand", (zero, self.shape(like)), dims=dims_of(like), fresh=fresh)


def _key(operator: str, inputs: Sequence[ir.Value | None], attributes: Mapping[str, Any] | None) -> Any:
    operands = [id(value) for value in inputs]
    if operator in ("Add", "Mul"):
        operands.sort()
    listed = sorted((name, repr(value)) for name, value in attributes.items()) if attributes else ()
    return operator, tuple(operands), tuple(listed)
