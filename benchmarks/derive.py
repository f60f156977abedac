"""Derivatives of the benchmark SIREN (2 -> 256 x 4 -> 3, w0 = 30), orders 1-4: time to compile, size, time to run.

    python -m benchmarks.derive [--width 256] [--depth 4] [--batch 64] [--threads 1]

Compile times are the best of three; run times are medians in ONNX Runtime (float32), the orders taking turns so that a
disturbance of the machine meets all of them.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.expand import expand
from inrarch.derivatives.request import make_request
from inrarch.graph.count import count
from inrarch.graph.load import load_model
from inrarch.graph.passes.patterns import is_constant
from inrarch.graph.passes.pipeline import optimize
from inrarch.graph.runtime import open_session
from tests.models import siren

ORDERS = (1, 2, 3, 4)
REFERENCE_MS = {1: 0.96, 2: 1.78, 3: 3.00, 4: 4.87}
"""Software baseline that the project started with: a Taylor graph of the same network in ONNX Runtime, float32, batch
64, one thread, on another machine. Shown for that setting only."""
WARM_UP = 20


@dataclass(frozen=True, slots=True)
class Tower:
    """One order: seconds to compile, the graphs, and what they cost."""

    order: int
    expand_s: float
    optimize_s: float
    nodes_before: int
    graph: ir.Model


def main() -> None:
    options = _options()
    towers = [build(options.width, options.depth, order) for order in ORDERS]
    shallower = [build(options.width, options.depth - 1, order) for order in ORDERS]
    milliseconds = run_times(towers, options.batch, options.threads, options.seconds)
    title = f"SIREN 2 -> {options.width} x {options.depth} -> 3, batch {options.batch}, {options.threads} thread(s)"
    print(title, "", *table(towers, shallower, milliseconds, is_benchmark(options)), sep="\n")


def is_benchmark(options: argparse.Namespace) -> bool:
    return (options.width, options.depth, options.batch, options.threads) == (256, 4, 64, 1)


def build(width: int, depth: int, order: int) -> Tower:
    model = load_model(siren((2, *[width] * depth, 3)))
    expand_s, derivative = best(lambda: expand(model, make_request(model, order=order)))
    optimize_s, (graph, _) = best(lambda: optimize(derivative))
    return Tower(order, expand_s, optimize_s, count(derivative).nodes, graph)


def best(action: Callable[[], Any]) -> tuple[float, Any]:
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        result = action()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


def run_times(towers: list[Tower], batch: int, threads: int, seconds: float) -> list[float]:
    """Median milliseconds per run of each graph."""
    rows = np.random.default_rng(0).uniform(-1, 1, (batch, 2)).astype(np.float32)
    sessions = [open_session(tower.graph, threads=threads) for tower in towers]
    samples: list[list[float]] = [[] for _ in towers]
    for session in sessions:
        for _ in range(WARM_UP):
            session.run(None, {"x": rows})
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for session, taken in zip(sessions, samples, strict=True):
            start = time.perf_counter()
            session.run(None, {"x": rows})
            taken.append(1e3 * (time.perf_counter() - start))
    return [statistics.median(taken) for taken in samples]


def elementwise(model: ir.Model) -> Counter[str]:
    """Element-wise nodes by kind; `scale` is a multiplication by one constant number, `mul` any other."""
    kinds: Counter[str] = Counter()
    for node in model.graph:
        if node.op_type == "Mul":
            constants = [value for value in node.inputs if is_constant(value)]
            kinds["scale" if any(value.shape.rank() == 0 for value in constants) else "mul"] += 1
        elif node.op_type in ("Add", "Sub"):
            kinds["add"] += 1
        elif node.op_type in ("Sin", "Cos", "Neg"):
            kinds[node.op_type.lower()] += 1
    return kinds


def table(towers: list[Tower], shallower: list[Tower], milliseconds: list[float], with_reference: bool) -> list[str]:
    head = ["order", "expand s", "optimize s", "nodes before", "nodes", "matmuls", "M MAC/row",
            "per neuron: sin", "cos", "mul", "scale", "add", "ONNX Runtime ms"]  # fmt: skip
    head += ["reference ms"] if with_reference else []
    rows = [head, ["---:"] * len(head)]
    for tower, smaller, taken in zip(towers, shallower, milliseconds, strict=True):
        counts = count(tower.graph)
        layer = elementwise(tower.graph) - elementwise(smaller.graph)
        row = [
            str(tower.order), f"{tower.expand_s:.3f}", f"{tower.optimize_s:.3f}", str(tower.nodes_before),
            str(counts.nodes), str(counts.matmuls), f"{counts.macs_per_row / 1e6:.3f}",
            *(str(layer[kind]) for kind in ("sin", "cos", "mul", "scale", "add")), f"{taken:.2f}",
        ]  # fmt: skip
        rows.append(row + ([f"{REFERENCE_MS[tower.order]:.2f}"] if with_reference else []))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [" | ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    note = "Per neuron: what one more hidden layer adds. mul: of two computed values; scale: by one constant number."
    return [*(f"| {line} |" for line in lines), "", note]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--width", type=int, default=256, help="neurons per hidden layer")
    parser.add_argument("--depth", type=int, default=4, help="hidden layers, at least 2")
    parser.add_argument("--batch", type=int, default=64, help="rows per run")
    parser.add_argument("--threads", type=int, default=1, help="threads of ONNX Runtime")
    parser.add_argument("--seconds", type=float, default=10.0, help="measuring time for all orders together")
    options = parser.parse_args()
    if options.depth < 2:
        parser.error("--depth must be at least 2")
    return options


if __name__ == "__main__":
    main()
