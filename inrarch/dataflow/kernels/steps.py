"""The schedule of a loop that works in steps: in each it reads a row, and, shifted by an offset, writes another one."""

from __future__ import annotations

from itertools import groupby
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from inrarch.dataflow.schedules import READ, WRITE, Flags, Items, compressed, repeated
from inrarch.dataflow.timing import Stages, Timing

Marks = npt.NDArray[np.bool_]


Token = TypeVar("Token", int, npt.NDArray[np.int64])


def turn(token: Token, tokens: int, step: int) -> Token:
    """The iteration of a step in which a token is due where `tokens` are spread evenly: ceil(token * step / tokens)."""
    return -(-token * step // tokens)


def evenly(accesses: int, step: int) -> Marks:
    """One mark per iteration of a step: access k in iteration `turn(k, accesses, step)`."""
    return np.asarray(np.arange(step) * accesses % step < accesses)


def turns(tokens: int, step: int) -> Stages:
    """`turn` of all of them."""
    return turn(np.arange(tokens), tokens, step)


def stepped_timing(rows: int, step: int, reads: Stages, writes: Stages, behind: int) -> Timing:
    """Of `rows` rows of a `stepped_schedule`, taken as one. behind: its offset and latency."""
    begins = step * np.arange(rows)[:, None]
    return Timing(rows * step, ((begins + reads).ravel(),), (begins + writes + step + behind).ravel())


def stepped_schedule(
    stream: str, output: str, rows: int, step: int, read: Stages, written: Stages, offset: int, latency: int
) -> Items:
    """Step s reads row s; row r is written in the T iterations that begin `offset` (0..T) after those of step r+1.

    step: T. read, written: iterations of the step, and iterations from the offset on. A write comes `latency` cycles
    after the start of its iteration.
    """
    # Frames of T iterations that begin `offset` iterations into a step: no row's writes cross the end of a frame.
    reads, writes = (np.isin(np.arange(step), each) for each in (read, written))
    late = np.roll(reads, -offset)  # by position in the frame
    next_row = np.arange(step) >= step - offset  # these reads belong to the row after the one that the frame begins in

    def frame(row: int) -> Flags:
        """Accesses of the frame in which `row` is written: row + 1 is read, and the beginning of row + 2."""
        flags = np.where(late & ~next_row & (row + 1 < rows), READ, 0)
        flags |= np.where(late & next_row & (row + 2 < rows), READ, 0)
        return (flags | np.where(writes & (row >= 0), WRITE, 0)).astype(np.int8)

    def body(flags: Flags) -> Items:
        return compressed(flags, [[{"at": 0, "read": stream}], [{"at": latency, "write": output}]])

    items = body(np.where(reads[:offset], READ, 0).astype(np.int8))
    kinds = [(row >= 0, row + 1 < rows, row + 2 < rows) for row in range(-1, rows)]
    row = -1
    for _, same in groupby(kinds):
        count = len(list(same))
        if accesses := body(frame(row)):
            items.append(repeated((row + 1) * step + offset, count, step, accesses))
        row += count
    return items
