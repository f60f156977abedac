"""How the time to compile a tower grows with its order, depth, width and number of coordinates.

    python -m benchmarks.derive_growth [--quick]

One line per network: seconds of the processor for loading, checking the rows, expanding, optimizing and the message to
be written (best of three), and the whole per node of the result. After it, `inrarch derive` of the benchmark SIREN at
order 4 as a command: with the start of the process and all imports.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx

from inrarch.derivatives.batch import free_batch
from inrarch.derivatives.expand import expand
from inrarch.derivatives.lower import lower
from inrarch.derivatives.request import make_request
from inrarch.derivatives.rows import check_rows_are_independent
from inrarch.graph.collector import paused_collector
from inrarch.graph.load import load_model
from inrarch.graph.passes.pipeline import optimize, prepare
from inrarch.graph.save import to_proto
from tests.models import siren

STEPS = ("load", "rows", "expand", "optimize", "write")
MANY = 100_000
"""Coefficients allowed: the guard against requests made by mistake is not what is measured."""


@dataclass(frozen=True, slots=True)
class Case:
    """A SIREN d -> width x depth -> 3 and an order."""

    order: int = 4
    depth: int = 4
    width: int = 256
    coordinates: int = 2

    def model(self) -> onnx.ModelProto:
        return siren((self.coordinates, *[self.width] * self.depth, 3))


@dataclass(frozen=True, slots=True)
class Timing:
    """Nodes before and after the optimizer, and seconds of the processor by step."""

    nodes_before: int
    nodes: int
    seconds: dict[str, float]


def cases(quick: bool) -> Iterator[tuple[str, list[Case]]]:
    yield "order", [Case(order=order) for order in (range(1, 5) if quick else range(1, 9))]
    yield "depth", [Case(depth=depth) for depth in ((2, 4) if quick else (2, 4, 8, 16, 32))]
    yield "width", [Case(width=width, order=2) for width in ((64, 128) if quick else (64, 256, 1024, 2048))]
    yield "coordinates", [Case(coordinates=d, order=3, width=64) for d in ((1, 2) if quick else (1, 2, 3, 5, 8))]


@paused_collector()
def compile_once(proto: onnx.ModelProto, order: int) -> Timing:
    seconds: dict[str, float] = {}

    def timed(step: str, action: Callable[[], Any]) -> Any:
        start = time.process_time()
        result = action()
        seconds[step] = time.process_time() - start
        return result

    model = timed("load", lambda: load_model(proto))
    request = make_request(model, order=order, method="taylor", max_coefficients=MANY)
    timed("rows", lambda: check_rows_are_independent(model, request.wrt))
    derivative = timed("expand", lambda: expand(prepare(lower(free_batch(model, request.wrt))), request))
    optimized, _ = timed("optimize", lambda: optimize(derivative))
    timed("write", lambda: to_proto(optimized).SerializeToString())
    return Timing(derivative.graph.num_nodes(), optimized.graph.num_nodes(), seconds)


def best(case: Case, repeat: int) -> Timing:
    proto = case.model()
    timings = [compile_once(proto, case.order) for _ in range(repeat)]
    smallest = {step: min(timing.seconds[step] for timing in timings) for step in STEPS}
    return Timing(timings[0].nodes_before, timings[0].nodes, smallest)


def table(name: str, listed: list[Case], repeat: int) -> Iterator[str]:
    yield f"| {name} | nodes before | nodes | {' | '.join(f'{step} s' for step in STEPS)} | ms per node |"
    yield "|" + "---:|" * (len(STEPS) + 4)
    for case in listed:
        timing = best(case, repeat)
        whole = sum(timing.seconds.values())
        cells = " | ".join(f"{timing.seconds[step]:.3f}" for step in STEPS)
        yield (
            f"| {getattr(case, name)} | {timing.nodes_before} | {timing.nodes} | {cells} "
            f"| {1e3 * whole / timing.nodes:.2f} |"
        )


def command_seconds(repeat: int) -> tuple[float, float]:
    """Seconds on the clock and of the processor for the benchmark SIREN at order 4, the best of some runs."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "siren.onnx"), Path(folder, "derivative.onnx")
        onnx.save(siren(), source)
        command = [sys.executable, "-m", "inrarch", "derive", str(source), "--order", "4", "-o", str(target)]
        runs = []
        for _ in range(repeat):
            before, start = os.times(), time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            after = os.times()
            used = after.children_user + after.children_system - before.children_user - before.children_system
            runs.append((time.perf_counter() - start, used))
    return min(runs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small cases, once")
    quick = parser.parse_args().quick
    for name, listed in cases(quick):
        print(*table(name, listed, 1 if quick else 3), "", sep="\n")
    clock, processor = command_seconds(1 if quick else 5)
    print(f"inrarch derive --order 4, benchmark SIREN: {clock:.2f} s on the clock, {processor:.2f} s of the processor")


if __name__ == "__main__":
    main()
