"""What to say when no design keeps to the constraints: which one binds, by how much, and the nearest settings that do.

Each constraint is relaxed alone, as little as makes a design possible; where no single one is enough, resources are
relaxed together; then other boards are tried.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from inrarch.config.model import Board, Constraints, Lanes
from inrarch.dataflow.bounds import Bounds
from inrarch.dataflow.budget import budget_of, limits_of
from inrarch.dataflow.goals import Goal, Latency, Limits, OneResource
from inrarch.dataflow.menu import Menu
from inrarch.dataflow.parallelism import row_floor
from inrarch.dataflow.resources import KINDS, Cost, excess
from inrarch.dataflow.search import least_design, row_time_of, slowest_row_time
from inrarch.dataflow.throughput import fastest
from inrarch.dataflow.tradeoff import Tradeoff
from inrarch.dataflow.units import Facts, Units
from inrarch.errors import UserError

_NAMES = {"dsp": "DSP", "bram18": "BRAM18", "uram": "URAM", "lut": "LUT", "ff": "FF"}
_KEYS = {"dsp": "dsp", "bram18": "bram", "uram": "uram", "lut": "lut", "ff": "ff"}
"""The share in `constraints` of each kind of resource."""
_COUNTS = {"dsp": "dsp_count", "bram18": "bram18"}
"""The number in `constraints`, where there is one."""


@dataclass(frozen=True)
class Problem:
    """A network, a board and constraints for which no design was found. facts_of: of the network on a board."""

    units: Units
    facts_of: Callable[[Board], Facts]
    pinned: Mapping[str, Lanes]
    board: Board
    constraints: Constraints
    clock_mhz: float

    def menu(self, board: Board) -> Menu:
        """The choices on a board."""
        return Menu(self.units, self.facts_of(board), self.pinned)

    def limits(self, board: Board) -> Limits:
        """The constraints on a board; a number of DSP slices or BRAM18 is meant for the board of the project."""
        constraints = self.constraints
        if board.name != self.board.name:
            constraints = replace(constraints, dsp_count=None, bram18=None)
        return limits_of(board, constraints, self.clock_mhz)


def infeasible(problem: Problem, others: Callable[[], Sequence[Board]]) -> UserError:
    """The error. others: boards to name where they would do."""
    board = problem.board
    menu, limits = problem.menu(board), problem.limits(board)
    alone = _alone(menu, limits, problem)
    least = least_design(menu)
    lacking = excess(least.cost, limits.budget)
    hints = list(alone)
    if not hints and not excess(least.cost, limits.whole):
        hints = [", ".join(_together(menu, limits, least.cost, lacking, problem))]
    hint = "it fits with " + " or ".join(hints) if hints else _elsewhere(problem, others())
    if lacking:
        return _too_large(problem, lacking[0], least.cost, limits.budget, hint)
    return _too_slow(problem, menu, limits, hint)


def _has_speed(limits: Limits) -> bool:
    return limits.cycles is not None or limits.row_cycles is not None


def _alone(menu: Menu, limits: Limits, problem: Problem) -> list[str]:
    """For each constraint, the setting that makes a design possible if it alone is changed."""
    found = []
    for kind in KINDS:
        whole = limits.whole.of(kind)
        if limits.budget.of(kind) < whole:
            budget = replace(limits.budget, **{kind: whole})
            value = _least(menu, OneResource(replace(limits, budget=budget), kind))
            if value is not None:
                found.append(_setting(kind, int(value), problem))
    if limits.cycles is not None:
        cycles = _least(menu, Latency(replace(limits, cycles=None)))
        if cycles is not None:
            found.append(_latency_us(cycles, problem))
    if limits.row_cycles is not None:
        row_time = _fastest_row(menu, replace(limits, row_cycles=None))
        if row_time is not None:
            found.append(_rows_per_s(row_time, problem))
    return found


def _together(menu: Menu, limits: Limits, least: Cost, lacking: Sequence[str], problem: Problem) -> list[str]:
    """The settings that do together: resources for the least design, then the speed that these allow."""
    found = [_setting(kind, least.of(kind), problem) for kind in lacking]
    budget = replace(limits.budget, **{kind: least.of(kind) for kind in lacking})
    free = replace(limits, budget=budget, cycles=None, row_cycles=None)
    row_cycles = limits.row_cycles
    if row_cycles is not None:
        row_time = _fastest_row(menu, free)
        assert row_time is not None  # the least design is within the budget
        if row_time > row_cycles:
            row_cycles = row_time
            found.append(_rows_per_s(row_time, problem))
    if limits.cycles is not None:
        cycles = _least(menu, Latency(replace(free, row_cycles=row_cycles)))
        assert cycles is not None
        if cycles > limits.cycles:
            found.append(_latency_us(cycles, problem))
    return found


def _latency_us(cycles: float, problem: Problem) -> str:
    return f"constraints.latency_us: {_up(cycles / problem.clock_mhz)}"


def _rows_per_s(row_time: int, problem: Problem) -> str:
    return f"constraints.rows_per_s: {int(problem.clock_mhz * 1e6 / row_time)}"


def _least(menu: Menu, goal: Goal) -> float | None:
    """The least value of a goal within its limits; None where no design is found."""
    low, high = row_floor(menu.units), slowest_row_time(menu)
    if goal.limits.row_cycles is not None:
        high = min(high, goal.limits.row_cycles)
    if high < low:
        return None
    best = Tradeoff(menu, goal).best(low, high)
    return None if best is None else best[1]


def _fastest_row(menu: Menu, limits: Limits) -> int | None:
    """The smallest row time within the limits; None where no design is found."""
    found = fastest(menu, Bounds(menu), row_floor(menu.units), slowest_row_time(menu), limits.budget)
    if found is None or (limits.cycles is not None and _least(menu, Latency(limits)) is None):
        return None
    return row_time_of(menu, found[0])


def _setting(kind: str, need: int, problem: Problem) -> str:
    """The line of the configuration that allows so much of a resource."""
    count = _COUNTS.get(kind)
    given = None if count is None else getattr(problem.constraints, count)
    if given is not None and given < need:
        return f"constraints.{count}: {need}"
    return f"constraints.{_KEYS[kind]}: {_up(100 * need / getattr(problem.board.resources, kind), 0)}%"


def _up(number: float, digits: int = 2) -> str:
    """Rounded up, so that the setting suffices."""
    scale = 10**digits
    return f"{math.ceil(number * scale - 1e-9) / scale:.{digits}f}"


def _too_large(problem: Problem, kind: str, cost: Cost, budget: Cost, hint: str) -> UserError:
    need, have, board = cost.of(kind), budget.of(kind), problem.board
    count = _COUNTS.get(kind)
    counted = count is not None and getattr(problem.constraints, count) == have
    share, whole = getattr(problem.constraints, _KEYS[kind]), getattr(board.resources, kind)
    limit = f"constraints.{count}" if counted else f"{100 * share:.4g}% of the {whole:,} of board {board.name}"
    estimated = " (an estimate)" if kind in ("lut", "ff") else ""
    at = "with the pinned lanes" if problem.pinned else "at the least parallelism"
    return UserError(
        f"the network needs {need:,} {_NAMES[kind]}{estimated} {at}, {need - have:,} too many",
        place="map",
        expected=f"at most {have:,} ({limit})",
        hint=hint,
        exit_code=1,
    )


def _too_slow(problem: Problem, menu: Menu, limits: Limits, hint: str) -> UserError:
    """The least parallelism fits, but nothing that does is as fast as it should be."""
    constraints, clock = problem.constraints, problem.clock_mhz
    row_time = _fastest_row(menu, replace(limits, cycles=None, row_cycles=None))
    if limits.row_cycles is not None and row_time is not None and row_time > limits.row_cycles:
        wanted, reached = constraints.rows_per_s, clock * 1e6 / row_time
        assert wanted is not None
        found = f"the fastest design that fits makes {reached:,.0f} rows/s, {100 * (1 - reached / wanted):.3g}% too few"
        expected = f"at least {wanted:,.0f} (constraints.rows_per_s)"
    elif constraints.latency_us is not None:
        cycles = _least(menu, Latency(replace(limits, cycles=None, row_cycles=None)))
        assert cycles is not None
        late = cycles / clock - constraints.latency_us
        rows = menu.facts.rows
        found = f"the fastest design that fits takes {cycles / clock:,.2f} us for {rows} rows, {late:,.2f} us too many"
        expected = f"at most {constraints.latency_us:g} us (constraints.latency_us)"
    else:
        found, expected = "no design keeps to all constraints", "constraints that leave a choice"
    return UserError(found, place="map", expected=expected, hint=hint, exit_code=1)


def _elsewhere(problem: Problem, others: Sequence[Board]) -> str:
    if problem.pinned:
        return "pin fewer lanes, or set `dataflow.parallelism: auto`"
    fitting = [board for board in others if board.name != problem.board.name and _is_enough(problem, board)]
    if fitting:
        smallest = min(fitting, key=lambda each: (each.resources.lut, each.name))
        counts = [f"constraints.{key}" for key in _COUNTS.values() if getattr(problem.constraints, key) is not None]
        without = f" without {' and '.join(counts)}" if counts else ""
        return f"it fits on board {smallest.name}{without}; or lower derivatives.order or numeric.data_bits"
    return "lower derivatives.order or numeric.data_bits, or use a smaller network; no shipped board is large enough"


def _is_enough(problem: Problem, board: Board) -> bool:
    """Whether a design on this board keeps to the constraints."""
    menu, limits = problem.menu(board), problem.limits(board)
    if not _has_speed(limits):
        budget = budget_of(board, replace(problem.constraints, dsp_count=None, bram18=None))
        return not excess(least_design(menu).cost, budget)
    return _least(menu, Latency(limits)) is not None
