"""HiGHS (https://highs.dev) as the linear and 0-1 programs need it: silent, one thread, deterministic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from inrarch.errors import UserError


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

    def row(self, row: Mapping[int, float], least: float) -> None:
        """Require sum(row[column] x column) >= least."""
        self._rows.append((row, least))

    def solve(self, seconds: float | None = None) -> tuple[float, list[float] | None]:
        """A lower bound of the optimum (infinite where there is no solution), and the optimum's columns if found.

        Columns are None where there is no solution or time ran out. Deterministic unless time runs out.
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
        solved = status == highspy.HighsModelStatus.kOptimal
        bound = info.mip_dual_bound if self._whole else info.objective_function_value if solved else -np.inf
        return float(bound), list(highs.getSolution().col_value) if solved else None

    def _model(self, highspy: Any) -> Any:
        model, infinity = highspy.HighsLp(), highspy.kHighsInf
        cost, low, high = np.array(self._columns, dtype=np.float64).T
        model.num_col_, model.num_row_ = len(self._columns), len(self._rows)
        model.col_cost_, model.col_lower_ = cost.copy(), low.copy()
        model.col_upper_ = np.where(np.isinf(high), infinity, high)
        model.row_lower_ = np.array([least for _, least in self._rows], dtype=np.float64)
        model.row_upper_ = np.full(len(self._rows), infinity)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.cumsum([0, *(len(row) for row, _ in self._rows)])
        model.a_matrix_.index_ = np.array([column for row, _ in self._rows for column in row], dtype=np.int32)
        model.a_matrix_.value_ = np.array([v for row, _ in self._rows for v in row.values()], dtype=np.float64)
        if self._whole:
            model.integrality_ = [highspy.HighsVarType.kInteger] * len(self._columns)
        return model
