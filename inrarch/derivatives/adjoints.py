"""Reverse rules that several operators share."""

from __future__ import annotations

from collections.abc import Sequence

import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.rules import SeriesRule
from inrarch.ops.operator import ReverseRule


def by_derivative(series: SeriesRule) -> ReverseRule:
    """f(u) for a function of one variable: the adjoint times f'(u₀), from the derivatives of the Taylor rule."""

    def rule(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
        (slope,) = series(emit, application, 1)
        return [None] if slope is None else [emit.scale(emit.multiply(adjoint, slope[1]), slope[0])]

    return rule


def signed(signs: Sequence[int]) -> ReverseRule:
    """± a ± b …: the adjoint with the same signs."""

    def rule(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
        return [emit.scale(adjoint, sign) for sign in signs]

    return rule
