"""Tables of the reduction `folded`: distances from a base in octaves, the first ones joined where that is smaller."""

from __future__ import annotations

import math

import numpy as np

from inrarch.errors import UserError
from inrarch.numeric.formats import Format
from inrarch.numeric.functions import NONE, Fold, Real, RealFunction, TabulatedFunction
from inrarch.numeric.polynomial import MAX_SHIFT, Span, build_regions, segments_log2
from inrarch.numeric.reductions import FoldedTable

_LEAST_REST_BITS = 12
_BEYOND = 4
"""Values are followed up to this multiple of what saturates: segments that reach beyond are fitted without a kink."""


def folded_table(function: TabulatedFunction, source: Format, target: Format, tolerance_lsb: float) -> FoldedTable:
    """The table of a function between two formats.

    UserError for an input format too coarse for the point where the function begins or ends.
    """
    fold = function.fold
    assert fold is not None
    if function.fold_near_zero is not None and source.frac >= source.bits:
        fold = function.fold_near_zero
    base = 0 if fold.base == 0 else 1 << max(source.frac, 0)
    if fold.base != 0 and source.frac < 0:
        raise UserError(
            f"the format of its input, {source.bits} bits at binary point {source.frac}, cannot hold {fold.base}",
            place=f"function {function.name!r}",
            expected=f"inputs where the function is defined, {function.domain}",
        )
    largest = -source.lowest if fold.symmetry != NONE else source.highest
    lowest, highest = (0, base) if fold.falling else (base, max(largest, base))
    if fold.symmetry == NONE and not fold.bounded:
        raise ValueError(f"{function.name}: a function without symmetry begins at its base")
    distance_bits = max(1, (highest - lowest).bit_length())
    limit = 1 << target.bits
    rest_bits = max(_LEAST_REST_BITS, distance_bits)
    followed = _within(fold.of_distance, math.ldexp(float(_BEYOND * limit), -target.frac))
    spans = _spans(followed, fold, distance_bits, rest_bits, 2.0**-source.frac, target, tolerance_lsb)
    core = build_regions(
        followed,
        spans,
        rest_bits=rest_bits,
        centre=0.0,
        frac=target.frac,
        result_limit=limit,
        tolerance_lsb=tolerance_lsb,
    )
    error = 0.5 + core.approximation_lsb
    # A result of exactly the bound is clipped by one LSB where the format ends just below it.
    if function.bound is not None and target.highest < math.ldexp(function.bound, target.frac):
        error = max(error, 1.0)
    return FoldedTable(
        function.name,
        source,
        target,
        core,
        error,
        symmetry=fold.symmetry,
        lowest=lowest,
        highest=highest,
        base=base,
        falling=fold.falling,
        bounded=fold.bounded,
        linear_bits=distance_bits + 1 - len(spans),
        distance_bits=distance_bits,
    )


def _within(function: RealFunction, limit: float) -> RealFunction:
    """The function, with finite values beyond ±limit, whatever it does there."""

    def clipped(x: Real) -> Real:
        with np.errstate(all="ignore"):
            return np.clip(function(x), -limit, limit)

    return clipped


def _spans(
    function: RealFunction,
    fold: Fold,
    distance_bits: int,
    rest_bits: int,
    lsb: float,
    target: Format,
    tolerance_lsb: float,
) -> list[Span]:
    """The octaves, the lower ones joined to one region from 0 on where that takes fewer segments in all."""

    def octave(k: int) -> Span:
        return Span(2.0**k * lsb, 2.0 ** (k - rest_bits) * lsb, rest_bits - k)

    def joined(k: int) -> Span:
        return Span(0.0, 2.0 ** (k - rest_bits) * lsb if k else 0.0, rest_bits - k)

    def segments(span: Span, most: int = MAX_SHIFT) -> int:
        return 1 << segments_log2(function, span, rest_bits, target.frac, 1 << target.bits, tolerance_lsb, most)

    best = 0
    if not fold.singular:
        above = [0] * (distance_bits + 1)
        """Segments of the octaves from k on."""
        for k in range(distance_bits - 1, -1, -1):
            above[k] = above[k + 1] + segments(octave(k))
        fewest = above[0] + 1
        for k in range(1, distance_bits + 1):
            most = min(MAX_SHIFT, max(0, (fewest - above[k]).bit_length()))
            total = segments(joined(k), most) + above[k]
            if total <= fewest and (1 << most) > total - above[k]:
                best, fewest = k, total
    return [joined(best), *map(octave, range(best, distance_bits))]
