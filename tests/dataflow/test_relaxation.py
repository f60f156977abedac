"""The least weighted sum of the search's bound: exact where no rows are held back, and never above any design."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest

from inrarch.dataflow.bounds import Bounds
from inrarch.dataflow.certificate import Certificate
from inrarch.dataflow.goals import Latency
from inrarch.dataflow.menu import Menu
from inrarch.dataflow.predict import FIFO, predict_cycles
from inrarch.dataflow.relaxation import Relaxation
from inrarch.dataflow.relaxed_units import ImpossibleError, Weights
from tests.dataflow.test_search import limits, problem

LAST = 3


def relaxation(menu: Menu, cycles: int) -> Relaxation:
    """Along all units of a chain, by their last tokens."""
    units, goal = menu.units.units, Latency(limits())
    way = [(index, LAST if unit.reads else LAST - 1) for index, unit in enumerate(units)]
    steps = Certificate(Bounds(menu), goal, way, 1, 1, 1.0).ways[0]
    assert [step.delay for step in steps] == [delay for _, delay in way]
    allowed = menu.widths(cycles)
    assert allowed is not None
    return Relaxation(menu, steps, allowed, cycles, goal.prices)


def designs(menu: Menu, cycles: int) -> Iterator[tuple[dict[int, int], tuple[int, ...]]]:
    """All of them that keep up."""
    allowed = menu.widths(cycles)
    assert allowed is not None
    for lanes in product(*allowed.values()):
        widths = dict(zip(allowed, lanes, strict=True))
        offers = [menu.offers(unit, widths) for unit in menu.units.units]
        firsts = [each.least(cycles) for each in offers]
        places = [
            range(least, len(each.cycles)) for least, each in zip(firsts, offers, strict=True) if least is not None
        ]
        if len(places) == len(offers):
            yield from ((widths, each) for each in product(*places))


def sum_of(menu: Menu, widths: dict[int, int], chosen: tuple[int, ...], rate: float) -> tuple[float, float]:
    """DSP slices at a rate and the delays of the last tokens; and the slices alone."""
    dsp, delay = 0, 0
    for unit, index in zip(menu.units.units, chosen, strict=True):
        offers = menu.offers(unit, widths)
        dsp += offers.cost(index).dsp
        delay += offers.delays[index].last_last if unit.reads else offers.delays[index].first_last
    return rate * dsp + delay, dsp


def weights(rate: float) -> Weights:
    return Weights.of(dsp=np.array([rate]), cycle=np.ones(1))


@pytest.mark.parametrize("rate", [0.0, 0.3, 2.0, 40.0])
@pytest.mark.parametrize("sizes", [(2, 6, 3), (4, 3, 5), (1, 4, 2, 3)])
def test_the_least_sum_is_that_of_the_best_design(sizes: tuple[int, ...], rate: float) -> None:
    units, facts = problem(*sizes, rows=1)
    menu, cycles = Menu(units, facts, {}), 12
    relaxed = relaxation(menu, cycles)
    best = min(sum_of(menu, *each, rate)[0] for each in designs(menu, cycles))
    assert relaxed.least(weights(rate))[0] == pytest.approx(best)
    lanes = relaxed.lanes(weights(rate))
    chosen, delay = relaxed.design(weights(rate), lanes)
    value, dsp = sum_of(menu, lanes, chosen, rate)
    assert value == pytest.approx(best)
    assert delay == pytest.approx(value - rate * dsp)


@pytest.mark.parametrize("rows", [2, 40])
@pytest.mark.parametrize("sizes", [(2, 6, 3), (4, 3, 5), (1, 4, 2, 3)])
def test_no_design_is_below_the_least_sum_with_rows_held_back(sizes: tuple[int, ...], rows: int) -> None:
    """With the cycles of the closed form in place of the sum of delays."""
    units, facts = problem(*sizes, rows=rows)
    menu, rates = Menu(units, facts, {}), np.array([0.0, 0.2, 1.0, 5.0])
    hops = FIFO * (len(units.units) - 1)
    for cycles in (8, 20):
        least = relaxation(menu, cycles).least(Weights.of(dsp=rates, cycle=np.ones(len(rates))))
        for widths, chosen in designs(menu, cycles):
            parallelism = menu.parallelism(widths, chosen)
            row = max(unit.cycles_per_row(parallelism) for unit in units.units)
            _, dsp = sum_of(menu, widths, chosen, 0.0)
            exact = predict_cycles(units, facts, parallelism) - (rows - 1) * row - hops
            assert (least <= exact + rates * dsp + 1e-9).all()


def test_slower_units_around_a_faster_one_tie_it() -> None:
    """One row is not held back by others; where there are more, the least sum is larger."""
    menus = [Menu(*problem(2, 64, 64, 8, 64, 64, 1, rows=rows), {}) for rows in (1, 64)]
    for rate in (0.2, 1.0, 5.0):
        alone, tied = (relaxation(menu, 60).least(weights(rate))[0] for menu in menus)
        assert alone + 10 < tied


def test_a_row_time_that_a_unit_cannot_keep_is_told() -> None:
    units, facts = problem(4, 6, 1)
    with pytest.raises(ImpossibleError):
        relaxation(Menu(units, facts, {}), 1)


def test_ranges_are_cut_until_the_gap_is_small() -> None:
    """More of them never make the bound smaller."""
    units, facts = problem(2, 48, 33, 1, rows=32)
    menu = Menu(units, facts, {})
    goal = Latency(limits(dsp=300))
    way = [(index, LAST if unit.reads else LAST - 1) for index, unit in enumerate(units.units)]
    certificate = Certificate(Bounds(menu), goal, way, 2, 2000, 1e9)
    bound = certificate.bound()
    assert 0 < bound < 1e9
    widest = max(each.end for each in certificate.examined)
    assert len({each.end for each in certificate.examined}) > 1
    assert bound <= min(each.value for each in certificate.examined if each.end == widest)
