"""Softplus with a slope, as exporters write it, without its case distinction.

`softplus(beta x) / beta` is exported as Where(beta x > T, x, Softplus(beta x) / beta), with T = 20. Above the threshold
the branches differ: in the value by log(1 + exp(-beta x)) / beta < exp(-T) / beta where x > T / beta, in the slope by
less than exp(-T), and in each further derivative by about exp(-T) times its largest value. Where exp(-T) is below half
a unit in the last place of 1 (T > 16.7 in float32, T > 36.8 in float64) that is rounding, and the smooth branch serves
everywhere. So the usual threshold 20 disappears from a float32 model and stays in a float64 model.

Rules (s = k x, k > 0; all factors are constant numbers):
1. Where(s > T, a x, Softplus(b x) c) -> Softplus(b x) c where a = b c to rounding and exp(-b T / k) is as above;
   likewise for >=, for the condition the other way round, and for < and <= with the branches exchanged.

Not handled: factors that differ between neurons; log(1 + exp(x)) (which overflows where Softplus does not).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import onnx_ir as ir

from inrarch.graph.passes.editor import Editor, sweep
from inrarch.graph.passes.patterns import float64_of, is_float, operand, operands, scaled
from inrarch.graph.shapes import dims_of, same_shape

_GREATER = frozenset({"Greater", "GreaterOrEqual"})
_LESS = frozenset({"Less", "LessOrEqual"})


class Multiple(NamedTuple):
    """A value that is `base` times a number."""

    base: ir.Value
    factor: float


class Threshold(NamedTuple):
    """A condition: `value` is above `number` where it holds, or where it does not."""

    value: ir.Value
    number: float
    holds_above: bool


def run(model: ir.Model) -> int:
    """One sweep over Where; returns the number of rewrites."""
    return sweep(model, {"Where": (_smooth,)})


def _smooth(editor: Editor, node: ir.Node) -> ir.Value | None:
    threshold = _threshold(operand(node))
    if threshold is None or not is_float(node.outputs[0]):
        return None
    linear, smooth = operand(node, 1), operand(node, 2)
    if not threshold.holds_above:
        linear, smooth = smooth, linear
    outer = _multiple(smooth)
    softplus = outer.base.producer()
    if softplus is None or softplus.op_type != "Softplus":
        return None
    inner, line, compared = _multiple(operand(softplus)), _multiple(linear), _multiple(threshold.value)
    if not (inner.base is line.base is compared.base and same_shape(dims_of(smooth), dims_of(node.outputs[0]))):
        return None
    assert smooth.dtype is not None, f"{smooth.name} has no type"
    unit = float(np.finfo(smooth.dtype.numpy()).eps)
    ratio = inner.factor / compared.factor if compared.factor else 0.0
    slope = outer.factor * inner.factor
    equal = ratio > 0 and math.exp(-max(0.0, threshold.number * ratio)) <= unit / 2
    return smooth if equal and abs(slope - line.factor) <= 2 * unit * abs(line.factor) else None


def _threshold(condition: ir.Value) -> Threshold | None:
    node = condition.producer()
    if node is None or node.op_type not in _GREATER | _LESS:
        return None
    a, b = operands(node)
    for value, constant, above in ((a, b, node.op_type in _GREATER), (b, a, node.op_type in _LESS)):
        number = _number(constant)
        if number is not None:
            return Threshold(value, number, above)
    return None


def _multiple(value: ir.Value) -> Multiple:
    """The value as a multiple of what it was scaled or divided from; 1 x itself otherwise."""
    node = value.producer()
    if node is not None and node.op_type == "Div":
        divisor = _number(operand(node, 1))
        if divisor:
            return Multiple(operand(node), 1.0 / divisor)
    found = scaled(value)
    if found is not None and found.factor.size == 1:
        return Multiple(found.base, float(found.factor.reshape(())))
    return Multiple(value, 1.0)


def _number(value: ir.Value) -> float | None:
    array = float64_of(value)
    return float(array.reshape(())) if array is not None and array.size == 1 else None
