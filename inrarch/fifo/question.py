"""Whether depths are good enough: the question that sizing asks of the simulator, with the answers remembered."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from time import monotonic

from inrarch.fifo.chains import Chains, chains, fast
from inrarch.fifo.network import Network
from inrarch.fifo.simulate import Simulator


class OutOfTimeError(Exception):
    """The time limit has passed."""


class World(Enum):
    """What is simulated.

    REAL: the network. FAST: the network with FIFOs as fast as registers at any depth; where it is late, so is the real
    one, and more words never cost cycles. ORDER: accesses in program order.
    """

    REAL = "real"
    FAST = "fast"
    ORDER = "order"


class Question:
    """Do these depths keep to `limit` cycles without deadlock (in either order, where the network is sequential)?"""

    def __init__(self, network: Network, limit: int, seconds: float | None = None) -> None:
        self.network, self.limit = network, limit
        self.real = Simulator(network)
        self.quick = Simulator(fast(network))
        self._until = None if seconds is None else monotonic() + seconds
        self._answers: dict[tuple[World, tuple[int, ...]], bool] = {}
        self._chains: Chains | None = None

    @property
    def chains(self) -> Chains:
        """The accesses, unrolled when first asked for."""
        if self._chains is None:
            self._chains = chains(self.network)
        return self._chains

    def seconds_left(self) -> float | None:
        """Seconds until the limit, None without one. Raises OutOfTimeError."""
        if self._until is None:
            return None
        left = self._until - monotonic()
        if left <= 0:
            raise OutOfTimeError
        return left

    def share(self) -> float | None:
        """Seconds for one step of several: a quarter of those left. Raises OutOfTimeError."""
        left = self.seconds_left()
        return None if left is None else left / 4

    def good(self, depths: Mapping[str, int]) -> bool:
        """The answer for the network itself."""
        if not self.holds(World.REAL, depths):
            return False
        return not self.network.sequential or self.holds(World.ORDER, depths)

    def failing(self, depths: Mapping[str, int]) -> World | None:
        """A world in which these depths are not good enough; a monotone one if there is."""
        if self.network.sequential and not self.holds(World.ORDER, depths):
            return World.ORDER
        if self.holds(World.REAL, depths):
            return None
        return World.REAL if self.holds(World.FAST, depths) else World.FAST

    def holds(self, world: World, depths: Mapping[str, int]) -> bool:
        """The answer for one world. Raises OutOfTimeError."""
        key = (world, tuple(depths[stream.name] for stream in self.network.streams))
        if key not in self._answers:
            self.seconds_left()
            if world is World.ORDER:
                answer = not self.quick.deadlocks_sequentially(depths)
            else:
                simulator = self.real if world is World.REAL else self.quick
                answer = simulator.cycles(depths, self.limit) is not None
            self._answers[key] = answer
        return self._answers[key]
