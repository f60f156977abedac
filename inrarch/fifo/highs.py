"""HiGHS (https://highs.dev) as the linear and 0-1 programs need it: silent, one thread, deterministic.

The bound of a linear program does not rest on the solver's tolerances. Any multipliers y >= 0 of the rows prove that
nothing costs less than y x least + the sum over all columns of the least that (cost - y x row entries) x column can be
(weak duality). That is worked out here with the multipliers that HiGHS ends with, less what the sums are rounded by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from inrarch.errors import UserError
from inrarch.fifo.hull import Line

ROUNDED = 1e-6
"""A bound is less than this much, relatively, above a whole number that it is taken for."""


def whole(bound: float) -> int:
    """The least whole cost that a bound leaves possible; 0 where it says nothing."""
    return ceil(bound - ROUNDED * max(1.0, bound)) if isfinite(bound) else 0


def module() -> Any:
    """The package, imported when first needed. Raises UserError where it is missing."""
    try:
        import highspy
    except ImportError as error:
        raise UserError(
            "sizing FIFOs needs HiGHS, which is not installed",
            place="fifo",
            expected="the package highspy",
            hint="pip install highspy",
        ) from error
    return highspy


class Linear:
    """A program under construction: minimise cost, every row at least its number. whole: 0-1 columns."""

    def __init__(self, *, whole: bool = False) -> None:
        self._whole = whole
        self._columns: list[tuple[float, float, float]] = []
        self._rows: list[tuple[Mapping[int, float], float]] = []

    def column(self, cost: float, low: float = 0.0, high: float = np.inf) -> int:
        """A variable; its number."""
        self._columns.append((cost, low, high))
        return len(self._columns) - 1

    def above(self, column: int, lines: Sequence[Line], cost: float = 0.0) -> int:
        """A variable that is at least each of the lines at the place of another, which has bounds."""
        _, low, high = self._columns[column]
        ends = [sorted((slope * low + at_zero, slope * high + at_zero)) for slope, at_zero in lines]
        result = self.column(cost, max(least for least, _ in ends), max(most for _, most in ends))
        for slope, at_zero in lines:
            self.row({result: 1.0, column: -slope}, at_zero)
        return result

    def row(self, row: Mapping[int, float], least: float) -> None:
        """Require sum(row[column] x column) >= least."""
        self._rows.append((row, least))

    def solve(self, seconds: float | None = None) -> tuple[float, list[float] | None]:
        """A lower bound of the optimum (infinite where there is no solution), and the optimum's columns if found.

        The bound of a program without 0-1 columns is finite only where its columns have bounds. Columns are None where
        there is no solution or time ran out. Deterministic unless time runs out.
        """
        highspy = module()
        if not self._columns:
            return (np.inf, None) if any(least > 0 for _, least in self._rows) else (0.0, [])
        highs = highspy.Highs()
        options = {"output_flag": False, "threads": 1, "random_seed": 0, "mip_rel_gap": 0.0, "mip_abs_gap": 0.5}
        if seconds is not None:
            options["time_limit"] = max(0.01, seconds)
        for option, value in options.items():
            highs.setOptionValue(option, value)
        highs.passModel(self._model(highspy))
        highs.run()
        status, info = highs.getModelStatus(), highs.getInfo()
        if status == highspy.HighsModelStatus.kInfeasible:
            return np.inf, None
        if status != highspy.HighsModelStatus.kOptimal:
            return float(info.mip_dual_bound) if self._whole else -np.inf, None
        solution = highs.getSolution()
        bound = info.mip_dual_bound if self._whole else self.proven(np.array(solution.row_dual))
        return float(bound), list(solution.col_value)

    def proven(self, multipliers: npt.NDArray[np.float64]) -> float:
        """What multipliers of the rows prove."""
        cost, low, high = np.array(self._columns, dtype=np.float64).T
        least = np.array([least for _, least in self._rows], dtype=np.float64)
        index, value, lengths = self._entries()
        y = np.maximum(multipliers, 0.0)
        shares = np.repeat(y, lengths) * value
        reduced = cost - np.bincount(index, shares, len(cost))
        added = np.abs(cost) + np.bincount(index, np.abs(shares), len(cost))
        at = np.where(reduced > 0, low, np.where(reduced < 0, high, 0.0))
        if not np.isfinite(at).all():
            return -np.inf
        size = float((y * np.abs(least)).sum() + (added * np.abs(at)).sum())
        error = size * max(len(y), len(cost), len(index)) * float(np.finfo(np.float64).eps)
        return float((y * least).sum() + (reduced * at).sum()) - error

    def _entries(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64], list[int]]:
        """Column and value of every entry, row by row, and the entries of each row."""
        index = np.array([column for row, _ in self._rows for column in row], dtype=np.int32)
        value = np.array([v for row, _ in self._rows for v in row.values()], dtype=np.float64)
        return index, value, [len(row) for row, _ in self._rows]

    def _model(self, highspy: Any) -> Any:
        model, infinity = highspy.HighsLp(), highspy.kHighsInf
        cost, low, high = np.array(self._columns, dtype=np.float64).T
        model.num_col_, model.num_row_ = len(self._columns), len(self._rows)
        model.col_cost_, model.col_lower_ = cost.copy(), low.copy()
        model.col_upper_ = np.where(np.isinf(high), infinity, high)
        model.row_lower_ = np.array([least for _, least in self._rows], dtype=np.float64)
        model.row_upper_ = np.full(len(self._rows), infinity)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        index, value, lengths = self._entries()
        model.a_matrix_.start_ = np.cumsum([0, *lengths])
        model.a_matrix_.index_, model.a_matrix_.value_ = index, value
        if self._whole:
            model.integrality_ = [highspy.HighsVarType.kInteger] * len(self._columns)
        return model
