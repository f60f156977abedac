"""Integer arithmetic of the hardware on numpy int64: rounding shift, saturation, alignment, exact matrix product.

This is the definition; the C++ headers in `kernel_lib/common/` equal it to the last bit. Nothing here may wrap: callers
check the widths once per node with `require_width`, and values stay inside their formats because every node saturates.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inrarch.errors import UserError
from inrarch.numeric.formats import Format, round_to_integers

Integers = npt.NDArray[np.int64]

_EXACT_FLOAT64 = 1 << 53


class Saturated(NamedTuple):
    """A result and how many of its elements were clipped by more than one LSB (an overflow)."""

    values: Integers
    overflows: int


class NoFormatsError(UserError):
    """There are no number formats of the widths asked for; there may be of others."""


class TooWideError(NoFormatsError):
    """An exact intermediate needs more bits than the arithmetic has."""


def require_width(bits: int, tensor: str, limit: int = 62) -> None:
    """`TooWideError` naming the tensor when an exact intermediate needs more than `limit` bits."""
    if bits > limit:
        raise TooWideError(
            f"the exact result before rounding needs {bits} bits",
            place=f"tensor {tensor!r}",
            expected=f"at most {limit} bits",
            hint="use fewer data_bits or weight_bits, or bring the operands of this node to similar magnitudes",
        )


def round_shift(values: Integers, shift: int) -> Integers:
    """``floor(v / 2**shift + 1/2)``: to nearest, ties to +infinity; a negative shift is an exact shift to the left.

    |v| < 2**62, and the caller has checked that a left shift fits. In C++: ``(v + (1 << (shift-1))) >> shift``.
    """
    if shift <= 0:
        return np.left_shift(values, -shift)
    if shift > 62:
        return np.zeros_like(values)
    return np.right_shift(values + (1 << (shift - 1)), shift)


def saturate(values: Integers, fmt: Format) -> Saturated:
    """Clip to the signed range of the format. One LSB of clipping is rounding, more is an overflow and is counted."""
    low, high = fmt.lowest, fmt.highest
    if values.size == 0 or (values.min() >= low and values.max() <= high):
        return Saturated(values, 0)
    overflows = int(np.count_nonzero((values < low - 1) | (values > high + 1)))
    return Saturated(np.clip(values, low, high), overflows)


def rescale(values: Integers, frac: int, fmt: Format) -> Saturated:
    """One rounding from binary point `frac` to the format's, then saturation: how every node ends."""
    return saturate(round_shift(values, frac - fmt.frac), fmt)


def align(values: Integers, frac: int, target_frac: int) -> Integers:
    """Exact shift to the left to a finer binary point (``target_frac >= frac``)."""
    return np.left_shift(values, target_frac - frac)


def sum_bits(a: Format, b: Format) -> int:
    """Bits of the exact sum or difference of two values aligned to the finer binary point."""
    frac = max(a.frac, b.frac)
    return 1 + max(a.bits + frac - a.frac, b.bits + frac - b.frac)


def reduction_bits(data: Format, terms: int) -> int:
    """Bits that hold every possible sum of `terms` values of a format.

    >>> reduction_bits(Format(24, 16), 1), reduction_bits(Format(24, 16), 256), reduction_bits(Format(24, 16), 257)
    (24, 32, 33)
    """
    return data.bits + max(terms - 1, 0).bit_length()


def accumulator_bits(weight: Integers, data: Format, bias: Integers | None = None) -> int:
    """Bits that hold every possible sum of a matmul exactly: the largest column sum |W| * 2**(data bits - 1) + |bias|.

    weight: [K, M] integers; bias: [M] integers at the accumulator's binary point.
    """
    columns = np.abs(weight).sum(axis=0, dtype=np.int64)
    added = np.zeros_like(columns) if bias is None else np.broadcast_to(np.abs(bias), columns.shape)
    sums = zip(columns.tolist(), added.tolist(), strict=True)
    largest = max(((int(column) << (data.bits - 1)) + int(bias_m) for column, bias_m in sums), default=0)
    return int(largest).bit_length() + 1


def bias_integers(bias: npt.NDArray[np.float64], frac: int, tensor: str) -> Integers:
    """A matmul's bias at the accumulator's binary point (f_x + f_W), to nearest.

    UserError naming the tensor where 62 bits do not hold it.
    """
    peak = float(np.abs(bias).max(initial=0.0))
    require_width(math.frexp(peak)[1] + frac + 1 if peak else 1, tensor)
    return round_to_integers(bias, frac)


def exact_matmul(data: Integers, weight: Integers, data_bits: int) -> Integers:
    """``data @ weight`` of integers, exact, at the speed of float64 BLAS.

    data: [..., K] of `data_bits` signed bits; weight: [K, M]. A float64 product is exact while every partial sum stays
    below 2**53, whatever the order of summation; wider data is cut into limbs that keep it so.
    The result must fit 63 bits (see `accumulator_bits`).
    """
    columns = int(np.abs(weight).sum(axis=0, dtype=np.int64).max(initial=0))
    factor = weight.astype(np.float64)
    if columns << (data_bits - 1) < _EXACT_FLOAT64:
        return np.asarray((data.astype(np.float64) @ factor).astype(np.int64))
    limb_bits = 53 - columns.bit_length()
    total = np.zeros((*data.shape[:-1], weight.shape[1]), dtype=np.int64)
    for shift in range(0, data_bits, limb_bits):
        limb = data >> shift
        if shift + limb_bits < data_bits:
            limb = limb & ((1 << limb_bits) - 1)
        total += (limb.astype(np.float64) @ factor).astype(np.int64) << shift
    return total
