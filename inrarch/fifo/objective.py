"""What is minimised: words, bits, block RAM, or any other price of a FIFO that does not fall as it gets deeper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from inrarch.errors import UserError, did_you_mean
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
    """The price of an objective; `costs`, where given, whatever the name. Raises UserError for a name unknown."""
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
