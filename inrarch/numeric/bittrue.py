"""Bit-true evaluation of a graph: the one definition of what the hardware computes, in integers.

Every node is exact up to one rounding shift and saturation at its end (`arithmetic.rescale`); function tables end in
the saturation alone. C++ and SystemVerilog equal these integers to the last bit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx_ir as ir

from inrarch.errors import UserError, did_you_mean
from inrarch.graph.attributes import attributes_of
from inrarch.numeric.arithmetic import (
    Integers,
    Saturated,
    accumulator_bits,
    align,
    bias_integers,
    exact_matmul,
    reduction_bits,
    require_width,
    rescale,
    saturate,
    sum_bits,
)
from inrarch.numeric.batch_sums import batch_product, summed_values
from inrarch.numeric.formats import Format, Formats, to_integers
from inrarch.numeric.samples import Real, chunks
from inrarch.numeric.tables import build_table, undefined_inputs
from inrarch.numeric.view import (
    MATMULS,
    STRUCTURAL,
    SUMS,
    TABLES,
    bias_of,
    check_supported,
    constant_array,
    function_of,
    is_arithmetic,
    is_batch_product,
    name_of,
    operands,
)
from inrarch.ops import operators

Values = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class BitTrue:
    """What a simulation gives.

    values: integers of the wanted values by name (bool values are 0 and 1); of a sum over the batch, one result per
    batch along a new first axis. overflows: elements clipped by more than one LSB, by value name; only values that
    overflow are listed.
    """

    values: dict[str, Integers]
    overflows: dict[str, int]


def run(
    model: ir.Model, formats: Formats, feeds: Mapping[str, Real], *, wanted: Iterable[str] | None = None
) -> dict[str, Integers]:
    """Integers of the graph's outputs, or of the `wanted` values, for float inputs [rows, ..., coordinates]."""
    return simulate(model, formats, feeds, wanted=wanted).values


def simulate(
    model: ir.Model, formats: Formats, feeds: Mapping[str, Real], *, wanted: Iterable[str] | None = None
) -> BitTrue:
    """As `run`, with the overflows. Rows are computed in chunks, so that memory does not grow with them.

    UserError for a node without fixed-point arithmetic, an unknown name in `wanted`, a result that needs too many bits.
    """
    check_supported(model)
    names = [name_of(value) for value in model.graph.outputs] if wanted is None else list(wanted)
    missing = [name for name in names if name not in formats.tensors]
    if missing:
        raise UserError(
            f"there is no value {missing[0]!r} with a number format", hint=did_you_mean(missing[0], formats.tensors)
        )
    constants, summed = _constants(model, formats), summed_values(model)
    overflows: Counter[str] = Counter()
    pieces: dict[str, list[Integers]] = {name: [] for name in names}
    sizes: list[int] = []
    for part in chunks(model, feeds):
        values: Values = dict(constants)
        for value in model.graph.inputs:
            name = name_of(value)
            values[name] = to_integers(part[name], formats.of(name))
        for node in model.graph:
            _step(node, formats, values, overflows)
        sizes.append(len(next(iter(part.values()))))
        for name in names:
            pieces[name].append(values[name])
    return BitTrue(
        {name: np.stack(arrays) if name in summed else _joined(arrays, sizes) for name, arrays in pieces.items()},
        {name: count for name, count in overflows.items() if count},
    )


def _step(node: ir.Node, formats: Formats, values: Values, overflows: Counter[str]) -> None:
    """Compute one node into `values`."""
    output = name_of(node.outputs[0])
    if not is_arithmetic(node):
        values[output] = _evaluate(node, values)
        return
    fmt = formats.of(output)
    if is_batch_product(node):
        result = batch_product(node, formats, values, fmt)
    elif node.op_type in MATMULS:
        result = _matmul(node, formats, values, fmt)
    elif node.op_type in STRUCTURAL:
        result = _structural(node, formats, values, fmt)
    elif node.op_type in SUMS:
        result = _sum(node, formats, values, fmt)
    elif node.op_type in TABLES:
        source = name_of(node.inputs[0])
        table = build_table(function_of(node), formats.of(source), fmt)
        saturated = saturate(table.evaluate(values[source]), fmt)
        result = Saturated(saturated.values, saturated.overflows + undefined_inputs(table, values[source]))
    else:
        result = _POINTWISE[node.op_type](node, formats, values, fmt)
    values[output] = result.values
    overflows[output] += result.overflows


def _matmul(node: ir.Node, formats: Formats, values: Values, fmt: Format) -> Saturated:
    data, weight = (name_of(value) for value in operands(node))
    source = formats.of(data)
    frac = source.frac + formats.of(weight).frac
    bias = bias_of(node)
    array = None if bias is None else constant_array(bias)
    added = None if array is None else bias_integers(array, frac, name_of(bias))
    bits = accumulator_bits(values[weight], source, added)
    require_width(max(bits, bits + fmt.frac - frac), name_of(node.outputs[0]))
    total = exact_matmul(values[data], values[weight], source.bits)
    return rescale(total if added is None else total + added, frac, fmt)


def _structural(node: ir.Node, formats: Formats, values: Values, fmt: Format) -> Saturated:
    """Operands rescaled to the result's format, then moved."""
    moved = dict(values)
    overflows = 0
    for value in operands(node):
        name = name_of(value)
        moved[name], clipped = rescale(values[name], formats.of(name).frac, fmt)
        overflows += clipped
    return Saturated(_evaluate(node, moved), overflows)


def _sum(node: ir.Node, formats: Formats, values: Values, fmt: Format) -> Saturated:
    """The exact sum over some axes, rounded once."""
    name = name_of(node.inputs[0])
    source = formats.of(name)
    total = _evaluate(node, values)
    terms = values[name].size // max(total.size, 1)
    require_width(reduction_bits(source, terms), name_of(node.outputs[0]))
    return rescale(total, source.frac, fmt)


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


_POINTWISE: dict[str, Callable[[ir.Node, Formats, Values, Format], Saturated]] = {
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


def _evaluate(node: ir.Node, values: Values) -> npt.NDArray[Any]:
    """A node that moves numbers or computes shapes, by its own rule."""
    inputs = [None if value is None else values[name_of(value)] for value in node.inputs]
    return operators()[node.op_type].evaluate(inputs, attributes_of(node))[0]


def _constants(model: ir.Model, formats: Formats) -> Values:
    """Initializers with a format as integers, shapes and axes as they are."""
    values: Values = {}
    for name, value in model.graph.initializers.items():
        if name in formats.tensors:
            array = constant_array(value)
            if array is not None:
                truth = formats.tensors[name].kind == "bool"
                values[name] = array.astype(np.int64) if truth else to_integers(array, formats.of(name))
        elif value.const_value is not None:
            values[name] = value.const_value.numpy()
    return values


def _joined(pieces: list[Integers], sizes: list[int]) -> Integers:
    """Rows of all chunks; a value that does not depend on the rows is the same in each."""
    if len(pieces) == 1 or pieces[0].ndim == 0 or len(pieces[0]) != sizes[0]:
        return pieces[0]
    return np.concatenate(pieces)
