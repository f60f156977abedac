"""A network at some stream lanes and a row time, as numbers: what each choice of each unit costs and delays.

Row 0 leaves a unit at the later of several delays after its arrival (`offers.Delay`), so the time of the first row is
the longest path through the network, and what a choice adds to it follows from the longest paths to and from its unit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inrarch.dataflow.menu import Menu
from inrarch.dataflow.offers import Delay, Integers, Offers
from inrarch.dataflow.predict import FIFO
from inrarch.dataflow.resources import KINDS, Cost
from inrarch.dataflow.units import FAR

FIRST, LAST = 0, 1
SEEN = FAR // 1000
"""Delays below are none."""
Reals = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Column:
    """The choices of one unit from the `least` on: of each, resources [choices, kinds], delays (also as an array
    [choices, 4]), prices [choices, 2]."""

    offers: Offers
    least: int
    costs: Integers
    delays: Sequence[Delay]
    delay_table: Integers
    prices: Reals

    @property
    def size(self) -> int:
        """Choices that keep up with the row time."""
        return len(self.prices)


class Landscape:
    """The units of a network, each with the choices that take at most `cycles` per row."""

    def __init__(self, menu: Menu, widths: dict[int, int], cycles: int, prices: Callable[[Offers], Reals]) -> None:
        """prices: of all choices of a unit; see `inrarch.dataflow.goals`."""
        self.menu, self.widths, self.cycles = menu, widths, cycles
        self.streams = menu.streams(widths)
        self.columns: list[Column] = []
        position = {unit.name: index for index, unit in enumerate(menu.units.units)}
        self.writers = [[position[link.writer] for link in menu.units.incoming(unit.name)] for unit in menu.units.units]
        self.sinks = [index for index, unit in enumerate(menu.units.units) if not unit.fields]
        known: dict[object, Column] = {}
        for unit in menu.units.units:
            offers = menu.offers(unit, widths)
            least = offers.least(cycles)
            if least is None:
                raise ValueError(f"unit {unit.name} cannot take {cycles} cycles per row")
            alike = menu.alike(unit)
            if alike not in known:
                delays = offers.delays[least:]
                table = np.array(delays, dtype=np.int64)
                known[alike] = Column(offers, least, offers.table[least:], delays, table, prices(offers)[least:])
            self.columns.append(known[alike])

    def first_row(self, chosen: Sequence[int]) -> int:
        """Cycles of the first row, bursts left out."""
        return max((self._leaves(chosen)[index][1] for index in self.sinks), default=0)

    def _leaves(self, chosen: Sequence[int]) -> list[tuple[int, int]]:
        """When the first and last token leave each unit."""
        leaves: list[tuple[int, int]] = []
        for column, pick, writers in zip(self.columns, chosen, self.writers, strict=True):
            first, last = arrival(leaves, writers)
            a, b, c, d = column.delays[pick]
            leaves.append((max(first + a, last + b), max(first + c, last + d)))
        return leaves

    def row_time(self, chosen: Sequence[int]) -> int:
        """Cycles per row of the slowest unit."""
        pairs = zip(self.columns, chosen, strict=True)
        return max(column.offers.cycles[column.least + pick] for column, pick in pairs)

    def cost(self, chosen: Sequence[int]) -> Cost:
        """Resources of the whole network."""
        rows = [column.costs[pick] for column, pick in zip(self.columns, chosen, strict=True)]
        return Cost(**dict(zip(KINDS, np.sum(rows, axis=0).tolist(), strict=True))) + self.streams

    def lateness(self, chosen: Sequence[int]) -> list[Reals]:
        """Per unit and choice, by how much the first row would be later than with `chosen`, others left as they are."""
        leaves = self._leaves(chosen)
        after = self._after(chosen)
        done = max((leaves[index][1] for index in self.sinks), default=0)
        found = []
        for index, (column, pick) in enumerate(zip(self.columns, chosen, strict=True)):
            first, last = arrival(leaves, self.writers[index])
            to_first, to_last = after[index]
            d = column.delay_table
            paths = np.maximum(
                np.maximum(first + d[:, 0], last + d[:, 1]) + to_first,
                np.maximum(first + d[:, 2], last + d[:, 3]) + to_last,
            )
            later = (paths - done).astype(np.float64)
            if paths[pick] < done:  # not on the longest path: to be faster helps nothing
                later = np.maximum(later, 0.0)
            found.append(later)
        return found

    def _after(self, chosen: Sequence[int]) -> list[tuple[int, int]]:
        """From the first and the last departure of each unit, the longest way to the end of the row."""
        after = [(FAR, FAR)] * len(self.columns)
        for index in self.sinks:
            after[index] = (FAR, 0)
        for index in reversed(range(len(self.columns))):
            a, b, c, d = self.columns[index].delays[chosen[index]]
            to_first, to_last = after[index]
            first = FIFO + max(a + to_first, c + to_last)
            last = FIFO + max(b + to_first, d + to_last)
            for writer in self.writers[index]:
                after[writer] = (max(after[writer][0], first), max(after[writer][1], last))
        return after

    def critical_path(self, chosen: Sequence[int]) -> list[tuple[int, int]]:
        """A longest way of tokens of the first row, from a source to a sink.

        Of each unit on it, its position and which of the four delays (in the order of `offers.Delay`) it takes.
        """
        leaves = self._leaves(chosen)
        index, state = max(self.sinks, key=lambda each: leaves[each][1]), LAST
        path: list[tuple[int, int]] = []
        while True:
            writers = self.writers[index]
            column = self.columns[index]
            # A delay that not all choices have would make a poor bound.
            by_first, by_last = (
                column.delays[chosen[index]][each] if column.delay_table[:, each].min() > SEEN else FAR
                for each in (2 * state, 2 * state + 1)
            )
            first, last = arrival(leaves, writers)
            before = LAST if writers and last + by_last > first + by_first else FIRST
            path.append((index, 2 * state + before))
            if not writers:
                return path[::-1]
            index, state = max(writers, key=lambda each: leaves[each][before]), before


def arrival(leaves: Sequence[tuple[int, int]], writers: Sequence[int]) -> tuple[int, int]:
    """When the first and the last token of row 0 can be read from all of these units; (0, 0) for none."""
    if not writers:
        return 0, 0
    if len(writers) == 1:
        first, last = leaves[writers[0]]
        return first + FIFO, last + FIFO
    return max(leaves[each][0] for each in writers) + FIFO, max(leaves[each][1] for each in writers) + FIFO
