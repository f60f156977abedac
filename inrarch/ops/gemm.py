"""Gemm: alpha x A' B' + beta x C, where A' and B' may be transposed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.rules import convolve
from inrarch.derivatives.sums import ONE, weighted_sum
from inrarch.graph.shapes import Dims, dims_of, matmul
from inrarch.ops.operator import SMOOTH, Array, Hardware, Operator, optional, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """alpha x A' B' + beta x C with broadcasting of C."""
    a, b, c = present(inputs, 0), present(inputs, 1), optional(inputs, 2)
    a = a.T if attributes.get("transA", 0) else a
    b = b.T if attributes.get("transB", 0) else b
    product = a @ b * a.dtype.type(attributes.get("alpha", 1.0))
    if c is not None:
        product = product + c * a.dtype.type(attributes.get("beta", 1.0))
    return (product,)


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """Convolution of the coefficients of A and B, plus beta times those of C; same attributes, no bias."""
    a, b = application.operand(0), application.operand(1)
    kept = {name: value for name, value in application.attributes.items() if name != "beta"}
    transposed_a, transposed_b = kept.get("transA", 0), kept.get("transB", 0)

    def product(left: ir.Value, right: ir.Value) -> ir.Value:
        left = emit.full_along(left, a.value, [0 if transposed_a else 1])
        right = emit.full_along(right, b.value, [1 if transposed_b else 0])
        dims = matmul(_transposed(left, transposed_a), _transposed(right, transposed_b))
        return emit.apply("Gemm", (left, right), kept, dims=dims)

    result = convolve(emit, a, b, application, product)
    bias = application.optional(2)
    if bias is None or not bias.coefficients:
        return result
    beta = Fraction(float(application.attributes.get("beta", 1.0)))
    for index, coefficient in bias.coefficients.items():
        terms = [(beta, coefficient)] + ([(ONE, result[index])] if index in result else [])
        total = weighted_sum(emit, terms)
        if total is not None:
            result[index] = total
    return result


def _transposed(value: ir.Value, transposed: int) -> Dims | None:
    dims = dims_of(value)
    return dims[::-1] if dims is not None and transposed else dims


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """alpha ȳ B'ᵀ and alpha A'ᵀ ȳ, transposed where the operand is; beta ȳ."""
    a, b = application.operand(0).value, application.operand(1).value
    attributes = application.attributes
    alpha, beta = float(attributes.get("alpha", 1.0)), float(attributes.get("beta", 1.0))
    across_a, across_b = int(attributes.get("transA", 0)), int(attributes.get("transB", 0))

    def product(left: ir.Value, right: ir.Value, transposed_left: int, transposed_right: int) -> ir.Value:
        dims = matmul(_transposed(left, transposed_left), _transposed(right, transposed_right))
        kept = {"alpha": alpha, "transA": transposed_left, "transB": transposed_right}
        return emit.apply("Gemm", (left, right), kept, dims=dims)

    of_a = product(b, adjoint, across_b, 1) if across_a else product(adjoint, b, 0, 1 - across_b)
    of_b = product(adjoint, a, 1, across_a) if across_b else product(a, adjoint, 1 - across_a, 0)
    given = len(application.inputs) > 2 and application.inputs[2] is not None and beta != 0
    return [of_a, of_b, emit.scale(adjoint, beta) if given else None][: len(application.inputs)]


OPERATOR = Operator(
    name="Gemm",
    evaluate=evaluate,
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("matmul"),
    smooth=SMOOTH,
)
