"""Which operators the nodes of a pointwise region share when a token comes only every I cycles, and what that costs.

Products are shared on multipliers of the same number of DSP slices in each direction, functions with the same table
(sine and cosine of the same formats have one). What takes neither DSP slices nor block RAM is not shared: selecting
its operands would cost as much as the operator itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace

from inrarch.dataflow.logic import delay
from inrarch.dataflow.memories import choice
from inrarch.dataflow.modulo_schedule import Operation, Schedule, instance_counts, modulo_schedule
from inrarch.dataflow.resources import KINDS, Cost, total
from inrarch.dataflow.target import Target

MOST_INTERVAL = 64
"""Beyond it, selecting the operands of so many operations would need more than a level of logic per register."""
GROUP = 8
"""Words of which one is selected in the first of two stages."""
SELECT = 1
"""Cycles of the register behind the selection of an operand, in front of an operator that is shared."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One lane of a region at an interval.

    schedule: of its nodes. instances: per node the operator that it shares with others, by a number of its own in the
    lane; None: it shares none. latency: cycles from the reads of a token to its write, with the register of the fields.
    multipliers: at most this many multiplication operators of the C++ text have an instance.
    """

    schedule: Schedule
    instances: tuple[int | None, ...]
    latency: int
    cost: Cost
    multipliers: int


@dataclass(frozen=True, slots=True)
class Value:
    """A number that is held until its last reader has started, or until the token is written, where it `leaves`.

    made_by: the operation; None for a field that is read.
    """

    bits: int
    made_by: int | None
    readers: tuple[int, ...]
    leaves: bool


@dataclass(frozen=True, slots=True)
class NodeCost:
    """What a node takes.

    own: with an operator of its own. Where it shares one: shared: that operator; fronts: what is in front of the
    selection of each operand, once for all nodes that take the same one; behind: what stands behind the operator, once
    for all nodes with the same `ending` (None: not a product).
    """

    own: Cost
    shared: Cost = field(default_factory=Cost)
    fronts: tuple[tuple[Hashable, Cost], ...] = ()
    behind: Cost = field(default_factory=Cost)
    ending: Hashable = None


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane of a region: its nodes in topological order, and the values between them.

    operand_bits: of all operands of a node. products: multiplications in the C++ text of its operator.
    """

    target: Target
    operations: tuple[Operation, ...]
    costs: tuple[NodeCost, ...]
    operand_bits: tuple[int, ...]
    products: tuple[int, ...]
    values: tuple[Value, ...]

    def intervals(self) -> list[int]:
        """The intervals worth having, rising: each is the least of those that need the same instances."""
        found: list[int] = []
        seen = None
        for interval in range(1, MOST_INTERVAL + 1):
            counts = instance_counts(self.operations, interval)
            if counts != seen:
                found.append(interval)
            seen = counts
        return found

    def pipeline(self, interval: int) -> Pipeline:
        """The pipeline that takes a token every `interval` cycles."""
        uses = Counter(each.operator for each in self.operations if each.operator is not None)
        counts = instance_counts(self.operations, interval)
        shared = {operator for operator, count in counts.items() if count < uses[operator]}
        operations = [
            replace(each, latency=each.latency + SELECT) if each.operator in shared else each
            for each in self.operations
        ]
        schedule = modulo_schedule(operations, interval)
        own = [index for index, each in enumerate(operations) if each.operator not in shared]
        products = sum(self.products[index] for index in own)
        cost = total(self.costs[index].own for index in own) + self._registers(operations, schedule)
        for operator in shared:
            members = [index for index, each in enumerate(operations) if each.operator == operator]
            cost += _largest([self.costs[index].shared for index in members]).times(counts[operator])
            cost += self._selection(members, schedule)
            products += counts[operator] * max(self.products[index] for index in members)
        numbers: dict[tuple[Hashable, int | None], int] = {}
        instances = tuple(
            numbers.setdefault((each.operator, number), len(numbers)) if each.operator in shared else None
            for each, number in zip(operations, schedule.instances, strict=True)
        )
        return Pipeline(schedule, instances, schedule.length + 1, cost, products)

    def _selection(self, members: Sequence[int], schedule: Schedule) -> Cost:
        """Operands of each instance of one operator are selected, its results rounded as its nodes want.

        Those of a product in two stages: one of each `GROUP` first (kernel_lib/pointwise/inrarch_choose.sv).
        """
        logic, cost = self.target.fabric.logic, Cost()
        bits = max(self.operand_bits[index] for index in members)
        is_product = self.costs[members[0]].ending is not None
        for way in Counter(schedule.instances[index] for index in members).values():
            groups = -(-way // GROUP) if is_product else 1
            luts = choice(min(way, GROUP) if is_product else way, bits, logic) * groups + choice(groups, bits, logic)
            cost += Cost(lut=luts, ff=bits * (groups + is_product))
        of = [(schedule.instances[index], self.costs[index]) for index in members]
        fronts = {(instance, key): front for instance, node in of for key, front in node.fronts}
        endings = {(instance, node.ending): node.behind for instance, node in of}
        return cost + total(fronts.values()) + total(endings.values())

    def _registers(self, operations: Sequence[Operation], schedule: Schedule) -> Cost:
        """Fields that are read, and values that wait: a word per token under way."""
        cost = Cost()
        for value in self.values:
            made = 0
            if value.made_by is not None:
                made = schedule.starts[value.made_by] + operations[value.made_by].latency
            else:
                cost += Cost(ff=value.bits)
            read = max((schedule.starts[reader] for reader in value.readers), default=made)
            words = -(-((schedule.length if value.leaves else read) - made) // schedule.interval)
            cost += delay(value.bits, words, self.target)
        return cost


def _largest(costs: Sequence[Cost]) -> Cost:
    """The most of every resource."""
    return Cost(**{kind: max(cost.of(kind) for cost in costs) for kind in KINDS})
