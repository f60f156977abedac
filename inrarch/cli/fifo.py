"""`inrarch fifo`: size the FIFOs of any process network, or simulate given depths. Needs no project."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from inrarch.cli.command import Command
from inrarch.errors import UserError

if TYPE_CHECKING:
    from inrarch.fifo.depths import Depths
    from inrarch.fifo.network import Network


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("network", type=Path, help="the process network (JSON, schemas/network.schema.json)")
    parser.add_argument("-o", "--output", type=Path, metavar="DEPTHS", help="write the depths to this file (JSON)")
    parser.add_argument(
        "--simulate", type=Path, metavar="DEPTHS", help="do not solve: simulate with the depths of this file (JSON)"
    )


def _run(options: argparse.Namespace) -> int:
    from inrarch.fifo.depths import read_depths, save_depths
    from inrarch.fifo.load import load
    from inrarch.fifo.solve import evaluate, solve

    network = load(options.network)
    if options.simulate is None:
        result = solve(network)
    else:
        given, run = evaluate(network, read_depths(options.simulate, network))
        if given is None:
            assert run.deadlock is not None
            raise UserError(
                "the network deadlocks with these depths",
                place=str(options.simulate),
                excerpt=run.deadlock.text(),
                hint="leave out --simulate to have depths found",
                exit_code=1,
            )
        result = given
    print(describe(network, result))
    if options.output is not None:
        try:
            save_depths(result, options.output)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise UserError(f"cannot be written: {reason}", place=str(options.output)) from error
    return 0


def describe(network: Network, result: Depths) -> str:
    """The result as a table of streams and three lines of figures."""
    from inrarch.fifo.memory import bram18

    width = max([len("stream"), *(len(stream.name) for stream in network.streams)])
    lines = [f"{'stream':{width}}  {'depth':>7}  {'used':>7}  {'bits':>6}  {'BRAM18':>6}"]
    for stream in network.streams:
        depth, used = result.depths[stream.name], result.high_water[stream.name]
        blocks = bram18(depth, stream.bits)
        lines.append(f"{stream.name:{width}}  {depth:7}  {used:7}  {stream.bits:6}  {blocks:6}")
    loss = result.cycles - result.unbounded_cycles
    against = f"{loss:,} more than" if loss > 0 else f"{-loss:,} fewer than" if loss < 0 else "as many as"
    lines += [
        f"cycles: {result.cycles:,} ({against} with unbounded FIFOs)",
        f"memory: {result.words:,} words, {result.bits:,} bits, {result.bram18:,} BRAM18",
        f"lower bound: {result.lower_bound.words:,} words ({result.lower_bound.method})",
    ]
    return "\n".join(lines)


COMMAND = Command("fifo", "find FIFO depths that cost no cycle and cannot deadlock", _configure, _run)
