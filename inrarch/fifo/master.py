"""The cheapest depths that keep all rules found so far: a 0-1 program, solved by HiGHS.

For each stream, thresholds v1 < v2 < ... are the depths that some rule asks for, each moved up to the deepest FIFO of
the same price. Variable x_k is 1 where the stream has at least v_k words, and costs price(v_k) - price(v_{k-1}). Good
depths keep every rule, so the optimum, or any lower bound of it that HiGHS proves, is a lower bound of the problem.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inrarch.errors import UserError
from inrarch.fifo.conflict import REGISTERS, Conflict
from inrarch.fifo.objective import Objective


@dataclass(frozen=True, slots=True)
class Answer:
    """bound: no depths cost less. depths: the cheapest that keep the rules; None where none do or time ran out."""

    bound: int
    depths: dict[str, int] | None


class Master:
    """The rules so far. least: depths that no good depths go below."""

    def __init__(self, objective: Objective, least: Mapping[str, int], most: Mapping[str, int]) -> None:
        self._objective, self._most = objective, most
        self._base = {
            name: depth if depth <= REGISTERS else objective.plateau(name, depth) for name, depth in least.items()
        }
        self._rules: list[Conflict] = []
        self._known: set[tuple[object, ...]] = set()

    @property
    def base(self) -> dict[str, int]:
        """The cheapest depths without any rule."""
        return dict(self._base)

    def add(self, rule: Conflict) -> bool:
        """Whether the rule was new."""
        key = (tuple(sorted(rule.deeper.items())), tuple(sorted(rule.registers.items())), rule.late)
        if key in self._known:
            return False
        self._known.add(key)
        self._rules.append(rule)
        return True

    def solve(self, seconds: float | None) -> Answer:
        """Solve to the optimum, or as far as time allows."""
        steps: dict[str, set[int]] = {name: set() for name in self._base}
        for rule in self._rules:
            for name, depth in rule.deeper.items():
                if self._base[name] < depth <= self._most[name]:
                    steps[name].add(self._objective.plateau(name, depth))
            for name in rule.registers:
                if self._base[name] <= REGISTERS < self._most[name]:
                    steps[name].add(self._objective.plateau(name, REGISTERS + 1))
        columns: dict[tuple[str, int], int] = {}
        program = Program()
        for name, depths in steps.items():
            before, last = self._objective.of(name, self._base[name]), None
            for depth in sorted(depths):
                price = self._objective.of(name, depth)
                column = columns[name, depth] = program.column(price - before)
                if last is not None:
                    program.row({last: 1, column: -1}, 0)
                before, last = price, column
        for rule in self._rules:
            self._add_row(program, rule, columns)
        return self._read(program.solve(seconds), columns)

    def _add_row(self, program: Program, rule: Conflict, columns: Mapping[tuple[str, int], int]) -> None:
        row: dict[int, int] = {}
        least = rule.late
        for name, depth in rule.deeper.items():
            if self._base[name] >= depth:
                return
            if depth <= self._most[name]:
                column = columns[name, self._objective.plateau(name, depth)]
                row[column] = row.get(column, 0) + rule.late
        for name, count in rule.registers.items():
            if self._base[name] <= REGISTERS:
                least -= count
                if self._most[name] > REGISTERS:
                    column = columns[name, self._objective.plateau(name, REGISTERS + 1)]
                    row[column] = row.get(column, 0) - count
        program.row(row, least)

    def _read(self, solved: Solved, columns: Mapping[tuple[str, int], int]) -> Answer:
        floor = self._objective.total(self._base)
        if solved.values is None:
            return Answer(floor + solved.bound, None)
        depths = dict(self._base)
        for (name, depth), column in columns.items():
            if solved.values[column] > 0.5:
                depths[name] = max(depths[name], depth)
        return Answer(floor + solved.bound, depths)


@dataclass(frozen=True, slots=True)
class Solved:
    """bound: of the objective, whole. values: of the columns; None without a proven optimum."""

    bound: int
    values: list[float] | None


class Program:
    """A 0-1 program under construction: minimise cost, every row at least its number."""

    def __init__(self) -> None:
        self._costs: list[int] = []
        self._rows: list[tuple[dict[int, int], int]] = []

    def column(self, cost: int) -> int:
        """A 0-1 variable; its number."""
        self._costs.append(cost)
        return len(self._costs) - 1

    def row(self, row: dict[int, int], least: int) -> None:
        """Require sum(row[column] x column) >= least."""
        self._rows.append((row, least))

    def solve(self, seconds: float | None) -> Solved:
        """Deterministic unless time runs out. Raises UserError where HiGHS is missing."""
        highs, model = _highs(), _module().HighsLp()
        if not self._costs:
            return Solved(0, [])
        import numpy as np

        module = _module()
        infinity = module.kHighsInf
        starts, columns, values = [0], [], []
        for row, _ in self._rows:
            columns += row.keys()
            values += row.values()
            starts.append(len(columns))
        model.num_col_, model.num_row_ = len(self._costs), len(self._rows)
        model.col_cost_ = np.array(self._costs, dtype=np.float64)
        model.col_lower_, model.col_upper_ = np.zeros(len(self._costs)), np.ones(len(self._costs))
        model.row_lower_ = np.array([least for _, least in self._rows], dtype=np.float64)
        model.row_upper_ = np.full(len(self._rows), infinity)
        model.a_matrix_.format_ = module.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.array(starts)
        model.a_matrix_.index_ = np.array(columns, dtype=np.int32)
        model.a_matrix_.value_ = np.array(values, dtype=np.float64)
        model.integrality_ = [module.HighsVarType.kInteger] * len(self._costs)
        if seconds is not None:
            highs.setOptionValue("time_limit", max(0.01, seconds))
        highs.passModel(model)
        highs.run()
        return self._solved(module, highs)

    def _solved(self, module: Any, highs: Any) -> Solved:
        status, info = highs.getModelStatus(), highs.getInfo()
        bound = max(0, -int(-(info.mip_dual_bound - 1e-6) // 1)) if abs(info.mip_dual_bound) < 1e18 else 0
        if status == module.HighsModelStatus.kOptimal:
            return Solved(bound, list(highs.getSolution().col_value))
        return Solved(bound, None)


def _module() -> Any:
    try:
        import highspy
    except ImportError as error:
        raise UserError(
            "sizing FIFOs needs HiGHS, which is not installed",
            expected="the package highspy",
            hint="pip install highspy",
        ) from error
    return highspy


def _highs() -> Any:
    """A silent solver with one thread, which stops at the proven optimum only."""
    highs = _module().Highs()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 0),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 0.5),
    ):
        highs.setOptionValue(option, value)
    return highs
