"""The policy `fixed`: a binary point for every tensor, from its calibrated range, the graph and the widths asked for.

Rules, in the order of the graph:
1. inputs: the range of the domain, no guard bits (it is known, not sampled);
2. weights (right operand of a matmul): `weight_bits` over their exact range; constants of pointwise nodes: the fewest
   bits that hold them exactly, at most `data_bits`;
3. results of matmuls, sums, Add, Sub, Mul, Floor, Round and functions: calibrated range plus guard bits, but never
   more fraction bits than the exact result has;
4. Sin, Cos, Tanh, Sigmoid, Erf lie in [-1, 1] and Atan, Asin in [-pi/2, pi/2]: no guard bits are spent on them;
5. Relu, Neg, Abs and structural nodes keep their operand's binary point; Concat and Where take the coarsest of theirs;
6. an operand so fine that the exact sum would not fit is made coarser: the sum does not see its last bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import onnx_ir as ir

from inrarch.errors import UserError
from inrarch.numeric.arithmetic import accumulator_bits, bias_integers, require_width, sum_bits
from inrarch.numeric.batch_sums import batch_accumulators
from inrarch.numeric.factors import narrow_factor, products
from inrarch.numeric.formats import (
    MAX_ACCUMULATOR_BITS,
    Factor,
    Format,
    Formats,
    TensorFormat,
    check_widths,
    constant_format,
    format_for,
    integer_bits,
    to_integers,
)
from inrarch.numeric.functions import function_named
from inrarch.numeric.tables import FINEST_FRAC, build_table, describe
from inrarch.numeric.view import (
    MATMULS,
    STRUCTURAL,
    TABLES,
    TRUTHS,
    bias_of,
    check_supported,
    constant_array,
    function_of,
    is_arithmetic,
    is_batch_product,
    name_of,
    operands,
)

_COMPARISONS = ("Greater", "Equal")
_KEEPING = ("Relu", "Neg", "Abs", "Cast", "Where")
_WHOLE = ("Floor", "Round")
_BOOL = Format(1, 0)

Tensors = dict[str, TensorFormat]


@dataclass(frozen=True, slots=True)
class Widths:
    """Bits of data and weights, and guard bits above the calibrated range.

    factor_bits: one factor of every product of two wider ones is rounded to so many bits, except in the Mul nodes named
    in `whole`; None = of none. weights: bits of single matrices, by name of the initializer.
    """

    data_bits: int
    weight_bits: int
    guard_bits: int
    factor_bits: int | None = None
    whole: frozenset[str] = frozenset()
    weights: Mapping[str, int] = field(default_factory=dict)


def choose_formats(model: ir.Model, largest: Mapping[str, float], widths: Widths) -> Formats:
    """Formats of all tensors, accumulators and tables; errors are filled in by `quantize`.

    model: a graph as optimize writes it. largest: max|value| of inputs and computed values, by name.
    UserError for widths or operators out of bounds, and for exact results that do not fit the accumulator.
    """
    check_widths(widths.data_bits, widths.weight_bits, widths.guard_bits)
    for bits in widths.weights.values():
        check_widths(widths.data_bits, bits, widths.guard_bits)
    check_supported(model)
    tensors: Tensors = {}
    for value in model.graph.inputs:
        peak = largest[name_of(value)]
        tensors[name_of(value)] = TensorFormat("data", format_for(peak, widths.data_bits), peak)
    tensors.update(_constants(model, widths))
    nodes = [node for node in model.graph if is_arithmetic(node)]
    for node in nodes:
        output = name_of(node.outputs[0])
        kinds = [tensors[name_of(value)].kind for value in operands(node)]
        if node.op_type in _COMPARISONS:
            _make_sum_fit(node, tensors)
        if node.op_type in TRUTHS or (node.op_type in STRUCTURAL and "bool" in kinds):
            tensors[output] = TensorFormat("bool", _BOOL, 1.0)
            continue
        peak = largest[output]
        calibrated = format_for(peak, widths.data_bits, widths.guard_bits).frac
        tensors[output] = TensorFormat("data", Format(widths.data_bits, _frac(node, calibrated, tensors, widths)), peak)
    factors = _factors(model, tensors, widths)
    return Formats(
        "fixed",
        widths.data_bits,
        max((each.format.bits for each in tensors.values() if each.kind == "weight"), default=widths.weight_bits),
        widths.guard_bits,
        tensors,
        tables={str(n.name): _table(n, tensors) for n in nodes if n.op_type in TABLES},
        accumulators={
            str(n.name): _checked_accumulator(n, tensors)
            for n in nodes
            if n.op_type in MATMULS and not is_batch_product(n)
        }
        | batch_accumulators(model, tensors, factors),
        factors=factors,
    )


def _factors(model: ir.Model, tensors: Tensors, widths: Widths) -> dict[str, Factor]:
    bits = widths.factor_bits
    if bits is None:
        return {}
    wide = {str(node.name): node for node in products(model, tensors, bits)}
    return {name: narrow_factor(node, tensors, bits) for name, node in wide.items() if name not in widths.whole}


def _constants(model: ir.Model, widths: Widths) -> Tensors:
    """Rule 2, for every float initializer that is not just a bias."""
    weights: set[str] = set()
    others = {name_of(value) for value in model.graph.outputs}
    for node in model.graph:
        if is_arithmetic(node):
            names = [name_of(value) for value in operands(node)]
            if node.op_type in MATMULS and not is_batch_product(node):
                weights.add(names.pop())
            others.update(names)
    tensors: Tensors = {}
    for name, value in model.graph.initializers.items():
        array = constant_array(value)
        if array is None or name not in weights | others:
            continue
        if not np.isfinite(array).all():
            raise UserError(
                "the constant contains NaN or infinity", place=f"tensor {name!r}", expected="finite numbers"
            )
        peak = float(np.abs(array).max(initial=0.0))
        if value.dtype == ir.DataType.BOOL:
            tensors[name] = TensorFormat("bool", _BOOL, 1.0)
        elif name in weights:
            tensors[name] = TensorFormat("weight", format_for(peak, widths.weights.get(name, widths.weight_bits)), peak)
        else:
            tensors[name] = TensorFormat("constant", constant_format(array, widths.data_bits), peak)
    return tensors


def _frac(node: ir.Node, calibrated: int, tensors: Tensors, widths: Widths) -> int:
    """Binary point of a node's result: rules 3 to 6."""
    if node.op_type in TABLES:
        bound = function_named(function_of(node)).bound
        known = None if bound is None else format_for(bound, widths.data_bits).frac
        return calibrated if known is None else max(min(calibrated, FINEST_FRAC), known)
    if node.op_type in _WHOLE:
        return min(calibrated, 0)
    taken = operands(node)
    if node.op_type in STRUCTURAL or node.op_type in _KEEPING:
        taken = taken[1:] if node.op_type == "Where" else taken
        fracs = [_stream_frac(tensors[name_of(value)], widths) for value in taken]
        return min((frac for frac in fracs if frac is not None), default=calibrated)
    if node.op_type in ("Add", "Sub"):
        _make_sum_fit(node, tensors)
        return min(calibrated, max(tensors[name_of(value)].format.frac for value in taken))
    if node.op_type == "Gemm":
        _make_bias_fit(node, tensors)
    return min(calibrated, sum(tensors[name_of(value)].format.frac for value in taken))


def _stream_frac(tensor: TensorFormat, widths: Widths) -> int | None:
    """Binary point at which a stream carries the tensor; None for zero, which every format holds."""
    if tensor.kind == "constant":
        return None if tensor.max_abs == 0 else format_for(tensor.max_abs, widths.data_bits).frac
    return tensor.format.frac


def _make_sum_fit(node: ir.Node, tensors: Tensors) -> None:
    a, b = (name_of(value) for value in operands(node))
    excess = sum_bits(tensors[a].format, tensors[b].format) - MAX_ACCUMULATOR_BITS
    if excess > 0:
        _coarsen(tensors, a if tensors[a].format.frac > tensors[b].format.frac else b, excess)


def _make_bias_fit(node: ir.Node, tensors: Tensors) -> None:
    """Where the bias alone makes the accumulator too wide, the data are finer than the sum can use."""
    bias = _constant(bias_of(node))
    if bias is None or not bias.any():
        return
    frac = sum(tensors[name_of(value)].format.frac for value in operands(node))
    needed = integer_bits(float(np.abs(bias).max())) + frac + 3  # a sign, a carry, and a power of two itself
    if needed > MAX_ACCUMULATOR_BITS:
        _coarsen(tensors, name_of(operands(node)[0]), needed - MAX_ACCUMULATOR_BITS)


def _constant(value: ir.Value | None) -> npt.NDArray[np.float64] | None:
    return None if value is None else constant_array(value)


def _coarsen(tensors: Tensors, name: str, bits: int) -> None:
    old = tensors[name]
    tensors[name] = replace(old, format=Format(old.format.bits, old.format.frac - bits))


def _checked_accumulator(node: ir.Node, tensors: Tensors) -> int:
    """Width of the exact sum; UserError naming the result where it is too wide."""
    data, weight = (tensors[name_of(value)].format for value in operands(node))
    matrix = constant_array(operands(node)[1])
    assert matrix is not None  # check_supported has seen to it
    bias = _constant(bias_of(node))
    added = None if bias is None else bias_integers(bias, data.frac + weight.frac, name_of(bias_of(node)))
    bits = accumulator_bits(to_integers(matrix, weight), data, added)
    require_width(bits, name_of(node.outputs[0]), MAX_ACCUMULATOR_BITS)
    return bits


def _table(node: ir.Node, tensors: Tensors) -> dict[str, object]:
    source, target = (tensors[name_of(value)].format for value in (node.inputs[0], node.outputs[0]))
    return describe(build_table(function_of(node), source, target))
