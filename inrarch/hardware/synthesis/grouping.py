"""Which modules go through technology mapping together.

Before and after each module that it maps, Yosys (0.70) goes through the whole design (`bufNormalize`): the time
of one run grows with modules x wires. In runs of their own, wide modules do not hold up small ones; each run reads the
libraries of the device again.
"""

from __future__ import annotations

from collections.abc import Mapping

RUN_SECONDS = 4.0
"""Processor time of a run for one small module: start, libraries, preparation of ABC9 (Yosys 0.70 as WebAssembly)."""
SECONDS_PER_MODULE_AND_BIT = 5e-6
"""Processor time that a module takes for each bit of wires in its run."""


def groups(bits: Mapping[str, int]) -> list[list[str]]:
    """Modules in groups with the least expected time, the narrowest modules first. bits: of the wires of each module.

    Groups are sections of the modules ordered by width; the cheapest cut is found by dynamic programming.
    """
    names = sorted(bits, key=lambda name: (bits[name], name))
    best, begin = [0.0], [0]
    for end in range(1, len(names) + 1):
        total, found = 0, (float("inf"), 0)
        for first in range(end - 1, -1, -1):
            total += bits[names[first]]
            found = min(found, (best[first] + seconds(end - first, total), first))
        best.append(found[0])
        begin.append(found[1])
    cut, end = [], len(names)
    while end:
        cut.append(names[begin[end] : end])
        end = begin[end]
    return cut[::-1]


def seconds(modules: int, bits: int) -> float:
    """Expected processor time of a run for so many modules with so many bits of wires in all."""
    return RUN_SECONDS + SECONDS_PER_MODULE_AND_BIT * modules * bits
