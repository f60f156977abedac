"""The world at a port as a process of the network: gaps before words at inputs, words held back at outputs.

A port is a stream of depth 1 and latency 0, which is a valid/ready handshake: a word can be taken in the cycle in which
it is offered, and the next one can be offered in the cycle after that. `cpp/rhythm.hpp` does the same to the RTL.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inrarch.fifo.network import Access, Item, Process, Repeat, Stream

PORT_DEPTH = 1


def port(name: str, bits: int) -> Stream:
    """The stream of a port; its depth is `PORT_DEPTH`."""
    return Stream(name, bits, latency=0)


def giver(stream: str, words: int, gaps: Sequence[int] = ()) -> Process:
    """Offers word k `gaps[k]` + 1 cycles after word k-1, or when that one was taken, if later. No gaps: always."""
    return Process(f"giver of {stream}", _schedule(stream, words, gaps, is_write=True))


def taker(stream: str, words: int, gaps: Sequence[int] = ()) -> Process:
    """Takes a word, holds it until `gaps[k]` + 1 cycles after it let go of the one before, and takes the next then."""
    return Process(f"taker of {stream}", _schedule(stream, words, gaps, is_write=False))


def random_gaps(words: int, share: float, generator: np.random.Generator) -> list[int]:
    """Gaps that make up a share (0 to below 1) of the cycles, in bursts of about four, some of them longer."""
    if not share:
        return [0] * words
    mean = share / (1 - share)  # cycles of gap per word
    burst = max(4.0, mean)
    stalled = generator.random(words) < mean / burst
    gaps: list[int] = np.where(stalled, generator.geometric(1 / burst, words), 0).tolist()
    return gaps


def _schedule(stream: str, words: int, gaps: Sequence[int], *, is_write: bool) -> tuple[Item, ...]:
    """One access per cycle but for the gaps; runs without a gap are loops."""
    items: list[Item] = []
    at, begin = 0, 0
    for place in [*(place for place, gap in enumerate(gaps[:words]) if gap), words]:
        if place > begin:
            items.append(Repeat(at, place - begin, 1, (Access(0, stream, is_write),)))
            at += place - begin
        if place < words:
            at += gaps[place]
            begin = place
    return tuple(items)
