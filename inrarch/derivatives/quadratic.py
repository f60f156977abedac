"""Derivatives of W^p for a quadratic W = c + s u² and p = -1 or -1/2: the slopes of inverse (hyperbolic) functions.

From W g' = p W' g, differentiated k times (Leibniz):

    W g^(k+1) = s (2 (p - k) u g^(k) + k (2p - k + 1) g^(k-1)).

Both factors are negative for these p and k >= 0, so with s = -1 all terms have the sign of u^k: no digits are lost.
"""

from __future__ import annotations

from fractions import Fraction

import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.sums import weighted_sum


def inverse_quadratic(emit: Emitter, u: ir.Value, sign: int, order: int) -> list[ir.Value]:
    """g = 1 / (1 ± u²) and its derivatives up to order - 1."""
    inverse = emit.elementwise("Reciprocal", _quadratic(emit, u, (1, sign)))
    return _derivatives(emit, u, inverse, inverse, sign, Fraction(-1), order)


def inverse_root(emit: Emitter, u: ir.Value, signs: tuple[int, int], order: int) -> list[ir.Value]:
    """g = 1 / sqrt(W) and its derivatives up to order - 1, for W = ±1 ± u² with these signs."""
    root = emit.elementwise("Reciprocal", emit.elementwise("Sqrt", _quadratic(emit, u, signs)))
    if order == 1:
        return [root]
    return _derivatives(emit, u, root, emit.multiply(root, root), signs[1], Fraction(-1, 2), order)


def _quadratic(emit: Emitter, u: ir.Value, signs: tuple[int, int]) -> ir.Value:
    """±1 ± u²; a difference as (1 - u) (1 + u) or (u - 1) (u + 1), which keeps its digits near ±1."""
    one = emit.number(1, u)
    if signs == (1, 1):
        return emit.add(one, emit.multiply(u, u))
    difference = emit.subtract(one, u) if signs[0] == 1 else emit.subtract(u, one)
    return emit.multiply(difference, emit.add(one, u))


def _derivatives(
    emit: Emitter, u: ir.Value, g: ir.Value, inverse: ir.Value, sign: int, power: Fraction, order: int
) -> list[ir.Value]:
    found = [g]
    for k in range(order - 1):
        terms = [(sign * 2 * (power - k), emit.multiply(u, found[k]))]
        if k:
            terms.append((sign * k * (2 * power - k + 1), found[k - 1]))
        total = weighted_sum(emit, terms)
        if total is None:
            raise ArithmeticError("the weights of these terms are never 0")
        found.append(emit.multiply(inverse, total))
    return found
