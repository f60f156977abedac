"""The schedule of each unit: when, after its start, it reads and writes which stream (DESIGN.md 7), as JSON.

The nesting of `repeat` is the loop structure of the C++ kernels, so that program order, too, is theirs.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

from inrarch.dataflow.latency import FORK, SOURCE
from inrarch.dataflow.parallelism import Shape

Items = list[dict[str, Any]]
_Flags = npt.NDArray[np.int8]
_READ, _WRITE = 1, 2


def source_schedule(stream: str, tokens: int, lanes: int) -> Items:
    """A token after every `lanes` words of the AXI port, one word per cycle."""
    return [_repeat(0, tokens, lanes, [{"at": lanes - 1 + SOURCE, "write": stream}])]


def sink_schedule(stream: str, tokens: int, words_per_token: int) -> Items:
    """A token, then its words to the AXI port, one per cycle; a token at the first of its words."""
    return [_repeat(0, tokens, words_per_token, [{"at": 0, "read": stream}])]


def sink_end(tokens: int, words_per_token: int) -> int:
    """Stage of the last word."""
    return tokens * words_per_token - 1


def fork_schedule(stream: str, copies: list[str], tokens: int) -> Items:
    """One token per cycle, to all readers in the same cycle."""
    writes = [{"at": FORK, "write": copy} for copy in copies]
    return [_repeat(0, tokens, 1, [{"at": 0, "read": stream}, *writes])]


def region_schedule(streams: list[str], output: str, tokens: int, latency: int) -> Items:
    """One token of every input per cycle, the result `latency` cycles later."""
    reads: Items = [{"at": 0, "read": stream} for stream in streams]
    return [_repeat(0, tokens, 1, [*reads, {"at": latency, "write": output}])]


def matmul_schedule(stream: str, output: str, rows: int, shape: Shape, latency: int) -> Items:
    """The flattened loop of `kernel_lib/matmul`: step s (T iterations) reads row s and multiplies row s-1.

    The reads are spread evenly: token k in iteration ceil(k*T/reads) of its step. A token is written from the iteration
    after the products of its (last) group on: row r, group g, token j in iteration (r+1)*T + g*slot + KB + j, `latency`
    cycles later.
    """
    # Frames of T iterations that begin KB iterations into a step: no row's writes cross the end of a frame.
    step, offset = shape.step, shape.blocks_in
    iteration = np.arange(step)
    reads = iteration * shape.reads % step < shape.reads
    late = np.roll(reads, -offset)  # by position in the frame
    next_row = iteration >= step - offset  # these reads belong to the row after the one that the frame begins in
    writes = np.zeros(step, dtype=bool)
    for group in range(shape.groups_per_token - 1, shape.blocks_out, shape.groups_per_token):
        first = group * shape.slot
        tokens = shape.tokens_per_group if group < shape.blocks_out - 1 else shape.tokens_last
        writes[first : first + tokens] = True

    def frame(row: int) -> _Flags:
        """Accesses of the frame in which `row` is written: row + 1 is read, and the beginning of row + 2."""
        flags = np.where(late & ~next_row & (row + 1 < rows), _READ, 0)
        flags |= np.where(late & next_row & (row + 2 < rows), _READ, 0)
        return (flags | np.where(writes & (row >= 0), _WRITE, 0)).astype(np.int8)

    def body(flags: _Flags) -> Items:
        return _compress(flags, [{"at": 0, "read": stream}], [{"at": latency, "write": output}])

    items = body(np.where(reads[:offset], _READ, 0).astype(np.int8))
    kinds = [(row >= 0, row + 1 < rows, row + 2 < rows) for row in range(-1, rows)]
    row = -1
    for _, same in groupby(kinds):
        count = len(list(same))
        if accesses := body(frame(row)):
            items.append(_repeat((row + 1) * step + offset, count, step, accesses))
        row += count
    return items


def _compress(flags: _Flags, read: Items, write: Items) -> Items:
    """Flags per iteration -> items: the shortest period that repeats, in it runs of equal iterations."""
    if not flags.any():
        return []
    period = next(p for p in range(1, len(flags) + 1) if len(flags) % p == 0 and not (flags[p:] != flags[:-p]).any())
    items: Items = []
    position = 0
    for kind, run in groupby(flags[:period].tolist()):
        length = len(list(run))
        body = (read if kind & _READ else []) + (write if kind & _WRITE else [])
        if body:
            items.append(_repeat(position, length, 1, body))
        position += length
    return items if period == len(flags) else [_repeat(0, len(flags) // period, period, items)]


def _repeat(at: int, count: int, every: int, body: Items) -> dict[str, Any]:
    # A write keeps its iteration around it: its own `at` is a latency, which program order must not see.
    if count == 1 and len(body) == 1 and body[0]["at"] == 0:
        return body[0] | {"at": at}
    return {"at": at, "repeat": count, "every": every, "body": body}
