"""Pow: a to the power of b, with broadcasting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.adjoints import by_derivative
from inrarch.derivatives.compose import Series, compose
from inrarch.derivatives.constant_power import constant_number, constant_power_series
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients, Jet
from inrarch.derivatives.rules import convolve, unchanged, univariate
from inrarch.derivatives.selecting import where
from inrarch.graph.cast import FLOATS
from inrarch.ops import log
from inrarch.ops.operator import Array, Hardware, Operator, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """numpy's power; the result has the type of the base."""
    base, exponent = present(inputs, 0), present(inputs, 1)
    if base.dtype.kind == "i" and exponent.dtype.kind == "f":
        return (np.power(base.astype(np.float64), exponent).astype(base.dtype),)
    return (np.asarray(np.power(base, exponent)).astype(base.dtype),)


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """By what the exponent is: a value with derivatives, one constant number, or anything else."""
    number = constant_number(application.operand(1).value)
    if application.operand(1).coefficients:
        return _by_logarithm(emit, application)
    if number == 0:
        return {}
    if number == 1:
        return unchanged(emit, application)
    if number == 2:
        base = application.operand(0)
        return convolve(emit, base, base, application, emit.multiply)
    return univariate(_series)(emit, application)


def _by_logarithm(emit: Emitter, application: Application) -> Coefficients:
    """a^b = exp(b log a): the coefficients of the logarithm, the product and the exponential."""
    base, given = application.operand(0), application.operand(1)
    to = base.value.dtype
    each = {index: emit.cast(coefficient, to) for index, coefficient in given.coefficients.items()}
    exponent = Jet(emit.cast(given.value, to), each)
    logarithm = emit.elementwise("Log", base.value)
    rule = Application([base], logarithm, {}, application.space)
    inner = Jet(logarithm, univariate(log.series)(emit, rule) if base.coefficients else {})
    product = convolve(emit, exponent, inner, application, emit.multiply)
    order = max(map(len, application.indices))
    return compose(emit, [(1, application.output)] * order, product, application.space)


def _series(emit: Emitter, application: Application, order: int) -> Series:
    """Derivatives by the base: b (b - 1) … (b - k + 1) a^(b-k)."""
    number, base = constant_number(application.operand(1).value), application.operand(0).value
    if number is not None:
        return constant_power_series(emit, base, application.output, number, order)
    exponent, zero = emit.cast(application.operand(1).value, base.dtype), emit.number(0, base)
    factor, found = exponent, []
    for k in range(1, order + 1):
        lowered = emit.subtract(exponent, emit.number(k, base))
        vanishes = emit.elementwise("Equal", factor, zero, dtype=ir.DataType.BOOL)
        # where the factor is 0, a^0 is formed: a negative power of 0 would make it NaN
        power = emit.elementwise("Pow", base, where(emit, vanishes, zero, lowered))
        found.append((1, emit.multiply(factor, power)))
        factor = emit.multiply(factor, lowered)
    return found


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """ā = ȳ b a^(b-1) and, unless b is an integer, b̄ = ȳ y log a (0 where a = 0)."""
    base, exponent = application.operand(0).value, application.operand(1).value
    (first,) = by_derivative(_series)(emit, application, adjoint)
    if exponent.dtype not in FLOATS:
        return [first, None]
    vanishes = emit.elementwise("Equal", base, emit.number(0, base), dtype=ir.DataType.BOOL)
    logarithm = emit.elementwise("Log", where(emit, vanishes, emit.number(1, base), base))
    second = emit.multiply(emit.multiply(adjoint, application.output), logarithm)
    return [first, emit.cast(second, exponent.dtype)]


OPERATOR = Operator(
    name="Pow",
    evaluate=evaluate,
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware(
        "pointwise",
        written="Mul, Reciprocal, Exp and Log, but for one constant exponent that is not whole",
        partly=True,
    ),
    smooth="everywhere for constant whole exponents from 0 on; singular at base 0 for other constants; "
    "where the exponent varies, the base must be positive (NaN otherwise)",
    elementwise=True,
)
