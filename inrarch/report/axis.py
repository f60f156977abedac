"""Axes of plots: linear or logarithmic, with ticks at round numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_LOG_FROM = 30.0
"""A quantity whose values span more than this ratio gets a logarithmic axis."""

_ALL_MANTISSAS_UP_TO = 1.5
"""Decades; up to here a logarithmic axis has ticks at 1, 2 and 5, beyond at powers of ten."""


@dataclass(frozen=True, slots=True)
class Axis:
    """low, high: values at its ends. ticks: values. logarithmic: positions go by the logarithm."""

    low: float
    high: float
    ticks: tuple[float, ...]
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """0 at the low end, 1 at the high end."""
        if self.logarithmic:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def make_axis(values: Sequence[float], *, logarithmic: bool | None = None) -> Axis:
    """An axis on which all values (at least one) lie, with some space around them.

    logarithmic: None = where the values span a large ratio; a logarithmic axis needs values above 0.
    """
    low, high = min(values), max(values)
    if low > 0 and (logarithmic or (logarithmic is None and high / low > _LOG_FROM)):
        return _log_axis(low, high)
    return _linear_axis(low, high)


def integer_axis(values: Sequence[int]) -> Axis:
    """An axis for few whole numbers: a tick at each of them and half a step of space around."""
    ticks = sorted(set(values))
    pad = max((ticks[-1] - ticks[0]) * 0.12, 0.5)
    return Axis(ticks[0] - pad, ticks[-1] + pad, tuple(map(float, ticks)))


def _linear_axis(low: float, high: float) -> Axis:
    if low >= 0 and low < 0.6 * high:
        low = 0.0
    if low == high:
        low, high = low - (abs(low) * 0.1 or 1.0), high + (abs(high) * 0.1 or 1.0)
    span = high - low
    rough = span / 5
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * unit for factor in (1, 2, 2.5, 5, 10) if factor * unit >= rough * 0.999)
    bottom = low if low == 0 else low - 0.06 * span
    top = high + 0.08 * span
    first, last = math.ceil(bottom / step - 1e-9), math.floor(top / step + 1e-9)
    return Axis(bottom, top, tuple(round(index * step, 12) for index in range(first, last + 1)))


def _log_axis(low: float, high: float) -> Axis:
    decades = math.log10(high / low) if high > low else 0.0
    pad = 10 ** max(0.06 * decades, 0.08)
    low, high = low / pad, high * pad
    mantissas = (1, 2, 5) if decades <= _ALL_MANTISSAS_UP_TO else (1,)
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [mantissa * 10.0**exponent for exponent in exponents for mantissa in mantissas]
    return Axis(low, high, tuple(tick for tick in ticks if low <= tick <= high), logarithmic=True)
