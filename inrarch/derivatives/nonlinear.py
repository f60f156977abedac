"""Nonlinear functions of the partial derivatives of a scalar field: normal and curvatures of its level sets.

For f with gradient g and Hessian H, n = g / |g| is the unit normal of the level set through a point; it points to where
f grows. The curvatures are those with respect to n: the mean of the principal curvatures is div n / (d - 1) and the
Gaussian curvature is their product. R. Goldman, Curvature formulas for implicit curves and surfaces, Computer Aided
Geometric Design 22 (2005) 632-658, with the opposite sign of the mean curvature: that of a ball of radius r, given by
its signed distance, is 1 / r here.

All are written on n and 1 / |g|, so that no power of |g| has to be represented. They are not defined where g = 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations_with_replacement

import onnx_ir as ir

from inrarch.derivatives.emit import Emitter

Formula = Callable[[Emitter, Sequence[ir.Value]], list[ir.Value]]
"""Writes the results from the partial derivatives: of first order (d), then of second order (`pairs`) where needed."""


def pairs(coordinates: Sequence[int]) -> list[tuple[int, int]]:
    """The distinct second derivatives, as the formulas take them."""
    return list(combinations_with_replacement(coordinates, 2))


def normal(emit: Emitter, partials: Sequence[ir.Value]) -> list[ir.Value]:
    """n = g / |g|, by coordinate."""
    return _normal(emit, partials)[0]


def mean_curvature(emit: Emitter, partials: Sequence[ir.Value]) -> list[ir.Value]:
    """div n / (d - 1) = (|g|^2 tr H - g^T H g) / ((d - 1) |g|^3) = (tr H - n^T H n) / ((d - 1) |g|).

    For curves (d = 2) this is the curvature. 1 - n_i^2 is written as the sum of the other squares, which does not
    cancel.
    """
    count = _coordinates(partials)
    n, inverse = _normal(emit, partials[:count])
    squares = [emit.multiply(each, each) for each in n]
    along, across = [], []
    for (i, j), second in zip(pairs(range(count)), partials[count:], strict=True):
        if i == j:
            others = _sum(emit, [square for k, square in enumerate(squares) if k != i])
            along.append(emit.multiply(second, others))
        else:
            across.append(emit.multiply(second, emit.multiply(n[i], n[j])))
    bend = emit.subtract(_sum(emit, along), emit.scale(_sum(emit, across), 2))
    total = emit.multiply(bend, inverse)
    return [total if count == 2 else emit.scale(total, 1 / (count - 1))]


def gaussian_curvature(emit: Emitter, partials: Sequence[ir.Value]) -> list[ir.Value]:
    """n^T adj(H) n / |g|^2 of a surface (d = 3); adj(H) has the cofactors of H."""
    n, inverse = _normal(emit, partials[:3])
    xx, xy, xz, yy, yz, zz = partials[3:]

    def minor(a: ir.Value, b: ir.Value, c: ir.Value, d: ir.Value) -> ir.Value:
        """a b - c d."""
        return emit.subtract(emit.multiply(a, b), emit.multiply(c, d))

    diagonal = [minor(yy, zz, yz, yz), minor(xx, zz, xz, xz), minor(xx, yy, xy, xy)]
    mixed = [minor(xz, yz, xy, zz), minor(xy, yz, xz, yy), minor(xy, xz, yz, xx)]
    along = [emit.multiply(cofactor, emit.multiply(each, each)) for cofactor, each in zip(diagonal, n, strict=True)]
    across = [
        emit.multiply(cofactor, emit.multiply(n[i], n[j]))
        for cofactor, (i, j) in zip(mixed, ((0, 1), (0, 2), (1, 2)), strict=True)
    ]
    total = emit.add(_sum(emit, along), emit.scale(_sum(emit, across), 2))
    return [emit.multiply(total, emit.multiply(inverse, inverse))]


def _normal(emit: Emitter, gradient: Sequence[ir.Value]) -> tuple[list[ir.Value], ir.Value]:
    """n by coordinate, and 1 / |g|."""
    length = emit.elementwise("Sqrt", _sum(emit, [emit.multiply(each, each) for each in gradient]))
    inverse = emit.elementwise("Reciprocal", length)
    return [emit.multiply(each, inverse) for each in gradient], inverse


def _sum(emit: Emitter, values: Sequence[ir.Value]) -> ir.Value:
    total = values[0]
    for value in values[1:]:
        total = emit.add(total, value)
    return total


def _coordinates(partials: Sequence[ir.Value]) -> int:
    """d, where there are d + d (d + 1) / 2 of first and second order."""
    return next(d for d in range(len(partials) + 1) if d + d * (d + 1) // 2 == len(partials))
