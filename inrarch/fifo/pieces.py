"""Schedules taken apart: a list of loops without inner loops, each with one unrolled body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inrarch.fifo.network import Access, Item, Process, Repeat, count_accesses

Integers = npt.NDArray[np.int64]

_LARGE = 1 << 20  # accesses; a longer body of few iterations is not unrolled, but its loops, iteration by iteration
_FEW = 4096  # iterations
MAX_UNROLLED = 100_000_000
"""Most accesses that are unrolled at a time; 24 bytes each while the schedule is prepared."""


class TooLongError(Exception):
    """Too many accesses would have to be unrolled: so many."""


@dataclass(frozen=True, slots=True)
class Piece:
    """`count` iterations, `every` stages apart, of a body.

    rows: int64 of shape (3, accesses of the body), in the order of the text: absolute stage in the first iteration,
    port (2 x stream, + 1 for a write), index in `network.leaves`.
    """

    rows: Integers
    count: int
    every: int


def pieces_in_stage_order(process: Process, streams: Mapping[str, int]) -> list[Piece]:
    """In the order of the text; streams: index of each stream name."""
    return _pieces(process.schedule, streams, 0, 0, by_stage=False)


def pieces_in_program_order(process: Process, streams: Mapping[str, int]) -> list[Piece]:
    """In program order: the items of every body by their `at`, as listed where it is equal. Stages mean nothing."""
    return _pieces(process.schedule, streams, 0, 0, by_stage=True)


def _pieces(
    schedule: tuple[Item, ...], streams: Mapping[str, int], start: int, first_leaf: int, *, by_stage: bool
) -> list[Piece]:
    found: list[tuple[int, list[Piece]]] = []
    leaf = first_leaf
    for item in schedule:
        at = start + item.at
        if isinstance(item, Access):
            found.append((item.at, [Piece(_row(item, streams, at, leaf), 1, 0)]))
            leaf += 1
            continue
        mine: list[Piece] = []
        if _is_opened(item):
            for iteration in range(item.count):
                mine += _pieces(item.body, streams, at + iteration * item.every, leaf, by_stage=by_stage)
        else:
            body = _unroll(item.body, streams, leaf, by_stage=by_stage)
            body[0] += at
            if item.every or by_stage:
                mine.append(Piece(body, item.count, item.every))
            else:
                mine.append(Piece(repeated(body, item.count, 0, 0), 1, 0))
        found.append((item.at, mine))
        leaf += _leaves(item)
    if by_stage:
        found.sort(key=lambda part: part[0])
    return [piece for _, mine in found for piece in mine]


def _is_opened(item: Repeat) -> bool:
    if item.count == 1:
        return True
    nested = any(isinstance(inner, Repeat) for inner in item.body)
    return nested and item.count <= _FEW and sum(count_accesses(item.body).values()) > _LARGE


def _leaves(item: Item) -> int:
    return 1 if isinstance(item, Access) else sum(map(_leaves, item.body))


def _row(item: Access, streams: Mapping[str, int], at: int, leaf: int) -> Integers:
    return np.array([[at], [2 * streams[item.stream] + item.is_write], [leaf]], dtype=np.int64)


def _unroll(schedule: tuple[Item, ...], streams: Mapping[str, int], first_leaf: int, *, by_stage: bool) -> Integers:
    parts: list[tuple[int, Integers]] = []
    leaf = first_leaf
    for item in schedule:
        if isinstance(item, Access):
            parts.append((item.at, _row(item, streams, item.at, leaf)))
        else:
            body = _unroll(item.body, streams, leaf, by_stage=by_stage)
            parts.append((item.at, repeated(body, item.count, item.every, item.at)))
        leaf += _leaves(item)
    if by_stage:
        parts.sort(key=lambda part: part[0])
    return np.concatenate([rows for _, rows in parts], axis=1)


def repeated(body: Integers, count: int, every: int, at: int) -> Integers:
    """`count` iterations of `body`, `every` stages apart, the first `at` stages later than the body says.

    Raises TooLongError where these are too many.
    """
    if count * body.shape[1] > MAX_UNROLLED:
        raise TooLongError(count * body.shape[1])
    block = np.repeat(body[:, None, :], count, axis=1)
    block[0] += at + every * np.arange(count, dtype=np.int64)[:, None]
    return block.reshape(3, -1)
