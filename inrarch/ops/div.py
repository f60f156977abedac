"""Div: a / b with broadcasting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.sums import ONE, sum_of_products, weighted_sum
from inrarch.ops.operator import Array, Hardware, Operator, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """a / b; integers are divided towards zero, as ONNX says."""
    a, b = present(inputs, 0), present(inputs, 1)
    if np.issubdtype(a.dtype, np.integer):
        quotient = np.abs(a) // np.abs(b)
        return (np.where((a < 0) != (b < 0), -quotient, quotient).astype(a.dtype),)
    return (np.asarray(a / b),)


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """q_α = (a_α - Σ b_β q_γ) / b₀ over the splits with β > 0, from q b = a; 1 / b₀ is computed once."""
    a, b = application.operand(0).coefficients, application.operand(1)
    inverse = emit.elementwise("Div", emit.number(1, b.value), b.value)
    quotient: Coefficients = {(): application.output}
    for index in application.indices:
        products = sum_of_products(
            emit,
            [
                (weight, b.coefficients[part], quotient[rest])
                for weight, part, rest in application.space.splits(index)
                if part in b.coefficients and rest in quotient
            ],
        )
        terms = [(ONE, a.get(index)), (-ONE, products)]
        numerator = weighted_sum(emit, [(weight, value) for weight, value in terms if value is not None])
        if numerator is not None:
            quotient[index] = emit.multiply(numerator, inverse)
    del quotient[()]
    return quotient


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """From q = a / b: ā = q̄ / b and b̄ = -q ā."""
    first = emit.elementwise("Div", adjoint, application.operand(1).value)
    return [first, emit.negate(emit.multiply(first, application.output))]


OPERATOR = Operator(
    name="Div",
    evaluate=evaluate,
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("pointwise", written="Mul and Reciprocal"),
    smooth="singular where the divisor is 0",
    elementwise=True,
)
