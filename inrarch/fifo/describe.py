"""Sized FIFOs in words: a table of the streams, and one line."""

from __future__ import annotations

from collections.abc import Sequence

from inrarch.fifo.binding import OneLess
from inrarch.fifo.depths import Depths
from inrarch.fifo.memory import bram18
from inrarch.fifo.network import Network
from inrarch.fifo.objective import PRICES

_NAMES = {"bram18": "BRAM18", "luts": "LUT"}


def describe(network: Network, result: Depths) -> str:
    """A table of the streams (depth, most words held, width, block RAM) and three lines of figures."""
    width = max([len("stream"), *(len(stream.name) for stream in network.streams)])
    lines = [f"{'stream':{width}}  {'depth':>7}  {'used':>7}  {'bits':>6}  {'BRAM18':>6}"]
    for stream in network.streams:
        depth, used = result.depths[stream.name], result.high_water[stream.name]
        blocks = bram18(depth, stream.bits)
        lines.append(f"{stream.name:{width}}  {depth:7}  {used:7}  {stream.bits:6}  {blocks:6}")
    loss = result.cycles - result.unbounded_cycles
    against = f"{loss:,} more than" if loss > 0 else f"{-loss:,} fewer than" if loss < 0 else "as many as"
    why = ": through a FIFO of up to 2 words a word takes 1 cycle, through a deeper one 2" if loss < 0 else ""
    lines += [
        f"cycles: {result.cycles:,} ({against} with unbounded FIFOs{why})",
        f"memory: {result.words:,} words, {result.bits:,} bits, {result.bram18:,} BRAM18",
    ]
    if result.cost is not None and result.objective not in PRICES:
        lines.append(f"cost: {result.cost:,} {_NAMES.get(result.objective, result.objective)}")
    lines.append(_bound(result))
    return "\n".join(lines)


def _bound(result: Depths) -> str:
    """The certified bound of what was minimised, and how far the depths are from it."""
    of = result.objective or "words"
    bound = result.lower_bound.words if result.bound is None else result.bound
    line = f"lower bound: {bound:,} {_NAMES.get(of, of)} ({result.lower_bound.method})"
    if result.optimal:
        return f"{line}; proven optimum"
    return line if result.gap is None else f"{line}; gap {result.gap:.1%}"


def describe_one_less(found: Sequence[OneLess], allowed: int) -> str:
    """One line for each stream that binds, and how many do not. allowed: cycles that may be taken."""
    lines = []
    for each in found:
        if each.cycles is None:
            where = " in program order" if each.in_program_order else ""
            lines.append(f"{each.stream} binds: with {each.depth - 1:,} words the network deadlocks{where}")
        elif each.cycles > allowed:
            more = each.cycles - allowed
            lines.append(f"{each.stream} binds: with {each.depth - 1:,} words it takes {more:,} cycles too many")
    loose = len(found) - len(lines)
    binds = "1 stream binds" if len(lines) == 1 else f"{len(lines)} streams bind"
    lines.append(binds + (f", {loose} could be a word less by themselves" if loose else ""))
    return "\n".join(lines)


def summary(result: Depths) -> str:
    """One line: cycles, words, block RAM."""
    return (
        f"{result.cycles:,} cycles, no deadlock; {len(result.depths)} streams with {result.words:,} words, "
        f"{result.bram18} BRAM18"
    )
