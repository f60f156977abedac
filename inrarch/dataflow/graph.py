"""What the mapping needs to know of a graph, and the refusal of what has no hardware yet."""

from __future__ import annotations

import math
from dataclasses import dataclass

import onnx_ir as ir

from inrarch.dataflow.constants import constant_outputs
from inrarch.errors import UserError
from inrarch.graph.shapes import Dims, dims_of
from inrarch.numeric.view import MATMULS, POINTWISE, bias_of, name_of, operands, why_not_in_hardware

SUPPORTED = ("Identity", *MATMULS, *POINTWISE)


@dataclass(frozen=True, slots=True)
class View:
    """The nodes that the outputs need and that depend on an input, in topological order, checked to be mappable.

    level: per value name, the number of matmuls on the longest way to it from an input; constants are not in it.
    """

    model: ir.Model
    nodes: tuple[ir.Node, ...]
    level: dict[str, int]

    def is_variable(self, value: ir.Value) -> bool:
        """Whether the value depends on an input."""
        return name_of(value) in self.level

    def variables(self, node: ir.Node) -> list[ir.Value]:
        """The operands of a node that depend on an input, in order, once each."""
        found = {name_of(value): value for value in operands(node) if self.is_variable(value)}
        return list(found.values())


def view_graph(model: ir.Model) -> View:
    """Look at an optimized graph (the canonical form that `inrarch.graph.passes` writes).

    Raises UserError naming the node, its operator, and what is mapped, where a node has no hardware; for outputs that
    are constant; for inputs that no output needs.
    """
    level = {name_of(value): 0 for value in model.graph.inputs}
    for node in model.graph:
        depths = [level[name_of(value)] for value in operands(node) if name_of(value) in level]
        if depths and node.op_type != "Shape":
            for value in node.outputs:
                level[name_of(value)] = max(depths) + (node.op_type in MATMULS)
    constant = [name_of(output) for output in model.graph.outputs if name_of(output) not in level]
    if constant:
        raise constant_outputs(model, constant)
    needed: set[str] = set()
    for output in model.graph.outputs:
        if output.dtype == ir.DataType.BOOL:
            raise UserError(f"output {output.name!r} is a truth value", expected="numbers")
        needed.add(name_of(output))
    live: list[ir.Node] = []
    for node in reversed(list(model.graph)):
        if any(name_of(value) in needed and name_of(value) in level for value in node.outputs):
            live.append(node)
            needed.update(name_of(value) for value in operands(node))
    view = View(model, tuple(reversed(live)), level)
    for value in model.graph.inputs:
        if name_of(value) not in needed:
            raise UserError(f"no output depends on input {value.name!r}", hint="take it out of the model")
        features_of(value, f"input {value.name!r}")
    for node in view.nodes:
        _check_node(view, node)
    return view


def place_of(node: ir.Node) -> str:
    """How error messages name a node."""
    return f"node {node.name!r}"


def features_of(value: ir.Value, place: str) -> int:
    """The length of a tensor's last axis. Raises UserError where it is unknown or there is no row axis."""
    dims = dims_of(value)
    if dims is None or len(dims) < 2 or not isinstance(dims[-1], int):
        shown = "unknown" if dims is None else [dim if dim is not None else "?" for dim in dims]
        raise UserError(
            f"tensor {value.name!r} has shape {shown}",
            place=place,
            expected="rows and a known number of features, [rows, …, features]",
        )
    return dims[-1]


def _check_node(view: View, node: ir.Node) -> None:
    place = place_of(node)
    if node.op_type not in SUPPORTED:
        raise UserError(
            f"{node.op_type} of a computed tensor is not mapped to hardware yet",
            place=place,
            expected="one of " + " ".join(sorted(SUPPORTED)),
            hint=why_not_in_hardware(node.op_type),
        )
    if node.op_type in MATMULS:
        _check_matmul(view, node, place)
    else:
        _check_pointwise(view, node, place)


def _check_matmul(view: View, node: ir.Node, place: str) -> None:
    x, weight = operands(node)
    if view.is_variable(weight):
        both = view.is_variable(x)
        raise UserError(
            f"{node.op_type} of two computed tensors is not mapped to hardware yet"
            if both
            else f"{node.op_type} with the constant as left operand is not mapped to hardware yet",
            place=place,
            expected="a computed left operand and a constant right operand",
        )
    bias = bias_of(node)
    if bias is not None and bias.const_value is None:
        raise UserError("the bias is not a constant", place=place, expected="a constant of one number per feature")
    features_of(x, place)
    features_of(node.outputs[0], place)


def _check_pointwise(view: View, node: ir.Node, place: str) -> None:
    output = node.outputs[0]
    features = features_of(output, place)
    rows = _rows(output)
    for value in operands(node):
        if view.is_variable(value):
            if features_of(value, place) != features or not _same_rows(_rows(value), rows):
                raise UserError(
                    f"{node.op_type} repeats {value.name!r} of shape {_shown(value)} over {_shown(output)}: "
                    "repetition of a computed tensor is not mapped to hardware yet",
                    place=place,
                    expected="computed operands of equal shapes, constants of one number or one per feature",
                )
        else:
            dims = dims_of(value) or ()
            sizes = [dim for dim in dims if isinstance(dim, int)]
            if math.prod(sizes) != 1 and not (dims[-1] == features and math.prod(sizes) == features):
                raise UserError(
                    f"constant {value.name!r} of shape {_shown(value)} differs from row to row",
                    place=place,
                    expected=f"one number, or one per feature ({features})",
                )


def _rows(value: ir.Value) -> Dims:
    return (dims_of(value) or ())[:-1]


def _same_rows(one: Dims, other: Dims) -> bool:
    """Whether the row axes agree; sizes that are only known by name, or not at all, are taken to agree."""
    return len(one) == len(other) and all(
        a == b or not (isinstance(a, int) and isinstance(b, int)) for a, b in zip(one, other, strict=True)
    )


def _shown(value: ir.Value) -> str:
    return str([dim if dim is not None else "?" for dim in dims_of(value) or ()])
