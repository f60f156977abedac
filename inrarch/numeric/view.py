"""What the number formats need to know of a graph: which nodes compute with fixed point, on which operands."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import onnx_ir as ir

from inrarch.errors import UserError
from inrarch.graph.attributes import attributes_of
from inrarch.graph.lowering.powers import constant_exponent
from inrarch.graph.passes.patterns import is_float
from inrarch.numeric.functions import power_name, table_functions
from inrarch.ops import operators


def _in_hardware(kind: str) -> tuple[str, ...]:
    """The operators that hardware has in units of a kind (`inrarch.ops.operator.Hardware`)."""
    return tuple(each.name for each in operators().values() if each.hardware.kind == kind and each.hardware.direct)


MATMULS = _in_hardware("matmul")
TABLES = (*(name.capitalize() for name in table_functions()), "Pow")
"""Functions of one number: one table each, of a Pow one for each constant exponent."""
TRUTHS = ("Greater", "Equal", "Not", "And", "Or", "Xor")
"""Operators that give truth values: wires of one bit inside a pointwise region."""
POINTWISE = _in_hardware("pointwise")
STRUCTURAL = _in_hardware("reorder")
SUMS = _in_hardware("reduce")
SUPPORTED = (*MATMULS, *POINTWISE, *STRUCTURAL, *SUMS)

_PLAIN_GEMM = {"alpha": 1, "beta": 1, "transA": 0, "transB": 0}
INTEGERS = (ir.DataType.INT64, ir.DataType.INT32)


def name_of(value: ir.Value | None) -> str:
    """The name of a value, which every value of a loaded model has."""
    return "" if value is None else str(value.name)


def is_arithmetic(node: ir.Node) -> bool:
    """Whether the node computes with fixed-point numbers; the others compute shapes and are evaluated as they are."""
    return node.op_type != "Shape" and node.outputs[0].dtype not in INTEGERS


def operands(node: ir.Node) -> list[ir.Value]:
    """The inputs on the data path: no shapes, axes or bounds of structural nodes and sums, no bias, no exponent."""
    values = [value for value in node.inputs if value is not None]
    if node.op_type == "Pow":
        return values[:1]
    if node.op_type in (*STRUCTURAL, *SUMS) and node.op_type != "Concat":
        return values[:1]
    return values[:2] if node.op_type in MATMULS else values


def function_of(node: ir.Node) -> str:
    """The name of the function whose table the node (one of `TABLES`) reads."""
    if node.op_type != "Pow":
        return str(node.op_type.lower())
    exponent = constant_exponent(node)
    assert exponent is not None  # check_supported has seen to it
    return power_name(exponent)


def bias_of(node: ir.Node) -> ir.Value | None:
    """The bias of a Gemm, if it has one."""
    return node.inputs[2] if node.op_type == "Gemm" and len(node.inputs) > 2 else None


def is_batch_product(node: ir.Node) -> bool:
    """Whether the node is left^T right of two computed tensors [rows, A] and [rows, B]: a sum over the rows."""
    return (
        node.op_type == "Gemm"
        and attributes_of(node) == {"transA": 1}
        and len(node.inputs) == 2
        and all(value is not None and value.const_value is None for value in node.inputs)
    )


def is_batch_sum(node: ir.Node) -> bool:
    """Whether the node sums over axis 0, which may be the batch: a batch product, or a ReduceSum over axis 0 alone."""
    if node.op_type not in SUMS:
        return is_batch_product(node)
    axes = node.inputs[1].const_value if len(node.inputs) > 1 and node.inputs[1] is not None else None
    return axes is not None and axes.numpy().reshape(-1).tolist() == [0]


def constant_array(value: ir.Value) -> npt.NDArray[np.float64] | None:
    """A constant's numbers as float64, or None for a computed value."""
    return None if value.const_value is None else np.asarray(value.const_value.numpy(), dtype=np.float64)


def why_not_in_hardware(operator: str) -> str | None:
    """What the operator says of itself, where it is one that hardware does not have."""
    known = operators().get(operator)
    if known is None:
        return None
    if known.hardware.written:
        return f"{operator}: the stage optimize writes it with {known.hardware.written}"
    return f"{operator}: {known.hardware.reason}" if known.hardware.reason else None


def check_supported(model: ir.Model) -> None:
    """UserError naming the first node that has no fixed-point arithmetic, and what is supported."""
    for node in model.graph:
        place = f"node {node.name!r}"
        if not is_arithmetic(node):
            _check_integers(node, place)
            continue
        if node.op_type not in SUPPORTED:
            raise UserError(
                f"operator {node.op_type!r} has no fixed-point arithmetic",
                place=place,
                expected="one of " + " ".join(sorted(SUPPORTED)),
                hint=why_not_in_hardware(node.op_type),
            )
        if node.op_type == "Pad" and _fills(node):
            raise UserError("Pad fills with other numbers than 0", place=place, expected="mode constant, value 0")
        if node.op_type == "Cast" and not is_float(node.inputs[0]):
            raise UserError(
                f"Cast of truth values or whole numbers {name_of(node.inputs[0])!r}",
                place=place,
                expected="floating-point numbers",
                hint="the stage optimize writes Cast of truth values with Where",
            )
        if node.op_type == "Pow" and constant_exponent(node) is None:
            raise UserError(
                "the exponent of this Pow is not one constant number",
                place=place,
                expected="a constant number",
                hint="the stage optimize writes other powers with Exp and Log",
            )
        if node.op_type not in MATMULS or is_batch_product(node):
            continue
        weight = node.inputs[1]
        if weight is None or weight.const_value is None or weight.const_value.numpy().ndim != 2:
            raise UserError(
                f"the right operand of this {node.op_type} is not a constant matrix",
                place=place,
                expected="weights [K, M]",
            )
        bias = bias_of(node)
        if bias is not None and bias.const_value is None:
            raise UserError("the bias of this Gemm is not constant", place=place, expected="a constant bias [M]")
        attributes = attributes_of(node)
        if any(attributes.get(key, plain) != plain for key, plain in _PLAIN_GEMM.items()):
            raise UserError(
                f"Gemm with attributes {attributes}",
                place=place,
                expected="alpha = beta = 1 and no transposes",
                hint="number formats are chosen for the graph that the optimizer writes",
            )


def _fills(node: ir.Node) -> bool:
    """Whether a Pad adds anything but zeros."""
    value = node.inputs[2] if len(node.inputs) > 2 else None
    array = None if value is None else constant_array(value)
    zero = value is None or (array is not None and not array.any())
    return not zero or attributes_of(node).get("mode", "constant") != "constant"


def _check_integers(node: ir.Node, place: str) -> None:
    """Integers are shapes and positions: they may not be computed from fixed-point numbers."""
    given = [value for value in node.inputs if value is not None and value.dtype not in INTEGERS]
    if node.op_type != "Shape" and given:
        raise UserError(
            f"{node.op_type} makes integers of {given[0].name!r}, which hardware has as fixed-point numbers",
            place=place,
            expected="integers that follow from shapes",
        )
