"""Segments and integer coefficients of a table's polynomials (`inrarch.numeric.polynomial`), and their largest error.

Least squares on Chebyshev nodes; the error is measured at 65 points of every segment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inrarch.numeric.polynomial import GUARD_BITS, Polynomial

Real = npt.NDArray[np.float64]
Function = Callable[[Real], Real]

MAX_OFFSET_BITS = 24
MAX_SHIFT = 11
"""At most 2**11 segments per region."""
_FIT_NODES = np.cos(np.pi * (np.arange(24) + 0.5) / 24)
_CHECK_NODES = np.linspace(-1.0, 1.0, 65)


@dataclass(frozen=True, slots=True)
class Span:
    """The arguments of one region: ``start + rest * step``, rest from 0 to ``2**rest_bits - 1``.

    zeros: low bits of `rest` that are always 0, so that there are only ``2**(rest_bits - zeros)`` arguments.
    """

    start: float
    step: float
    zeros: int = 0


def build_polynomial(
    function: Function,
    *,
    region_bits: int,
    rest_bits: int,
    origin: float,
    step: float,
    centre: float,
    frac: int,
    result_limit: int,
    tolerance_lsb: float,
) -> Polynomial:
    """`build_regions` for 2**region_bits equal regions from `origin` on."""
    spans = [Span(origin + region * step * (1 << rest_bits), step) for region in range(1 << region_bits)]
    return build_regions(
        function,
        spans,
        rest_bits=rest_bits,
        centre=centre,
        frac=frac,
        result_limit=result_limit,
        tolerance_lsb=tolerance_lsb,
    )


def build_regions(
    function: Function,
    spans: Sequence[Span],
    *,
    rest_bits: int,
    centre: float,
    frac: int,
    result_limit: int,
    tolerance_lsb: float,
) -> Polynomial:
    """Choose the segments and fit the integer coefficients.

    function: vectorised, float64. The argument of a region's integer rest is ``start + (rest + centre) * step``:
    `centre` puts the argument in the middle of the inputs that share one rest. Segments whose values lie wholly outside
    +-result_limit (in LSB) are constants, because the caller saturates. Each region takes the fewest segments whose
    error is at most `tolerance_lsb`, or 2**MAX_SHIFT; a region with as many segments as arguments looks them up.
    """
    shifts = [segments_log2(function, span, rest_bits, frac, result_limit, tolerance_lsb) for span in spans]
    harmless = _harmless_drop(function, shifts, spans, rest_bits, frac)
    drop_bits = max(0, rest_bits - MAX_OFFSET_BITS, min(harmless, rest_bits - 2))
    offset_bits = rest_bits - drop_bits
    result_shift = offset_bits - 1 + GUARD_BITS
    slope_shift = offset_bits - 1
    half_span = 1 << (offset_bits - 1)
    c0: list[int] = []
    c1: list[int] = []
    c2: list[int] = []
    worst = 0.0
    bases = []
    for span, shift in zip(spans, shifts, strict=True):
        bases.append(len(c0))
        # Units of v are step / 2**shift; d counts 2**drop_bits of them, and stands for the middle of what it drops.
        unit = span.step / (1 << shift)
        lost = max(0.0, (2.0**drop_bits - 2.0 ** (shift + span.zeros)) / 2)
        local = centre * 2**shift + lost + half_span * 2.0**drop_bits
        starts = span.start + np.arange(1 << shift) * (unit * 2**rest_bits)
        if shift == rest_bits - span.zeros:
            unit = lost = local = 0.0
        middles = starts + local * unit
        k0, k1, k2, error = _fit_integers(
            function, middles, unit * 2.0**drop_bits, half_span, frac, result_limit, result_shift, slope_shift
        )
        error += lost / 2.0**drop_bits * _steepest(k1, k2, half_span, result_shift, slope_shift)
        c0 += k0
        c1 += k1
        c2 += k2
        worst = max(worst, error)
    slope_rounding = 0.5 * half_span * 2.0**-result_shift
    return Polynomial(
        frac=frac,
        region_bits=(len(spans) - 1).bit_length(),
        rest_bits=rest_bits,
        shifts=tuple(shifts),
        bases=tuple(bases),
        drop_bits=drop_bits,
        slope_shift=slope_shift,
        result_shift=result_shift,
        c0=tuple(c0),
        c1=tuple(c1),
        c2=tuple(c2),
        approximation_lsb=worst + slope_rounding,
    )


def build_lookup(values: Real, frac: int, result_limit: int) -> Polynomial:
    """One constant segment per argument, where there are only few: t is the address. values: 2**n results, n >= 2."""
    bits = values.size.bit_length() - 1
    limited = np.clip(np.ldexp(values, frac), -result_limit, result_limit)
    half = 1 << (GUARD_BITS - 1)
    return Polynomial(
        frac=frac,
        region_bits=0,
        rest_bits=bits,
        shifts=(bits,),
        bases=(0,),
        drop_bits=0,
        slope_shift=bits - 1,
        result_shift=bits - 1 + GUARD_BITS,
        c0=tuple(int(c) + half for c in np.rint(limited * 2.0**GUARD_BITS)),
        c1=(0,) * values.size,
        c2=(0,) * values.size,
        approximation_lsb=2.0 ** -(GUARD_BITS + 1),
    )


def segments_log2(function: Function, span: Span, rest_bits: int, frac: int, limit: int, tolerance_lsb: float) -> int:
    """The fewest segments of a region, as a power of two, that meet the tolerance."""
    most = min(MAX_SHIFT, rest_bits - 2, rest_bits - span.zeros)
    for shift in range(most):
        width = span.step * (1 << (rest_bits - shift))
        middles = np.asarray(span.start + (np.arange(1 << shift) + 0.5) * width, dtype=np.float64)
        error, steepest = _fit_error(function, middles, width / 2, frac, limit)
        # A segment longer than 2**MAX_OFFSET_BITS arguments rounds them: to half a unit of d.
        rounding = steepest * 2.0**-MAX_OFFSET_BITS if rest_bits - span.zeros - shift > MAX_OFFSET_BITS else 0.0
        if error + rounding <= tolerance_lsb:
            return shift
    return most


def _quadratic(values: Real) -> tuple[Real, Real, Real]:
    """Least squares on Chebyshev nodes (near minimax): coefficients on [-1, 1] of `values` [segments, nodes]."""
    n = _FIT_NODES.size
    t2 = 2 * _FIT_NODES**2 - 1
    a0 = values.mean(axis=1)
    a1 = values @ _FIT_NODES * (2 / n)
    a2 = values @ t2 * (2 / n)
    return a0 - a2, a1, 2 * a2


def _sampled(function: Function, middles: Real, half_width: float, frac: int, limit: int) -> tuple[Real, Real]:
    """The function in LSB of the result at the nodes of fit and check; rows wholly outside +-limit become +-limit."""
    fitted, checked = (
        np.ldexp(function(middles[:, None] + half_width * nodes), frac) for nodes in (_FIT_NODES, _CHECK_NODES)
    )
    for outside, value in ((checked.min(axis=1) > limit, limit), (checked.max(axis=1) < -limit, -limit)):
        fitted[outside] = value
        checked[outside] = value
    return fitted, checked


def _fit_error(function: Function, middles: Real, half_width: float, frac: int, limit: int) -> tuple[float, float]:
    """Largest error in LSB of the unrounded fit over all segments, and its largest slope in LSB per half segment."""
    values, checked = _sampled(function, middles, half_width, frac, limit)
    k0, k1, k2 = _quadratic(values)
    fitted = k0[:, None] + k1[:, None] * _CHECK_NODES + k2[:, None] * _CHECK_NODES**2
    return float(np.abs(fitted - checked).max()), float((np.abs(k1) + 2 * np.abs(k2)).max())


def _harmless_drop(function: Function, shifts: list[int], spans: Sequence[Span], rest_bits: int, frac: int) -> int:
    """How many low bits of v can go so that the argument's rounding costs at most 1/16 LSB in every region."""
    drops = []
    for span, shift in zip(spans, shifts, strict=True):
        samples = function(span.start + span.step * 2.0**rest_bits * np.linspace(0.0, 1.0, 257))
        slope_lsb = float(np.abs(np.diff(np.ldexp(samples, frac))).max()) * 256 / 2.0**rest_bits  # LSB per unit of t
        # Dropping b bits of v is a step of 2**(b - shift) in t, an error of half of that; zeros cost nothing.
        allowed = 0.125 / max(slope_lsb, 1e-300)
        drops.append(shift + max(0, span.zeros, int(np.floor(np.log2(allowed)))))
    return min(drops)


def _steepest(c1: list[int], c2: list[int], half_span: int, result_shift: int, slope_shift: int) -> float:
    """Bound of the slope of all segments, in LSB of the result per unit of d."""
    curvature = max(abs(c) for c in c2) * 2.0 * half_span * 2.0**-slope_shift
    return (max(abs(c) for c in c1) + curvature) * 2.0**-result_shift


def _fit_integers(
    function: Function,
    middles: Real,
    unit: float,
    half_span: int,
    frac: int,
    limit: int,
    result_shift: int,
    slope_shift: int,
) -> tuple[list[int], list[int], list[int], float]:
    """Round c2, refit; round c1, refit; round c0. Returns the lists and the largest error in LSB of the result."""
    values, checked = _sampled(function, middles, unit * half_span, frac, limit)
    _, _, k2 = _quadratic(values)
    scale1 = 2.0**result_shift / half_span
    scale2 = scale1 * 2.0**slope_shift / half_span
    c2 = np.rint(k2 * scale2)
    values = values - (c2 / scale2)[:, None] * _FIT_NODES**2
    _, k1, _ = _quadratic(values)
    c1 = np.rint(k1 * scale1)
    rest = checked - (c1 / scale1)[:, None] * _CHECK_NODES - (c2 / scale2)[:, None] * _CHECK_NODES**2
    middle = (rest.max(axis=1) + rest.min(axis=1)) / 2
    c0 = np.rint(middle * 2.0**GUARD_BITS)
    error = np.abs(rest - (c0 * 2.0**-GUARD_BITS)[:, None]).max()
    half = 1 << (GUARD_BITS - 1)
    return [int(c) + half for c in c0], [int(c) for c in c1], [int(c) for c in c2], float(error)
