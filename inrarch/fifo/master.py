"""The cheapest depths that keep all rules found so far: a 0-1 program, solved by HiGHS.

For each stream, thresholds v1 < v2 < ... are the depths that some rule asks for, each moved up to the deepest FIFO of
the same price. Variable x_k is 1 where the stream has at least v_k words, and costs price(v_k) - price(v_{k-1}). Good
depths keep every rule, so the optimum, or any lower bound of it that HiGHS proves, is a lower bound of the problem.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inrarch.fifo.conflict import Conflict
from inrarch.fifo.highs import Linear, whole
from inrarch.fifo.memory import REGISTER_WORDS
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
            name: depth if depth <= REGISTER_WORDS else objective.plateau(name, depth) for name, depth in least.items()
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
                if self._base[name] <= REGISTER_WORDS < self._most[name]:
                    steps[name].add(self._objective.plateau(name, REGISTER_WORDS + 1))
        columns: dict[tuple[str, int], int] = {}
        program = Linear(whole=True)
        for name, depths in steps.items():
            before, last = self._objective.of(name, self._base[name]), None
            for depth in sorted(depths):
                price = self._objective.of(name, depth)
                column = columns[name, depth] = program.column(price - before, 0, 1)
                if last is not None:
                    program.row({last: 1, column: -1}, 0)
                before, last = price, column
        for rule in self._rules:
            self._add_row(program, rule, columns)
        bound, values = program.solve(seconds)
        floor = self._objective.total(self._base)
        least = floor + max(0, whole(bound))
        return Answer(least, None if values is None else self._read(values, columns))

    def _add_row(self, program: Linear, rule: Conflict, columns: Mapping[tuple[str, int], int]) -> None:
        row: dict[int, float] = {}
        least = rule.late
        for name, depth in rule.deeper.items():
            if self._base[name] >= depth:
                return
            if depth <= self._most[name]:
                column = columns[name, self._objective.plateau(name, depth)]
                row[column] = row.get(column, 0) + rule.late
        for name, count in rule.registers.items():
            if self._base[name] <= REGISTER_WORDS:
                least -= count
                if self._most[name] > REGISTER_WORDS:
                    column = columns[name, self._objective.plateau(name, REGISTER_WORDS + 1)]
                    row[column] = row.get(column, 0) - count
        program.row(row, least)

    def _read(self, values: list[float], columns: Mapping[tuple[str, int], int]) -> dict[str, int]:
        depths = dict(self._base)
        for (name, depth), column in columns.items():
            if values[column] > 0.5:
                depths[name] = max(depths[name], depth)
        return depths
