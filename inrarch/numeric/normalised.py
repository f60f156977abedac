"""Tables of the reduction `normalised`: one octave of the mantissa serves all, by an exact shift or a constant."""

from __future__ import annotations

import math

import numpy as np

from inrarch.numeric.fitting import Span, build_regions
from inrarch.numeric.formats import Format
from inrarch.numeric.functions import Real, TabulatedFunction
from inrarch.numeric.reductions import NormalisedTable

_LEAST_REST_BITS = 12


def normalised_table(
    function: TabulatedFunction, source: Format, target: Format, tolerance_lsb: float
) -> NormalisedTable:
    """The table of a power (-1, -1/2, 1/2) or of the logarithm between two formats."""
    if function.exponent is None:
        return _logarithm(function, source, target, tolerance_lsb)
    return _power(function, function.exponent, source, target)


def _power(function: TabulatedFunction, exponent: float, source: Format, target: Format) -> NormalisedTable:
    """(2**p (1 + r))**a 2**(a (e - p)): p makes a (e - p) whole; the mantissa, doubled for a < 0, is in [1, 2]."""
    halves = exponent != -1
    rest_bits = max(_LEAST_REST_BITS, source.bits)
    core_frac = target.bits + 2
    doubled = 1 if exponent < 0 else 0

    def parity(k: int) -> int:
        return (k - 1 - source.frac) % 2 if halves else 0

    def mantissa(x: Real) -> Real:
        return np.asarray(2.0**doubled * np.power(x, exponent))

    spans = [Span(2.0 ** parity(k), 2.0 ** (parity(k) - rest_bits)) for k in ((0, 1) if halves else (0,))]
    core = build_regions(
        mantissa,
        spans,
        rest_bits=rest_bits,
        centre=0.0,
        frac=core_frac,
        result_limit=1 << 62,
        tolerance_lsb=0.5,
    )
    octaves = range(1, source.bits + 1)
    lifts = [int(exponent * (k - 1 - source.frac - parity(k))) for k in octaves]
    shifts = (0, *(min(max(core_frac + doubled - lift - target.frac, 0), 62) for lift in lifts))
    # One LSB of the mantissa is at most 1/16 LSB of an unsaturated output.
    error = 0.5 + (0.5 + core.approximation_lsb) / 16
    at_zero = 0 if exponent > 0 else 1 << target.bits
    odd = exponent == -1
    return NormalisedTable(
        function.name, source, target, core, error, odd, halves, at_zero, shifts, (0,) * (source.bits + 1)
    )


def _logarithm(function: TabulatedFunction, source: Format, target: Format, tolerance_lsb: float) -> NormalisedTable:
    """e log(2) + log(1 + r); the constants are added before the rounding."""
    rest_bits = max(_LEAST_REST_BITS, source.bits)
    core = build_regions(
        np.log,
        [Span(1.0, 2.0**-rest_bits)],
        rest_bits=rest_bits,
        centre=0.0,
        frac=target.frac,
        result_limit=1 << 62,
        tolerance_lsb=tolerance_lsb,
    )
    # What lies beyond saturates with any mantissa.
    most = (2 << target.bits) + math.ceil(math.ldexp(1.0, target.frac))
    offsets = [0]
    for k in range(1, source.bits + 1):
        lsb = math.ldexp((k - 1 - source.frac) * math.log(2), target.frac)
        offsets.append(round(math.ldexp(min(max(lsb, -most), most), core.result_shift)))
    error = 0.5 + core.approximation_lsb + 2.0**-core.result_shift
    shifts = (0,) * (source.bits + 1)
    return NormalisedTable(
        function.name, source, target, core, error, False, False, -(1 << target.bits), shifts, tuple(offsets)
    )
