"""Tables of the reduction `folded`: distances from a base in octaves, the first ones joined where that is smaller."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from inrarch.errors import UserError
from inrarch.numeric.fitting import MAX_SHIFT, Span, build_regions, segments_log2
from inrarch.numeric.formats import Format
from inrarch.numeric.functions import NONE, Real, RealFunction, TabulatedFunction
from inrarch.numeric.reductions import FoldedTable

_LEAST_REST_BITS = 12
_PARTS_BITS = (2, 3, 4)
"""An octave is 4 regions of equal width, each with the segments that it needs; 8 or 16 where that is too few."""
_BEYOND = 4
"""Values are followed up to this multiple of what saturates: segments that reach beyond are fitted without a kink."""

_UNMET = 1 << 30


def folded_table(function: TabulatedFunction, source: Format, target: Format, tolerance_lsb: float) -> FoldedTable:
    """The table of a function between two formats.

    UserError for an input format too coarse for the point where the function begins or ends.
    """
    fold = function.fold
    assert fold is not None
    if function.fold_near_zero is not None and source.frac > source.bits:
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
    followed = _within(fold.of_distance, math.ldexp(float(_BEYOND * limit), -target.frac))
    whole_bits = max(_LEAST_REST_BITS, distance_bits)
    for parts_bits in _PARTS_BITS:
        cut = _Cut(followed, parts_bits, whole_bits, 2.0**-source.frac, target, tolerance_lsb)
        linear_bits, segments = (0, cut.all_octaves(distance_bits)) if fold.singular else cut.best(distance_bits)
        if segments < _UNMET:
            break
    spans = cut.spans(linear_bits, distance_bits)
    core = build_regions(
        followed,
        spans,
        rest_bits=whole_bits - parts_bits,
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
        linear_bits=linear_bits,
        distance_bits=distance_bits,
        parts_bits=parts_bits,
    )


def _within(function: RealFunction, limit: float) -> RealFunction:
    """The function, with finite values beyond ±limit, whatever it does there."""

    def clipped(x: Real) -> Real:
        with np.errstate(all="ignore"):
            return np.clip(function(x), -limit, limit)

    return clipped


@dataclass(frozen=True, slots=True)
class _Cut:
    """Distances cut into octaves of 2**parts_bits regions. lsb: of a distance, as a real number."""

    function: RealFunction
    parts_bits: int
    whole_bits: int
    lsb: float
    target: Format
    tolerance_lsb: float

    def spans(self, linear_bits: int, distance_bits: int) -> list[Span]:
        """The octaves from `linear_bits` on, behind the distances below."""
        octaves = range(linear_bits, distance_bits)
        return [*self._linear(linear_bits), *(span for k in octaves for span in self._octave(k))]

    def all_octaves(self, distance_bits: int) -> int:
        """Segments of all octaves."""
        return sum(self._segments(self._octave(k)) for k in range(distance_bits))

    def best(self, distance_bits: int) -> tuple[int, int]:
        """How many octaves to join to one from 0 on so that the table has the fewest segments, and these."""
        above = [0] * (distance_bits + 1)
        for k in range(distance_bits - 1, -1, -1):
            above[k] = above[k + 1] + self._segments(self._octave(k))
        best, fewest = 0, 0
        for k in range(distance_bits, 0, -1):
            if best and above[k] >= fewest:
                break
            total = self._segments(self._linear(k)) + above[k]
            if not best or total < fewest:
                best, fewest = k, total
        return best, fewest

    def _linear(self, k: int) -> list[Span]:
        """Distances below 2**k; only 0 for k = 0."""
        if k == 0:
            return [Span(0.0, 0.0, self.whole_bits - self.parts_bits)] * (1 << self.parts_bits)
        return self._parts(0.0, k)

    def _octave(self, k: int) -> list[Span]:
        """Distances from 2**k to 2**(k + 1)."""
        return self._parts(2.0**k * self.lsb, k)

    def _parts(self, start: float, k: int) -> list[Span]:
        """The parts of 2**k distances from `start` on."""
        rest_bits = self.whole_bits - self.parts_bits
        step, zeros = 2.0 ** (k - self.whole_bits) * self.lsb, min(rest_bits, self.whole_bits - k)
        return [Span(start + part * step * 2.0**rest_bits, step, zeros) for part in range(1 << self.parts_bits)]

    def _segments(self, spans: list[Span]) -> int:
        """Segments that meet the tolerance; at least `_UNMET` where none do."""
        rest_bits, limit = self.whole_bits - self.parts_bits, 1 << self.target.bits
        shifts = [
            segments_log2(self.function, span, rest_bits, self.target.frac, limit, self.tolerance_lsb) for span in spans
        ]
        return sum(1 << shift if shift < MAX_SHIFT else _UNMET for shift in shifts)
