"""Lines below a set of points: what a linear program may know of a function that is not convex."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inrarch.fifo.pieces import Integers

Line = tuple[float, float]
"""Slope, and value at 0."""


def lines_below(x: Integers, y: Integers, splits: int | None = None) -> list[Line]:
    """The edges of the lower convex hull of the points, from the left, as lines that no point is below.

    x: increasing, at least one. splits: how often the hull may be divided (quickhull), so that there are at most
    2^splits lines, which may then touch the hull in one point; None = all edges.
    """
    if len(x) == 1:
        return [(0.0, float(y[0]))]
    found: list[Line] = []
    _divide(x.astype(np.float64), y.astype(np.float64), splits, found)
    return found


def _divide(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], splits: int | None, found: list[Line]) -> None:
    """Lines between the first and the last point, both corners of the hull."""
    slope = (y[-1] - y[0]) / (x[-1] - x[0])
    at_zero = y - slope * x
    lowest = int(np.argmin(at_zero))
    if splits == 0 or at_zero[lowest] >= min(at_zero[0], at_zero[-1]) - 1e-9:
        found.append((float(slope), float(at_zero[lowest])))
        return
    left = None if splits is None else splits - 1
    _divide(x[: lowest + 1], y[: lowest + 1], left, found)
    _divide(x[lowest:], y[lowest:], left, found)
