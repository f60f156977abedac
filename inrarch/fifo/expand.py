"""Schedules unrolled into chains of accesses: in stage order (pipelined hardware) or in program order (software)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inrarch.fifo.network import Access, Item, Process

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Chain:
    """The accesses of one process in order, as arrays of equal length.

    stage: absolute stage. port: 2 x stream index, + 1 for a write. leaf: index of the access in `network.leaves`.
    """

    stage: Integers
    port: Integers
    leaf: Integers


def stage_order(process: Process, streams: Mapping[str, int]) -> Chain:
    """Sorted by stage (stable; reads before writes in a stage): DESIGN.md 7, iterations overlap.

    streams: index of each stream name.
    """
    chain = _unroll(process, streams, by_stage=False)
    order = np.argsort(2 * chain.stage + (chain.port & 1), kind="stable")
    return Chain(chain.stage[order], chain.port[order], chain.leaf[order])


def program_order(process: Process, streams: Mapping[str, int]) -> Chain:
    """Iteration after iteration without overlap; the items of a body by their `at`, as listed where it is equal."""
    return _unroll(process, streams, by_stage=True)


def _unroll(process: Process, streams: Mapping[str, int], *, by_stage: bool) -> Chain:
    rows, _ = _unroll_items(process.schedule, streams, 0, by_stage)
    return Chain(rows[0], rows[1], rows[2])


def _unroll_items(
    schedule: tuple[Item, ...], streams: Mapping[str, int], first_leaf: int, by_stage: bool
) -> tuple[Integers, int]:
    """Array of shape (3, accesses) with stage, port, leaf, and the number of the next leaf."""
    parts: list[tuple[int, Integers]] = []
    leaf = first_leaf
    for item in schedule:
        if isinstance(item, Access):
            port = 2 * streams[item.stream] + item.is_write
            parts.append((item.at, np.array([[item.at], [port], [leaf]], dtype=np.int64)))
            leaf += 1
            continue
        body, leaf = _unroll_items(item.body, streams, leaf, by_stage)
        block = np.repeat(body[:, None, :], item.count, axis=1)
        block[0] += item.at + item.every * np.arange(item.count, dtype=np.int64)[:, None]
        parts.append((item.at, block.reshape(3, -1)))
    if by_stage:
        parts.sort(key=lambda part: part[0])
    if not parts:
        return np.zeros((3, 0), dtype=np.int64), leaf
    return np.concatenate([rows for _, rows in parts], axis=1), leaf
