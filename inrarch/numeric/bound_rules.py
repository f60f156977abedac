"""Bounds of functions and of arithmetic of single numbers: one line for each operator."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import onnx_ir as ir

from inrarch.graph.attributes import attributes_of
from inrarch.graph.lowering.powers import constant_exponent
from inrarch.numeric import interval
from inrarch.numeric.interval import Bound
from inrarch.numeric.samples import Real
from inrarch.ops import operators

_INCREASING = {
    "Relu": (0.0, np.inf, True),
    "Tanh": (-1.0, 1.0, True),
    "Atan": (-np.pi / 2, np.pi / 2, True),
    "Asinh": (-np.inf, np.inf, True),
    "Sinh": (-np.inf, np.inf, False),
    "Sigmoid": (0.0, 1.0, False),
    "Erf": (-1.0, 1.0, False),
    "Exp": (0.0, np.inf, False),
    "Softplus": (0.0, np.inf, False),
    "Floor": (-np.inf, np.inf, False),
    "Round": (-np.inf, np.inf, False),
    "Cast": (-np.inf, np.inf, True),
}
"""Functions that never fall: least and largest value, and whether |f(x)| <= |x|."""

_RULES: dict[str, Callable[..., Bound]] = {
    "Add": interval.add,
    "Sub": interval.subtract,
    "Neg": interval.negate,
    "Sin": interval.sine,
    "Cos": lambda a: interval.sine(a, np.pi / 2),
    "Abs": interval.absolute,
    "Cosh": lambda a: interval.increasing(interval.absolute(a), np.cosh, 1.0, np.inf, shrinks=False),
    "Mul": interval.multiply,
    "Where": interval.either,
}
_PARTIAL: dict[str, Callable[[ir.Node, Bound], Bound | None]] = {
    "Sqrt": lambda _, a: _rising(a, np.sqrt, inside=a.low >= 0),
    "Log": lambda _, a: _rising(a, np.log, inside=a.low > 0),
    "Asin": lambda _, a: _rising(a, np.arcsin, inside=(a.low >= -1) & (a.high <= 1)),
    "Atanh": lambda _, a: _rising(a, np.arctanh, inside=(a.low > -1) & (a.high < 1)),
    "Acosh": lambda _, a: _rising(a, np.arccosh, inside=a.low >= 1),
    "Pow": lambda node, a: _power(a, constant_exponent(node)),
    "Reciprocal": lambda _, a: interval.reciprocal(a),
}
"""Functions that are not defined everywhere: None where the operand's bound leaves their domain."""


def has_rule(operator: str) -> bool:
    """Whether there is a rule, if only for operands within the operator's domain."""
    return operator in _RULES or operator in _PARTIAL or operator in _INCREASING


def bound_of(node: ir.Node, operands: Sequence[Bound]) -> Bound | None:
    """The bound of a node's result from those of its operands, before its rounding; None where no rule gives one."""
    if node.op_type in _RULES:
        return _RULES[node.op_type](*operands)
    if node.op_type in _INCREASING:
        least, most, shrinks = _INCREASING[node.op_type]
        return interval.increasing(operands[0], _function(node), least, most, shrinks=shrinks)
    partial = _PARTIAL.get(node.op_type)
    return None if partial is None else partial(node, operands[0])


def _rising(a: Bound, function: Callable[[Real], Real], inside: npt.NDArray[np.bool_]) -> Bound | None:
    """A function that never falls, where all features are inside of its domain."""
    return interval.bounded(function(a.low), function(a.high)) if inside.all() else None


def _power(a: Bound, exponent: float | None) -> Bound | None:
    """A constant power of numbers that are not negative (of a negative exponent: that are positive)."""
    if exponent is None or not (a.low > 0 if exponent < 0 else a.low >= 0).all():
        return None
    ends = np.power(a.low, exponent), np.power(a.high, exponent)
    return interval.bounded(np.minimum(*ends), np.maximum(*ends))


def _function(node: ir.Node) -> Callable[[Real], Real]:
    def apply(values: Real) -> Real:
        return np.asarray(operators()[node.op_type].evaluate([values], attributes_of(node))[0], dtype=np.float64)

    return apply
