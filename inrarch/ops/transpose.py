"""Transpose: permute axes (reversed by default)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.shaping import dims_or_refuse, transpose
from inrarch.graph.shapes import dims_of, permute
from inrarch.ops.operator import SMOOTH, Array, Hardware, Operator, present


def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
    """numpy's transpose."""
    return (np.transpose(present(inputs, 0), attributes.get("perm")),)


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """The same permutation of each coefficient; axes of size 1 stay so."""
    operand = application.operand(0)
    result: Coefficients = {}
    for index, given in operand.coefficients.items():
        coefficient = emit.full_along(given, operand.value, [])
        dims = dims_of(coefficient)
        perm = application.attributes.get("perm") or range(len(dims or ()))[::-1]
        result[index] = emit.apply("Transpose", (coefficient,), application.attributes, dims=permute(dims, perm))
    return result


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """The inverse permutation."""
    rank = len(dims_or_refuse(application, application.output))
    perm = list(application.attributes.get("perm") or range(rank)[::-1])
    return [transpose(emit, adjoint, [perm.index(axis) for axis in range(rank)])]


OPERATOR = Operator(
    name="Transpose",
    evaluate=evaluate,
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("reorder"),
    smooth=SMOOTH,
)
