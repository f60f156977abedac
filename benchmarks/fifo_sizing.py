"""FIFO depths: time, memory and certified gap of the solver, against occupancy and against simulated annealing.

    python -m benchmarks.fifo_sizing [--quick] [--time-limit 60] [--objective words] [--network FILE …] [--json FILE]

Networks: a SIREN in reverse mode in INR-Arch's kernel style (64 rows, 238 streams; as it is and with shared delay
lines), random reconvergent networks of 100, 300 and 1,000 streams with 10^7 accesses, and network files of builds.
Methods, each at no more cycles than with unbounded FIFOs:

* solver: `inrarch.fifo.solve` with the time limit.
* occupancy: each FIFO as deep as the most words that it held with unbounded FIFOs (the method of FINN and hls4ml).
* annealing: `benchmarks/annealing.py` with the exact simulator, for as long as the solver took.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.annealing import anneal
from benchmarks.networks.inr_arch import inr_arch_network
from benchmarks.networks.reconvergent import reconvergent_network
from inrarch.fifo.depths import Depths, cost
from inrarch.fifo.load import parse
from inrarch.fifo.network import Network
from inrarch.fifo.shared import solve_shared
from inrarch.fifo.simulate import Simulator
from inrarch.fifo.sizing import LEAST_DEPTH, solve
from inrarch.json_file import read_json

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One method on one network. gap: (cost - certified bound) / cost of the objective; seconds: wall clock."""

    network: str
    streams: int
    accesses: int
    method: str
    seconds: float
    words: int
    bits: int
    bram18: int
    gap: float | None
    cycles: int
    unbounded_cycles: int


def networks(quick: bool, files: list[Path]) -> Iterator[tuple[str, Json]]:
    """By name; `quick`: small ones."""
    yield "INR-Arch style, order 1", inr_arch_network(4 if quick else 64)
    for streams in (30,) if quick else (100, 300, 1000):
        yield f"random, {streams} streams", reconvergent_network(streams, 20_000 if quick else 10_000_000)
    for file in files:
        data = read_json(file, "a process network")
        assert isinstance(data, dict)
        yield str(file), data


def measure(name: str, data: Json, objective: str, limit: float) -> list[Row]:
    """All methods on one network; shared lines where there is a fork whose readers are late."""
    network = parse(data)
    start = time.perf_counter()
    best = solve(data, objective=objective, time_limit_s=limit)
    seconds = time.perf_counter() - start
    rows = [_solved(name, network, "solver", seconds, best, objective)]
    start = time.perf_counter()
    shared = solve_shared(data, objective, time_limit_s=limit, before=best)
    if shared.lines:
        spent = seconds + time.perf_counter() - start
        rows.append(_solved(name, parse(shared.network), "solver, shared lines", spent, shared.depths, objective))
    bound = getattr(best.lower_bound, objective)
    simulator, allowed = Simulator(network), best.unbounded_cycles

    def total(depths: Mapping[str, int]) -> int:
        found: int = getattr(cost(network, depths), objective)
        return found

    def row(method: str, seconds: float, depths: dict[str, int]) -> Row:
        cycles = simulator.cycles(depths)
        assert cycles is not None
        assert cycles <= allowed
        memory, value = cost(network, depths), total(depths)
        gap = (value - bound) / value
        return Row(
            name, len(network.streams), _accesses(network), method, seconds, memory.words, memory.bits, memory.bram18,
            gap, cycles, allowed,
        )  # fmt: skip

    start = time.perf_counter()
    held = {stream: max(LEAST_DEPTH, words) for stream, words in simulator.run(None).high_water.items()}
    rows.append(row("occupancy", time.perf_counter() - start, held))
    annealed = anneal(network, allowed, total, seconds, simulator=simulator)
    rows.append(row(f"annealing, {annealed.simulations} runs", seconds, annealed.depths))
    return rows


def _solved(name: str, network: Network, method: str, seconds: float, depths: Depths, objective: str) -> Row:
    value, bound = getattr(depths, objective), getattr(depths.lower_bound, objective)
    return Row(
        name, len(network.streams), _accesses(network), method, seconds, depths.words, depths.bits, depths.bram18,
        (value - bound) / value, depths.cycles, depths.unbounded_cycles,
    )  # fmt: skip


def _accesses(network: Network) -> int:
    return 2 * sum(network.words.values())


def table(rows: list[Row]) -> list[str]:
    """As Markdown."""
    columns: dict[str, Callable[[Row], str]] = {
        "network": lambda each: each.network,
        "streams": lambda each: f"{each.streams:,}",
        "accesses": lambda each: f"{each.accesses:,}",
        "method": lambda each: each.method,
        "seconds": lambda each: f"{each.seconds:.1f}",
        "words": lambda each: f"{each.words:,}",
        "bits": lambda each: f"{each.bits:,}",
        "BRAM18": lambda each: f"{each.bram18:,}",
        "gap": lambda each: "–" if each.gap is None else f"{each.gap:.1%}",
        "cycles": lambda each: f"{each.cycles:,}",
    }
    ruler = ["---" if title in ("network", "method") else "---:" for title in columns]
    lines = [list(columns), ruler, *([show(each) for show in columns.values()] for each in rows)]
    return [f"| {' | '.join(line)} |" for line in lines]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small networks")
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds for the solver, for each network")
    parser.add_argument("--objective", choices=["words", "bits", "bram18"], default="words")
    parser.add_argument("--network", type=Path, nargs="*", default=[], help="network files of builds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows to a file")
    options = parser.parse_args()
    rows: list[Row] = []
    for name, data in networks(options.quick, options.network):
        rows += measure(name, data, options.objective, options.time_limit)
    print(*table(rows), sep="\n")
    if options.json:
        options.json.write_text(json.dumps([asdict(each) for each in rows], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
