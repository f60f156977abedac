"""What the nodes of pointwise regions compute on integers: one rule for each operator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx_ir as ir

from inrarch.numeric.arithmetic import Integers, Saturated, align, require_width, rescale, saturate, sum_bits
from inrarch.numeric.formats import Format, Formats
from inrarch.numeric.tables import build_table, undefined_inputs
from inrarch.numeric.view import TABLES, function_of, name_of, operands

Values = dict[str, npt.NDArray[Any]]


def pointwise(node: ir.Node, formats: Formats, values: Values, fmt: Format) -> Saturated:
    """The result of a pointwise node at its format `fmt`. values: integers by name, truth values as 0 and 1."""
    return (
        _table(node, formats, values, fmt)
        if node.op_type in TABLES
        else _RULES[node.op_type](node, formats, values, fmt)
    )


def _table(node: ir.Node, formats: Formats, values: Values, fmt: Format) -> Saturated:
    """The function's table; inputs outside of its domain count as overflows."""
    source = name_of(node.inputs[0])
    table = build_table(function_of(node), formats.of(source), fmt)
    result, overflows = saturate(table.evaluate(values[source]), fmt)
    return Saturated(result, overflows + undefined_inputs(table, values[source]))


def _aligned(node: ir.Node, formats: Formats, values: Values) -> tuple[Integers, Integers, int]:
    """Both operands at the finer binary point, exactly."""
    a, b = (name_of(value) for value in operands(node))
    first, second = formats.of(a), formats.of(b)
    require_width(sum_bits(first, second), name_of(node.outputs[0]))
    frac = max(first.frac, second.frac)
    return align(values[a], first.frac, frac), align(values[b], second.frac, frac), frac


def _add(node: ir.Node, formats: Formats, values: Values, fmt: Format) -> Saturated:
    a, b, frac = _aligned(node, formats, values)
    return rescale(a + b, frac, fmt)


def _subtract(node: ir.Node, formats: Formats, values: Values, fmt: Format) -> Saturated:
    a, b, frac = _aligned(node, formats, values)
    return rescale(a - b, frac, fmt)


def _greater(node: ir.Node, formats: Formats, values: Values, fmt: Format) -> Saturated:
    a, b, _ = _aligned(node, formats, values)
    return Saturated((a > b).astype(np.int64), 0)


def _equal(node: ir.Node, formats: Formats, values: Values, fmt: Format) -> Saturated:
    a, b, _ = _aligned(node, formats, values)
    return Saturated((a == b).astype(np.int64), 0)


def _logic(function: Callable[..., Integers]) -> Callable[[ir.Node, Formats, Values, Format], Saturated]:
    """A rule for truth values, which are 0 and 1."""

    def rule(node: ir.Node, formats: Formats, values: Values, fmt: Format) -> Saturated:
        return Saturated(np.asarray(function(*(values[name_of(value)] for value in operands(node)))), 0)

    return rule


def _multiply(node: ir.Node, formats: Formats, values: Values, fmt: Format) -> Saturated:
    names = [name_of(value) for value in operands(node)]
    first, second = formats.operands_of(str(node.name), names)
    frac = first.frac + second.frac
    require_width(first.bits + second.bits + max(0, fmt.frac - frac), name_of(node.outputs[0]), 64)
    a, b = (
        rescale(values[name], formats.of(name).frac, taken).values
        for name, taken in zip(names, (first, second), strict=True)
    )
    return rescale(a * b, frac, fmt)


def _negate(node: ir.Node, formats: Formats, values: Values, fmt: Format) -> Saturated:
    name = name_of(node.inputs[0])
    return rescale(-values[name], formats.of(name).frac, fmt)


def _relu(node: ir.Node, formats: Formats, values: Values, fmt: Format) -> Saturated:
    name = name_of(node.inputs[0])
    return rescale(np.maximum(values[name], 0), formats.of(name).frac, fmt)


def _absolute(node: ir.Node, formats: Formats, values: Values, fmt: Format) -> Saturated:
    name = name_of(node.inputs[0])
    return rescale(np.abs(values[name]), formats.of(name).frac, fmt)


def _cast(node: ir.Node, formats: Formats, values: Values, fmt: Format) -> Saturated:
    """From one type of floating-point numbers to another: the number formats are the same for all."""
    name = name_of(node.inputs[0])
    return rescale(values[name], formats.of(name).frac, fmt)


def _floor(node: ir.Node, formats: Formats, values: Values, fmt: Format) -> Saturated:
    """The whole numbers below, at binary point 0."""
    name = name_of(node.inputs[0])
    source = formats.of(name)
    require_width(source.bits - source.frac + max(fmt.frac, 0), name_of(node.outputs[0]))
    whole = align(values[name], source.frac, 0) if source.frac < 0 else values[name] >> min(source.frac, 63)
    return rescale(whole, 0, fmt)


def _round(node: ir.Node, formats: Formats, values: Values, fmt: Format) -> Saturated:
    """The nearest whole numbers at binary point 0, ties to even."""
    name = name_of(node.inputs[0])
    source = formats.of(name)
    require_width(source.bits - source.frac + max(fmt.frac, 0), name_of(node.outputs[0]))
    if source.frac <= 0:
        return rescale(align(values[name], source.frac, 0), 0, fmt)
    shift = min(source.frac, 62)
    raised = values[name] + (1 << (shift - 1))
    tie = (raised & ((1 << shift) - 1)) == 0
    whole = raised >> shift
    return rescale(whole - (tie & (whole & 1 == 1)), 0, fmt)


def _where(node: ir.Node, formats: Formats, values: Values, fmt: Format) -> Saturated:
    """Both branches rescaled, then chosen; an overflow counts where its branch is taken or not: both are computed."""
    condition, a, b = (name_of(value) for value in operands(node))
    first = rescale(values[a], formats.of(a).frac, fmt)
    second = rescale(values[b], formats.of(b).frac, fmt)
    chosen = np.where(values[condition] != 0, first.values, second.values)
    return Saturated(chosen, first.overflows + second.overflows)


_RULES: dict[str, Callable[[ir.Node, Formats, Values, Format], Saturated]] = {
    "Add": _add,
    "Sub": _subtract,
    "Mul": _multiply,
    "Neg": _negate,
    "Relu": _relu,
    "Abs": _absolute,
    "Cast": _cast,
    "Floor": _floor,
    "Round": _round,
    "Greater": _greater,
    "Equal": _equal,
    "Not": _logic(lambda a: 1 - a),
    "And": _logic(np.bitwise_and),
    "Or": _logic(np.bitwise_or),
    "Xor": _logic(np.bitwise_xor),
    "Where": _where,
}
