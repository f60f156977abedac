"""Some columns of a model's outputs: what the others need is not computed at all.

A column is an entry of an output's last axis. The choice is carried from the output towards the inputs: through
element-wise operators, up to matrix products with constant weights, of which only those columns are kept. Where it
meets anything else, the columns are cut out there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.assemble import assemble, copied, names_of
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.shaping import cut
from inrarch.errors import UserError, did_you_mean
from inrarch.graph.attributes import attributes_of
from inrarch.graph.shapes import Dims, dims_of
from inrarch.ops import operators

Columns = Mapping[str, Sequence[int]]
"""Columns by output, in the order wanted."""


def with_columns(model: ir.Model, columns: Columns, whole: Collection[str] = ()) -> ir.Model:
    """The same model, with just these columns of its outputs; weights that are not cut are shared.

    columns: checked against the model. whole: weights that must not be cut, because derivatives by them are wanted. The
    given model itself when there are no columns.
    """
    if not columns:
        return model
    source = model.graph
    emit = Emitter(names_of(source))
    values = {value: copied(value) for value in [*source.inputs, *source.initializers.values()]}
    for node in source:
        operands = [None if value is None else values[value] for value in node.inputs]
        outputs = [copied(value, emit.unique(value.name) if value.name in columns else None) for value in node.outputs]
        emit.append(ir.Node("", node.op_type, operands, node.attributes, outputs=outputs, name=node.name))
        values.update(zip(node.outputs, outputs, strict=True))
    results: list[ir.Value] = []
    for value in source.outputs:
        result = values[value]
        if value.name in columns:
            emit.enter(value.name)
            chosen = _Columns(emit, tuple(columns[value.name]), whole)
            result = emit.apply("Identity", (chosen.of(result),), dims=chosen.dims(result), fresh=True)
            result.name = value.name
        results.append(result)
    inputs = [values[value] for value in source.inputs]
    weights = [values[value] for value in source.initializers.values()]
    return assemble(emit, inputs, weights, results, source.name)


def check_columns(graph: ir.Graph, columns: Columns, place: str | None) -> None:
    """Raises UserError where an output or a column does not exist, or is listed twice."""
    sizes = {value.name: (dims_of(value) or (None,))[-1] for value in graph.outputs if value not in graph.inputs}
    for name, chosen in columns.items():
        if name not in sizes:
            raise UserError(
                f"columns names {name!r}, which is not an output of the model",
                place=place,
                expected="one of " + ", ".join(map(repr, sizes)),
                hint=did_you_mean(name, sizes),
            )
        size = sizes[name]
        if not isinstance(size, int):
            raise UserError(
                f"columns of {name!r}: their number is not known", place=place, expected="a known last axis"
            )
        given: Any = chosen  # what a person wrote
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise UserError(f"columns of {name!r} are {given!r}", place=place, expected="a list of numbers")
        numbers = all(isinstance(each, int) and not isinstance(each, bool) and 0 <= each < size for each in chosen)
        if not numbers or not chosen or len(set(chosen)) < len(chosen):
            raise UserError(
                f"columns of {name!r} are {list(chosen)!r}",
                place=place,
                expected=f"numbers from 0 to {size - 1}, each once",
            )


@dataclass(frozen=True, slots=True)
class _Columns:
    """Columns of values in a growing graph."""

    emit: Emitter
    columns: tuple[int, ...]
    whole: Collection[str]
    done: dict[ir.Value, ir.Value] = field(default_factory=dict)

    def of(self, value: ir.Value) -> ir.Value:
        """These columns of a value whose last axis has all of them."""
        if value not in self.done:
            self.done[value] = self._of(value)
        return self.done[value]

    def dims(self, value: ir.Value) -> Dims | None:
        """The shape of `of`."""
        dims = dims_of(value)
        return None if dims is None else (*dims[:-1], len(self.columns))

    def _of(self, value: ir.Value) -> ir.Value:
        if value.const_value is not None and value.name not in self.whole:
            array = value.const_value.numpy()
            return self.emit.constant(np.take(array, self.columns, axis=-1), f"{value.name}_columns")
        node = value.producer()
        if node is None:
            return self._sliced(value)
        inputs, dims = list(node.inputs), self.dims(value)
        attributes = attributes_of(node)
        if node.op_type in ("MatMul", "Gemm") and self._is_matrix(inputs[1]):
            weight = inputs[1]
            rows = node.op_type == "Gemm" and attributes.get("transB", 0)
            kept = np.take(weight.const_value.numpy(), self.columns, axis=0 if rows else -1)
            inputs[1] = self.emit.constant(kept, f"{weight.name}_columns")
            inputs[2:] = [self._broadcast(each, value) for each in inputs[2:]]
            return self.emit.apply(node.op_type, inputs, attributes, dims=dims)
        if operators()[node.op_type].elementwise:
            inputs = [self._broadcast(each, value) for each in inputs]
            return self.emit.apply(node.op_type, inputs, attributes, dims=dims, dtype=value.dtype)
        return self._sliced(value)

    def _is_matrix(self, value: ir.Value) -> bool:
        """Whether it is a weight that may be cut."""
        return value.const_value is not None and len(dims_of(value) or ()) == 2 and value.name not in self.whole

    def _broadcast(self, operand: ir.Value | None, result: ir.Value) -> ir.Value | None:
        """The columns of an operand, unless it has one for all."""
        dims = dims_of(operand) if operand is not None else ()
        if operand is None or dims == () or (dims is not None and dims[-1] == 1):
            return operand
        return self.of(operand)

    def _sliced(self, value: ir.Value) -> ir.Value:
        """Cut out, a run of neighbours at a time."""
        runs: list[list[int]] = []
        for column in self.columns:
            if runs and runs[-1][1] == column:
                runs[-1][1] += 1
            else:
                runs.append([column, column + 1])
        pieces = [cut(self.emit, value, -1, start, end) for start, end in runs]
        return pieces[0] if len(pieces) == 1 else self.emit.apply("Concat", pieces, {"axis": -1}, dims=self.dims(value))
