"""`inrarch fifo`: size the FIFOs of any process network, or simulate given depths. Needs no project."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from inrarch.cli.command import Command
from inrarch.errors import UserError

if TYPE_CHECKING:
    from inrarch.fifo.depths import Depths
    from inrarch.fifo.network import Network
    from inrarch.fifo.objective import Price

OBJECTIVES = ("words", "bits", "bram18", "luts")


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("network", type=Path, help="the process network (JSON, schemas/network.schema.json)")
    parser.add_argument("-o", "--output", type=Path, metavar="DEPTHS", help="write the depths to this file (JSON)")
    parser.add_argument("--objective", choices=OBJECTIVES, default="words", help="what to minimise (default words)")
    parser.add_argument("--board", metavar="NAME", help="whose LUTs and block RAMs count, for --objective luts")
    cycles = parser.add_mutually_exclusive_group()
    cycles.add_argument(
        "--slack", type=float, default=0.0, metavar="S", help="cycles may be those of unbounded FIFOs x (1 + S)"
    )
    cycles.add_argument("--cycles", type=int, metavar="N", help="cycles may be N")
    parser.add_argument(
        "--time-limit", type=float, default=60.0, metavar="S", help="seconds; then the best so far (default 60)"
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--simulate", type=Path, metavar="DEPTHS", help="do not solve: simulate with the depths of this file (JSON)"
    )
    what.add_argument("--pareto", action="store_true", help="least memory for a range of cycles, as a table")
    what.add_argument(
        "--share", type=Path, metavar="NETWORK", help="put in shared delay lines where that is cheaper; write it here"
    )
    parser.add_argument("--explain", action="store_true", help="why no stream that binds can be one word less")


def _run(options: argparse.Namespace) -> int:
    from inrarch.fifo.depths import save_depths
    from inrarch.fifo.describe import describe
    from inrarch.fifo.load import load

    _check(options)
    network = load(options.network)
    if options.pareto:
        return _pareto(network, options)
    if options.simulate is not None:
        result = _given(network, options.simulate)
    elif options.share is not None:
        network, result = _share(options)
    else:
        from inrarch.fifo.sizing import solve

        with _elapsed("sizing", options.time_limit):
            result = solve(
                network,
                objective=options.objective,
                slack=options.slack,
                cycles=options.cycles,
                time_limit_s=options.time_limit,
                costs=_costs(options),
            )
    print(describe(network, result))
    if options.explain:
        _explain(network, result)
    if options.output is not None:
        _write(options.output, lambda path: save_depths(result, path))
    return 0


def _check(options: argparse.Namespace) -> None:
    for name, least in (("slack", 0), ("cycles", 1), ("time_limit", 0)):
        value = getattr(options, name)
        if value is not None and not value >= least:
            raise UserError(f"--{name.replace('_', '-')} is {value}", expected=f"a number of at least {least}")
    if (options.objective == "luts") != (options.board is not None):
        given = "--objective luts without --board" if options.board is None else "--board without --objective luts"
        raise UserError(given, expected="both or none", hint="what LUTs a FIFO takes depends on the board's fabric")


def _costs(options: argparse.Namespace) -> Price | None:
    if options.board is None:
        return None
    from inrarch.boards import load_board
    from inrarch.fifo.memory import luts_on

    return luts_on(load_board(options.board).family.fabric.memory)


def _given(network: Network, file: Path) -> Depths:
    from inrarch.fifo.depths import read_depths
    from inrarch.fifo.sizing import evaluate

    given, run = evaluate(network, read_depths(file, network))
    if given is None:
        assert run.deadlock is not None
        raise UserError(
            "the network deadlocks with these depths",
            place=str(file),
            excerpt=run.deadlock.text(),
            hint="leave out --simulate to have depths found",
            exit_code=1,
        )
    return given


def _share(options: argparse.Namespace) -> tuple[Network, Depths]:
    import json

    from inrarch.fifo.load import parse
    from inrarch.fifo.shared import solve_shared
    from inrarch.json_file import read_json

    data = read_json(options.network, "a process network")
    assert isinstance(data, dict)
    with _elapsed("sizing with shared lines"):
        found = solve_shared(
            data, options.objective, options.slack, options.cycles, options.time_limit, costs=_costs(options)
        )
    _write(options.share, lambda path: path.write_text(json.dumps(found.network, indent=1) + "\n", encoding="utf-8"))
    for line in found.lines:
        print(f"{line.stream} is a shared delay line of {', '.join(line.readers)}")
    was, now = found.before.cost, found.depths.cost
    print(f"{len(found.lines)} shared delay lines: {now:,} {options.objective} instead of {was:,}")
    return parse(found.network), found.depths


def _pareto(network: Network, options: argparse.Namespace) -> int:
    import json

    from inrarch.fifo.front import pareto

    with _elapsed("sizing for several numbers of cycles"):
        points = pareto(network, options.objective, time_limit_s=options.time_limit, costs=_costs(options))
    print(f"{'cycles':>12}  {'words':>9}  {'bits':>11}  {'BRAM18':>6}  {'gap':>6}")
    for each in points:
        gap = "proven" if each.optimal else "–" if each.gap is None else f"{each.gap:.1%}"
        print(f"{each.cycles:12,}  {each.words:9,}  {each.bits:11,}  {each.bram18:6,}  {gap:>6}")
    if options.output is not None:
        text = json.dumps([each.to_json() for each in points], indent=1) + "\n"
        _write(options.output, lambda path: path.write_text(text, encoding="utf-8"))
    return 0


def _explain(network: Network, result: Depths) -> None:
    from inrarch.fifo.binding import explain, one_less
    from inrarch.fifo.describe import describe_one_less
    from inrarch.fifo.simulate import Simulator
    from inrarch.fifo.sizing import LEAST_DEPTH

    simulator = Simulator(network)
    allowed = max(result.cycles, result.limit or result.unbounded_cycles)
    with _elapsed("one word less in each stream"):
        found = list(one_less(network, result.depths, LEAST_DEPTH, simulator))
    for each in found:
        if each.binds(allowed):
            print(describe_one_less([each], allowed).splitlines()[0])
            print(*explain(network, result.depths, each, simulator), sep="\n")
    print(describe_one_less(found, allowed).splitlines()[-1])


def _write(path: Path, write: Callable[[Path], object]) -> None:
    try:
        write(path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(f"cannot be written: {reason}", place=str(path)) from error


@contextmanager
def _elapsed(what: str, limit: float | None = None) -> Iterator[None]:
    """Seconds so far, on standard error, if that is a terminal and it takes a while."""
    import sys
    import threading
    import time

    if not sys.stderr.isatty():
        yield
        return
    done, start = threading.Event(), time.monotonic()

    def show() -> None:
        while not done.wait(1.0):
            of = "" if limit is None else f" of at most {limit:.0f}"
            print(f"\r{what}: {time.monotonic() - start:.0f}{of} s ", end="", file=sys.stderr, flush=True)

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


COMMAND = Command("fifo", "find FIFO depths that cost no cycle and cannot deadlock", _configure, _run)
