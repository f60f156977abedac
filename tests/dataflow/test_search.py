"""Objectives: each gets what it asks for, within the limits, above its bound, and in time."""

from __future__ import annotations

import random
import time
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inrarch import derive
from inrarch.boards import load_board
from inrarch.config.model import Constraints
from inrarch.dataflow.bounds import Bounds
from inrarch.dataflow.budget import limits_of
from inrarch.dataflow.costs import network_cost
from inrarch.dataflow.energy import energy_of
from inrarch.dataflow.energy_goal import energy_goal
from inrarch.dataflow.goals import OBJECTIVES, Limits, share
from inrarch.dataflow.landscape import Landscape
from inrarch.dataflow.menu import Menu
from inrarch.dataflow.partition import partition
from inrarch.dataflow.predict import predict_cycles
from inrarch.dataflow.search import Found, search
from inrarch.dataflow.units import Facts, Units
from inrarch.graph.load import load_model
from tests.dataflow.networks import plain_facts, skip_network
from tests.models import siren

CLOCK = 300.0
U50 = load_board("u50")


def problem(*sizes: int, rows: int = 8) -> tuple[Units, Facts]:
    model = load_model(siren(sizes))
    return partition(model), plain_facts(model, rows)


def limits(dsp: int | None = None, latency_us: float | None = None, rows_per_s: float | None = None) -> Limits:
    constraints = Constraints(
        dsp=1.0, bram=1.0, uram=1.0, lut=1.0, ff=1.0, dsp_count=dsp, latency_us=latency_us, rows_per_s=rows_per_s
    )
    return limits_of(U50, constraints, CLOCK)


def value_of(units: Units, facts: Facts, found: Found) -> float:
    """The objective's value, worked out anew."""
    chosen = found.parallelism
    cycles = predict_cycles(units, facts, chosen)
    if found.objective == "throughput":
        return max(unit.cycles_per_row(chosen) for unit in units.units)
    if found.objective == "latency":
        return cycles
    if found.objective == "area":
        return share(network_cost(units, facts, chosen), limits().whole)
    return energy_of(units, facts, chosen, cycles, CLOCK).joules


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("rows", [1, 64])
def test_values_are_what_the_design_has_and_above_their_bounds(objective: str, rows: int) -> None:
    units, facts = problem(2, 32, 32, 1, rows=rows)
    found = search(units, facts, {}, limits(dsp=200), objective, CLOCK)
    assert found is not None
    assert found.objective == objective
    assert found.value == pytest.approx(value_of(units, facts, found), rel=1e-9)
    assert 0 < found.bound <= found.value
    assert found.gap == pytest.approx(found.value / found.bound - 1)
    assert network_cost(units, facts, found.parallelism).dsp <= 200


def test_each_objective_is_the_best_at_its_own() -> None:
    units, facts = problem(2, 32, 32, 1, rows=4)
    found = {each: search(units, facts, {}, limits(dsp=150), each, CLOCK) for each in OBJECTIVES}
    for objective, best in found.items():
        assert best is not None
        for other in found.values():
            assert other is not None
            rival = Found(other.parallelism, objective, 0.0, 0.0, "")
            assert best.value <= value_of(units, facts, rival) * (1 + 1e-9)


TRADED = st.sampled_from(["latency", "area", "energy"])
SIZES = st.lists(st.integers(1, 4), min_size=2, max_size=3)


@settings(max_examples=15, deadline=None)
@given(sizes=SIZES, objective=TRADED, dsp=st.integers(8, 60), rows=st.sampled_from([1, 3, 20]))
def test_no_choice_at_all_is_below_the_bound(sizes: list[int], objective: str, dsp: int, rows: int) -> None:
    compare_with_all(*problem(*sizes, rows=rows), objective, dsp)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(sizes=SIZES, objective=TRADED, dsp=st.integers(6, 60), rows=st.sampled_from([1, 2, 3, 20, 64]))
def test_no_choice_of_many_networks_is_below_the_bound(sizes: list[int], objective: str, dsp: int, rows: int) -> None:
    compare_with_all(*problem(*sizes, rows=rows), objective, dsp)


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize("objective", ["latency", "area", "energy"])
@pytest.mark.parametrize("order", [0, 1])
def test_no_choice_of_a_network_that_branches_is_below_the_bound(objective: str, rows: int, order: int) -> None:
    """Choices drawn at random: there are too many."""
    graph = skip_network(6)
    model = load_model(derive(graph, wrt="x", order=order) if order else graph)
    units, facts = partition(model), plain_facts(model, rows)
    found = search(units, facts, {}, limits(dsp=150), objective, CLOCK)
    assert found is not None
    menu, draw = Menu(units, facts, {}), random.Random(order)
    compared = 0
    for _ in range(150):
        widths = {features: draw.choice(menu.legal(features)) for features in menu.repeats}
        chosen = [draw.randrange(len(menu.offers(unit, widths).choices)) for unit in units.units]
        if menu.cost(widths, chosen).dsp <= 150:
            rival = Found(menu.parallelism(widths, chosen), objective, 0.0, 0.0, "")
            assert found.bound <= found.value <= value_of(units, facts, rival) * (1 + 1e-9)
            compared += 1
    assert compared > 20


def compare_with_all(units: Units, facts: Facts, objective: str, dsp: int) -> None:
    """The bound is below every choice, and the value next to the best."""
    limit = limits(dsp=dsp, latency_us=3.0 if objective == "area" else None)
    found = search(units, facts, {}, limit, objective, CLOCK)
    menu = Menu(units, facts, {})
    values = []
    for lanes in product(*(menu.legal(features) for features in menu.repeats)):
        widths = dict(zip(menu.repeats, lanes, strict=True))
        choices = [range(len(menu.offers(unit, widths).choices)) for unit in units.units]
        for chosen in product(*choices):
            parallelism = menu.parallelism(widths, chosen)
            late = limit.cycles is not None and predict_cycles(units, facts, parallelism) > limit.cycles
            if menu.cost(widths, chosen).dsp <= dsp and not late:
                values.append(value_of(units, facts, Found(parallelism, objective, 0.0, 0.0, "")))
    if found is None:
        assert not values
        return
    best = min(values)
    assert found.bound <= best * (1 + 1e-9)
    assert best * (1 - 1e-9) <= found.value <= best * 1.1


def test_a_speed_that_is_asked_for_is_met_with_less_area() -> None:
    units, facts = problem(2, 64, 64, 3, rows=16)
    areas = []
    for latency in (2000.0, 200.0, 40.0, 12.0):
        found = search(units, facts, {}, limits(latency_us=latency), "area", CLOCK)
        assert found is not None
        assert predict_cycles(units, facts, found.parallelism) <= latency * CLOCK
        areas.append(found.value)
    assert areas == sorted(areas)
    assert areas[0] < areas[-1] / 2


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_rows_per_second_are_reached(objective: str) -> None:
    units, facts = problem(2, 64, 64, 3)
    found = search(units, facts, {}, limits(rows_per_s=2e6), objective, CLOCK)
    assert found is not None
    assert max(unit.cycles_per_row(found.parallelism) for unit in units.units) <= 150


def test_throughput_keeps_to_a_latency() -> None:
    units, facts = problem(2, 64, 64, 3, rows=1)
    free = search(units, facts, {}, limits(dsp=100), "throughput", CLOCK)
    short = search(units, facts, {}, limits(dsp=100), "latency", CLOCK)
    assert free is not None
    assert short is not None
    cycles = predict_cycles(units, facts, free.parallelism)
    assert short.value < cycles
    between = (short.value + cycles) / 2 / CLOCK
    found = search(units, facts, {}, limits(dsp=100, latency_us=between), "throughput", CLOCK)
    assert found is not None
    assert predict_cycles(units, facts, found.parallelism) <= between * CLOCK
    assert search(units, facts, {}, limits(dsp=100, latency_us=0.5), "throughput", CLOCK) is None


def test_energy_of_choices_adds_up_to_the_model() -> None:
    units, facts = problem(2, 32, 32, 1, rows=16)
    menu = Menu(units, facts, {})
    goal = energy_goal(menu, limits(), CLOCK)
    allowed = menu.widths(100)
    assert allowed is not None
    widths = {features: lanes[0] for features, lanes in allowed.items()}
    chosen = menu.least(widths, 100)
    assert chosen is not None
    cycles = 4321
    prices = [goal.prices(menu.offers(unit, widths))[index] for unit, index in zip(units.units, chosen, strict=True)]
    joules = sum(once + per_cycle * cycles for once, per_cycle in prices)
    exact = energy_of(units, facts, menu.parallelism(widths, chosen), cycles, CLOCK).joules
    assert joules + goal.fixed[0] + goal.fixed[1] * cycles == pytest.approx(exact, rel=1e-9)


def test_the_first_row_is_that_of_the_closed_form() -> None:
    units, facts = problem(2, 32, 32, 1, rows=1)
    menu = Menu(units, facts, {})
    allowed = menu.widths(64)
    assert allowed is not None
    widths = {features: lanes[0] for features, lanes in allowed.items()}
    land = Landscape(menu, widths, 64, energy_goal(menu, limits(), CLOCK).prices)
    draw = random.Random(1)
    for _ in range(20):
        picks = [draw.randrange(len(column.prices)) for column in land.columns]
        chosen = [column.least + pick for column, pick in zip(land.columns, picks, strict=True)]
        exact = predict_cycles(units, facts, menu.parallelism(widths, chosen))
        assert land.first_row(picks) <= exact
        path = land.critical_path(picks)
        delays = [land.columns[index].delays[picks[index]][delay] for index, delay in path]
        assert sum(delays) + len(path) - 1 == land.first_row(picks)
        late = land.lateness(picks)
        assert all(late[index][pick] == 0 for index, pick in enumerate(picks) if index in dict(path))


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_hundred_units_take_seconds_at_most(objective: str) -> None:
    """Less than two on a quiet machine; the limit leaves room for a busy one."""
    draw = random.Random(3)
    units, facts = problem(2, *(draw.randint(20, 128) for _ in range(49)), 3, rows=64)
    assert len(units.units) == 101
    begin = time.process_time()
    found = search(units, facts, {}, limits(latency_us=2000.0 if objective == "area" else None), objective, CLOCK)
    assert time.process_time() - begin < 8
    assert found is not None
    assert found.gap < 0.15
    assert Bounds(Menu(units, facts, {})).fits(10**6, limits().budget)
