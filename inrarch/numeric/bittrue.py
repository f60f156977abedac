"""Bit-true evaluation of a graph: the one definition of what the hardware computes, in integers.

Every node is exact up to one rounding shift and saturation at its end (`arithmetic.rescale`); function tables end in
the saturation alone. The generated C++ equals these integers to the last bit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
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
    bias_integers,
    exact_matmul,
    reduction_bits,
    require_width,
    rescale,
)
from inrarch.numeric.batch_sums import batch_product, summed_values
from inrarch.numeric.formats import Format, Formats, to_integers
from inrarch.numeric.pointwise import Values, pointwise
from inrarch.numeric.samples import Real, chunks
from inrarch.numeric.view import (
    MATMULS,
    STRUCTURAL,
    SUMS,
    bias_of,
    check_supported,
    constant_array,
    is_arithmetic,
    is_batch_product,
    name_of,
    operands,
)
from inrarch.ops import operators


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
    else:
        result = pointwise(node, formats, values, fmt)
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
