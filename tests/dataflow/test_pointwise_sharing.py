"""Regions that share operators: intervals worth having, operators counted, schedules kept in network.json."""

from __future__ import annotations

from collections import Counter

import pytest

from inrarch import derive
from inrarch.dataflow.kernels.pointwise import Region
from inrarch.dataflow.kernels.pointwise_sharing import SELECT
from inrarch.dataflow.modulo_schedule import instance_counts
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.partition import partition
from inrarch.dataflow.units import Facts
from inrarch.graph.load import load_model
from tests.dataflow.networks import plain_facts
from tests.models import perceptron, siren


def region(order: int, activation: str = "Sin") -> tuple[Region, Facts]:
    """The region of the second layer, 16 features."""
    base = siren((2, 16, 16, 1)) if activation == "Sin" else perceptron((2, 16, 16, 1), activation)
    model = load_model(derive(base, order=order, method="taylor") if order else base)
    regions = [unit for unit in partition(model).units if isinstance(unit, Region)]
    return regions[1], plain_facts(model)


def at(unit: Region, interval: int, width: int = 1) -> Parallelism:
    return Parallelism({unit.name: interval}, {16: width})


@pytest.mark.parametrize("order", [1, 2, 3])
def test_every_interval_worth_having_needs_fewer_multipliers(order: int) -> None:
    unit, facts = region(order)
    options = unit.options(facts, {16: 2})
    steps, intervals = zip(*options, strict=True)
    assert intervals[-1] == 1
    assert steps == tuple(8 * interval for interval in intervals)
    costs = [unit.cost(facts, at(unit, interval, 2)).dsp for interval in intervals]
    assert costs == sorted(set(costs))
    assert costs[0] <= costs[-1] / 2


def test_multipliers_are_the_products_over_the_interval() -> None:
    """24 x 24 bits take two DSP slices; sine and cosine have one table, which at an interval of 2 is there once."""
    unit, facts = region(2)
    products = sum(facts.nodes[name].op_type == "Mul" for name in unit.nodes)
    tables = {
        interval: unit.cost(facts, at(unit, interval)).dsp - 2 * -(-products // interval) for interval in (1, 2, 3, 7)
    }
    assert tables[1] == 2 * tables[2]
    assert tables[2] == tables[3] == tables[7] > 0


def test_nothing_is_shared_where_that_saves_nothing() -> None:
    unit, facts = region(0, "Relu")
    assert unit.options(facts, {16: 1}) == [(16, 1)]
    assert unit.cycles_per_row(Parallelism({}, {16: 4})) == 4


@pytest.mark.parametrize("interval", [1, 2, 3, 5, 11])
def test_the_schedule_in_the_network_is_legal(interval: int) -> None:
    unit, facts = region(3)
    process = unit.process(facts, at(unit, interval), ["in"], ["out"])
    given = process.parameters
    nodes = [facts.nodes[name] for name in given["nodes"]]
    made = {str(node.outputs[0].name): index for index, node in enumerate(nodes)}
    lane = unit.lane(facts)
    counts = instance_counts(lane.operations, interval)
    uses = Counter(each.operator for each in lane.operations)
    used: Counter[tuple[int, int]] = Counter()
    operators: dict[int, object] = {}
    ends = []
    for index, node in enumerate(nodes):
        operator = lane.operations[index].operator
        shared = operator is not None and counts[operator] < uses[operator]
        ends.append(given["starts"][index] + lane.operations[index].latency + (SELECT if shared else 0))
        assert (given["instances"][index] is not None) == shared
        for value in node.inputs:
            if value is not None and value.name in made:
                assert given["starts"][index] >= ends[made[str(value.name)]]
        if given["instances"][index] is not None:
            used[given["instances"][index], given["starts"][index] % interval] += 1
            assert operators.setdefault(given["instances"][index], operator) == operator
    assert set(used.values()) <= {1}
    shared_counts = {operator: count for operator, count in counts.items() if count < uses[operator]}
    assert Counter(operators.values()) == shared_counts
    assert given["interval"] == interval
    assert given["latency"] == max(ends) + 1
    assert process.schedule[0]["every"] == interval


def test_the_limit_of_multiplications_covers_all_instances() -> None:
    unit, facts = region(2)
    products = sum(facts.nodes[name].op_type == "Mul" for name in unit.nodes)
    shared = unit.process(facts, at(unit, 4, 2), ["in"], ["out"]).parameters["multipliers"]
    alone = unit.process(facts, at(unit, 1, 2), ["in"], ["out"]).parameters["multipliers"]
    assert shared == 2 * (-(-products // 4) + 4)
    assert alone == 2 * (products + 2 * 4)


def test_values_that_wait_are_registers_or_shift_registers() -> None:
    """Sharing holds values longer, but moves them once per interval: fewer registers, more selection."""
    unit, facts = region(3)
    costs = [unit.cost(facts, at(unit, interval)) for interval in (1, 4)]
    assert costs[1].ff < costs[0].ff
    assert costs[1].dsp < costs[0].dsp / 3
