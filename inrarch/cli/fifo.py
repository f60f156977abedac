"""`inrarch fifo`: size the FIFOs of any process network, or simulate given depths. Needs no project."""

from __future__ import annotations

import argparse
from pathlib import Path

from inrarch.cli.command import Command
from inrarch.errors import UserError


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("network", type=Path, help="the process network (JSON, schemas/network.schema.json)")
    parser.add_argument("-o", "--output", type=Path, metavar="DEPTHS", help="write the depths to this file (JSON)")
    parser.add_argument(
        "--simulate", type=Path, metavar="DEPTHS", help="do not solve: simulate with the depths of this file (JSON)"
    )


def _run(options: argparse.Namespace) -> int:
    from inrarch.fifo.depths import read_depths, save_depths
    from inrarch.fifo.describe import describe
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


COMMAND = Command("fifo", "find FIFO depths that cost no cycle and cannot deadlock", _configure, _run)
