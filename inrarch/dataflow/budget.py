"""How much of a board a network may use, and what to say when that is too little."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

from inrarch.config.model import Board, Constraints
from inrarch.dataflow.resources import Cost, excess
from inrarch.errors import UserError

_NAMES = {"dsp": "DSP", "bram18": "BRAM18", "uram": "URAM", "lut": "LUT", "ff": "FF"}
_KEYS = {"dsp": "dsp", "bram18": "bram", "uram": "uram", "lut": "lut", "ff": "ff"}
"""The key of `constraints` for each kind of resource."""


def budget_of(board: Board, constraints: Constraints) -> Cost:
    """The most of each resource that the constraints allow on this board."""
    dsp = int(board.resources.dsp * constraints.dsp)
    return Cost(
        dsp=dsp if constraints.dsp_count is None else min(dsp, constraints.dsp_count),
        bram18=int(board.resources.bram18 * constraints.bram),
        uram=int(board.resources.uram * constraints.uram),
        lut=int(board.resources.lut * constraints.lut),
        ff=int(board.resources.ff * constraints.ff),
    )


def too_small(
    least: Callable[[Board], Cost], board: Board, constraints: Constraints, others: Sequence[Board], pinned: bool
) -> UserError:
    """The error for a network that does not fit: the binding resource, by how much, and the nearest setting that fits.

    least: resources at the least parallelism on a board.
    """
    cost, budget = least(board), budget_of(board, constraints)
    kind = excess(cost, budget)[0]
    need, have = cost.of(kind), budget.of(kind)
    share = getattr(constraints, _KEYS[kind])
    whole = getattr(board.resources, kind)
    counted = kind == "dsp" and constraints.dsp_count == have
    limit = "constraints.dsp_count" if counted else f"{100 * share:.4g}% of the {whole:,} of board {board.name}"
    estimated = " (an estimate)" if kind in ("lut", "ff") else ""
    at = "with the pinned lanes" if pinned else "at the least parallelism"
    return UserError(
        f"the network needs {need:,} {_NAMES[kind]}{estimated} {at}, {need - have:,} too many",
        place="map",
        expected=f"at most {have:,} ({limit})",
        hint=_nearest(least, board, constraints, others, pinned),
        exit_code=1,
    )


def _nearest(
    least: Callable[[Board], Cost], board: Board, constraints: Constraints, others: Sequence[Board], pinned: bool
) -> str:
    cost = least(board)
    whole = Cost(**asdict(board.resources))
    if not excess(cost, whole):
        wanted = [
            f"constraints.dsp_count: {cost.dsp}"
            if kind == "dsp" and constraints.dsp_count is not None and constraints.dsp_count < cost.dsp
            else f"constraints.{_KEYS[kind]}: {-(-100 * cost.of(kind) // whole.of(kind))}%"
            for kind in excess(cost, budget_of(board, constraints))
        ]
        return "it fits with " + ", ".join(wanted)
    if pinned:
        return "pin fewer lanes, or set `dataflow.parallelism: auto`"
    relaxed = replace(constraints, dsp_count=None)
    fitting = [each for each in others if not excess(least(each), budget_of(each, relaxed))]
    if fitting:
        smallest = min(fitting, key=lambda each: (each.resources.lut, each.name))
        return f"it fits on board {smallest.name}; or lower derivatives.order or numeric.data_bits"
    return "lower derivatives.order or numeric.data_bits, or use a smaller network; no shipped board is large enough"
