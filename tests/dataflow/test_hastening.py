"""For throughput, units that cost little more are made faster, at the row time reached and within the budget."""

from __future__ import annotations

from inrarch import derive
from inrarch.boards import load_board
from inrarch.config.model import Constraints
from inrarch.dataflow.bounds import Bounds
from inrarch.dataflow.budget import limits_of
from inrarch.dataflow.goals import Limits, RowTime, share
from inrarch.dataflow.hastening import hastened
from inrarch.dataflow.landscape import Landscape
from inrarch.dataflow.menu import Menu
from inrarch.dataflow.parallelism import row_floor
from inrarch.dataflow.partition import partition
from inrarch.dataflow.resources import KINDS, Cost
from inrarch.dataflow.search import row_time_of, slowest_row_time
from inrarch.dataflow.throughput import Design, fastest
from inrarch.graph.load import load_model
from tests.dataflow.networks import plain_facts
from tests.models import siren


def test_cycles_times_resources_fall_at_the_same_row_time() -> None:
    model = load_model(derive(siren((2, 64, 64, 3)), order=2, method="taylor"))
    menu = Menu(partition(model), plain_facts(model), {})
    for dsp in (40, 200, 1000):
        board = load_board("u50")
        budget = limits_of(board, Constraints(1.0, 1.0, 1.0, 1.0, 1.0, dsp), board.clock_mhz).budget
        found = fastest(menu, Bounds(menu), row_floor(menu.units), slowest_row_time(menu), budget)
        assert found is not None
        before, _ = found
        row_time = row_time_of(menu, before)
        after = hastened(menu, before, row_time, budget)
        assert row_time_of(menu, after) <= row_time
        assert share(after.cost, budget) <= 1
        assert after.cost == menu.cost(after.widths, after.chosen)
        assert product(menu, after, row_time, budget) < product(menu, before, row_time, budget)


def product(menu: Menu, design: Design, row_time: int, budget: Cost) -> float:
    """Cycles of an invocation, no rows held back, x shares of the budget, added up."""
    land = Landscape(menu, design.widths, row_time, RowTime(Limits(budget, budget)).prices)
    first = land.first_row([index - column.least for index, column in zip(design.chosen, land.columns, strict=True)])
    cycles = first + (menu.facts.rows - 1) * row_time
    return cycles * sum(design.cost.of(kind) / budget.of(kind) for kind in KINDS)
