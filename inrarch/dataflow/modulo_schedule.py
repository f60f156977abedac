"""Modulo scheduling of a pipeline that begins a token every `interval` cycles and shares operators between operations.

Two operations may use one instance of an operator if their starts differ modulo the interval: instances are pipelined,
so each takes one operation per cycle. There are no loops between tokens, therefore ceil(count / interval) instances of
an operator always suffice, and no fewer do. Operations are placed by falling distance to the end (list scheduling; Rau,
"Iterative Modulo Scheduling", MICRO 1994), each at the first cycle at which its operands are ready and an instance is
free; it is at most interval - 1 cycles later than its operands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a token.

    latency: cycles until its result can be used, at least 1. after: indices of the operations whose results it uses;
    all smaller than its own. operator: what it shares an instance with other operations of; None: it has its own.
    """

    latency: int
    after: tuple[int, ...] = ()
    operator: Hashable = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """starts: cycle at which each operation takes its operands, after the token's start. instances: the number of the
    instance that it uses, among those of its operator; None for an operation with its own. length: cycles until all
    results are ready.
    """

    interval: int
    starts: tuple[int, ...]
    instances: tuple[int | None, ...]
    length: int


def instance_counts(operations: Sequence[Operation], interval: int) -> dict[Hashable, int]:
    """The least number of instances of every shared operator."""
    counts = Counter(each.operator for each in operations if each.operator is not None)
    return {operator: -(-count // interval) for operator, count in counts.items()}


def modulo_schedule(operations: Sequence[Operation], interval: int) -> Schedule:
    """A schedule on the least instances. Where nothing is shared, every operation begins as soon as it can."""
    distance = _distances(operations)
    free = {
        operator: [[True] * interval for _ in range(count)]
        for operator, count in instance_counts(operations, interval).items()
    }
    starts = [0] * len(operations)
    instances: list[int | None] = [None] * len(operations)
    # By falling distance, an operation comes after those whose results it uses.
    for index in sorted(range(len(operations)), key=lambda index: (-distance[index], index)):
        operation = operations[index]
        start = max((starts[each] + operations[each].latency for each in operation.after), default=0)
        if operation.operator is not None:
            start, instances[index] = _place(free[operation.operator], start, interval)
        starts[index] = start
    length = max((start + each.latency for start, each in zip(starts, operations, strict=True)), default=0)
    return Schedule(interval, tuple(starts), tuple(instances), length)


def _place(instances: list[list[bool]], ready: int, interval: int) -> tuple[int, int]:
    """The first cycle from `ready` on in which an instance is free, and that instance, which then is taken."""
    for start in range(ready, ready + interval):
        for number, slots in enumerate(instances):
            if slots[start % interval]:
                slots[start % interval] = False
                return start, number
    raise AssertionError("there are as many slots as operations")


def _distances(operations: Sequence[Operation]) -> list[int]:
    """Cycles from the start of each operation to the end of the longest chain that needs its result."""
    distance = [each.latency for each in operations]
    for index in reversed(range(len(operations))):
        for each in operations[index].after:
            distance[each] = max(distance[each], operations[each].latency + distance[index])
    return distance
