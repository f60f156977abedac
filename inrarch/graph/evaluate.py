"""Evaluation of a graph in float64 with numpy: the judge of every other implementation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.errors import UserError, did_you_mean
from inrarch.graph.attributes import attributes_of
from inrarch.graph.shapes import dims_of
from inrarch.ops import operators

Array = np.ndarray[Any, np.dtype[Any]]
Operands = list[Array | None]
Disturb = Callable[[ir.Node, Operands], Operands]
"""What a node is given instead of its operands (the same shapes and types)."""


def evaluate(
    model: ir.Model,
    feeds: Mapping[str, np.ndarray[Any, Any]],
    *,
    wanted: Iterable[str] | None = None,
    disturb: Disturb | None = None,
) -> dict[str, Array]:
    """Values of a loaded model by name.

    Parameters
    ----------
    model:
        As `load_model` or `expand` or `optimize` return it (nodes in topological order).
    feeds:
        One array per graph input, of the input's shape. Floats of any width are computed in float64.
    wanted:
        Names of any values of the graph, initializers included; None means the outputs.
    disturb:
        Changes the operands of each node before it is computed (`inrarch.graph.uncertainty`); None leaves them.

    Raises UserError for missing, unknown or misshapen feeds and for unknown names.
    """
    graph = model.graph
    names = [value.name for value in graph.outputs] if wanted is None else list(wanted)
    _check_feeds(graph, feeds)
    values: dict[str, Array] = {value.name: _widened(np.asarray(feeds[value.name])) for value in graph.inputs}
    remaining = Counter(operand.name for node in graph for operand in node.inputs if operand is not None)
    remaining.update(names)
    known = operators()
    with np.errstate(all="ignore"):  # infinities and NaN are results like others
        for node in graph:
            operands = [None if value is None else _value(value, values) for value in node.inputs]
            if disturb is not None:
                operands = disturb(node, operands)
            try:
                results = known[node.op_type].evaluate(operands, attributes_of(node))
            except (ValueError, IndexError, MemoryError) as error:
                shapes = ", ".join(str(list(array.shape)) for array in operands if array is not None)
                raise UserError(
                    f"{node.op_type} cannot be computed on operands of shape {shapes}: {error}",
                    place=f"node {node.name!r}",
                ) from None
            for value, array in zip(node.outputs, results, strict=False):  # outputs at the end may be left out
                if remaining[value.name]:
                    values[value.name] = array
            for value in node.inputs:
                if value is not None:
                    remaining[value.name] -= 1
                    if not remaining[value.name]:
                        values.pop(value.name, None)
    for name in names:
        if name not in values and name in graph.initializers:
            values[name] = _value(graph.initializers[name], values)
    missing = [name for name in names if name not in values]
    if missing:
        raise UserError(
            f"there is no value named {missing[0]!r} in the graph",
            hint=did_you_mean(missing[0], [value.name for node in graph for value in node.outputs]),
        )
    return {name: values[name] for name in names}


def _value(value: ir.Value, values: dict[str, Array]) -> Array:
    """An array computed before, or a constant, which is widened at its first use."""
    if value.name not in values:
        values[value.name] = _widened(value.const_value.numpy())
    return values[value.name]


def _widened(array: Array) -> Array:
    return array.astype(np.float64) if np.issubdtype(array.dtype, np.floating) else array


def _check_feeds(graph: ir.Graph, feeds: Mapping[str, np.ndarray[Any, Any]]) -> None:
    expected = {value.name: dims_of(value) for value in graph.inputs}
    unknown = [name for name in feeds if name not in expected]
    if unknown:
        raise UserError(
            f"the graph has no input {unknown[0]!r}",
            expected="feeds for " + ", ".join(map(repr, expected)),
            hint=did_you_mean(unknown[0], expected),
        )
    for name, dims in expected.items():
        if name not in feeds:
            raise UserError(f"no array was given for the input {name!r}")
        shape = np.shape(feeds[name])
        if dims is not None and (
            len(dims) != len(shape)
            or any(isinstance(size, int) and size != given for size, given in zip(dims, shape, strict=True))
        ):
            wanted = ", ".join("any" if not isinstance(size, int) else str(size) for size in dims)
            raise UserError(f"the array for input {name!r} has shape {list(shape)}", expected=f"[{wanted}]")
