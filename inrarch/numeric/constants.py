"""1/(2 pi) and log2(e) to any number of bits, for exact range reduction."""

from __future__ import annotations

_EXTRA_BITS = 32
"""More than the rounding errors of the series below can reach."""


def inverse_two_pi(frac_bits: int) -> int:
    """``2**frac_bits / (2 pi)`` rounded to the nearest integer; pi by Machin's formula 16 atan(1/5) - 4 atan(1/239)."""
    bits = max(frac_bits, 0) + _EXTRA_BITS
    pi = 16 * _inverse_series(5, bits, alternating=True) - 4 * _inverse_series(239, bits, alternating=True)
    return _round_quotient(1 << (2 * bits), 2 * pi, bits - frac_bits)


def log2_e(frac_bits: int) -> int:
    """``2**frac_bits * log2(e)`` rounded to the nearest integer; ln 2 = 2 artanh(1/3)."""
    bits = max(frac_bits, 0) + _EXTRA_BITS
    return _round_quotient(1 << (2 * bits), 2 * _inverse_series(3, bits, alternating=False), bits - frac_bits)


def _inverse_series(x: int, bits: int, *, alternating: bool) -> int:
    """2**bits times atan(1/x) (alternating) or artanh(1/x): the sum of +-x**-(2k+1) / (2k+1)."""
    power = (1 << bits) // x
    total, k = power, 1
    while power:
        power //= x * x
        term = power // (2 * k + 1)
        total += -term if alternating and k % 2 else term
        k += 1
    return total


def _round_quotient(numerator: int, denominator: int, shift: int) -> int:
    """``numerator / denominator / 2**shift`` to nearest."""
    return ((numerator << 1) // (denominator << shift) + 1) >> 1
