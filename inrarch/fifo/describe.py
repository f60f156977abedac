"""Sized FIFOs in words: a table of the streams, and one line."""

from __future__ import annotations

from inrarch.fifo.depths import Depths
from inrarch.fifo.memory import bram18
from inrarch.fifo.network import Network


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
        f"lower bound: {result.lower_bound.words:,} words ({result.lower_bound.method})",
    ]
    if result.gap is not None:
        proof = "proven optimum" if result.optimal else f"gap {result.gap:.1%}"
        lines.append(f"{result.objective}: {proof} for at most {result.limit:,} cycles ({result.method})")
    return "\n".join(lines)


def summary(result: Depths) -> str:
    """One line: cycles, words, block RAM."""
    return (
        f"{result.cycles:,} cycles, no deadlock; {len(result.depths)} streams with {result.words:,} words, "
        f"{result.bram18} BRAM18"
    )
