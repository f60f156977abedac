"""What the cycles alone say of depths: when an access can happen at the earliest and at the latest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inrarch.fifo.chains import Times, earliest, fast, latest
from inrarch.fifo.network import Network


@dataclass(frozen=True, slots=True)
class Windows:
    """Bounds of every access in all schedules of at most `cycles` cycles, whatever the depths.

    least: no stream can be shallower, by name. most: nor does a deeper one help.
    """

    cycles: int
    earliest: Times
    latest: Times
    least: dict[str, int]
    most: dict[str, int]


def windows(network: Network, cycles: int, floor: int) -> Windows | None:
    """None where no depths give so few cycles. floor: a least depth for all streams."""
    quick = fast(network)
    first, last = earliest(quick), latest(quick, cycles)
    least, most = {}, {}
    for stream in network.streams:
        name = stream.name
        (write0, read0), (write1, read1) = first[name], last[name]
        if np.any(write0 > write1) or np.any(read0 > read1):
            return None
        written = np.arange(1, len(write0) + 1)
        # Word i is written by its latest cycle; reads of earlier cycles have made room, at most those possible.
        least[name] = max(floor, int((written - np.searchsorted(read0, write1, side="left")).max(initial=0)))
        most[name] = max(floor, int((written - np.searchsorted(read1, write0, side="left")).max(initial=0)))
        if network.sequential:
            most[name] = max(floor, len(write0))
    return Windows(cycles, first, last, least, most)
