"""How fast process networks are simulated: the compiled inner loop, the one in Python, and with periods left out.

    python -m benchmarks.fifo_speed [--seconds 1] [--python-accesses 400000]

The network of the benchmark (order 2, 80 % of a U50) with 64, 4,096 and 1,000,000 rows, and random reconvergent
networks of 10^7 accesses; with unbounded FIFOs and with FIFOs of the size that those need. Processor seconds of one
core, best of several runs; `cycles` alone, and with all figures. Runs in Python are of fewer rows where they would
take too long.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.hardware import benchmark_variant, compile_order, limited
from inrarch.dataflow.mapping import map_network
from inrarch.fifo.load import parse
from inrarch.fifo.network import Network
from inrarch.fifo.simulate import Simulator

Make = Callable[[int], dict[str, Any]]
HEAD = ["network", "rows", "accesses", "FIFOs", "C++, cycles", "C++, figures", "Python, figures", "periods left out"]


def main() -> None:
    options = _options()
    print("| " + " | ".join(HEAD) + " |")
    print("| :--- | ---: | ---: | :--- | ---: | ---: | ---: | ---: |")
    siren = siren_network()
    for name, make, rows in (
        ("SIREN, order 2", siren, 64),
        ("SIREN, order 2", siren, 4096),
        ("SIREN, order 2", siren, 1_000_000),
        ("random, 300 streams", lambda rows: reconvergent(300, rows, 1), 17_000),
        ("random, 1,000 streams", lambda rows: reconvergent(1000, rows, 1), 5_000),
    ):
        for row in measure(name, make, rows, options.seconds, options.python_accesses):
            print("| " + " | ".join(row) + " |", flush=True)


def siren_network() -> Make:
    """The network of the benchmark for a number of rows."""
    variant = benchmark_variant()
    compiled = compile_order(variant, 2, samples=256, data_bits=24, weight_bits=18)
    limits = limited(variant, None)
    return lambda rows: map_network(compiled.graph, compiled.formats, variant.board, limits, rows, {})


def reconvergent(streams: int, rows: int, seed: int) -> dict[str, Any]:
    """A random acyclic network, one word per row and stream: a spanning tree, and streams that meet again later."""
    rng = random.Random(seed)
    number = max(2, streams * 2 // 3)
    reads: list[list[str]] = [[] for _ in range(number)]
    writes: list[list[str]] = [[] for _ in range(number)]
    for index in range(streams):
        first = rng.randrange(number - 1)
        first, last = (max(0, index - rng.randint(0, 11)), index + 1) if index < number - 1 else (first, first + 40)
        writes[first].append(f"s{index}")
        reads[min(number - 1, last)].append(f"s{index}")
    processes = []
    for process in range(number):
        latency = rng.randint(1, 200)
        body = [{"at": 0, "read": stream} for stream in reads[process]]
        body += [{"at": latency, "write": stream} for stream in writes[process]]
        processes.append({"name": f"p{process}", "schedule": [{"at": 0, "repeat": rows, "every": 1, "body": body}]})
    return {"streams": [{"name": f"s{index}", "bits": 32} for index in range(streams)], "processes": processes}


def measure(name: str, make: Make, rows: int, seconds: float, python_accesses: int) -> list[list[str]]:
    """Two lines of the table: unbounded FIFOs, and FIFOs as deep as those were filled."""
    network = parse(make(rows))
    accesses = 2 * sum(network.words.values())
    few = max(2, rows * python_accesses // accesses)
    small = parse(make(few)) if few < rows else network
    enough = Simulator(network).run(None).high_water
    lines = []
    for label, depths in (("unbounded", None), ("bounded", {stream: max(2, held) for stream, held in enough.items()})):
        plain = accesses < 2e8  # else only with periods left out
        shown = [speed(network, depths, seconds, full=full, compiled=True) if plain else "–" for full in (False, True)]
        shown.append(speed(small, depths, seconds, full=True, compiled=False))
        simulator = Simulator(network, periodic=True)
        taken, run = best(simulator, lambda s=simulator, d=depths: s.run(d), seconds)  # type: ignore[misc]
        shown.append(f"{taken * 1e3:.1f} ms ({run.periods:,})")
        lines.append([name, f"{rows:,}", f"{accesses:,}", label, *shown])
    return lines


def speed(network: Network, depths: Mapping[str, int] | None, seconds: float, *, full: bool, compiled: bool) -> str:
    """Accesses per second without leaving out anything."""
    simulator = Simulator(network, compiled=compiled, periodic=False)
    taken, _ = best(simulator, lambda: simulator.run(depths) if full else simulator.cycles(depths), seconds)
    return f"{2 * sum(network.words.values()) / taken / 1e6:,.1f} M/s"


def best(simulator: Simulator, work: Callable[[], Any], seconds: float) -> tuple[float, Any]:
    """Least processor time of a call, and what it returned; calls for so long, at least once."""
    least, spent, result = float("inf"), 0.0, None
    while result is None or spent < seconds:
        simulator.forget()
        began = time.process_time()
        result = work()
        taken = time.process_time() - began
        least, spent = min(least, taken), spent + taken
    return least, result


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1.0, help="processor seconds per measurement")
    parser.add_argument("--python-accesses", type=int, default=400_000, help="accesses of a run in Python, about")
    return parser.parse_args()


if __name__ == "__main__":
    main()
