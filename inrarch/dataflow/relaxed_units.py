"""The choices of one unit at all stream lanes of a range of row times, as the least of a sum looks at them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from inrarch.dataflow.menu import Menu
from inrarch.dataflow.offers import Integers, Offers
from inrarch.dataflow.resources import KINDS
from inrarch.dataflow.units import Unit

Reals = npt.NDArray[np.float64]
HELD = 1
"""Most rows that a unit is taken to hold back."""


class ImpossibleError(Exception):
    """A unit has no choice that is fast enough."""


@dataclass(frozen=True, slots=True)
class Step:
    """A unit of the way.

    delay: which of its delays counts (in the order of `offers.Delay`); None: none. before, behind: features of the
    streams that the way takes; None at its ends. joins: it reads other streams, too, so that its level has nothing to
    do with those before it; cut: neither has it in a bound, for rows that are held back add up to no more than there
    are.
    """

    unit: Unit
    delay: int | None
    before: int | None
    behind: int | None
    joins: bool
    cut: bool


@dataclass(frozen=True, slots=True)
class Table:
    """The choices of a unit, by stream lanes of the way, then by rising level: those of bin b from starts[b] on.

    index: of each, among its offers. bins: of those that have any, in an array of `shape`: [lanes before, lanes behind,
    levels]. numbers: resources and prices [choices, kinds + 2]. delay, cycles: of each. held: rows that it holds back
    until those behind them come, where they come slower than it takes them.
    """

    index: Integers
    shape: tuple[int, int, int]
    bins: Integers
    starts: Integers
    numbers: Reals
    delay: Reals
    cycles: Reals
    held: Reals


@dataclass(frozen=True, slots=True)
class Weights:
    """What is summed, in several ways: of each, the weights of resources and prices [ways, kinds + 2] and of a cycle of
    delay [ways]."""

    numbers: Reals
    cycle: Reals

    @classmethod
    def of(
        cls,
        dsp: Reals | None = None,
        once: Reals | None = None,
        per_cycle: Reals | None = None,
        cycle: Reals | None = None,
    ) -> Weights:
        """Of DSP slices, of both prices, and of a cycle of delay."""
        given = [each for each in (dsp, once, per_cycle, cycle) if each is not None]
        numbers = np.zeros((len(given[0]), len(KINDS) + 2))
        for column, weights in ((KINDS.index("dsp"), dsp), (len(KINDS), once), (len(KINDS) + 1, per_cycle)):
            if weights is not None:
                numbers[:, column] = weights
        return cls(numbers, np.zeros(len(numbers)) if cycle is None else cycle)


def table_of(
    menu: Menu,
    unit: Unit,
    ends: tuple[int | None, int | None],
    delay: int | None,
    allowed: Mapping[int, Sequence[int]],
    levels: Integers,
    prices: Callable[[Offers], Reals],
) -> Table:
    """The choices of a unit that take at most the highest level of cycles per row.

    ends: features of the streams before and behind it that the way takes. delay: which one counts; None: none.

    Raises `ImpossibleError`.
    """
    features, slowest = menu.features(unit), int(levels[-1])
    lanes = [[0] if each is None else allowed[each] for each in ends]
    parts = []
    for widths in product(*(allowed[each] for each in features)):
        chosen = dict(zip(features, widths, strict=True))
        offers = menu.offers(unit, chosen)
        least = offers.least(slowest)
        if least is None:
            continue
        before, behind = (
            0 if each is None else list(some).index(chosen[each]) for each, some in zip(ends, lanes, strict=True)
        )
        cycles = np.array(offers.cycles[least:])
        where = (before * len(lanes[1]) + behind) * len(levels) + np.searchsorted(levels, cycles)
        late = np.zeros(len(cycles)) if delay is None else offers.delay_table[least:, delay]
        numbers = np.concatenate((offers.table[least:], prices(offers)[least:]), axis=1)
        parts.append((where, np.arange(least, len(offers.cycles)), numbers, late, cycles))
    if not parts:
        raise ImpossibleError
    where, index, numbers, late, cycles = (np.concatenate(each) for each in zip(*parts, strict=True))
    order = np.argsort(where, kind="stable")
    bins, starts = np.unique(where[order], return_index=True)
    held = np.where(cycles > 0, np.minimum(late // np.maximum(cycles, 1), HELD), 0.0)
    held *= menu.facts.rows > 1 and unit.repeat > 0
    shape = (len(lanes[0]), len(lanes[1]), len(levels))
    columns: list[Reals] = [each[order].astype(np.float64) for each in (numbers, late, cycles, held)]
    return Table(index[order], shape, bins, starts, *columns)
