"""Choices of units: what is worked out at once is what the units say, and sums have no idle choices."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
import pytest

from inrarch import derive
from inrarch.dataflow.kernels.matmul import Matmul
from inrarch.dataflow.menu import Menu
from inrarch.dataflow.offers import Delay, delay_of
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.partition import partition
from inrarch.dataflow.resources import KINDS
from inrarch.dataflow.units import FAR, Facts, Unit, Units
from inrarch.graph.load import load_model
from inrarch.graph.recorded_batch import record_batch
from tests.dataflow.networks import plain_facts
from tests.models import build_model, node, siren


def network(order: int) -> tuple[Units, Facts]:
    graph = siren((2, 12, 10, 1))
    model = load_model(derive(graph, wrt="x", order=order) if order else graph)
    return partition(model), plain_facts(model, 8)


def every_width(menu: Menu, unit: Unit) -> list[Mapping[int, int]]:
    features = menu.features(unit)
    return [dict(zip(features, lanes, strict=True)) for lanes in product(*(menu.legal(each) for each in features))]


@pytest.mark.parametrize("order", [0, 2])
def test_choices_worked_out_at_once_are_those_of_the_unit(order: int) -> None:
    units, facts = network(order)
    menu = Menu(units, facts, {})
    count = 0
    for unit in units.units:
        if not isinstance(unit, Matmul):
            continue
        for widths in every_width(menu, unit):
            offers = menu.offers(unit, widths)
            for index in range(len(offers.choices)):
                chosen = offers.parallelism(index)
                one = unit.cost(facts, chosen)
                assert offers.table[index].tolist() == [one.of(kind) for kind in KINDS]
                assert offers.cost(index) == one
                assert offers.delays[index] == delay_of(unit, facts, chosen)
                assert offers.cycles[index] == unit.cycles_per_row(chosen)
                count += 1
    assert count > 100


def test_delays_that_are_not_there_are_far() -> None:
    units, facts = network(0)
    source = units.units[0]
    chosen = Menu(units, facts, {}).offers(source, {2: 1}).parallelism(0)
    delay = delay_of(source, facts, chosen)
    assert delay == Delay(delay.first_first, FAR, delay.first_last, FAR)
    assert 0 < delay.first_first < delay.first_last


def test_a_unit_of_one_row_per_invocation_offers_no_choice_that_a_cheaper_one_is_as_fast_as() -> None:
    """Its rows take no cycles of their own, so its delays alone tell its choices apart."""
    weights = {"w": np.ones((6, 8)), "axes": np.array([0], dtype=np.int64)}
    nodes = [node("ReduceSum", ["x", "axes"], "s", keepdims=1), node("MatMul", ["s", "w"], "y")]
    model = load_model(build_model(nodes, {"x": ["N", 6]}, {"y": [1, 8]}, weights))
    record_batch(model, 4)
    units, facts = partition(model), plain_facts(model, 4)
    unit = next(each for each in units.units if isinstance(each, Matmul))
    assert unit.repeat == 0
    menu, dropped = Menu(units, facts, {}), 0
    for widths in every_width(menu, unit):
        offers = menu.offers(unit, widths)
        numbers = np.concatenate((offers.table, offers.delay_table), axis=1)
        for index in range(1, len(numbers)):
            assert not (numbers[:index] <= numbers[index]).all(axis=1).any()
        for _, choice in unit.options(facts, widths):
            if choice in offers.choices:
                continue
            chosen = Parallelism({unit.name: choice}, widths)
            row = [unit.cost(facts, chosen).of(kind) for kind in KINDS] + list(delay_of(unit, facts, chosen))
            assert (numbers <= row).all(axis=1).any()
            dropped += 1
    assert dropped > 0
