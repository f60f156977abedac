"""The smallest row time within a budget: found, proven, and with every resource considered."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inrarch import derive
from inrarch.dataflow.bounds import Bounds
from inrarch.dataflow.menu import Menu
from inrarch.dataflow.parallelism import row_floor
from inrarch.dataflow.partition import partition
from inrarch.dataflow.resources import KINDS, Cost
from inrarch.dataflow.search import row_time_of, slowest_row_time
from inrarch.dataflow.throughput import design_at, fastest
from inrarch.graph.load import load_model
from tests.dataflow.networks import ENDLESS, plain_facts
from tests.models import perceptron, siren


def menu_of(*sizes: int, activation: str = "Sin") -> Menu:
    model = load_model(siren(sizes) if activation == "Sin" else perceptron(sizes, activation))
    return Menu(partition(model), plain_facts(model), {})


def budget(**kinds: int) -> Cost:
    return Cost(**{kind: kinds.get(kind, 1 << 40) for kind in KINDS})


def found(menu: Menu, limit: Cost) -> tuple[int, int, Cost] | None:
    """Row time, its lower bound, and cost of the fastest design."""
    best = fastest(menu, Bounds(menu), row_floor(menu.units), slowest_row_time(menu), limit)
    return None if best is None else (row_time_of(menu, best[0]), best[1], best[0].cost)


def all_row_times(menu: Menu, limit: Cost) -> list[int]:
    """By trying every stream width and every choice of every unit: the row times of all designs that fit."""
    units = menu.units.units
    legal = [menu.legal(features) for features in menu.repeats]
    times = []
    for lanes in product(*legal):
        widths = dict(zip(menu.repeats, lanes, strict=True))
        offers = [menu.offers(unit, widths) for unit in units]
        for chosen in product(*(range(len(each.choices)) for each in offers)):
            cost = menu.cost(widths, chosen)
            if all(cost.of(kind) <= limit.of(kind) for kind in KINDS):
                times.append(max(each.cycles[index] for each, index in zip(offers, chosen, strict=True)))
    return times


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 6), min_size=2, max_size=3),
    activation=st.sampled_from(["Sin", "Tanh", "Relu"]),
    dsp=st.integers(3, 60),
)
def test_no_choice_at_all_is_faster(sizes: list[int], activation: str, dsp: int) -> None:
    menu = menu_of(*sizes, activation=activation)
    limit = budget(dsp=dsp)
    times = all_row_times(menu, limit)
    best = found(menu, limit)
    if best is None:
        assert not times
        return
    assert best[2].dsp <= dsp
    assert best[0] == min(times)
    assert best[1] <= min(times)


@settings(max_examples=25, deadline=None)
@given(sizes=st.lists(st.integers(1, 5), min_size=2, max_size=3), part=st.floats(0.2, 1.0), data=st.data())
def test_bounds_hold_whatever_the_scarce_resource(sizes: list[int], part: float, data: st.DataObject) -> None:
    menu = menu_of(*sizes)
    kind = data.draw(st.sampled_from(["bram18", "lut", "ff"]))
    fast = design_at(menu, row_floor(menu.units), ENDLESS)
    assert fast is not None
    limit = budget(**{kind: int(part * fast.cost.of(kind))})
    times, best = all_row_times(menu, limit), found(menu, limit)
    if best is not None:
        assert best[2].of(kind) <= limit.of(kind)
        assert best[1] <= min(times) <= best[0]
    lowest = Bounds(menu).row_time(row_floor(menu.units), slowest_row_time(menu), limit)
    if times:
        assert lowest is not None
        assert lowest <= min(times)


def test_a_resource_that_shrinks_with_more_lanes_is_found() -> None:
    """64 words of weights are LUTs, 256 are a block RAM."""
    menu = menu_of(2, 64, 1, activation="Relu")
    slow = design_at(menu, slowest_row_time(menu), ENDLESS)
    assert slow is not None
    assert slow.cost.bram18 > 0
    best = found(menu, budget(bram18=0))
    assert best is not None
    assert best[2].bram18 == 0
    tight = design_at(menu, slowest_row_time(menu), budget(bram18=0))
    assert tight is not None
    assert tight.cost.bram18 == 0
    assert tight.cost.dsp < best[2].dsp


def test_wider_streams_give_regions_a_finer_interval() -> None:
    """64 features in 112 cycles: one lane can share its operators over 1 cycle, two over 3."""
    model = load_model(derive(siren((2, 64, 64, 3)), order=2, method="taylor"))
    menu = Menu(partition(model), plain_facts(model), {})
    design = design_at(menu, 112, ENDLESS)
    assert design is not None
    assert design.widths[64] > 1
    narrow = menu.least({64: 1, 2: 1, 3: 1}, 112)
    assert narrow is not None
    assert design.cost.dsp < menu.cost({64: 1, 2: 1, 3: 1}, narrow).dsp


def test_what_is_too_small_for_any_parallelism_is_proven() -> None:
    menu = menu_of(2, 16, 1)
    assert found(menu, budget(dsp=1)) is None
    assert Bounds(menu).row_time(row_floor(menu.units), slowest_row_time(menu), budget(dsp=1)) is None


@pytest.mark.parametrize("cycles", [1, 5])
def test_no_design_is_faster_than_its_ports(cycles: int) -> None:
    menu = menu_of(6, 8, 2)
    assert design_at(menu, cycles, ENDLESS) is None
