"""Modulo schedules: operands before results, no instance used twice in a cycle, and no instance too many."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inrarch.dataflow.modulo_schedule import Operation, instance_counts, modulo_schedule


@st.composite
def pipelines(draw: st.DrawFn) -> list[Operation]:
    count = draw(st.integers(0, 25))
    return [
        Operation(
            latency=draw(st.integers(1, 18)),
            after=tuple(sorted(draw(st.sets(st.integers(0, index - 1), max_size=3)))) if index else (),
            operator=draw(st.sampled_from([None, "Mul", "Sin"])),
        )
        for index in range(count)
    ]


def longest_path(operations: list[Operation]) -> int:
    ready: list[int] = []
    for each in operations:
        ready.append(each.latency + max((ready[before] for before in each.after), default=0))
    return max(ready, default=0)


@settings(max_examples=300, deadline=None)
@given(pipelines(), st.integers(1, 12))
def test_schedules_are_legal_on_the_least_instances(operations: list[Operation], interval: int) -> None:
    schedule = modulo_schedule(operations, interval)
    used: Counter[tuple[object, int | None, int]] = Counter()
    for index, each in enumerate(operations):
        for before in each.after:
            assert schedule.starts[index] >= schedule.starts[before] + operations[before].latency
        if each.operator is None:
            assert schedule.instances[index] is None
        else:
            used[each.operator, schedule.instances[index], schedule.starts[index] % interval] += 1
    assert max(used.values(), default=1) == 1
    for operator, count in Counter(each.operator for each in operations if each.operator is not None).items():
        instances = {number for (each, number, _) in used if each == operator}
        assert instances == set(range(-(-count // interval)))
        assert instance_counts(operations, interval)[operator] == len(instances)
    ends = [start + each.latency for start, each in zip(schedule.starts, operations, strict=True)]
    assert schedule.length == max(ends, default=0)
    chain = max((len(each) for each in chains(operations)), default=0)
    assert longest_path(operations) <= schedule.length <= longest_path(operations) + chain * (interval - 1)


def chains(operations: list[Operation]) -> list[list[int]]:
    """The longest chain of operations that ends at each."""
    found: list[list[int]] = []
    for index, each in enumerate(operations):
        found.append([*max((found[before] for before in each.after), key=len, default=[]), index])
    return found


@given(pipelines())
def test_nothing_waits_where_nothing_is_shared(operations: list[Operation]) -> None:
    assert modulo_schedule(operations, 1).length == longest_path(operations)


def test_what_is_needed_latest_waits() -> None:
    mul = Operation(5, (), "Mul")
    last = Operation(2, (1,))
    schedule = modulo_schedule([mul, mul, last], 2)
    assert schedule.starts == (1, 0, 5)
    assert schedule.instances == (0, 0, None)
    assert schedule.length == 7


@pytest.mark.parametrize(("interval", "instances"), [(1, 7), (2, 4), (3, 3), (7, 1), (64, 1)])
def test_instances_are_as_many_as_an_interval_needs(interval: int, instances: int) -> None:
    assert instance_counts([Operation(1, (), "Mul")] * 7, interval) == {"Mul": instances}
