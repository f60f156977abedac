"""How much of a board a network may use, and how fast it has to be."""

from __future__ import annotations

from dataclasses import asdict

from inrarch.config.model import Board, Constraints
from inrarch.dataflow.goals import Limits
from inrarch.dataflow.resources import Cost


def budget_of(board: Board, constraints: Constraints) -> Cost:
    """The most of each resource that the constraints allow on this board."""
    dsp = int(board.resources.dsp * constraints.dsp)
    bram18 = int(board.resources.bram18 * constraints.bram)
    return Cost(
        dsp=dsp if constraints.dsp_count is None else min(dsp, constraints.dsp_count),
        bram18=bram18 if constraints.bram18 is None else min(bram18, constraints.bram18),
        uram=int(board.resources.uram * constraints.uram),
        lut=int(board.resources.lut * constraints.lut),
        ff=int(board.resources.ff * constraints.ff),
    )


def limits_of(board: Board, constraints: Constraints, clock_mhz: float) -> Limits:
    """All constraints, times in cycles. clock_mhz: of the hardware."""
    latency, rate = constraints.latency_us, constraints.rows_per_s
    return Limits(
        budget_of(board, constraints),
        Cost(**asdict(board.resources)),
        cycles=None if latency is None else int(latency * clock_mhz),
        row_cycles=None if rate is None else int(clock_mhz * 1e6 / rate),
    )
