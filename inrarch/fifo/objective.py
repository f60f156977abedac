"""What is minimised: words, bits, block RAM, or any other price of a FIFO that does not fall as it gets deeper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from inrarch.errors import UserError, did_you_mean
from inrarch.fifo.highs import Linear
from inrarch.fifo.hull import Line, lines_below
from inrarch.fifo.memory import bram18
from inrarch.fifo.network import Network

Price = Callable[[int, int], int]
"""Cost of a FIFO of (depth, bits), a whole number >= 0 that does not fall as the depth rises."""


def _words(depth: int, bits: int) -> int:
    return depth


def _bits(depth: int, bits: int) -> int:
    return depth * bits


PRICES: Mapping[str, Price] = MappingProxyType({"words": _words, "bits": _bits, "bram18": bram18})
"""The objectives by name."""


def price(objective: str, costs: Price | None) -> Price:
    """The price of an objective; `costs`, where given, whatever the name. Raises UserError for a name unknown.

    What FIFOs cost in LUTs depends on the fabric: `inrarch.fifo.memory.luts_on` gives `costs` for that.
    """
    if costs is not None:
        return costs
    if objective not in PRICES:
        raise UserError(
            f"unknown objective {objective!r}",
            place="fifo",
            expected="one of " + ", ".join(PRICES),
            hint=did_you_mean(objective, PRICES),
        )
    return PRICES[objective]


_STEPS = 64  # of a price that are looked at one by one; those behind are put together, in ever longer parts


class Objective:
    """The price of one network's streams. linear: whether every word of a stream costs the same."""

    def __init__(self, network: Network, each: Price, most: Mapping[str, int], linear: bool) -> None:
        self._bits = {stream.name: stream.bits for stream in network.streams}
        self._each, self._most, self.linear = each, most, linear

    def of(self, name: str, depth: int) -> int:
        """Cost of one stream."""
        return self._each(depth, self._bits[name])

    def total(self, depths: Mapping[str, int]) -> int:
        """Cost of all streams."""
        return sum(self.of(name, depth) for name, depth in depths.items())

    @property
    def word_prices(self) -> dict[str, int]:
        """What one more word costs, by stream; where that depends on the depth, 1."""
        return {name: self.of(name, 2) - self.of(name, 1) if self.linear else 1 for name in self._bits}

    def plateau(self, name: str, depth: int) -> int:
        """The deepest FIFO that costs no more than one of `depth` words; none deeper than is of use."""
        low, high = depth, max(depth, self._most[name])
        if self.linear or self.of(name, high) == self.of(name, depth):
            return depth if self.linear else high
        while high - low > 1:
            middle = (low + high) // 2
            if self.of(name, middle) == self.of(name, depth):
                low = middle
            else:
                high = middle
        return low

    def column(self, program: Linear, name: str, least: int, most: int) -> int:
        """Add the depth of a stream, from `least` to `most`, and a cost that is no more than its price."""
        if self.linear:
            return program.column(self.of(name, 1), least, most)
        depth = program.column(0, least, most)
        program.above(depth, self._lines(name, least, most), cost=1)
        return depth

    def _lines(self, name: str, least: int, most: int) -> list[Line]:
        """Below the price, from `least` to `most`."""
        ends, prices, depth = [least], [self.of(name, least)], least
        while depth <= most and ends[-1] < most:
            together = depth // 8 if len(ends) > _STEPS else 0
            ends.append(min(most, self.plateau(name, min(most, depth + together))))
            prices.append(self.of(name, depth))
            depth = ends[-1] + 1
        new = np.diff(ends, prepend=-1) > 0
        return lines_below(np.array(ends)[new], np.array(prices)[new])
