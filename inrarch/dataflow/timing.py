"""When a unit, left to itself, reads and writes the tokens of a row: all that its waiting for others depends on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Stages = npt.NDArray[np.int64]
"""Cycles from the beginning of a row, rising."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Stages of the accesses of one row of the batch: those of row r come r x `step` later.

    step: cycles per row. reads: of every input, all below `step`. writes: of the output; of a unit that sums over the
    batch, from the beginning of the last row on; of a sink, the cycle after its last word.
    """

    step: int
    reads: tuple[Stages, ...]
    writes: Stages
