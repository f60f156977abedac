"""Changing a graph safely: new nodes with names, types and shapes; replacing results; sweeping rules over all nodes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.graph.shapes import Dims, broadcast, dims_of, matmul, permute, to_shape

Array = np.ndarray[Any, Any]
_NUMBER = re.compile(r"\.\d+$")
ARITHMETIC = frozenset({"Add", "Sub", "Mul", "Div"})
# fmt: off
FUNCTIONS = frozenset({
    "Abs", "Acos", "Asin", "Atan", "Celu", "Cos", "Cosh", "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSwish",
    "LeakyRelu", "Log", "Mish", "Neg", "Reciprocal", "Relu", "Selu", "Sigmoid", "Sign", "Sin", "Sinh", "Softplus",
    "Softsign", "Sqrt", "Tan", "Tanh",
})
# fmt: on
"""Element by element, of one operand and of its type; some have attributes."""
ELEMENTWISE = ARITHMETIC | FUNCTIONS

Rule = Callable[["Editor", ir.Node], ir.Value | None]
"""Looks at one node; returns the value that replaces its only result, or None where the rule does not apply."""


def sweep(model: ir.Model, rules: Mapping[str, Sequence[Rule]]) -> int:
    """Apply rules (by operator, the first that fits wins) to every node in order, and again to the nodes they make.

    Rules see a node after its operands were rewritten, so chains collapse in one sweep. Returns the number of rewrites.
    """
    editor = Editor(model.graph)
    changes = 0
    for node in model.graph:
        if node.op_type not in rules:
            continue
        pending = [node]
        while pending:
            current = pending.pop()
            if current.graph is None or current.domain:
                continue
            for rule in rules.get(current.op_type, ()):
                replacement = rule(editor, current)
                if replacement is not None:
                    editor.replace(current, replacement)
                    pending.extend(reversed(editor.take_new_nodes()))
                    changes += 1
                    break
    return changes


class Editor:
    """Writes into one graph. Names are derived from the result that is being replaced, so they stay recognisable."""

    def __init__(self, graph: ir.Graph) -> None:
        self._graph = graph
        self._names: set[str] = set()
        self._copies: Counter[str] = Counter()
        self._new_nodes: list[ir.Node] = []
        self._new_values: set[ir.Value] = set()
        self._derived: dict[tuple[ir.Value, Hashable], ir.Value | None] = {}

    def take_new_nodes(self) -> list[ir.Node]:
        """The nodes inserted since the last call, in order."""
        nodes, self._new_nodes = self._new_nodes, []
        return nodes

    def insert(
        self,
        before: ir.Node,
        operator: str,
        *inputs: ir.Value | None,
        attributes: Mapping[str, Any] | None = None,
        dims: Dims | None = None,
    ) -> ir.Value:
        """A new node in front of another one; its result has the type of the first input.

        The shape is worked out for element-wise operators, MatMul, Gemm and Transpose, and otherwise is `dims`.
        """
        node = ir.node(operator, inputs, attributes or {})
        node.version = None
        result: ir.Value = node.outputs[0]
        result.type = next(value.type for value in inputs if value is not None)
        result.shape = to_shape(dims or _result_dims(operator, inputs, attributes or {}))
        name = self._unique(f"{_stem(before.outputs[0])}/{operator}")
        node.name = result.name = name
        self._graph.insert_before(before, node)
        self._new_nodes.append(node)
        self._new_values.add(result)
        return result

    def constant(self, array: Array, like: ir.Value, *, name: str) -> ir.Value:
        """A new initializer with the float or integer type of `like`, rounded once. Equal ones are merged later."""
        assert like.dtype is not None, f"{like.name} has no type"
        return self._constant(array, like.dtype, name)

    def sizes(self, sizes: Sequence[int]) -> ir.Value:
        """A new initializer that lists sizes or axes."""
        return self._constant(np.array(sizes), ir.DataType.INT64, "sizes")

    def truths(self, truths: Array) -> ir.Value:
        """A new initializer of truth values."""
        return self._constant(truths, ir.DataType.BOOL, "truths")

    def _constant(self, array: Array, dtype: ir.DataType, name: str) -> ir.Value:
        rounded = np.asarray(array, dtype=dtype.numpy(), order="C")
        unique = self._unique(name)
        value = ir.Value(
            name=unique,
            shape=ir.Shape(rounded.shape),
            type=ir.TensorType(dtype),
            const_value=ir.Tensor(rounded, name=unique),
        )
        self._graph.initializers.add(value)
        self._new_values.add(value)
        return value

    def derived(
        self, source: ir.Value, key: Hashable, compute: Callable[[], Array | None], *, name: str
    ) -> ir.Value | None:
        """A new initializer computed from another one, once for each key: all products with a weight share it.

        None where `compute` returns None.
        """
        if (source, key) not in self._derived:
            array = compute()
            self._derived[source, key] = None if array is None else self.constant(array, source, name=name)
        return self._derived[source, key]

    def drop(self, constant: ir.Value) -> bool:
        """Remove an initializer that nothing uses any more, with its array; returns whether it has gone."""
        if _is_wanted(constant) or constant.is_graph_input():
            return False
        del self._graph.initializers[constant.name]
        constant.const_value = None  # the value may be part of a cycle, which Python collects late
        return True

    def number(self, number: float, like: ir.Value) -> ir.Value:
        """A scalar initializer of the type of `like`."""
        return self.constant(np.asarray(number), like, name=f"number_{number + 0.0:g}")

    def replace(self, node: ir.Node, replacement: ir.Value) -> None:
        """Make `replacement` stand where the node's only result stood; remove the node and what nothing uses any more.

        A new replacement takes the old name; that of a graph output always stays. Where the replacement cannot take it
        (it is an input, a constant or another output), an Identity remains between them.
        """
        old = node.outputs[0]
        if replacement.shape is None:
            replacement.shape = old.shape
        if old.is_graph_output():
            replacement = self._take_over_output(node, replacement)
        elif replacement in self._new_values:
            self._rename(replacement, node, old)
        old.replace_all_uses_with(replacement)
        self._new_values.clear()
        self.remove(node)

    def remove(self, node: ir.Node) -> None:
        """Remove an unused node, and the nodes before it that nothing else uses."""
        doomed = [node]
        while doomed:
            current = doomed.pop()
            operands = [value for value in current.inputs if value is not None]
            self._graph.remove(current, safe=True)
            for producer in dict.fromkeys(value.producer() for value in operands):
                if producer is not None and producer.graph is not None and not any(map(_is_wanted, producer.outputs)):
                    doomed.append(producer)

    def _take_over_output(self, node: ir.Node, replacement: ir.Value) -> ir.Value:
        old = node.outputs[0]
        if replacement.producer() is None or replacement.is_graph_output():
            replacement = self.insert(node, "Identity", replacement, dims=dims_of(old))
            self._new_nodes.pop()
        for position, output in enumerate(self._graph.outputs):
            if output is old:
                self._graph.outputs[position] = replacement
        replacement.shape = old.shape
        self._rename(replacement, node, old)
        return replacement

    def _rename(self, replacement: ir.Value, node: ir.Node, old: ir.Value) -> None:
        """Exchange the names of two results and of their nodes."""
        replaced, given = replacement.name, old.name
        old.name = self._unique(f"{given}.old")
        replacement.name = given
        old.name = replaced
        producer = replacement.producer()
        if producer is not None:
            producer.name, node.name = node.name, producer.name

    def _unique(self, name: str) -> str:
        if not self._names:
            self._names = _names_in(self._graph)
        candidate, stem = name, _NUMBER.sub("", name)
        while candidate in self._names:
            self._copies[stem] += 1
            candidate = f"{stem}.{self._copies[stem]}"
        self._names.add(candidate)
        return candidate


def _is_wanted(value: ir.Value) -> bool:
    return bool(value.uses()) or value.is_graph_output()


def _stem(value: ir.Value) -> str:
    """The name without its last part, the operator: names do not grow with every rewrite."""
    name = value.name or "value"
    return name.rpartition("/")[0] or name


def _names_in(graph: ir.Graph) -> set[str]:
    names = {value.name for value in graph.inputs if value.name} | set(graph.initializers)
    for node in graph:
        names.add(node.name or "")
        names.update(value.name or "" for value in node.outputs)
    return names


def _result_dims(operator: str, inputs: Sequence[ir.Value | None], attributes: Mapping[str, Any]) -> Dims | None:
    shapes = [None if value is None else dims_of(value) for value in inputs]
    if operator in ELEMENTWISE:
        return broadcast(shapes)
    if operator in ("MatMul", "Gemm"):
        return matmul(shapes[0], shapes[1])
    if operator == "Transpose" and isinstance(attributes.get("perm"), Sequence):
        return permute(shapes[0], attributes["perm"])
    return None
