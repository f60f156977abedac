"""Bounds of a tensor over a set of rows, and the rules by which operators carry them.

A bound is an interval for every feature, and a bound of the Euclidean norm over the features. Both are carried, and
each tightens the other: through a matrix W, intervals grow by the column sums of |W|, norms only by its largest
singular value, which for a matrix of random signs is less by far.
(Intervals: Moore, Kearfott, Cloud, Introduction to Interval Analysis, SIAM 2009. Norms: Szegedy et al., Intriguing
properties of neural networks, ICLR 2014, section 4.3.)

Float64 rounds to nearest here; every result is widened by `SLACK` of its magnitude, far more than that rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inrarch.numeric.samples import Real

SLACK = 1e-10
_LIBRARY = 1e-9
"""More than sin and cos of the library are off, in absolute terms."""


@dataclass(frozen=True, slots=True)
class Bound:
    """low, high: [cells, ..., features]. norm: [cells, ..., 1], of the last axis. The rows of a cell are within all."""

    low: Real
    high: Real
    norm: Real

    @property
    def peak(self) -> float:
        """The largest magnitude."""
        return float(np.maximum(np.abs(self.low), np.abs(self.high)).max(initial=0.0))


def bounded(low: Real, high: Real, norm: Real | None = None) -> Bound:
    """A bound of intervals and, where it is known, a norm: each tightened by the other, and widened by `SLACK`."""
    widest = np.maximum(np.abs(low), np.abs(high))
    slack = SLACK * widest
    low, high = low - slack, high + slack
    of_box = np.sqrt((widest**2).sum(axis=-1, keepdims=True)) * (1 + SLACK)
    if norm is None or norm.shape != of_box.shape:
        return Bound(low, high, of_box)
    norm = np.minimum(norm * (1 + SLACK), of_box)
    return Bound(np.maximum(low, -norm), np.minimum(high, norm), norm)


def exact(low: Real, high: Real) -> Bound:
    """The bound of known ends, which no computation has rounded."""
    widest = np.maximum(np.abs(low), np.abs(high))
    return Bound(low, high, np.sqrt((widest**2).sum(axis=-1, keepdims=True)) * (1 + SLACK))


def widened(bound: Bound, by: float) -> Bound:
    """Every feature may be off by at most `by`."""
    return bounded(
        bound.low - by, bound.high + by, bound.norm + by * math.sqrt(bound.low.shape[-1] if bound.low.ndim else 1)
    )


def clipped(bound: Bound, low: float, high: float) -> Bound:
    """What saturation leaves."""
    return Bound(np.clip(bound.low, low, high), np.clip(bound.high, low, high), bound.norm)


def hull(a: Bound, b: Bound) -> Bound:
    """Either of two."""
    return bounded(np.minimum(a.low, b.low), np.maximum(a.high, b.high))


def either(condition: Bound, a: Bound, b: Bound) -> Bound:
    """One of two, in the common shape of these and of the condition."""
    found = hull(a, b)
    shape = np.broadcast_shapes(condition.low.shape, found.low.shape)
    if found.low.shape == shape:
        return found
    return exact(np.broadcast_to(found.low, shape), np.broadcast_to(found.high, shape))


def add(a: Bound, b: Bound) -> Bound:
    """a + b."""
    return bounded(a.low + b.low, a.high + b.high, _sum_of_norms(a, b))


def subtract(a: Bound, b: Bound) -> Bound:
    """a - b."""
    return bounded(a.low - b.high, a.high - b.low, _sum_of_norms(a, b))


def negate(a: Bound) -> Bound:
    """-a."""
    return Bound(-a.high, -a.low, a.norm)


def multiply(a: Bound, b: Bound) -> Bound:
    """a * b, of two numbers that have nothing to do with each other."""
    ends = (a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high)
    norm = None
    if a.low.ndim and b.low.ndim and a.low.shape[-1] == b.low.shape[-1]:
        norm = np.minimum(a.norm * _largest(b), b.norm * _largest(a))
    elif not b.low.ndim or b.low.shape[-1] == 1:
        norm = a.norm * _largest(b)
    return bounded(np.minimum.reduce(ends), np.maximum.reduce(ends), norm)


def square(a: Bound) -> Bound:
    """a * a."""
    low, high = a.low**2, a.high**2
    least = np.where((a.low <= 0) & (a.high >= 0), 0.0, np.minimum(low, high))
    found = bounded(least, np.maximum(low, high), a.norm * _largest(a))
    return Bound(np.maximum(found.low, 0.0), found.high, found.norm)


def absolute(a: Bound) -> Bound:
    """|a|."""
    low, high = np.abs(a.low), np.abs(a.high)
    return Bound(np.where((a.low <= 0) & (a.high >= 0), 0.0, np.minimum(low, high)), np.maximum(low, high), a.norm)


def reciprocal(a: Bound) -> Bound | None:
    """1 / a; None where some feature may be 0."""
    if not ((a.low > 0) | (a.high < 0)).all():
        return None
    return bounded(1 / a.high, 1 / a.low)


def matmul(a: Bound, weight: Real, bias: Real) -> Bound:
    """a @ weight + bias. weight: [K, M]; bias: [M] or 0."""
    centre, radius = (a.low + a.high) / 2, (a.high - a.low) / 2
    reach = radius @ np.abs(weight)
    middle = centre @ weight + bias
    # Rounding of a sum of K terms is below K ulp of the sum of their magnitudes.
    reach = reach + SLACK * (np.maximum(np.abs(a.low), np.abs(a.high)) @ np.abs(weight) + np.abs(bias))
    by_norm = a.norm * np.sqrt((weight**2).sum(axis=0)) * (1 + SLACK)
    low = np.maximum(middle - reach, bias - by_norm)
    high = np.minimum(middle + reach, bias + by_norm)
    grown = a.norm * (largest_singular_value(weight)) + float(np.sqrt((np.asarray(bias) ** 2).sum()))
    return bounded(low, high, grown)


def largest_singular_value(weight: Real) -> float:
    """An upper bound: the computed one, widened by far more than the error of the decomposition."""
    return float(np.linalg.svd(weight, compute_uv=False)[0]) * (1 + 1e-9) if weight.size else 0.0


def increasing(a: Bound, function: Callable[[Real], Real], least: float, most: float, *, shrinks: bool) -> Bound:
    """A function that never falls and lies within [least, most]. shrinks: |f(x)| <= |x|."""
    found = bounded(function(a.low), function(a.high), a.norm if shrinks else None)
    return Bound(np.clip(found.low, least, most), np.clip(found.high, least, most), found.norm)


def sine(a: Bound, shift: float = 0.0) -> Bound:
    """sin(a + shift); the cosine with a shift of a quarter turn."""
    low, high = a.low + shift, a.high + shift
    ends = np.sin(low), np.sin(high)
    top = _reaches(low, high, math.pi / 2)
    bottom = _reaches(low, high, -math.pi / 2)
    low = np.where(bottom, -1.0, np.minimum(*ends) - _LIBRARY)
    high = np.where(top, 1.0, np.maximum(*ends) + _LIBRARY)
    return clipped(bounded(low, high, None if shift else a.norm), -1.0, 1.0)


def _reaches(low: Real, high: Real, angle: float) -> npt.NDArray[np.bool_]:
    """Whether [low, high] holds the angle plus some number of turns; a little too often, never too seldom."""
    turn = 2 * math.pi
    return np.floor((high - angle) / turn + 1e-9) >= np.ceil((low - angle) / turn - 1e-9)


def _sum_of_norms(a: Bound, b: Bound) -> Real | None:
    same = a.low.ndim and b.low.ndim and a.low.shape[-1] == b.low.shape[-1]
    return a.norm + b.norm if same else None


def _largest(a: Bound) -> Real:
    widest = np.maximum(np.abs(a.low), np.abs(a.high))
    return widest.max(axis=-1, keepdims=True) if widest.ndim else widest
