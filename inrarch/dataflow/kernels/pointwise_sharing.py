"""Which operators the nodes of a pointwise region share when a token comes only every I cycles, and what that costs.

Products are shared on multipliers of the same number of DSP slices in each direction, functions with the same table
(sine and cosine of the same formats have one). What takes neither DSP slices nor block RAM is not shared: selecting
its operands would cost as much as the operator itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from inrarch.dataflow.modulo_schedule import Operation, Schedule, instance_counts, modulo_schedule
from inrarch.dataflow.resources import KINDS, Cost, total

MOST_INTERVAL = 64
"""Beyond it, selecting the operands of so many operations would need more than a level of logic per register."""
SELECT = 1
"""Cycles of the register behind the selection of an operand, in front of an operator that is shared."""
_SHIFT_REGISTER = 32
"""Words of a shift register in one LUT per bit (AMD UG574, SRLC32E)."""
_SELECT_WAYS = 4
"""Ways of a selection that one LUT per bit holds (AMD UG574: 4:1 in a LUT6, wider ones by F7MUX, F8MUX and F9MUX)."""


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
class Lane:
    """One lane of a region: its nodes in topological order, and the values between them.

    costs: of a node's operator, where it has its own. operand_bits: of all its operands. products: multiplications in
    the C++ text of its operator.
    """

    operations: tuple[Operation, ...]
    costs: tuple[Cost, ...]
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
        cost = total(self.costs[index] for index in own) + self._registers(operations, schedule)
        for operator in shared:
            members = [index for index, each in enumerate(operations) if each.operator == operator]
            cost += _largest([self.costs[index] for index in members]).times(counts[operator])
            cost += self._selection(members, schedule)
            products += counts[operator] * max(self.products[index] for index in members)
        numbers: dict[tuple[Hashable, int | None], int] = {}
        instances = tuple(
            numbers.setdefault((each.operator, number), len(numbers)) if each.operator in shared else None
            for each, number in zip(operations, schedule.instances, strict=True)
        )
        return Pipeline(schedule, instances, schedule.length + 1, cost, products)

    def _selection(self, members: Sequence[int], schedule: Schedule) -> Cost:
        """Operands of each instance of one operator are selected, and registered."""
        bits = max(self.operand_bits[index] for index in members)
        ways = Counter(schedule.instances[index] for index in members).values()
        levels = sum(-(-way // _SELECT_WAYS) for way in ways)
        return Cost(lut=bits * levels, ff=bits * len(ways))

    def _registers(self, operations: Sequence[Operation], schedule: Schedule) -> Cost:
        """Values that wait: a register per token under way, or a shift register of LUTs."""
        cost = Cost()
        for value in self.values:
            made = 0
            if value.made_by is not None:
                made = schedule.starts[value.made_by] + operations[value.made_by].latency
            read = max((schedule.starts[reader] for reader in value.readers), default=made)
            words = -(-((schedule.length if value.leaves else read) - made) // schedule.interval)
            if words <= 2:
                cost += Cost(ff=words * value.bits)
            else:
                cost += Cost(lut=-(-words // _SHIFT_REGISTER) * value.bits)
        return cost


def _largest(costs: Sequence[Cost]) -> Cost:
    """The most of every resource."""
    return Cost(**{kind: max(cost.of(kind) for cost in costs) for kind in KINDS})
