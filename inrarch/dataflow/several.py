"""Arithmetic on an int, or on an array of ints: of one thing, or of several at once.

What a unit costs is written once; the search works it out for all choices of a unit together.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Count = Any
"""An int, or an array of ints."""


def is_several(*numbers: Count) -> bool:
    """Whether any of them is an array."""
    return any(isinstance(each, np.ndarray) for each in numbers)


def larger(one: Count, other: Count) -> Count:
    """The maximum."""
    return np.maximum(one, other) if is_several(one, other) else max(one, other)


def smaller(one: Count, other: Count) -> Count:
    """The minimum."""
    return np.minimum(one, other) if is_several(one, other) else min(one, other)


def pick(condition: Any, one: Count, other: Count) -> Count:
    """The one where the condition holds, else the other."""
    if isinstance(condition, np.ndarray):
        return np.where(condition, one, other)
    return one if condition else other


def ceiling(number: Any) -> Count:
    """Rounded up."""
    return np.ceil(number).astype(np.int64) if is_several(number) else math.ceil(number)


def nearest(number: Any) -> Count:
    """Rounded to the nearest, ties to the even one."""
    return np.rint(number).astype(np.int64) if is_several(number) else round(number)


def levels(operands: Count) -> Count:
    """Of a tree that joins so many two by two."""
    return ceiling(np.log2(operands)) if is_several(operands) else (operands - 1).bit_length()
